import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { readJson, writtenJson } from './stored-json.ts';

/** A JSON object and the version it was read at. */
export interface Stored<T> {
  readonly value: T;
  readonly etag: string;
}

/** The object is there, but it is not what it should be: reading it again would give the same. */
export class UnreadableObject extends Error {
  override readonly name = 'UnreadableObject';
}

/** How often a compare-and-swap is tried when others keep winning. */
const maxSwaps = 20;
/** How often S3's "409, somebody is writing this very object" is tried again: the SDK does not. */
const maxConflicts = 8;
/** An object may have been written by a suite's code: one that a function could not hold is refused, not read. */
const mostBytesRead = 32 * 1024 * 1024;

/**
 * Objects in one bucket, with the conditional writes that make S3 our only state.
 *
 * Every conditional write carries an owner token in its metadata: the SDK repeats a write whose answer was lost, and then
 * S3 answers 412 to our own success. So a 412 is believed only after a look at whose object it is.
 *
 * @param rest waits for a random time of at most `mostMs`, before it tries again
 */
export function s3Store(client: S3Client, bucket: string, rest: (mostMs: number) => Promise<void> = restAtMost) {
  async function putIf(condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>, key: string, value: unknown): Promise<boolean> {
    const owner = randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Metadata: { owner },
            ...writtenJson(key, value),
            ...condition,
          }),
        );
        return true;
      } catch (error) {
        const status = statusOf(error);
        if (status === 409 && attempt < maxConflicts) {
          await rest(2 ** attempt * 20);
          continue;
        }
        if (status === 412 || (status === 404 && condition.IfMatch !== undefined)) return (await ownerOf(key)) === owner;
        throw new Error(`S3 did not write s3://${bucket}/${key}: ${said(error)}`, { cause: error });
      }
    }
  }

  async function ownerOf(key: string): Promise<string | undefined> {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return head.Metadata?.owner;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new Error(`S3 did not say who wrote s3://${bucket}/${key}: ${said(error)}`, { cause: error });
    }
  }

  async function read(key: string, mostBytes = mostBytesRead): Promise<{ bytes: Uint8Array; etag: string } | undefined> {
    try {
      const { Body, ETag, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined || ETag === undefined) throw new Error('the answer has no body');
      if (ContentLength > mostBytes) {
        if (Body instanceof Readable) Body.destroy();
        throw new UnreadableObject(`s3://${bucket}/${key} has ${ContentLength} bytes, more than ${mostBytes}`);
      }
      return { bytes: await Body.transformToByteArray(), etag: ETag };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (error instanceof UnreadableObject) throw error;
      throw new Error(`S3 did not read s3://${bucket}/${key}: ${said(error)}`, { cause: error });
    }
  }

  /** The object, or undefined when there is none. @throws {UnreadableObject} when it is larger than `mostBytes` (absent: 32 MiB) */
  const getBytes = async (key: string, mostBytes?: number): Promise<Uint8Array | undefined> => (await read(key, mostBytes))?.bytes;

  /** The object's JSON (gzipped, where the key ends so), parsed by `parse`, or undefined when there is none. @throws {UnreadableObject} when it is there and `parse` refuses it */
  async function get<T>(key: string, parse: (json: unknown) => T): Promise<Stored<T> | undefined> {
    const found = await read(key);
    if (found === undefined) return undefined;
    try {
      return { value: readJson(key, found.bytes, { parse, mostBytes: mostBytesRead }), etag: found.etag };
    } catch (error) {
      throw new UnreadableObject(`s3://${bucket}/${key} is not what it should be: ${said(error)}`, { cause: error });
    }
  }

  /** Writes the object if there is none: true when it was us (now, or in an attempt whose answer was lost). */
  const create = (key: string, value: unknown): Promise<boolean> => putIf({ IfNoneMatch: '*' }, key, value);

  /**
   * Reads, changes and writes back, again when somebody else was faster. `change` gives the new value, or the very same
   * one (or undefined for "there is none") to leave things as they are. Gives the value that stands now.
   */
  async function update<T>(
    key: string,
    parse: (json: unknown) => T,
    change: (now: T | undefined) => T | undefined,
  ): Promise<T | undefined> {
    for (let swap = 0; swap < maxSwaps; swap += 1) {
      const now = await get(key, parse);
      const next = change(now?.value);
      if (next === undefined || next === now?.value) return now?.value;
      const isWritten = now === undefined ? await create(key, next) : await putIf({ IfMatch: now.etag }, key, next);
      if (isWritten) return next;
      await rest(25 * (swap + 1));
    }
    throw new Error(`s3://${bucket}/${key} was changed by others ${maxSwaps} times in a row while we tried to change it`);
  }

  /** Writes the object, whatever was there. */
  async function put(
    key: string,
    body: string | Uint8Array,
    contentType: string,
    { contentEncoding }: { readonly contentEncoding?: 'gzip' } = {},
  ): Promise<void> {
    try {
      const encoding = contentEncoding !== undefined && { ContentEncoding: contentEncoding };
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType, ...encoding }));
    } catch (error) {
      throw new Error(`S3 did not write s3://${bucket}/${key}: ${said(error)}`, { cause: error });
    }
  }

  /** All keys that begin with `prefix`, in S3's order (UTF-8). */
  async function* list(prefix: string): AsyncGenerator<string> {
    for await (const { Contents = [] } of pages(prefix)) for (const { Key } of Contents) if (Key !== undefined) yield Key;
  }

  /** The names of the folders directly below `prefix`, which ends with a slash. */
  async function* folders(prefix: string): AsyncGenerator<string> {
    for await (const { CommonPrefixes = [] } of pages(prefix, '/'))
      for (const { Prefix = '' } of CommonPrefixes) yield Prefix.slice(prefix.length, -1);
  }

  async function* pages(prefix: string, delimiter?: string): AsyncGenerator<ListObjectsV2CommandOutput> {
    let token: string | undefined;
    do {
      const page = await listed({ Bucket: bucket, Prefix: prefix, Delimiter: delimiter, ContinuationToken: token });
      yield page;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async function listed(input: ListObjectsV2CommandInput): Promise<ListObjectsV2CommandOutput> {
    try {
      return await client.send(new ListObjectsV2Command(input));
    } catch (error) {
      throw new Error(`S3 did not list s3://${bucket}/${input.Prefix}: ${said(error)}`, { cause: error });
    }
  }

  /** Whether there is such an object. Without the right to list, S3 says 403 of what is not there. */
  async function has(key: string): Promise<boolean> {
    try {
      await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return true;
    } catch (error) {
      if (isMissing(error) || statusOf(error) === 403) return false;
      throw new Error(`S3 did not say whether there is s3://${bucket}/${key}: ${said(error)}`, { cause: error });
    }
  }

  /** A URL that reads the object for `expiresInS` seconds, without any other permission. */
  const presign = (key: string, expiresInS: number, { isDownload = false } = {}): Promise<string> => {
    const disposition = isDownload && { ResponseContentDisposition: 'attachment' };
    return getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key, ...disposition }), { expiresIn: expiresInS });
  };

  return { get, getBytes, create, update, put, list, folders, has, presign };
}

export type Store = ReturnType<typeof s3Store>;

/** For a while, of which only the longest is known: those who ran into each other shall not do it again at once. */
const restAtMost = (mostMs: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * mostMs));

const statusOf = (error: unknown): number | undefined => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

const isMissing = (error: unknown): boolean => error instanceof NoSuchKey || error instanceof NotFound;

const said = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
