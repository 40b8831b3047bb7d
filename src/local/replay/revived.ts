import { createHmac } from 'node:crypto';
import { signatureHeaders, signatureOf } from '../../run/signature.ts';
import { isRecord } from './recorded-event.ts';

export interface Revival {
  /** The names of this stage become those of `to`. */
  readonly stage?: { readonly from: string; readonly to: string } | undefined;
  /** Takes what only the asker would see. */
  readonly responseUrl: string;
  /** What Slack's requests are signed with where they are replayed. */
  readonly signingSecret: string;
  /** What that CI's requests are signed with there, whose key is in the event; absent: it stays as it is signed. */
  readonly ciSecret?: string | undefined;
  readonly nowMs: number;
}

/**
 * An event as it can be handled again. What was masked, or is over by now, is made anew: a request's signature and its time, and the
 * address for what only the asker sees, which never leads to Slack.
 */
export function revived(event: unknown, revival: Revival): unknown {
  const moved = move(event, revival.stage);
  if (!isRecord(moved)) return moved;
  if (isRecord(moved.requestContext) && 'http' in moved.requestContext) return signedRequest(moved, revival);
  return withAddress(moved, revival.responseUrl);
}

function move(event: unknown, stage: Revival['stage']): unknown {
  if (stage === undefined) return event;
  return JSON.parse(JSON.stringify(event).replaceAll(`coldframe-${stage.from}`, `coldframe-${stage.to}`));
}

/** The id of the key that a CI has signed the event with, if it did. */
export function ciKeyOf(event: unknown): string | undefined {
  const key = isRecord(event) && isRecord(event.headers) ? event.headers[signatureHeaders.key] : undefined;
  return typeof key === 'string' ? key : undefined;
}

function signedRequest(request: Readonly<Record<string, unknown>>, revival: Revival): unknown {
  const headers = isRecord(request.headers) ? request.headers : {};
  const given = typeof request.body === 'string' ? request.body : '';
  const raw = request.isBase64Encoded === true ? Buffer.from(given, 'base64').toString('utf8') : given;
  const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
  const body = isForm ? formWithAddress(raw, revival.responseUrl) : raw;
  return { ...request, headers: { ...headers, ...signatureFor({ ...request, headers, body }, revival) }, body, isBase64Encoded: false };
}

interface Signed {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly requestContext?: unknown;
  readonly rawPath?: unknown;
  readonly rawQueryString?: unknown;
}

/** The headers of who signed it, as of now: Slack, a CI, or nobody. */
function signatureFor(request: Signed, { signingSecret, ciSecret, nowMs }: Revival): Readonly<Record<string, string>> {
  const { headers, body } = request;
  const timestamp = String(Math.floor(nowMs / 1_000));
  if (headers['x-slack-signature'] !== undefined) {
    const signature = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
  }
  if (headers[signatureHeaders.signature] === undefined || ciSecret === undefined) return {};
  const signature = signatureOf({ ...addressOf(request), timestamp, body }, ciSecret);
  return { [signatureHeaders.timestamp]: timestamp, [signatureHeaders.signature]: signature };
}

function addressOf({ requestContext, rawPath, rawQueryString = '' }: Signed) {
  const http = isRecord(requestContext) && isRecord(requestContext.http) ? requestContext.http : {};
  return { method: String(http.method), path: String(rawPath), query: String(rawQueryString) };
}

function formWithAddress(form: string, responseUrl: string): string {
  const fields = new URLSearchParams(form);
  if (fields.has('response_url')) fields.set('response_url', responseUrl);
  const payload = fields.get('payload');
  if (payload !== null) fields.set('payload', JSON.stringify(withAddress(JSON.parse(payload), responseUrl)));
  return fields.toString();
}

/** Every response_url in it, however deep, and in the JSON that a queue's message is. */
function withAddress(value: unknown, responseUrl: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withAddress(item, responseUrl));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => {
      if (/^response_?url$/i.test(name)) return [name, responseUrl];
      if (name === 'body' && typeof held === 'string' && held.startsWith('{'))
        return [name, JSON.stringify(withAddress(JSON.parse(held), responseUrl))];
      return [name, withAddress(held, responseUrl)];
    }),
  );
}
