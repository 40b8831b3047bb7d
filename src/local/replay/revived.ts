import { createHmac } from 'node:crypto';
import { isRecord } from './recorded-event.ts';

export interface Revival {
  /** The names of this stage become those of `to`. */
  readonly stage?: { readonly from: string; readonly to: string } | undefined;
  /** Takes what only the asker would see. */
  readonly responseUrl: string;
  /** What Slack's requests are signed with where they are replayed. */
  readonly signingSecret: string;
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

function signedRequest(request: Readonly<Record<string, unknown>>, { responseUrl, signingSecret, nowMs }: Revival): unknown {
  const headers = isRecord(request.headers) ? request.headers : {};
  const given = typeof request.body === 'string' ? request.body : '';
  const raw = request.isBase64Encoded === true ? Buffer.from(given, 'base64').toString('utf8') : given;
  const isForm = String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
  const body = isForm ? formWithAddress(raw, responseUrl) : raw;
  if (headers['x-slack-signature'] === undefined) return { ...request, body, isBase64Encoded: false };
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return {
    ...request,
    headers: { ...headers, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
    body,
    isBase64Encoded: false,
  };
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
