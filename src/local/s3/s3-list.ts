import type { Outgoing } from '../wire/http-server.ts';
import { S3Refusal } from './s3-error.ts';
import { refuseUnknown, type S3Request } from './s3-request.ts';
import { element, type Xml, xmlDocument } from './s3-xml.ts';

/** Where a page ends: behind a key, or behind all keys under a common prefix. */
export type Place = { readonly kind: 'key'; readonly key: string } | { readonly kind: 'prefix'; readonly prefix: string };

export interface ListPage {
  readonly entries: readonly Place[];
  /** Where to go on; absent on the last page. */
  readonly next?: Place;
}

export interface ListOptions {
  /** All keys under the prefix, in S3's order. */
  readonly keys: readonly string[];
  readonly prefix: string;
  readonly delimiter?: string;
  readonly after?: Place;
  readonly maxKeys: number;
}

/** One page of a listing: keys, and common prefixes for the keys that have the delimiter behind the prefix. */
export function listPage({ keys, prefix, delimiter, after, maxKeys }: ListOptions): ListPage {
  const entries: Place[] = [];
  for (const key of keys) {
    if (after !== undefined && isBehind(key, after)) continue;
    const entry = entryOf(key, prefix, delimiter);
    const last = entries.at(-1);
    if (entry.kind === 'prefix' && last?.kind === 'prefix' && last.prefix === entry.prefix) continue;
    if (entries.length === maxKeys) return last === undefined ? { entries } : { entries, next: last };
    entries.push(entry);
  }
  return { entries };
}

/** Whether the pages before have shown this key. */
const isBehind = (key: string, after: Place): boolean =>
  after.kind === 'key' ? compareUtf8(key, after.key) <= 0 : key.startsWith(after.prefix) || compareUtf8(key, after.prefix) <= 0;

const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function entryOf(key: string, prefix: string, delimiter: string | undefined): Place {
  const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return at === -1 || delimiter === undefined ? { kind: 'key', key } : { kind: 'prefix', prefix: key.slice(0, at + delimiter.length) };
}

const maxPage = 1000;

/** ListObjectsV2. */
export function listObjects(request: S3Request): Outgoing {
  const { query, objects } = request;
  refuseUnknown(request, {
    query: ['list-type', 'prefix', 'delimiter', 'continuation-token', 'max-keys', 'start-after', 'encoding-type', 'fetch-owner'],
  });
  const encodingType = query.get('encoding-type') ?? undefined;
  if (encodingType !== undefined && encodingType !== 'url')
    throw new S3Refusal(
      'InvalidArgument',
      { ArgumentName: 'encoding-type', ArgumentValue: encodingType },
      'Invalid Encoding Method specified in Request',
    );
  const encode = encodingType === 'url' ? encodeKey : (key: string) => key;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') || undefined;
  const startAfter = query.get('start-after') || undefined;
  const token = query.get('continuation-token') ?? undefined;
  const maxKeys = readMaxKeys(query.get('max-keys'));
  const after = token !== undefined ? readToken(token) : startAfter === undefined ? undefined : ({ kind: 'key', key: startAfter } as const);
  const page = listPage({
    keys: objects.keys(prefix),
    prefix,
    maxKeys,
    ...(delimiter !== undefined && { delimiter }),
    ...(after && { after }),
  });

  const contents: Xml[] = [];
  const prefixes: Xml[] = [];
  for (const entry of page.entries) {
    if (entry.kind === 'prefix') prefixes.push(element('CommonPrefixes', [element('Prefix', encode(entry.prefix))]));
    else {
      const facts = objects.head(entry.key);
      // It was deleted since we looked.
      if (facts === undefined) continue;
      contents.push(
        element('Contents', [
          element('Key', encode(entry.key)),
          element('LastModified', facts.lastModified),
          element('ETag', `"${facts.etag}"`),
          ...(facts.checksum
            ? [
                element('ChecksumAlgorithm', facts.checksum.name.replace('x-amz-checksum-', '').toUpperCase()),
                element('ChecksumType', 'FULL_OBJECT'),
              ]
            : []),
          element('Size', String(facts.sizeBytes)),
          ...(query.get('fetch-owner') === 'true' ? [element('Owner', [element('ID', 'local')])] : []),
          element('StorageClass', 'STANDARD'),
        ]),
      );
    }
  }
  const optional = (name: string, value: string | undefined): readonly Xml[] => (value === undefined ? [] : [element(name, value)]);
  const result = element('ListBucketResult', [
    element('Name', request.bucket),
    element('Prefix', encode(prefix)),
    ...optional('Delimiter', delimiter === undefined ? undefined : encode(delimiter)),
    ...optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
    ...optional('EncodingType', encodingType),
    ...optional('ContinuationToken', token),
    ...optional('NextContinuationToken', page.next && writeToken(page.next)),
    element('KeyCount', String(contents.length + prefixes.length)),
    element('MaxKeys', String(maxKeys)),
    element('IsTruncated', String(page.next !== undefined)),
    ...contents,
    ...prefixes,
  ]);
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(result) };
}

function readMaxKeys(text: string | null): number {
  if (text === null) return maxPage;
  if (!/^\d{1,10}$/.test(text))
    throw new S3Refusal(
      'InvalidArgument',
      { ArgumentName: 'max-keys', ArgumentValue: text },
      'Provided max-keys not an integer or within integer range',
    );
  return Math.min(Number(text), maxPage);
}

const writeToken = (place: Place): string => Buffer.from(place.kind === 'key' ? `k${place.key}` : `p${place.prefix}`).toString('base64url');

function readToken(token: string): Place {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith('k')) return { kind: 'key', key: text.slice(1) };
  if (text.startsWith('p')) return { kind: 'prefix', prefix: text.slice(1) };
  throw new S3Refusal('InvalidArgument', { ArgumentName: 'continuation-token' }, 'The continuation token provided is incorrect');
}

/** As S3 encodes keys for `encoding-type=url`: like a form, but slashes stay. */
const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replaceAll(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
