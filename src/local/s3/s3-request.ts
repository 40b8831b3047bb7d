import type { Incoming } from '../wire/http-server.ts';
import { notOffered, S3Refusal } from './s3-error.ts';
import type { FolderObjects } from './s3-objects.ts';

/** A request that names a bucket we have. */
export interface S3Request {
  readonly bucket: string;
  readonly objects: FolderObjects;
  /** Empty for a request about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** All headers whose lower-case name begins so. */
  headersLike(prefix: string): readonly (readonly [name: string, value: string])[];
}

/** Bucket and key of a path-style request, exactly as they were sent: `..` stays `..`. */
export function readPath(target: string): { readonly bucket: string; readonly key: string } {
  const path = target.split('?', 1)[0] ?? '';
  const slash = path.indexOf('/', 1);
  const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const key = slash === -1 ? '' : path.slice(slash + 1);
  return { bucket: decodePath(bucket), key: decodePath(key) };
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Refusal('InvalidURI', { URI: text, Because: String(cause) });
  }
}

export function s3Request(request: Incoming, path: { readonly bucket: string; readonly key: string }, objects: FolderObjects): S3Request {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return {
    ...path,
    objects,
    query: request.url.searchParams,
    body: request.body,
    header,
    headersLike: (prefix) =>
      Object.keys(request.headers)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name, header(name) ?? ''] as const),
  };
}

/** What every request may carry: who asks and how it is signed, nothing about what is asked. */
const commonHeaders = ['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'x-amz-user-agent'];
const commonQuery = [
  'x-id',
  'X-Amz-Algorithm',
  'X-Amz-Content-Sha256',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
];

/** Refuses a request that asks for something we don't know: an ignored header would be a wrong answer. */
export function refuseUnknown(
  request: S3Request,
  known: { readonly headers?: readonly string[]; readonly query?: readonly string[] },
): void {
  const headers = [...commonHeaders, ...(known.headers ?? [])];
  const header = request
    .headersLike('x-amz-')
    .find(([name]) => !headers.some((allowed) => (allowed.endsWith('-') ? name.startsWith(allowed) : name === allowed)));
  if (header !== undefined) throw notOffered(`the header "${header[0]}" here`);
  const query = [...commonQuery, ...(known.query ?? [])];
  const parameter = [...request.query.keys()].find((name) => !query.includes(name));
  if (parameter !== undefined) throw notOffered(`the query parameter "${parameter}" here`);
}

const maxKeyBytes = 1024;

export function refuseLongKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > maxKeyBytes) throw new S3Refusal('KeyTooLongError', { Size: String(size), MaxSizeAllowed: String(maxKeyBytes) });
}

/** S3 encrypts every object with its own keys unless told otherwise, and says so. */
export const encryptionHeader = { 'x-amz-server-side-encryption': 'AES256' } as const;

/** An entity tag as a header holds it, without quotes. */
export const bareEtag = (etag: string): string => etag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');

/** The record without what is undefined. */
export const onlyDefined = (record: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined));
