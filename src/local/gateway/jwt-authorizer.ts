import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { JwtAuthorizer } from '../stack/stack.ts';

/** What an HTTP API's JWT authorizer makes of a token. */
export type Authorized =
  /** All values are texts, whatever they were: so API Gateway hands them over. */
  { readonly kind: 'claims'; readonly claims: Readonly<Record<string, string>> } | { readonly kind: 'refused'; readonly because: string };

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether the header `authorization` holds a token that one of the issuer's keys has signed, made for us and of now. As on AWS only
 * RSA is taken.
 */
export function authorize(
  authorization: string | undefined,
  { issuer, audience }: JwtAuthorizer,
  keys: readonly JsonWebKey[],
  nowMs: number,
): Authorized {
  const refused = (because: string): Authorized => ({ kind: 'refused', because });
  const [header = '', body = '', signature = '', ...more] = (authorization ?? '').replace(/^Bearer /i, '').split('.');
  const [head, claims] = [decoded(header), decoded(body)];
  if (head === undefined || claims === undefined || more.length > 0) return refused('unable to decode the token');
  const key = keys.find(({ kid }) => kid === head.kid);
  if (key === undefined || !/^RS(?:256|384|512)$/.test(String(head.alg))) return refused('unable to find a signing key that matches');
  const hash = `RSA-SHA${String(head.alg).slice(2)}`;
  const publicKey = createPublicKey({ key, format: 'jwk' });
  if (!verify(hash, Buffer.from(`${header}.${body}`), publicKey, Buffer.from(signature, 'base64url')))
    return refused('the signature is invalid');
  const nowS = nowMs / 1_000;
  if (claims.iss !== issuer) return refused('the issuer is invalid');
  const aims = [claims.aud ?? claims.client_id].flat();
  if (!aims.some((aim) => audience.includes(String(aim)))) return refused('the audience is invalid');
  if (typeof claims.exp !== 'number' || claims.exp <= nowS) return refused('the token has expired');
  if (typeof claims.nbf === 'number' && claims.nbf > nowS) return refused('the token is not valid yet');
  if (typeof claims.iat === 'number' && claims.iat > nowS) return refused('the token was issued in the future');
  return { kind: 'claims', claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, asText(value)])) };
}

const asText = (value: unknown): string => (Array.isArray(value) ? `[${value.join(' ')}]` : String(value));

function decoded(part: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof json === 'object' && json !== null ? { ...json } : undefined;
  } catch {
    // no token
    return undefined;
  }
}
