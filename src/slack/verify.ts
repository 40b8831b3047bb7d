import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack's advice against replay: nothing older (or newer) than five minutes. */
const maxSkewS = 300;

/** Why a request is not from Slack, or not from now. */
export type Verification = { readonly kind: 'genuine' } | { readonly kind: 'rejected'; readonly because: string };

/**
 * Whether Slack signed these very bytes within the last five minutes.
 * Stricter than Bolt, which accepts timestamps of the future.
 *
 * @param body the raw bytes, before anything parsed them
 * @param timestamp the header `x-slack-request-timestamp`: seconds since 1970
 * @param signature the header `x-slack-signature`: `v0=` and 64 hexadecimal digits
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySignature(request: {
  readonly secret: string;
  readonly body: Uint8Array;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly nowMs: number;
}): Verification {
  const { secret, body, timestamp, signature, nowMs } = request;
  if (secret === '') throw new Error('the signing secret is empty: every request could be signed with it');
  if (timestamp === undefined || signature === undefined) return { kind: 'rejected', because: 'the request is not signed' };
  if (!/^\d{1,12}$/.test(timestamp)) return { kind: 'rejected', because: 'the timestamp is not a number of seconds' };
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > maxSkewS)
    return { kind: 'rejected', because: 'the timestamp is more than five minutes off' };
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
  const given = Buffer.from(/^v0=([0-9a-f]{64})$/.exec(signature)?.[1] ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { kind: 'rejected', because: 'the signature does not fit the body' };
  return { kind: 'genuine' };
}
