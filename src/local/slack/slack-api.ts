import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { brokenBody, type Incoming, type Outgoing } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import { isRecord, type Problem } from './json-shape.ts';
import { notReady } from './slack-files.ts';
import { type Limit, newThrottle } from './slack-limits.ts';
import {
  type Args,
  type Method,
  type Methods,
  missingScope,
  type Reply,
  refused,
  refusedFor,
  type SlackWorld,
  structured,
  text,
} from './slack-method.ts';
import { chatMethods } from './slack-methods-chat.ts';
import { fileMethods } from './slack-methods-files.ts';
import { peopleMethods } from './slack-methods-people.ts';
import { readMethods } from './slack-methods-read.ts';
import { viewMethods } from './slack-methods-views.ts';
import { type RefusedBlocks, refusedBlocks } from './slack-refused-blocks.ts';

/** What a test wants to go wrong with one call. */
export type Disturbance =
  /** Slack answers with this error and does nothing. */
  | { readonly kind: 'error'; readonly error: string }
  /** Slack answers with this HTTP status and does nothing. */
  | { readonly kind: 'http'; readonly status: number; readonly retryAfterS?: number }
  /** Slack does what was asked and answers late. */
  | { readonly kind: 'late'; readonly delayMs: number }
  /** Slack does what was asked, and the connection breaks before its answer. */
  | { readonly kind: 'lost' }
  /** The connection breaks at once, and Slack does what was asked all the same, so much later. */
  | { readonly kind: 'lands-late'; readonly delayMs: number };

/** Asked before every call is acted upon. */
export type Disturb = (method: string, args: Args) => Disturbance | undefined;

/** Which limits hold: Slack's, none, or Slack's with others for some methods. */
export type Limits = 'slack' | 'off' | Readonly<Record<string, Limit>>;

const methods: Methods = { ...chatMethods, ...readMethods, ...peopleMethods, ...viewMethods, ...fileMethods };

export interface SlackApi {
  readonly world: SlackWorld;
  readonly botToken: string;
  readonly limits: Limits;
  readonly journal: Journal;
  readonly disturb?: Disturb | undefined;
  readonly refuses?: RefusedBlocks | undefined;
  readonly nowMs: () => number;
}

