import { randomBytes } from 'node:crypto';
import type { Permit } from '../iam/permissions.ts';
import { type Answer, brokenBody, type Incoming, type Outgoing, serve } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import { type Credentials, checkSignature } from '../wire/sigv4.ts';
import type { CreatedObject } from './object-created.ts';
import { notOffered, refusalAnswer, S3Refusal } from './s3-error.ts';
import { listObjects } from './s3-list.ts';
import { listNeeds, s3Needs } from './s3-needs.ts';
import { type FolderObjects, folderObjects } from './s3-objects.ts';
import { getObject } from './s3-read.ts';
import { readPath, type S3Request, s3Request } from './s3-request.ts';
import { deleteObject, deleteObjects, type PutAnswer, putObject } from './s3-write.ts';

/** A call as a fault may see it before it is answered. */
export interface S3Call {
  readonly operation: string;
  readonly key: string;
  /** The access key's id. */
  readonly caller: string;
  readonly isConditional: boolean;
}

/**
 * What S3 does instead of answering: `409` to a conditional write while somebody else writes the same object, `500` without
 * having done anything, `lost-answer` after it has.
 */
export type S3Disturbance = 409 | 500 | 'lost-answer';

export interface StartS3 {
  /** The objects are plain files `<dir>/<bucket>/<key>`. */
  readonly dir: string;
  readonly buckets: readonly string[];
  /** Where a bucket's objects are; absent: the files below `dir`. */
  readonly objectsOf?: (bucket: string) => FolderObjects | Promise<FolderObjects>;
  readonly port?: number;
  readonly journal: Journal;
  /** Called after each write, in the order of the writes to a key; `objectCreatedEvent` makes the event. */
  readonly onObjectCreated: (object: CreatedObject) => void;
  readonly credentials: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit;
  /** Prefixes whose objects can be created, never overwritten: the deployed bucket's policy says the same. */
  readonly writeOncePrefixes?: readonly string[];
  /** Faults, call by call. */
  readonly disturb?: (call: S3Call) => S3Disturbance | undefined;
}

export interface LocalS3 {
  /** For `AWS_ENDPOINT_URL_S3`. */
  readonly url: string;
  /** Answers a request without a network in between. */
  readonly answer: Answer;
  stop(): Promise<void>;
  /** The file that holds the object's bytes. @throws for a key that no file can hold */
  pathOf(bucket: string, key: string): string;
}

/** S3 on a folder: path-style, signed requests and presigned reads, conditional writes. What it does not offer it refuses. */
export async function startS3({
  dir,
  buckets,
  objectsOf = (bucket) => folderObjects(dir, bucket),
  port,
  journal,
  onObjectCreated,
  credentials,
  permit,
  writeOncePrefixes = [],
  disturb,
}: StartS3): Promise<LocalS3> {
  const stores = new Map<string, FolderObjects>();
  for (const bucket of buckets) {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw new Error(`"${bucket}" is not a bucket's name`);
    stores.set(bucket, await objectsOf(bucket));
  }
  const nextSequencer = sequencers();

  async function answer(request: Incoming): Promise<Outgoing> {
    const at = Date.now();
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const note: Note = { name: `${request.method} ${request.url.pathname}` };
    let out: Outgoing = { status: 500 };
    try {
      out = await answerOrRefuse(request, requestId, note);
      return { ...out, headers: { ...out.headers, server: 'AmazonS3', 'x-amz-request-id': requestId, 'x-amz-id-2': 'local' } };
    } finally {
      journal({ at, source: 's3', ...note, status: out.status, durationMs: Date.now() - at });
    }
  }

  async function answerOrRefuse(request: Incoming, requestId: string, note: Note): Promise<Outgoing> {
    try {
      return await operate(request, requestId, note);
    } catch (error) {
      if (!(error instanceof S3Refusal)) throw error;
      note.response = { code: error.code, message: error.message };
      return refusalAnswer(error, requestId);
    }
  }

  async function operate(incoming: Incoming, requestId: string, note: Note): Promise<Outgoing> {
    const path = readPath(incoming.target);
    const operation = operationOf(incoming, path.key);
    note.name = operation;
    note.request = journalled(incoming, path);
    const caller = authorize(incoming, credentials);
    note.caller = caller;
    if (path.bucket === '') throw notOffered('ListBuckets');
    const objects = stores.get(path.bucket);
    if (objects === undefined) throw new S3Refusal('NoSuchBucket', { BucketName: path.bucket });
    refuseForbidden(permit?.(caller, s3Needs(operation, incoming, path)));
    const isConditional = 'if-match' in incoming.headers || 'if-none-match' in incoming.headers;
    const disturbance = disturb?.({ operation, key: path.key, caller, isConditional });
    if (disturbance === 409 && isConditional) throw new S3Refusal('ConditionalRequestConflict', { Key: path.key });
    if (disturbance === 500) throw new S3Refusal('InternalError');
    const done = await perform(operation, s3Request(incoming, path, objects), { caller, requestId, note });
    return disturbance === 'lost-answer' ? { ...done, body: brokenBody() } : done;
  }

  async function perform(operation: string, request: S3Request, { caller, requestId, note }: Caller): Promise<Outgoing> {
    const found = (answer: Promise<Outgoing>) =>
      answer.catch((error) => refuseMissing(error, () => permit?.(caller, [listNeeds(request.bucket)])));
    switch (operation) {
      case 'PutObject':
        return written(request, await putObject(request, writeOncePrefixes), requestId, note);
      case 'GetObject':
        return found(getObject(request, 'GET'));
      case 'HeadObject':
        return found(getObject(request, 'HEAD'));
      case 'DeleteObject':
        return deleteObject(request);
      case 'DeleteObjects':
        return deleteObjects(request);
      case 'ListObjectsV2':
        return listObjects(request);
      default:
        throw notOffered(operation);
    }
  }

  function written({ bucket }: S3Request, { answer, facts }: PutAnswer, requestId: string, note: Note): Outgoing {
    note.response = { etag: facts.etag, sizeBytes: facts.sizeBytes };
    onObjectCreated({
      bucket,
      key: facts.key,
      sizeBytes: facts.sizeBytes,
      etag: facts.etag,
      at: facts.lastModified,
      sequencer: nextSequencer(),
      requestId,
    });
    return answer;
  }

  const server = await serve(answer, port);
  return {
    url: server.url,
    answer: server.answer,
    stop: () => server.stop(),
    pathOf: (bucket, key) => {
      const place = stores.get(bucket)?.place(key);
      if (place === undefined) throw new Error(`there is no bucket "${bucket}", only ${buckets.join(', ')}`);
      if (place.kind === 'unstorable') throw new Error(`no file can hold the key "${key}": ${place.because}`);
      return place.path;
    },
  };
}

