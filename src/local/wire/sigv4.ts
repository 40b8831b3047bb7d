import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Incoming } from './http-server.ts';

/** A key pair the local world knows. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a request's AWS signature (version 4) says of it. */
export type Signature =
  /** `header`: an Authorization header; `query`: a presigned URL. */
  | { readonly kind: 'valid'; readonly accessKeyId: string; readonly from: 'header' | 'query' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed'; readonly because: string }
  | { readonly kind: 'unknown-key'; readonly accessKeyId: string }
  | { readonly kind: 'wrong'; readonly accessKeyId: string; readonly stringToSign: string; readonly canonicalRequest: string }
  /** The body is not the one whose hash was signed. */
  | { readonly kind: 'other-body' }
  /** The headers named here stand in the request, unsigned: anybody could have added them. */
  | { readonly kind: 'unsigned-headers'; readonly headers: readonly string[] }
  /** A request signed too long ago, or in the future. */
  | { readonly kind: 'skewed'; readonly signedAtMs: number }
  /** A presigned URL whose time is over. */
  | { readonly kind: 'expired'; readonly expiresS: number; readonly expiredAtMs: number }
  /** A presigned URL whose time has not come. */
  | { readonly kind: 'early' };

export interface CheckSignature {
  readonly request: Incoming;
  /** As in the credential's scope: `s3`, `ssm`, `logs`. */
  readonly service: string;
  readonly credentials: readonly Credentials[];
  readonly nowMs: number;
}

/** How far apart the clocks of the client and AWS may be. */
const maxSkewMs = 15 * 60_000;
/** A presigned URL lives for a week at most. */
const maxExpiresS = 604_800;

/** Says whether a request was signed, unaltered, by somebody we know: in its Authorization header or in its query (a presigned URL). */
export function checkSignature({ request, service, credentials, nowMs }: CheckSignature): Signature {
  const claim = readClaim(request);
  if (claim.kind !== 'claim') return claim;
  if (claim.service !== service)
    return { kind: 'malformed', because: `the credential's scope names the service "${claim.service}", this is "${service}"` };
  const known = credentials.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId);
  if (known === undefined) return { kind: 'unknown-key', accessKeyId: claim.accessKeyId };

  const canonicalRequest = canonicalRequestOf(request, claim);
  const stringToSign = ['AWS4-HMAC-SHA256', claim.date, claim.scope, sha256(canonicalRequest)].join('\n');
  const wanted = hmac(signingKey(known, claim), stringToSign);
  const given = Buffer.from(claim.signature, 'hex');
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { kind: 'wrong', accessKeyId: claim.accessKeyId, stringToSign, canonicalRequest };

  const unsigned = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-') && !claim.signedHeaders.includes(name));
  if (unsigned.length > 0) return { kind: 'unsigned-headers', headers: unsigned };
  return timeOf(claim, nowMs) ?? bodyOf(request, claim) ?? { kind: 'valid', accessKeyId: claim.accessKeyId, from: claim.from };
}

/** What the request says about its own signature. */
interface Claim {
  readonly kind: 'claim';
  readonly from: 'header' | 'query';
  readonly accessKeyId: string;
  /** `20261123/eu-central-1/s3/aws4_request` */
  readonly scope: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** `20261123T044859Z` */
  readonly date: string;
  readonly signedAtMs: number;
  readonly expiresS?: number;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
}

type ClaimRead = Claim | { readonly kind: 'absent' } | { readonly kind: 'malformed'; readonly because: string };

function readClaim(request: Incoming): ClaimRead {
  const query = request.url.searchParams;
  const header = request.headers.authorization;
  if (query.has('X-Amz-Signature') && header !== undefined) return malformed('a presigned URL must not come with an Authorization header');
  if (query.has('X-Amz-Signature')) return queryClaim(request, query);
  if (header !== undefined) return headerClaim(request, header);
  return { kind: 'absent' };
}

function headerClaim(request: Incoming, header: string): ClaimRead {
  const match = /^AWS4-HMAC-SHA256 Credential=([^\s,]+),\s*SignedHeaders=([^\s,]+),\s*Signature=([0-9a-f]{64})$/.exec(header);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined)
    return malformed('the Authorization header is not "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…"');
  return claimOf({
    from: 'header',
    credential: match[1],
    signedHeaders: match[2],
    signature: match[3],
    date: headerOf(request, 'x-amz-date') ?? '',
    payloadHash: headerOf(request, 'x-amz-content-sha256') ?? sha256(request.body),
  });
}

