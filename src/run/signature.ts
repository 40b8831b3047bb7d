import { createHmac, timingSafeEqual } from 'node:crypto';

/** Nothing older (or newer) than this is taken: what somebody has overheard is of no use to them later. */
const maxSkewS = 300;

/** A request over HTTP, as it is signed: nothing of it can be changed, and it fits no other address. */
export interface Signable {
  readonly method: string;
  /** `/runs` */
  readonly path: string;
  /** Without the question mark, as it is sent. */
  readonly query: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

/** The names of the headers that carry key, time and signature. */
export const signatureHeaders = { key: 'coldframe-key', timestamp: 'coldframe-timestamp', signature: 'coldframe-signature' } as const;

/** `v1=` and the HMAC-SHA256 of `v1`, timestamp, method, path, query and body, each but the body followed by a line feed. */
export function signatureOf({ method, path, query, timestamp, body }: Signable, secret: string): string {
  if (secret === '') throw new Error('the secret is empty: everybody could sign with it');
  const head = ['v1', timestamp, method.toUpperCase(), path, query, ''].join('\n');
  return `v1=${createHmac('sha256', secret).update(head).update(body).digest('hex')}`;
}

/** Why the time of a request is not now, or undefined when it is. */
export function timestampFault(timestamp: string | undefined, nowMs: number): string | undefined {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp))
    return `the header ${signatureHeaders.timestamp} must be the time in seconds since 1970`;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > maxSkewS)
    return 'the timestamp is more than five minutes off: sign each request anew, and look at the clock of the machine';
  return undefined;
}

/** Whether the signature is that of this very request. */
export function isSignedWith(secret: string, request: Signable, signature: string): boolean {
  const expected = Buffer.from(signatureOf(request, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
