import * as v from 'valibot';

/** What somebody did beside typing a command and pressing a button in a message. */
export type Interaction =
  /** Somebody presses a modal's button. */
  | (InView & { readonly kind: 'submitted' })
  /** Somebody changes what a modal holds, or presses a button in it. */
  | (InView & { readonly kind: 'changed'; readonly actionId: string })
  /** A shortcut, of the app (no channel) or of a message. */
  | {
      readonly kind: 'shortcut';
      readonly callbackId: string;
      readonly triggerId: string;
      readonly userId: string;
      readonly askedAt: string;
      readonly channelId?: string;
      readonly responseUrl?: string;
      /** As Slack shows it to apps. */
      readonly message?: unknown;
    }
  | AtHome
  /** Somebody speaks to the bot. */
  | {
      readonly kind: 'mentioned';
      /** As it was written, the mention included. */
      readonly text: string;
      readonly userId: string;
      readonly channelId: string;
      readonly ts: string;
      /** The thread it was said in. */
      readonly threadTs?: string;
      readonly askedAt: string;
    };

/** What somebody does in the app's Home. */
export type AtHome =
  | { readonly kind: 'home-opened'; readonly userId: string; readonly askedAt: string }
  /** A button there has no channel, and nobody to answer. */
  | {
      readonly kind: 'pressed-at-home';
      readonly action: string;
      readonly value: string;
      readonly triggerId: string;
      readonly userId: string;
      readonly askedAt: string;
    };

/** A modal that somebody has in front of them. */
interface InView {
  readonly callbackId: string;
  readonly viewId: string;
  /** The first one of its stack. */
  readonly rootViewId: string;
  readonly metadata: string;
  readonly values: unknown;
  readonly userId: string;
  readonly askedAt: string;
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const userId = v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,20}$/));
const user = v.object({ id: userId });
const view = v.looseObject({
  id,
  type: v.literal('modal'),
  callback_id: v.optional(v.string(), ''),
  root_view_id: v.optional(id),
  private_metadata: v.optional(v.pipe(v.string(), v.maxLength(3_000)), ''),
  state: v.optional(v.looseObject({ values: v.optional(v.unknown()) })),
});
const home = v.looseObject({ type: v.literal('home') });
const pressed = v.looseObject({ action_id: v.string(), value: v.exactOptional(v.string(), '') });
/** A response_url: it is passed on, and the worker reads no longer one. */
export const address = v.pipe(v.string(), v.maxLength(1_000));
const responseUrl = v.exactOptional(address);

const given = v.variant('type', [
  v.object({ type: v.literal('view_submission'), user, view }),
  v.object({
    type: v.literal('block_actions'),
    user,
    view: v.union([view, home]),
    trigger_id: v.optional(v.string(), ''),
    actions: v.tuple([pressed]),
  }),
  v.object({ type: v.literal('shortcut'), user, trigger_id: v.string(), callback_id: v.string() }),
  v.object({
    type: v.literal('message_action'),
    user,
    trigger_id: v.string(),
    callback_id: v.string(),
    channel: v.object({ id }),
    response_url: responseUrl,
    message: v.optional(v.unknown()),
  }),
  v.object({
    type: v.literal('event_callback'),
    event: v.variant('type', [
      v.object({ type: v.literal('app_home_opened'), user: userId, tab: v.literal('home') }),
      v.object({
        type: v.literal('app_mention'),
        user: userId,
        text: v.string(),
        channel: id,
        ts: v.pipe(v.string(), v.regex(/^\d{1,12}\.\d{1,9}$/)),
        thread_ts: v.exactOptional(v.pipe(v.string(), v.regex(/^\d{1,12}\.\d{1,9}$/))),
        /** A bot's words are no order. */
        bot_id: v.exactOptional(v.never()),
      }),
    ]),
  }),
]);

/** What was done, or undefined for what is done otherwise: a button in a message, an event that is none of ours. */
export function readInteraction(json: unknown, askedAt: string): Interaction | undefined {
  const parsed = v.safeParse(given, json);
  if (!parsed.success) return undefined;
  const { output } = parsed;
  switch (output.type) {
    case 'view_submission':
      return { kind: 'submitted', ...inView(output, askedAt) };
    case 'block_actions': {
      const { view: where, user: by, actions, trigger_id: triggerId } = output;
      const [{ action_id: action, value }] = actions;
      if (where.type === 'modal') return { kind: 'changed', ...inView({ user: by, view: where }, askedAt), actionId: action };
      return { kind: 'pressed-at-home', action, value, triggerId, userId: by.id, askedAt };
    }
    case 'shortcut':
      return { kind: 'shortcut', ...shortcut(output), askedAt };
    case 'message_action':
      return {
        kind: 'shortcut',
        ...shortcut(output),
        askedAt,
        channelId: output.channel.id,
        message: output.message,
        ...(output.response_url !== undefined && { responseUrl: output.response_url }),
      };
    case 'event_callback': {
      if (output.event.type === 'app_home_opened') return { kind: 'home-opened', userId: output.event.user, askedAt };
      const { user: by, text, channel, ts, thread_ts } = output.event;
      const thread = thread_ts === undefined ? {} : { threadTs: thread_ts };
      return { kind: 'mentioned', text, userId: by, channelId: channel, ts, ...thread, askedAt };
    }
  }
}

const shortcut = (of: { readonly callback_id: string; readonly trigger_id: string; readonly user: { readonly id: string } }) => ({
  callbackId: of.callback_id,
  triggerId: of.trigger_id,
  userId: of.user.id,
});

function inView(of: { readonly user: v.InferOutput<typeof user>; readonly view: v.InferOutput<typeof view> }, askedAt: string): InView {
  return {
    callbackId: of.view.callback_id,
    viewId: of.view.id,
    rootViewId: of.view.root_view_id ?? of.view.id,
    metadata: of.view.private_metadata,
    values: of.view.state?.values ?? {},
    userId: of.user.id,
    askedAt,
  };
}