function queryClaim(request: Incoming, query: URLSearchParams): ClaimRead {
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  const expires = query.get('X-Amz-Expires') ?? '';
  if (!/^\d{1,9}$/.test(expires)) return malformed('X-Amz-Expires should be a number');
  if (Number(expires) > maxExpiresS)
    return malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${maxExpiresS} seconds`,
    );
  return claimOf({
    from: 'query',
    credential: query.get('X-Amz-Credential') ?? '',
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
    signature: query.get('X-Amz-Signature') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    payloadHash: query.get('X-Amz-Content-Sha256') ?? headerOf(request, 'x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
    expiresS: Number(expires),
  });
}

interface ClaimParts {
  readonly from: 'header' | 'query';
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly payloadHash: string;
  readonly expiresS?: number;
}

function claimOf({ credential, signedHeaders, ...parts }: ClaimParts): ClaimRead {
  const match = /^([^/]+)\/((\d{8})\/([^/]+)\/([^/]+)\/aws4_request)$/.exec(credential);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined || match[4] === undefined || match[5] === undefined)
    return malformed(`the credential "${credential}" is not "<access key>/<yyyymmdd>/<region>/<service>/aws4_request"`);
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(parts.date);
  if (time === null) return malformed(`the date "${parts.date}" is not "yyyymmddThhmmssZ"`);
  const signedAtMs = Date.parse(`${time[1]}-${time[2]}-${time[3]}T${time[4]}:${time[5]}:${time[6]}Z`);
  if (Number.isNaN(signedAtMs) || !parts.date.startsWith(match[3]))
    return malformed(`the date "${parts.date}" is not one of the credential's day ${match[3]}`);
  const names = signedHeaders.split(';');
  if (!names.includes('host')) return malformed('the header "host" must be signed');
  return {
    kind: 'claim',
    ...parts,
    accessKeyId: match[1],
    scope: match[2],
    day: match[3],
    region: match[4],
    service: match[5],
    signedAtMs,
    signedHeaders: names,
  };
}

function timeOf(claim: Claim, nowMs: number): Signature | undefined {
  if (claim.expiresS === undefined)
    return Math.abs(nowMs - claim.signedAtMs) > maxSkewMs ? { kind: 'skewed', signedAtMs: claim.signedAtMs } : undefined;
  if (nowMs < claim.signedAtMs - maxSkewMs) return { kind: 'early' };
  const expiredAtMs = claim.signedAtMs + claim.expiresS * 1000;
  return nowMs > expiredAtMs ? { kind: 'expired', expiresS: claim.expiresS, expiredAtMs } : undefined;
}

const bodyOf = (request: Incoming, { payloadHash }: Claim): Signature | undefined =>
  /^[0-9a-f]{64}$/.test(payloadHash) && payloadHash !== sha256(request.body) ? { kind: 'other-body' } : undefined;

function canonicalRequestOf(request: Incoming, claim: Claim): string {
  const headers = claim.signedHeaders.map((name) => `${name}:${(headerOf(request, name) ?? '').trim().replaceAll(/\s+/g, ' ')}\n`);
  return [
    request.method,
    // The path as it was sent: the clients sign the very bytes they send.
    request.target.split('?', 1)[0],
    canonicalQuery(request.url.searchParams),
    headers.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
}

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => ({ name: encode(name), value: encode(value) }))
    .toSorted((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Percent-encoding of RFC 3986: everything but letters, digits, `-`, `.`, `_`, `~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Each secret's last one: it is the same for a day, and four times the work of a signature. */
const signingKeys = new Map<string, { readonly of: string; readonly key: Buffer }>();

function signingKey({ secretAccessKey }: Credentials, { day, region, service }: Claim): Buffer {
  const of = `${day}/${region}/${service}`;
  const last = signingKeys.get(secretAccessKey);
  if (last?.of === of) return last.key;
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request');
  signingKeys.set(secretAccessKey, { of, key });
  return key;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

function headerOf(request: Incoming, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

const malformed = (because: string) => ({ kind: 'malformed', because }) as const;