/** Answers the requests below `/api/` as Slack's Web API does. */
export function slackApi(api: SlackApi): (request: Incoming) => Promise<Outgoing> {
  const throttle = newThrottle(api.nowMs);

  async function answer(request: Incoming): Promise<Outgoing> {
    const startedAt = api.nowMs();
    const name = request.url.pathname.replace('/api/', '');
    const given = readArgs(request);
    const { token: _token, ...args } = given.kind === 'args' ? given.args : {};
    const disturbance = api.disturb?.(name, args);
    if (disturbance?.kind === 'lands-late') {
      landLater(name, given, request, disturbance.delayMs);
      return { status: 200, body: brokenBody() };
    }
    const called = given.kind === 'args' ? call(name, given.args, request, disturbance) : { status: 200, reply: given.reply };
    // Not a reason to stay: a world that is stopped meanwhile need not wait for it.
    if (disturbance?.kind === 'late') await wait(disturbance.delayMs, undefined, { ref: false });
    const { status, reply, headers = {} } = called;
    tellRefusal(name, args, reply);
    const response = disturbance?.kind === 'lost' ? 'connection lost' : reply;
    api.journal({ at: startedAt, source: 'slack', name, request: args, response, status, durationMs: api.nowMs() - startedAt });
    return disturbance?.kind === 'lost' ? { status, body: brokenBody() } : outgoing(name, status, reply, headers);
  }

  function landLater(name: string, given: Read, request: Incoming, delayMs: number): void {
    const land = () => {
      const { status, reply } = given.kind === 'args' ? call(name, given.args, request, undefined) : { status: 200, reply: given.reply };
      const { token: _token, ...args } = given.kind === 'args' ? given.args : {};
      api.journal({ at: api.nowMs(), source: 'slack', name: `${name}, landed late`, request: args, response: reply, status });
    };
    setTimeout(land, delayMs).unref();
  }

  /** What is malformed, or not granted, is the app's own mistake: everything else that Slack refuses is the world's way. */
  function tellRefusal(name: string, args: Args, reply: Reply): void {
    if (reply.ok) return;
    const { messages } = isRecord(reply.response_metadata) ? reply.response_metadata : {};
    if (!Array.isArray(messages) && reply.error !== 'missing_scope') return;
    // A picture that is not ready yet is the world's way, too.
    if (Array.isArray(messages) && messages.every((one) => String(one).startsWith(`[ERROR] ${notReady} [`))) return;
    const because = Array.isArray(messages)
      ? messages.map((one) => String(one).replace('[ERROR] ', ''))
      : [`it needs the scope ${reply.needed}`];
    const [channel, user] = [text(args, 'channel'), text(args, 'user') || text(args, 'user_id')];
    api.world.refusals.add({
      what: name,
      error: reply.error,
      because,
      ...(channel && { channelId: channel }),
      ...(user && { userId: user }),
    });
  }

  interface Called {
    readonly status: number;
    readonly reply: Reply;
    readonly headers?: Readonly<Record<string, string>>;
  }

  function call(name: string, { token, ...args }: Args, request: Incoming, disturbance: Disturbance | undefined): Called {
    const answered = (reply: Reply): Called => ({ status: 200, reply });
    if (disturbance?.kind === 'http') return httpTrouble(disturbance.status, disturbance.retryAfterS);
    if (disturbance?.kind === 'error') return answered(refused(disturbance.error));

    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (method === undefined) return answered(unknownMethod(name));
    const authentication = authenticate(request, token);
    if (authentication !== undefined) return answered(authentication);
    const waitS = limited(name, method, args);
    if (waitS !== undefined) return httpTrouble(429, waitS);
    if (method.scopes.length > 0 && !method.scopes.some((scope) => api.world.scopes.includes(scope))) {
      return answered(missingScope(method.scopes, api.world.scopes));
    }
    const view = structured(args, 'view');
    const blocks = isRecord(view)
      ? refusedBlocks(view.blocks, api.refuses, '/view/blocks')
      : refusedBlocks(structured(args, 'blocks'), api.refuses);
    if (blocks.length > 0) return answered(refusedFor(isRecord(view) ? 'invalid_arguments' : 'invalid_blocks', blocks));
    const problems = wrongArguments(method, args);
    return answered(problems.length > 0 ? refusedFor('invalid_arguments', problems) : method.run(args, api.world));
  }

  function authenticate(request: Incoming, token: unknown): Reply | undefined {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? token;
    if (bearer === undefined || bearer === '') return refused('not_authed');
    return bearer === api.botToken ? undefined : refused('invalid_auth');
  }

  function limited(name: string, { limit, limitedBy }: Method, args: Args): number | undefined {
    if (api.limits === 'off') return undefined;
    const own = api.limits === 'slack' ? undefined : api.limits[name];
    return throttle.take(limitedBy === undefined ? name : `${name} ${text(args, limitedBy)}`, own ?? limit);
  }

  function outgoing(name: string, status: number, reply: Reply, headers: Readonly<Record<string, string>>): Outgoing {
    const accepted = Object.hasOwn(methods, name) ? (methods[name]?.scopes ?? []) : [];
    return {
      status,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-slack-req-id': randomUUID().replaceAll('-', ''),
        'x-oauth-scopes': api.world.scopes.join(','),
        ...(accepted.length > 0 ? { 'x-accepted-oauth-scopes': accepted.join(',') } : {}),
        ...headers,
      },
      body: JSON.stringify(reply),
    };
  }

  return answer;
}

function httpTrouble(status: number, retryAfterS?: number) {
  const error = status === 429 ? 'ratelimited' : 'internal_error';
  return { status, reply: refused(error), ...(retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }) };
}

function unknownMethod(name: string): Reply {
  const hint = `it offers ${Object.keys(methods).join(', ')}`;
  return refused('unknown_method', {
    req_method: name,
    response_metadata: { messages: [`[ERROR] the local Slack does not offer \`${name}\`; ${hint}`] },
  });
}

/** Bolt's client sends it with every call. */
const always = ['team_id'];

/** Slack ignores arguments that it does not know; we name them, since each is a mistake or something that is not offered here. */
function wrongArguments({ required, optional }: Method, args: Args): readonly Problem[] {
  const missing = required.filter((name) => args[name] === undefined || args[name] === '');
  const unknown = Object.keys(args).filter((name) => ![...required, ...optional, ...always].includes(name));
  return [
    ...missing.map((name) => ({ pointer: '', because: `missing required field: ${name}` })),
    ...unknown.map((name) => ({ pointer: `/${name}`, because: `the local Slack does not offer the argument \`${name}\`` })),
  ];
}

type Read = { readonly kind: 'args'; readonly args: Args } | { readonly kind: 'refused'; readonly reply: Reply };

function readArgs({ url, headers, body }: Incoming): Read {
  const query = Object.fromEntries(url.searchParams);
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (type === 'application/x-www-form-urlencoded')
    return { kind: 'args', args: { ...query, ...Object.fromEntries(new URLSearchParams(body.toString())) } };
  if (type === 'application/json') return readJson(body.toString(), query);
  if (body.length === 0) return { kind: 'args', args: query };
  return { kind: 'refused', reply: refused(type === '' ? 'missing_post_type' : 'invalid_post_type') };
}

function readJson(body: string, query: Args): Read {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? { kind: 'args', args: { ...query, ...value } } : { kind: 'refused', reply: refused('json_not_object') };
  } catch {
    // Slack's own word for it
    return { kind: 'refused', reply: refused('invalid_json') };
  }
}
