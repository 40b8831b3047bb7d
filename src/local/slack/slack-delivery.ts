import { createHmac } from 'node:crypto';
import type { Journal } from '../wire/journal.ts';

/** A signed request to the app, complete: sent again, it is the very same request. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the app made of a request, as Slack sees it. */
export type Received =
  | { readonly kind: 'answered'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'unreachable'; readonly because: string };

/** Slack waits this long, and not a moment longer. */
const patienceMs = 3_000;

/** A form as Slack sends it, signed with the app's signing secret. */
export function signedForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): Delivery {
  return signed(url, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded', { secret, nowMs });
}

/** An event as Slack sends it, signed with the app's signing secret. */
export const signedJson = (url: string, body: object, by: { readonly secret: string; readonly nowMs: number }): Delivery =>
  signed(url, JSON.stringify(body), 'application/json', by);

function signed(
  url: string,
  body: string,
  contentType: string,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): Delivery {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    url,
    headers: {
      'content-type': contentType,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: 'application/json,*/*',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  };
}

/** Sends a request to the app and waits for its answer as long as Slack does. */
export async function deliver(name: string, { url, headers, body }: Delivery, journal: Journal): Promise<Received> {
  const at = Date.now();
  const received = await send({ url, headers, body });
  const status = received.kind === 'answered' ? { status: received.status } : {};
  journal({ at, source: 'slack', name, request: { url, headers, body }, response: received, ...status, durationMs: Date.now() - at });
  return received;
}

async function send({ url, headers, body }: Delivery): Promise<Received> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
    return {
      kind: 'answered',
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await response.text(),
    };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return { kind: 'timed-out' };
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { kind: 'unreachable', because: cause instanceof Error ? cause.message : String(cause) };
  }
}
