import type { Outgoing } from '../wire/http-server.ts';
import { notOffered, S3Refusal } from './s3-error.ts';
import type { ObjectFacts, OpenObject } from './s3-objects.ts';
import { bareEtag, encryptionHeader, onlyDefined, refuseLongKey, refuseUnknown, type S3Request } from './s3-request.ts';

const overrides = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'content-type', 'expires'];

/** GetObject and HeadObject. */
export async function getObject(request: S3Request, method: 'GET' | 'HEAD'): Promise<Outgoing> {
  // A presigned URL carries the checksum mode in its query.
  refuseUnknown(request, {
    headers: ['x-amz-checksum-mode'],
    query: ['x-amz-checksum-mode', ...overrides.map((name) => `response-${name}`)],
  });
  refuseLongKey(request.key);
  const answer = await request.objects.withObject(request.key, (object) => answerWith(request, object, method));
  if (answer === undefined) throw new S3Refusal('NoSuchKey', { Key: request.key });
  return answer;
}

async function answerWith(request: S3Request, { facts, read }: OpenObject, method: 'GET' | 'HEAD'): Promise<Outgoing> {
  const lastModified = new Date(facts.lastModified).toUTCString();
  const identity = { etag: `"${facts.etag}"`, 'last-modified': lastModified };
  if (isUnchanged(request, facts)) return { status: 304, headers: identity };

  const range = readRange(request, facts, lastModified);
  const wantsChecksum = (request.header('x-amz-checksum-mode') ?? request.query.get('x-amz-checksum-mode')) === 'ENABLED';
  const start = range?.start ?? 0;
  const length = range === undefined ? facts.sizeBytes : range.end - range.start + 1;
  return {
    status: range === undefined ? 200 : 206,
    headers: onlyDefined({
      'content-type': 'binary/octet-stream',
      ...facts.headers,
      ...Object.fromEntries(
        overrides.map((name) => [name, request.query.get(`response-${name}`) ?? facts.headers[name] ?? defaults[name]]),
      ),
      ...identity,
      ...encryptionHeader,
      'accept-ranges': 'bytes',
      'content-length': String(length),
      'content-range': range && `bytes ${range.start}-${range.end}/${facts.sizeBytes}`,
      // The checksum is that of the whole object: on a part of it the SDK would find it wrong.
      ...(wantsChecksum &&
        range === undefined &&
        facts.checksum && { [facts.checksum.name]: facts.checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }),
    }),
    ...(method === 'GET' && { body: await read(start, length) }),
  };
}

const defaults: Readonly<Record<string, string>> = { 'content-type': 'binary/octet-stream' };

/** RFC 9110, 13.2.2: true for a 304. @throws {S3Refusal} for a 412 */
function isUnchanged(request: S3Request, facts: ObjectFacts): boolean {
  const modifiedS = Math.floor(Date.parse(facts.lastModified) / 1000);
  const ifMatch = request.header('if-match');
  const ifUnmodifiedSince = dateS(request.header('if-unmodified-since'));
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, facts.etag)) throw new S3Refusal('PreconditionFailed', { Condition: 'If-Match' });
  } else if (ifUnmodifiedSince !== undefined && modifiedS > ifUnmodifiedSince)
    throw new S3Refusal('PreconditionFailed', { Condition: 'If-Unmodified-Since' });

  const ifNoneMatch = request.header('if-none-match');
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, facts.etag);
  const ifModifiedSince = dateS(request.header('if-modified-since'));
  return ifModifiedSince !== undefined && modifiedS <= ifModifiedSince;
}

const matches = (etags: string, etag: string): boolean => etags.trim() === '*' || etags.split(',').some((one) => bareEtag(one) === etag);

/** Seconds since 1970; undefined for no date, or one that cannot be read, which HTTP says to ignore. */
function dateS(header: string | undefined): number | undefined {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

/** The bytes asked for, both ends included, or undefined for all. @throws {S3Refusal} when they are not in the object */
function readRange(
  request: S3Request,
  { sizeBytes, etag }: ObjectFacts,
  lastModified: string,
): { readonly start: number; readonly end: number } | undefined {
  const range = request.header('range');
  const ifRange = request.header('if-range');
  if (range === undefined || (ifRange !== undefined && bareEtag(ifRange) !== etag && ifRange !== lastModified)) return undefined;
  if (/^bytes=.*,/.test(range)) throw notOffered('several ranges in one request');
  const match = /^bytes=(\d*)-(\d*)$/.exec(range);
  // HTTP: a range that cannot be read is as good as none.
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const isSuffix = match[1] === '';
  const start = isSuffix ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1]);
  const end = isSuffix || match[2] === '' ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1);
  if (!isSuffix && match[2] !== '' && Number(match[2]) < start) return undefined;
  if (start > end) throw new S3Refusal('InvalidRange', { RangeRequested: range, ActualObjectSize: String(sizeBytes) });
  return { start, end };
}
