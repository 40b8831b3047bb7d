import { App, ExpressReceiver, type Logger, LogLevel } from '@slack/bolt';
import type { Message } from '../message/message.ts';

/** A button that somebody pressed, freed of Bolt's forms. */
export interface Pressed {
  /** The button's action_id. */
  readonly action: string;
  /** The button's value. */
  readonly value: string;
  readonly userId: string;
  readonly channelId: string;
  readonly messageTs: string;
  /** Absent: nobody can be answered. */
  readonly responseUrl?: string;
  /** ISO 8601, from the signed request. */
  readonly askedAt: string;
}

/** What the app does about it; a message is shown to that person only. */
export interface Listeners {
  readonly onButton: (pressed: Pressed) => Promise<{ readonly message: Message; readonly replacesOriginal: boolean } | undefined>;
  /** Bolt's own warnings and errors: text without payloads. */
  readonly log: (level: 'warn' | 'error', text: string) => void;
}

/**
 * The Bolt app behind our one Slack endpoint, as an Express app for serverless-http: all that is no slash command.
 *
 * It makes no call of its own to Slack: `authorize` knows the answer, so there is no `auth.test` on the first event
 * (which would count against Slack's three seconds, and a failure of which Bolt would remember for good). Whatever we
 * don't listen to is acknowledged at once, instead of holding the function for three seconds.
 */
export function slackApp(signingSecret: string, listeners: Listeners) {
  const receiver = new ExpressReceiver({
    signingSecret,
    endpoints: '/slack/events',
    processBeforeResponse: true,
    unhandledRequestTimeoutMillis: 500,
    logger: quietLogger(listeners.log),
    customPropertiesExtractor: (request) => ({ askedAtS: Number(request.headers['x-slack-request-timestamp']) }),
  });
  const app = new App({
    receiver,
    authorize: async () => ({}),
    processBeforeResponse: true,
    logger: quietLogger(listeners.log),
  });

  app.action<import('@slack/bolt').BlockAction>({ type: 'block_actions' }, async ({ action, body, ack, respond, context }) => {
    await ack();
    if (action.type !== 'button' || action.value === undefined) return;
    const answer = await listeners.onButton({
      action: action.action_id,
      value: action.value,
      userId: body.user.id,
      channelId: body.channel?.id ?? body.container?.channel_id ?? '',
      messageTs: body.message?.ts ?? body.container?.message_ts ?? '',
      responseUrl: body.response_url,
      askedAt: askedAt(context),
    });
    // A button that stands in no message has no response_url: there is nobody to answer.
    if (answer === undefined || !body.response_url) return;
    const { message, replacesOriginal } = answer;
    await respond({ response_type: 'ephemeral', replace_original: replacesOriginal, text: message.text, blocks: [...message.blocks] });
  });

  // What we have no use for, said kindly and at once.
  app.event(/.*/, async () => {});
  app.shortcut(/.*/, async ({ ack }) => await ack());
  app.view(/.*/, async ({ ack }) => await ack());
  app.options(/.*/, async ({ ack }) => await ack({ options: [] }));
  app.error(async (error) => {
    listeners.log('error', error.message);
    throw error;
  });
  return receiver.app;
}

/** The time Slack signed the request at: a repeated delivery says the same. */
function askedAt(context: Readonly<Record<string, unknown>>): string {
  const { askedAtS } = context;
  if (typeof askedAtS !== 'number' || !Number.isFinite(askedAtS)) throw new Error('the request has no timestamp');
  return new Date(askedAtS * 1000).toISOString();
}

/** Bolt's debug log prints whole events, tokens and response_urls included: only its warnings and errors are let through. */
function quietLogger(log: Listeners['log']): Logger {
  const text = (parts: readonly unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : typeof part)).join(' ');
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log('warn', text(parts)),
    error: (...parts) => log('error', text(parts)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
