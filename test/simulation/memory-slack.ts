import { ErrorCode } from '@slack/web-api';
import type { VirtualTime } from './virtual-time.ts';

/** A message as Slack keeps it. */
export interface KeptMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> };
}

/** What our client asks: the arguments of its methods, as far as they are used. */
export interface SlackArguments {
  readonly channel: string;
  readonly ts?: string;
  readonly text?: string;
  readonly blocks?: readonly unknown[];
  readonly thread_ts?: string;
  /** Of a message that a link is asked for. */
  readonly message_ts?: string;
  readonly metadata?: KeptMessage['metadata'];
  readonly oldest?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** An error as Slack's own client throws it. */
export const slackTrouble = (code: ErrorCode, more: object): Error => Object.assign(new Error(JSON.stringify(more)), { code, ...more });
export const platformError = (error: string): Error => slackTrouble(ErrorCode.PlatformError, { data: { ok: false, error } });

/** How a channel stands to the bot. */
export type ChannelState = 'member' | 'not_in_channel' | 'is_archived' | 'channel_not_found';

/** A workspace, in memory. */
export function memorySlack({ time, trace }: { readonly time: VirtualTime; readonly trace: (what: string) => void }) {
  const channels = new Map<string, ChannelState>();
  const messages = new Map<string, KeptMessage>();
  let posted = 0;
  const posts = new Map<string, number>();

  const idOf = (channel: string, ts: string) => `${channel} ${ts}`;
  const stateOf = (channel: string): ChannelState => channels.get(channel) ?? 'member';

  function mayWrite(channel: string): void {
    const state = stateOf(channel);
    if (state !== 'member') throw platformError(state);
  }

  /** A deleted message leaves its thread, if it has one. */
  const hasThread = (channel: string, ts: string) =>
    messages.has(idOf(channel, ts)) || [...messages.values()].some((one) => one.channel === channel && one.threadTs === ts);

  function find({ channel, ts = '' }: SlackArguments): KeptMessage {
    const message = messages.get(idOf(channel, ts));
    if (message === undefined) throw platformError('message_not_found');
    return message;
  }

  function post({ channel, text = '', blocks = [], thread_ts, metadata }: SlackArguments) {
    mayWrite(channel);
    if (thread_ts !== undefined && !hasThread(channel, thread_ts)) throw platformError('thread_not_found');
    posted += 1;
    const ts = `${Math.floor(time.nowMs() / 1_000)}.${String(posted).padStart(6, '0')}`;
    const message: KeptMessage = {
      channel,
      ts,
      text,
      blocks,
      ...(thread_ts !== undefined && { threadTs: thread_ts }),
      ...(metadata !== undefined && { metadata }),
    };
    messages.set(idOf(channel, ts), message);
    const about = `${thread_ts === undefined ? 'the message' : 'the reply'} of ${metadata?.event_payload.run_id}`;
    posts.set(about, 1 + (posts.get(about) ?? 0));
    trace(
      `  Slack has ${thread_ts === undefined ? 'a message' : 'a reply'} about ${metadata?.event_payload.run_id} in ${channel}: ${text}`,
    );
    return { ok: true, ts, channel };
  }

  function update({ text = '', blocks = [], ...where }: SlackArguments) {
    mayWrite(where.channel);
    const message = find(where);
    messages.set(idOf(message.channel, message.ts), { ...message, text, blocks });
    trace(`  Slack shows ${message.metadata?.event_payload.run_id}: ${text}`);
    return { ok: true, ts: message.ts, channel: message.channel };
  }

  function remove(where: SlackArguments) {
    const { channel, ts } = find(where);
    messages.delete(idOf(channel, ts));
    return { ok: true };
  }

  /** Newest first, in pages that are shorter than asked for. */
  function look({ channel, oldest = '0', limit = 100, cursor = '0' }: SlackArguments, isMeant: (message: KeptMessage) => boolean) {
    const state = stateOf(channel);
    if (state === 'not_in_channel' || state === 'channel_not_found') throw platformError(state);
    const found = [...messages.values()].filter(
      (message) => message.channel === channel && Number(message.ts) >= Number(oldest) && isMeant(message),
    );
    const from = Number(cursor);
    const size = Math.min(limit, 100);
    const page = found.toReversed().slice(from, from + size);
    const next = from + size < found.length ? String(from + size) : '';
    return { ok: true, messages: page.map(({ ts, text, metadata }) => ({ ts, text, metadata })), response_metadata: { next_cursor: next } };
  }

  const operations: Readonly<Record<string, (args: SlackArguments) => object>> = {
    'chat.postMessage': post,
    'chat.update': update,
    'chat.delete': remove,
    'conversations.history': (args) => look(args, ({ threadTs }) => threadTs === undefined),
    'conversations.replies': (args) => {
      if (stateOf(args.channel) === 'member' && !hasThread(args.channel, args.ts ?? '')) throw platformError('thread_not_found');
      return look(args, (message) => message.threadTs === args.ts || message.ts === args.ts);
    },
    'chat.getPermalink': ({ channel, message_ts = '' }) => {
      const { ts } = find({ channel, ts: message_ts });
      return { ok: true, channel, permalink: `https://team.slack.com/archives/${channel}/p${ts.replace('.', '')}` };
    },
    'usergroups.users.list': () => ({ ok: true, users: ['U0ADA'] }),
  };

  return {
    /** Does what a method asks. @throws as Slack's client does */
    answer(method: string, args: SlackArguments): object {
      const operation = operations[method];
      if (operation === undefined) throw platformError('unknown_method');
      return operation(args);
    },
    /** How the bot stands in a channel from now on. */
    setChannel: (channel: string, state: ChannelState): void => void channels.set(channel, state),
    stateOf,
    /** How often was posted what: those that are gone by now, too. */
    posts: posts as ReadonlyMap<string, number>,
    messages: (): readonly KeptMessage[] => [...messages.values()],
    /** Somebody deletes one of the bot's messages. */
    deleteOne: (message: KeptMessage): void => void messages.delete(idOf(message.channel, message.ts)),
  };
}

export type MemorySlack = ReturnType<typeof memorySlack>;
