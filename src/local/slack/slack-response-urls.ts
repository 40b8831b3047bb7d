import { randomBytes } from 'node:crypto';
import type { Incoming, Outgoing } from '../wire/http-server.ts';
import { isRecord } from './json-shape.ts';
import { type Content, parseContent, post, sentence } from './slack-content.ts';
import type { SlackMessage } from './slack-message.ts';
import type { Refusals } from './slack-refusals.ts';
import { type RefusedBlocks, refusedBlocks } from './slack-refused-blocks.ts';
import type { SlackState } from './slack-state.ts';

/** What a response_url answers to. */
export interface Occasion {
  readonly kind: 'command' | 'action';
  readonly userId: string;
  readonly channel: string;
  /** The message whose button was pressed, or, for a command, the last answer to it. */
  readonly original?: SlackMessage;
}

/** The response_urls of interactions: each is good for five answers within thirty minutes. */
export interface ResponseUrls {
  /** A new address, as a path: `/actions/T0COLDFRAME/1234/abcd`. */
  issue(occasion: Occasion): string;
  /** Posts the app's direct answer to a command, which later answers can replace. */
  answered(path: string, content: Content, isForAll: boolean): SlackMessage;
  /** What a POST to one of these addresses gets; undefined when the path is none of them. */
  receive(request: Incoming): Outgoing | undefined;
}

const usesMax = 5;
const lifeMs = 30 * 60_000;

interface Issued {
  readonly occasion: Occasion;
  readonly at: number;
  readonly uses: number;
}

interface AnswersTo {
  readonly state: SlackState;
  readonly refusals: Refusals;
  readonly nowMs: () => number;
  readonly refuses?: RefusedBlocks | undefined;
}

export function newResponseUrls({ state, refusals, nowMs, refuses }: AnswersTo): ResponseUrls {
  const issued = new Map<string, Issued>();

  function say(
    path: string,
    { occasion, ...rest }: Issued,
    content: Content & Pick<SlackMessage, 'threadTs'>,
    isForAll: boolean,
  ): SlackMessage {
    const { channel, userId } = occasion;
    const message = post(state, {
      channel,
      userId: state.workspace.bot.userId,
      ...(isForAll ? {} : { onlyFor: userId }),
      ...content,
    });
    if (occasion.kind === 'command') issued.set(path, { ...rest, occasion: { ...occasion, original: message } });
    return message;
  }

  function act(path: string, given: Issued, body: Readonly<Record<string, unknown>>): Outgoing {
    const current = originalOf(given.occasion);
    if (body.delete_original === true) {
      if (current !== undefined) state.remove(current);
      return done(given);
    }
    const blocks = refusedBlocks(body.blocks, refuses);
    if (blocks.length > 0) return refuse(given, 'invalid_blocks', blocks.map(sentence));
    // Measured: what is too long for chat.postMessage passes here (bolt-js#2867).
    const parsed = parseContent(body, { blocksMax: Number.POSITIVE_INFINITY });
    if (parsed.kind === 'refused') {
      return refuse(given, parsed.problems[0]?.error ?? 'invalid_payload', parsed.problems.map(sentence));
    }
    const threadTs = typeof body.thread_ts === 'string' ? { threadTs: body.thread_ts } : {};
    if (body.replace_original === true && current !== undefined) replace(current, parsed.content);
    else say(path, given, { ...parsed.content, ...threadTs }, body.response_type === 'in_channel');
    return done(given);
  }

  function refuse({ occasion }: Issued, error: string, because: readonly string[]): Outgoing {
    refusals.add({ what: 'response_url', error, because, channelId: occasion.channel, userId: occasion.userId });
    return json(400, { ok: false, error, response_metadata: { messages: because.map((one) => `[ERROR] ${one}`) } });
  }

  function originalOf({ original }: Occasion): SlackMessage | undefined {
    return original === undefined ? undefined : state.find(original.channel, original.ts);
  }

  function replace(original: SlackMessage, content: Content): void {
    const { blocks: _blocks, attachments: _attachments, metadata: _metadata, ...rest } = original;
    state.put({ ...rest, ...content });
  }

  return {
    issue: (occasion) => {
      const path = `/${occasion.kind}s/${state.workspace.team.id}/${nowMs()}/${randomBytes(18).toString('base64url')}`;
      issued.set(path, { occasion, at: nowMs(), uses: 0 });
      return path;
    },

    answered: (path, content, isForAll) => {
      const given = issued.get(path);
      if (given === undefined) throw new Error(`no response_url was issued for ${path}`);
      return say(path, given, content, isForAll);
    },

    receive: ({ url, method, body }) => {
      if (!/^\/(commands|actions)\//.test(url.pathname)) return undefined;
      const given = issued.get(url.pathname);
      if (method !== 'POST') return json(405, { ok: false, error: 'method_not_allowed' });
      if (given === undefined || nowMs() - given.at > lifeMs) return json(404, { ok: false, error: 'expired_url' });
      if (given.uses >= usesMax) return json(404, { ok: false, error: 'used_url' });
      const answer = parseAnswer(body.toString());
      if (answer.kind === 'refused') return refuse(given, 'invalid_payload', [answer.because]);
      const used = { ...given, uses: given.uses + 1 };
      issued.set(url.pathname, used);
      return act(url.pathname, used, answer.body);
    },
  };
}

const done = ({ occasion }: Issued): Outgoing => (occasion.kind === 'command' ? { status: 200, body: 'ok' } : json(200, { ok: true }));

const json = (status: number, body: unknown): Outgoing => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

const fields = [
  'text',
  'blocks',
  'attachments',
  'metadata',
  'thread_ts',
  'response_type',
  'replace_original',
  'delete_original',
  'mrkdwn',
  'unfurl_links',
  'unfurl_media',
];

type Answer =
  | { readonly kind: 'answer'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly because: string };

function parseAnswer(text: string): Answer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'refused', because: 'must be JSON' };
  }
  if (!isRecord(body)) return { kind: 'refused', because: 'must provide an object' };
  const unknown = Object.keys(body).filter((field) => !fields.includes(field));
  if (unknown.length > 0) return { kind: 'refused', because: `the local Slack does not offer ${unknown.join(', ')} here` };
  const notBoolean = ['replace_original', 'delete_original'].find((field) => body[field] !== undefined && typeof body[field] !== 'boolean');
  if (notBoolean !== undefined) return { kind: 'refused', because: `${notBoolean} must be true or false` };
  const type = body.response_type;
  if (type !== undefined && type !== 'ephemeral' && type !== 'in_channel')
    return { kind: 'refused', because: 'response_type must be ephemeral or in_channel' };
  return { kind: 'answer', body };
}
