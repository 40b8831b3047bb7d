import { NoSuchKey, NotFound, S3ServiceException } from '@aws-sdk/client-s3';

/** An object as S3 keeps it. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the store asks of S3: the inputs of its commands, as far as they are used. */
export interface S3Input {
  readonly Key?: string;
  readonly Body?: string | Uint8Array;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly Metadata?: Record<string, string>;
  readonly Prefix?: string;
  readonly Delimiter?: string | undefined;
  readonly ContinuationToken?: string | undefined;
}

/** An answer of S3 that is an error. */
export const s3Trouble = (httpStatusCode: number, name: string): S3ServiceException =>
  new S3ServiceException({
    name,
    message: `S3 answers ${httpStatusCode} ${name}`,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });

const missing = { message: 'it is not there', $metadata: { httpStatusCode: 404 } };
/** Most of what is asked for is not there yet: one error is enough for all. */
const noSuchKey = new NoSuchKey(missing);
const notFound = new NotFound(missing);

/**
 * One bucket, in memory: strongly consistent, with conditional writes. `onWrite` hears of every object that was written.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function memoryS3({ pageSize = 1_000, onWrite = () => {} }: { pageSize?: number; onWrite?: (key: string) => void } = {}) {
  const objects = new Map<string, Kept>();
  let writes = 0;

  function put({ Key = '', Body = '', IfMatch, IfNoneMatch, Metadata = {} }: S3Input) {
    const now = objects.get(Key);
    if (IfNoneMatch === '*' && now !== undefined) throw s3Trouble(412, 'PreconditionFailed');
    if (IfMatch !== undefined && now === undefined) throw noSuchKey;
    if (IfMatch !== undefined && now?.etag !== IfMatch) throw s3Trouble(412, 'PreconditionFailed');
    // Written once, by the bucket's policy: whoever wants to replace one is refused.
    if (Key.startsWith('claims/') && IfNoneMatch !== '*') throw s3Trouble(403, 'AccessDenied');
    writes += 1;
    const etag = `"${writes}"`;
    objects.set(Key, { bytes: typeof Body === 'string' ? Buffer.from(Body) : Body, etag, metadata: Metadata });
    onWrite(Key);
    return { ETag: etag };
  }

  function get({ Key = '' }: S3Input) {
    const kept = objects.get(Key);
    if (kept === undefined) throw noSuchKey;
    const { bytes, etag } = kept;
    return { Body: { transformToByteArray: async () => bytes }, ETag: etag, ContentLength: bytes.length };
  }

  function head({ Key = '' }: S3Input) {
    const kept = objects.get(Key);
    if (kept === undefined) throw notFound;
    return { ETag: kept.etag, Metadata: kept.metadata };
  }

  function list({ Prefix = '', Delimiter, ContinuationToken = '' }: S3Input) {
    const folderOf = (key: string) => {
      const end = Delimiter === undefined ? -1 : key.indexOf(Delimiter, Prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    };
    const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix));
    const found = [...new Set(keys.map(folderOf))].filter((entry) => entry > ContinuationToken).toSorted((a, b) => (a < b ? -1 : 1));
    const page = found.slice(0, pageSize);
    return {
      Contents: page.filter((entry) => objects.has(entry)).map((Key) => ({ Key })),
      CommonPrefixes: page.filter((entry) => !objects.has(entry)).map((folder) => ({ Prefix: folder })),
      NextContinuationToken: found.length > page.length ? page.at(-1) : undefined,
    };
  }

  const operations: Readonly<Record<string, (input: S3Input) => object>> = {
    PutObjectCommand: put,
    GetObjectCommand: get,
    HeadObjectCommand: head,
    ListObjectsV2Command: list,
  };

  return {
    /** Does what a command of this name asks. @throws as the SDK does */
    answer(command: string, input: S3Input): object {
      const operation = operations[command];
      if (operation === undefined) throw new Error(`the S3 in memory does not do ${command}`);
      return operation(input);
    },
    objects: objects as ReadonlyMap<string, Kept>,
  };
}

export type MemoryS3 = ReturnType<typeof memoryS3>;