/** @throws {S3Refusal} as S3 refuses what a role's policies do not allow */
function refuseForbidden(denial: string | undefined): void {
  if (denial !== undefined) throw new S3Refusal('AccessDenied', {}, denial);
}

/** That an object is not there is told only to those who may list. */
function refuseMissing(error: unknown, denial: () => string | undefined): never {
  if (error instanceof S3Refusal && error.code === 'NoSuchKey') refuseForbidden(denial());
  throw error;
}

/** Who calls, and what will be said of it. */
interface Caller {
  readonly caller: string;
  readonly requestId: string;
  readonly note: Note;
}

/** What the journal will say of a call; filled in as we learn it. */
interface Note {
  name: string;
  caller?: string;
  request?: unknown;
  response?: unknown;
}

/** The operation's name, or the request itself for one that we have no name for. */
function operationOf({ method, url, target }: Incoming, key: string): string {
  const query = url.searchParams;
  if (key !== '' && query.has('uploadId')) return 'a multipart upload';
  if (key !== '' && method === 'PUT') return 'PutObject';
  if (key !== '' && method === 'GET') return 'GetObject';
  if (key !== '' && method === 'HEAD') return 'HeadObject';
  if (key !== '' && method === 'DELETE') return 'DeleteObject';
  if (key === '' && method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
  if (key === '' && method === 'POST' && query.has('delete')) return 'DeleteObjects';
  return `${method} ${target.split('X-Amz-', 1)[0]}`;
}

function journalled(
  { headers, body }: Incoming,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Record<string, unknown> {
  const { range } = headers;
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  return {
    bucket,
    ...(key !== '' && { key }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
    ...(range !== undefined && { range }),
    ...(body.length > 0 && { bodyBytes: body.length }),
  };
}

/** Lets through whom we know, and gives their access key's id. @throws {S3Refusal} as S3 refuses the others */
function authorize(request: Incoming, credentials: readonly Credentials[]): string {
  const nowMs = Date.now();
  const signature = checkSignature({ request, service: 's3', credentials, nowMs });
  switch (signature.kind) {
    case 'valid':
      if (signature.from === 'query' && request.method !== 'GET' && request.method !== 'HEAD')
        throw notOffered(`a presigned ${request.method}, only presigned reads`);
      return signature.accessKeyId;
    case 'absent':
      throw new S3Refusal('AccessDenied');
    case 'malformed':
      throw new S3Refusal(
        request.headers.authorization === undefined ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed',
        {},
        signature.because,
      );
    case 'unknown-key':
      throw new S3Refusal('InvalidAccessKeyId', { AWSAccessKeyId: signature.accessKeyId });
    case 'wrong':
      throw new S3Refusal('SignatureDoesNotMatch', {
        AWSAccessKeyId: signature.accessKeyId,
        StringToSign: signature.stringToSign,
        CanonicalRequest: signature.canonicalRequest,
      });
    case 'other-body':
      throw new S3Refusal('XAmzContentSHA256Mismatch');
    case 'unsigned-headers':
      throw new S3Refusal(
        'AccessDenied',
        { HeadersNotSigned: signature.headers.join(', ') },
        'There were headers present in the request which were not signed',
      );
    case 'skewed':
      throw new S3Refusal('RequestTimeTooSkewed', {
        RequestTime: isoTime(signature.signedAtMs),
        ServerTime: isoTime(nowMs),
        MaxAllowedSkewMilliseconds: '900000',
      });
    case 'early':
      throw new S3Refusal('AccessDenied', { ServerTime: isoTime(nowMs) }, 'Request is not yet valid');
    case 'expired':
      throw new S3Refusal(
        'AccessDenied',
        { 'X-Amz-Expires': String(signature.expiresS), Expires: isoTime(signature.expiredAtMs), ServerTime: isoTime(nowMs) },
        'Request has expired',
      );
  }
}

const isoTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Texts that grow, after a restart too: the time, and a count for writes of the same millisecond. */
function sequencers(): () => string {
  let last = 0n;
  return () => {
    const now = BigInt(Date.now()) << 20n;
    last = now > last ? now : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}
