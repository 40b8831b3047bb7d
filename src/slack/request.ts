import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import type { Typed } from './command.ts';
import { address, type Interaction, readInteraction } from './interaction.ts';
import { verifySignature } from './verify.ts';

/** What a request to our Slack endpoint is, once it is known to be Slack's, of now, and what it says it is. */
export type SlackRequest =
  /** As an HTTP status and a sentence. */
  | { readonly kind: 'rejected'; readonly status: 400 | 401; readonly because: string }
  /** Slack asks whether the address speaks TLS: any answer will do. */
  | { readonly kind: 'ssl-check' }
  | { readonly kind: 'command'; readonly typed: Typed }
  /** A modal, a shortcut, a mention. */
  | { readonly kind: 'interaction'; readonly interaction: Interaction }
  /** A button, an event: Bolt may look at it. */
  | { readonly kind: 'for-bolt' };

/** The body's bytes as Slack sent them: HTTP APIs deliver forms in base64. */
export function rawBody({ body = '', isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

/** What the body says it is, without parameters: `application/json`. */
export function mediaType({ headers }: Pick<APIGatewayProxyEventV2, 'headers'>): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

/** Reads a request. The signature comes first: nothing unsigned is parsed. */
export function readRequest(event: APIGatewayProxyEventV2, signingSecret: string, nowMs: number): SlackRequest {
  const body = rawBody(event);
  const timestamp = event.headers['x-slack-request-timestamp'];
  const signature = event.headers['x-slack-signature'];
  const verified = verifySignature({ secret: signingSecret, body, timestamp, signature, nowMs });
  if (verified.kind === 'rejected') return { kind: 'rejected', status: 401, because: verified.because };
  switch (mediaType(event)) {
    case 'application/json':
      return readJson(body.toString(), { what: 'the body', schema: happening, askedAt: timeOf(Number(timestamp)) });
    case 'application/x-www-form-urlencoded':
      return readForm(new URLSearchParams(body.toString()), Number(timestamp));
    default:
      return unreadable('the body is neither a form nor JSON');
  }
}

function readForm(form: URLSearchParams, askedAtS: number): SlackRequest {
  if (new Set(form.keys()).size < form.size) return unreadable('the form has a field twice');
  const field = (name: string): string => form.get(name) ?? '';
  if (form.has('payload')) return readJson(field('payload'), { what: 'the payload', schema: interaction, askedAt: timeOf(askedAtS) });
  if (form.has('ssl_check')) return { kind: 'ssl-check' };
  if (!form.has('command')) return unreadable('the form is neither a command nor an interaction');
  const isWhole =
    userId.test(field('user_id')) &&
    form.has('channel_id') &&
    v.is(shortId, field('channel_id')) &&
    form.has('trigger_id') &&
    form.has('response_url') &&
    v.is(address, field('response_url'));
  if (!isWhole) return unreadable('the command does not say who typed it, and where');
  return {
    kind: 'command',
    typed: {
      command: field('command'),
      text: field('text'),
      userId: field('user_id'),
      channelId: field('channel_id'),
      triggerId: field('trigger_id'),
      responseUrl: field('response_url'),
      askedAt: timeOf(askedAtS),
    },
  };
}

/** When Slack signed it: a repeated delivery says the same. */
const timeOf = (atS: number): string => new Date(atS * 1_000).toISOString();

const unreadable = (because: string): SlackRequest => ({ kind: 'rejected', status: 400, because });

/** A person's id. */
const userId = /^[UW][A-Z0-9]{2,20}$/;

const known = v.looseObject({ id: v.pipe(v.string(), v.regex(userId)) });
/** A channel's id: it is passed on. */
const shortId = v.pipe(v.string(), v.maxLength(100));
const place = v.exactOptional(shortId);
const part = v.exactOptional(v.looseObject({}));
const text = v.exactOptional(v.string());

/** What Bolt, and we, look into without asking whether it is there. What else there may be is not ours to judge. */
const interaction = v.pipe(
  v.looseObject({
    type: v.string(),
    user: known,
    channel: v.exactOptional(v.looseObject({ id: place })),
    container: v.exactOptional(v.looseObject({ channel_id: place })),
    message: v.nullish(v.looseObject({})),
    view: v.exactOptional(v.looseObject({ callback_id: v.string() })),
    ...{ action_id: text, callback_id: text, response_url: v.exactOptional(address) },
    actions: v.exactOptional(v.pipe(v.array(v.looseObject({ type: v.string(), action_id: v.string(), value: text })), v.minLength(1))),
  }),
  v.check(({ type, view }) => !type.startsWith('view_') || view !== undefined),
);

/** The same of what the Events API sends. */
const happening = v.looseObject({
  type: v.string(),
  event: v.exactOptional(
    v.looseObject({
      type: v.string(),
      user: v.exactOptional(v.union([v.string(), v.looseObject({})])),
      channel: v.exactOptional(v.union([v.string(), v.looseObject({})])),
      item: part,
    }),
  ),
});

interface Json {
  readonly what: string;
  readonly schema: v.GenericSchema;
  readonly askedAt: string;
}

function readJson(given: string, { what, schema, askedAt }: Json): SlackRequest {
  const json = jsonOf(given);
  if (!v.is(v.looseObject({}), json) || Array.isArray(json)) return unreadable(`${what} is not a JSON object`);
  const parsed = v.safeParse(schema, json);
  if (parsed.success) {
    const read = readInteraction(json, askedAt);
    return read === undefined ? { kind: 'for-bolt' } : { kind: 'interaction', interaction: read };
  }
  return unreadable(`${what} is not as Slack documents it: ${v.getDotPath(parsed.issues[0]) ?? 'it'}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is the answer to the question, not an error.
    return undefined;
  }
}
