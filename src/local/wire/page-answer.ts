import { PassThrough } from 'node:stream';
import type { Incoming, Outgoing } from './http-server.ts';

/** What every answer to a page of ours says: nothing from elsewhere is loaded, nothing of it is shown elsewhere. */
export const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const json = (status: number, body: unknown): Outgoing => ({
  status,
  headers: { ...pageHeaders, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

/**
 * An answer that goes on: `start` gets what sends an event, and gives what ends it once the reader has left.
 * What `start` sends itself comes first, so that nothing can fall between a state and its changes.
 */
export function eventStream(start: (send: (event: string, value: unknown) => void) => () => void): Outgoing {
  const stream = new PassThrough();
  const end = start((event, value) => stream.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`));
  stream.once('close', end);
  return { status: 200, headers: { ...pageHeaders, 'content-type': 'text/event-stream; charset=utf-8' }, body: stream };
}

/** Why a request may not be obeyed: only our own page may act, not another site in the same browser, not a name that leads here. */
export function foreign({ headers, method }: Incoming): string | undefined {
  const host = headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return `the page is not served to ${host}`;
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return `${headers.origin} may not act here`;
  if (method === 'POST' && !(headers['content-type'] ?? '').startsWith('application/json')) return 'only JSON is taken';
  return undefined;
}
