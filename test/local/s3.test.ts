import { once } from 'node:events';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, describe, expect, it } from 'vitest';
import { type CreatedObject, objectCreatedEvent } from '../../src/local/s3/object-created.ts';
import { type S3Disturbance, type StartS3, startS3 } from '../../src/local/s3/s3.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { isEveryRow } from '../every-row.ts';

const Bucket = 'coldframe-local-000000000000';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-s3-'));
  cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function world(dir?: string, disturb?: StartS3['disturb']) {
  const journal: JournalEntry[] = [];
  const created: CreatedObject[] = [];
  const s3 = await startS3({
    dir: dir ?? (await temporaryDir()),
    buckets: [Bucket],
    journal: (entry) => journal.push(entry),
    onObjectCreated: (object) => created.push(object),
    credentials: [credentials],
    writeOncePrefixes: ['claims/'],
    ...(disturb && { disturb }),
  });
  cleanUps.push(() => s3.stop());
  return { s3, journal, created, client: clientOf(s3.url) };
}

function clientOf(endpoint: string, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({ endpoint, region: 'eu-central-1', credentials, ...config });
  cleanUps.push(() => client.destroy());
  return client;
}

/** The error's name and status, or what came instead of one. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await call };
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

const put = (client: S3Client, Key: string, Body: string | Uint8Array = 'text', more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

async function text(client: S3Client, Key: string, more: object = {}): Promise<string | undefined> {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return answer.Body?.transformToString();
}

async function keysOf(client: S3Client, Prefix?: string): Promise<(string | undefined)[]> {
  const answer = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return (answer.Contents ?? []).map(({ Key }) => Key);
}

describe('conditional writes', () => {
  it('lets exactly one of fifty concurrent creators win, and the object is the winner’s', async () => {
    const { client, created } = await world();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => refusal(put(client, 'race', `writer ${index}`, { IfNoneMatch: '*' }).then(() => index))),
    );
    const winners = results.filter((result) => typeof result === 'object');
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => result === '412 PreconditionFailed')).toHaveLength(49);
    expect({ answered: Number((await text(client, 'race'))?.replace('writer ', '')) }).toEqual(winners[0]);
    expect(created).toHaveLength(1);
  });

  it('loses no increment of many concurrent compare-and-swappers', async () => {
    const { client } = await world();
    await put(client, 'count', '0');
    const swappers = isEveryRow ? 20 : 8;
    const increment = async (): Promise<void> => {
      for (;;) {
        const now = await client.send(new GetObjectCommand({ Bucket, Key: 'count' }));
        const value = Number(await now.Body?.transformToString());
        if (
          (await refusal(put(client, 'count', String(value + 1), { IfMatch: now.ETag }).then(() => 'written'))) !== '412 PreconditionFailed'
        )
          return;
      }
    };
    await Promise.all(Array.from({ length: swappers }, increment));
    expect(await text(client, 'count')).toBe(String(swappers));
  });

  it('answers 404, not 412, to an If-Match on a key that is not there', async () => {
    const { client } = await world();
    expect(await refusal(put(client, 'none', 'x', { IfMatch: '"0123"' }))).toBe('404 NoSuchKey');
    expect(await keysOf(client)).toEqual([]);
  });

  it('answers 412 to the ETag of an older version, and takes the present one with or without quotes', async () => {
    const { client } = await world();
    const { ETag: old } = await put(client, 'k', 'one');
    const { ETag: now } = await put(client, 'k', 'two');
    expect(await refusal(put(client, 'k', 'three', { IfMatch: old }))).toBe('412 PreconditionFailed');
    expect(await text(client, 'k')).toBe('two');
    await put(client, 'k', 'three', { IfMatch: now?.replaceAll('"', '') });
    expect(await text(client, 'k')).toBe('three');
  });

  it.each([
    ['If-None-Match with an ETag', { IfNoneMatch: '"0123"' }],
    ['If-Match with a star', { IfMatch: '*' }],
    ['both at once', { IfMatch: '"0123"', IfNoneMatch: '*' }],
  ])('refuses %s, as S3 does, rather than ignoring it', async (_, condition) => {
    const { client } = await world();
    expect(await refusal(put(client, 'k', 'x', condition))).toBe('501 NotImplemented');
  });

  it.each([
    ['a wrong ETag', '"0123"', '412 PreconditionFailed'],
    ['a star', '*', { answered: 204 }],
  ])('a delete with %s is answered %j', async (_, IfMatch, expected) => {
    const { client } = await world();
    await put(client, 'k');
    expect(
      await refusal(client.send(new DeleteObjectCommand({ Bucket, Key: 'k', IfMatch })).then((answer) => answer.$metadata.httpStatusCode)),
    ).toEqual(expected);
  });

  it('a conditional delete of a missing key is a 404, an unconditional one a success', async () => {
    const { client } = await world();
    expect(await refusal(client.send(new DeleteObjectCommand({ Bucket, Key: 'none', IfMatch: '*' })))).toBe('404 NoSuchKey');
    expect(await refusal(client.send(new DeleteObjectCommand({ Bucket, Key: 'none', IfMatch: '"0123"' })))).toBe('404 NoSuchKey');
    expect((await client.send(new DeleteObjectCommand({ Bucket, Key: 'none' }))).$metadata.httpStatusCode).toBe(204);
  });

  it('answers 412 to our own success when the SDK repeats a create whose answer was lost', async () => {
    const { s3, client } = await world();
    const proxy = await losesFirstAnswer(s3.url);
    const unlucky = clientOf(proxy.url);
    expect(await refusal(put(unlucky, 'claim', 'mine', { IfNoneMatch: '*', Metadata: { owner: 'me' } }))).toBe('412 PreconditionFailed');
    expect(proxy.requests()).toBe(2);
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'claim' }))).Metadata).toEqual({ owner: 'me' });
  });

  it('a prefix that is write-once takes creations only', async () => {
    const { client } = await world();
    expect(await refusal(put(client, 'claims/a', 'x'))).toBe('403 AccessDenied');
    const { ETag } = await put(client, 'claims/a', 'x', { IfNoneMatch: '*' });
    expect(await refusal(put(client, 'claims/a', 'y', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
    expect(await refusal(put(client, 'claims/a', 'y', { IfMatch: ETag }))).toBe('403 AccessDenied');
    expect(await text(client, 'claims/a')).toBe('x');
  });
});

/** A proxy that forwards everything, and cuts the line instead of giving the first answer back. */
async function losesFirstAnswer(target: string): Promise<{ readonly url: string; requests(): number }> {
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    const isFirst = requests === 1;
    const forward = httpRequest(`${target}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      if (isFirst) {
        answer.resume().once('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return { url: `http://127.0.0.1:${address.port}`, requests: () => requests };
}

describe('objects', () => {
  it('come back with their bytes and everything said of them', async () => {
    const { client } = await world();
    const described = {
      ContentType: 'text/html; charset=utf-8',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="r.html"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'en',
      Metadata: { owner: 'token-1', two: 'a, b' },
    };
    const written = await put(client, 'reports/r.html', '<p>', described);
    const { Body, ...read } = await client.send(new GetObjectCommand({ Bucket, Key: 'reports/r.html' }));
    expect(await Body?.transformToString()).toBe('<p>');
    expect(read).toMatchObject({ ...described, ContentLength: 3, ETag: written.ETag, ChecksumCRC32: written.ChecksumCRC32 });
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'reports/r.html' }))).toMatchObject({
      ...described,
      ContentLength: 3,
      ETag: written.ETag,
    });
    expect(Math.abs(Date.now() - (read.LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
  });

  it('are plain files a person can open', async () => {
    const { client, s3 } = await world();
    await put(client, 'reports/a/r.html', '<p>ü</p>');
    expect(await readFile(s3.pathOf(Bucket, 'reports/a/r.html'), 'utf8')).toBe('<p>ü</p>');
    expect(s3.pathOf(Bucket, 'reports/a/r.html').endsWith(join(Bucket, 'reports', 'a', 'r.html'))).toBe(true);
  });

  it.each([
    'ünïcödé/日本語 🧪.txt',
    'with space',
    'plus+plus',
    'percent%20percent%',
    'a&b<c>"d\'e',
    'q?x=1&y#z',
    '%2e%2e%2fx',
    '.hidden',
    'a..b/...',
    '*(!)~$@,:;=',
    'tab\tline',
  ])('are found under the very key %j', async (key) => {
    const { client } = await world();
    await put(client, key, key);
    expect(await text(client, key)).toBe(key);
    expect(await keysOf(client)).toEqual([key]);
    expect(await keysOf(client, key)).toEqual([key]);
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: 60 });
    expect(await (await fetch(url)).text()).toBe(key);
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }));
    expect(await keysOf(client)).toEqual([]);
  });

  it.each(['../outside', '../../outside', 'a/../../outside', 'a/./b', '..', 'a//b', 'a/', `long/${'x'.repeat(256)}`, 'nul\0'])(
    'refuse the key %j loudly and touch nothing',
    async (key) => {
      const dir = await temporaryDir();
      const { client, s3 } = await world(join(dir, 'inside'));
      expect(await refusal(put(client, key))).toBe('501 NotImplemented');
      expect(await refusal(text(client, key))).toBe('404 NoSuchKey');
      expect(await refusal(client.send(new DeleteObjectCommand({ Bucket, Key: key })).then(() => 'done'))).toEqual({ answered: 'done' });
      expect(await keysOf(client, key)).toEqual([]);
      expect(() => s3.pathOf(Bucket, key)).toThrow(/no file can hold the key/);
      expect(await readdir(dir)).toEqual(['inside']);
      expect(await readdir(join(dir, 'inside', Bucket))).toEqual([]);
    },
  );

  it('cannot be read through a traversal, encoded or not, though the file is there', async () => {
    const dir = await temporaryDir();
    await writeFile(join(dir, 'secret'), 'secret');
    const { client } = await world(join(dir, 'inside'));
    for (const key of ['../../secret', '..%2f..%2fsecret', 'a/../../../secret'])
      expect(await refusal(text(client, key))).toBe('404 NoSuchKey');
  });

  it('refuse a key that is another’s folder, and one under another object, and keep both as they were', async () => {
    const { client } = await world();
    await put(client, 'a/b', 'file');
    expect(await refusal(put(client, 'a', 'x'))).toBe('501 NotImplemented');
    expect(await refusal(put(client, 'a/b/c/d', 'x'))).toBe('501 NotImplemented');
    expect(await refusal(text(client, 'a'))).toBe('404 NoSuchKey');
    expect(await refusal(text(client, 'a/b/c'))).toBe('404 NoSuchKey');
    expect(await text(client, 'a/b')).toBe('file');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/b' }));
    await put(client, 'a', 'now it can');
    expect(await keysOf(client)).toEqual(['a']);
  });

  it('may be empty', async () => {
    const { client } = await world();
    const { ETag } = await put(client, 'empty', new Uint8Array(0));
    expect(ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
    expect(await text(client, 'empty')).toBe('');
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'empty' }))).ContentLength).toBe(0);
    expect(await refusal(text(client, 'empty', { Range: 'bytes=0-0' }))).toBe('416 InvalidRange');
  });

  it('of 20 MB arrive whole, from a buffer and from a stream', async () => {
    const { client } = await world();
    const big = Buffer.alloc(20 * 1024 * 1024, 'coldframe ');
    const stream = Readable.from(
      (function* () {
        for (let at = 0; at < big.length; at += 65_000) yield big.subarray(at, at + 65_000);
      })(),
    );
    const buffered = await put(client, 'buffered', big);
    const streamed = await client.send(
      new PutObjectCommand({ Bucket, Key: 'streamed', Body: stream, ContentLength: big.length, ContentEncoding: 'gzip' }),
    );
    expect(streamed.ETag).toBe(buffered.ETag);
    for (const Key of ['buffered', 'streamed']) {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key }));
      expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(big)).toBe(true);
      expect(answer.ContentEncoding).toBe(Key === 'streamed' ? 'gzip' : undefined);
    }
  });

  it('keep every half a reader and a writer meet on: a read is one version, never a mixture', async () => {
    const { client } = await world();
    const version = (letter: string) => letter.repeat(200_000);
    await put(client, 'k', version('a'));
    const writes = Promise.all(['b', 'c', 'd', 'e', 'f'].map((letter) => put(client, 'k', version(letter), { Metadata: { letter } })));
    const reads = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
        return { body: (await answer.Body?.transformToString()) ?? '', letter: answer.Metadata?.letter ?? 'a' };
      }),
    );
    await writes;
    for (const { body, letter } of reads) expect(body).toBe(version(letter));
  });

  it('answer ranges, and no part of them carries the checksum of the whole', async () => {
    const { client } = await world();
    await put(client, 'k', '0123456789');
    for (const [range, part, contentRange] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=8-99', '89', 'bytes 8-9/10'],
    ] as const) {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'k', Range: range }));
      expect([await answer.Body?.transformToString(), answer.ContentRange, answer.$metadata.httpStatusCode, answer.ChecksumCRC32]).toEqual([
        part,
        contentRange,
        206,
        undefined,
      ]);
    }
    expect(await refusal(text(client, 'k', { Range: 'bytes=10-' }))).toBe('416 InvalidRange');
    expect(await refusal(text(client, 'k', { Range: 'bytes=0-1,3-4' }))).toBe('501 NotImplemented');
  });

  it('are not sent again to someone who has them', async () => {
    const { client } = await world();
    const { ETag } = await put(client, 'k');
    expect(await refusal(text(client, 'k', { IfNoneMatch: ETag }))).toMatch(/^304 /);
    expect(await refusal(text(client, 'k', { IfModifiedSince: new Date(Date.now() + 1000) }))).toMatch(/^304 /);
    expect(await text(client, 'k', { IfNoneMatch: '"0123"' })).toBe('text');
    expect(await refusal(text(client, 'k', { IfMatch: '"0123"' }))).toBe('412 PreconditionFailed');
  });

  it('survive a restart with everything said of them; what was never acknowledged does not', async () => {
    const dir = await temporaryDir();
    const before = await world(dir);
    const written = await put(before.client, 'a/b', 'kept', {
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      Metadata: { owner: 'me' },
    });
    await writeFile(join(dir, '.incoming', Bucket, 'half-written'), 'half');
    await before.s3.stop();
    const { client } = await world(dir);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a/b' }))).toMatchObject({
      ETag: written.ETag,
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      Metadata: { owner: 'me' },
    });
    expect(await keysOf(client)).toEqual(['a/b']);
    expect(await readdir(join(dir, '.incoming', Bucket))).toEqual([]);
    expect(await refusal(put(client, 'a/b', 'x', { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
  });

  it('are the old ones, whole, after a kill between a write’s metadata and its bytes', async () => {
    const dir = await temporaryDir();
    const { client, s3 } = await world(dir);
    const old = await put(client, 'k', 'old', { ContentType: 'text/old' });
    const path = s3.pathOf(Bucket, 'k');
    const saved = `${path}.saved`;
    // What the folder looks like then: the new metadata beside the old file, itself untouched.
    await link(path, saved);
    await put(client, 'k', 'new', { ContentType: 'text/new' });
    await rename(saved, path);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({
      ETag: old.ETag,
      ContentType: 'text/old',
      ContentLength: 3,
    });
  });

  it('follow a person who edits a file, drops one in or copies the folder', async () => {
    const { client, s3 } = await world();
    const { ETag } = await put(client, 'k', 'before', { ContentType: 'text/plain' });
    await utimes(s3.pathOf(Bucket, 'k'), 1, 1);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({ ETag, ContentType: 'text/plain' });
    await writeFile(s3.pathOf(Bucket, 'k'), 'after!');
    await writeFile(s3.pathOf(Bucket, 'dropped'), 'dropped in');
    const edited = await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect(edited).toMatchObject({ ContentType: 'text/plain', ContentLength: 6 });
    expect(edited.ETag).not.toBe(ETag);
    expect(await refusal(put(client, 'k', 'x', { IfMatch: ETag }))).toBe('412 PreconditionFailed');
    expect(await text(client, 'dropped')).toBe('dropped in');
  });

  it('leave no empty folder behind when they go', async () => {
    const { client, s3 } = await world();
    await put(client, 'a/b/c');
    await put(client, 'a/d');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/b/c' }));
    await expect(stat(s3.pathOf(Bucket, 'a/b'))).rejects.toThrow('ENOENT');
    expect(await keysOf(client)).toEqual(['a/d']);
  });
});

describe('bodies', () => {
  it('with a checksum that is not theirs are refused and not kept', async () => {
    const { client } = await world();
    for (const wrong of [
      { ChecksumCRC32: 'AAAAAA==' },
      { ChecksumSHA256: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' },
    ])
      expect(await refusal(put(client, 'k', 'x', wrong))).toBe('400 BadDigest');
    expect(await keysOf(client)).toEqual([]);
  });

  it.each(['SHA1', 'SHA256'] as const)('may carry a %s, which comes back', async (ChecksumAlgorithm) => {
    const { client } = await world();
    const written = await put(client, 'k', 'x', { ChecksumAlgorithm });
    const read = await client.send(new HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }));
    expect(read[`Checksum${ChecksumAlgorithm}`]).toBe(written[`Checksum${ChecksumAlgorithm}`]);
    expect(written[`Checksum${ChecksumAlgorithm}`]).toBeTypeOf('string');
  });

  it('in a checksum nobody here can compute are refused, not waved through', async () => {
    const { client } = await world();
    expect(await refusal(put(client, 'k', 'x', { ChecksumAlgorithm: 'CRC32C' }))).toBe('501 NotImplemented');
  });

  it.each([
    ['a wrong trailing checksum', '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', 3, 'BadDigest'],
    ['no trailing checksum', '3\r\nabc\r\n0\r\n\r\n', 3, 'MalformedTrailerError'],
    ['a chunk that is cut off', '5\r\nabc\r\n0\r\n\r\n', 5, 'IncompleteBody'],
    ['no last chunk', '3\r\nabc\r\n', 3, 'IncompleteBody'],
    ['fewer bytes than announced', '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n', 4, 'IncompleteBody'],
  ])('in chunks with %s are refused', async (_, sent, ContentLength, code) => {
    const { s3, client } = await world();
    const damaged = clientOf(s3.url, { logger: silent });
    damaged.middlewareStack.add(
      (next) => (args) => {
        // The SDK has chunked and signed its own body by now; the signature does not cover it.
        Object.assign(Object(args.request), { body: Readable.from([Buffer.from(sent)]) });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const Body = Readable.from([Buffer.alloc(ContentLength, 'abcde')]);
    expect(await refusal(damaged.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength })))).toBe(`400 ${code}`);
    expect(await keysOf(client)).toEqual([]);
  });
});

/** The SDK warns of streams it cannot send again. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

describe('lists', () => {
  it('page through 1,200 keys: each once, in order of their bytes', async () => {
    const { client, s3 } = await world();
    const keys = Array.from({ length: 1200 }, (_, index) => `many/${index % 7}/${index}${index % 3 === 0 ? '🧪' : 'ﬀ'}`);
    await put(client, 'before');
    await put(client, 'zlast');
    for (let folder = 0; folder < 7; folder += 1) await mkdir(s3.pathOf(Bucket, `many/${folder}`), { recursive: true });
    // A file in the folder is an object: much faster than 1,200 signed requests.
    for (const key of keys) await writeFile(s3.pathOf(Bucket, key), '');
    const pages = [];
    for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: 'many/' })) pages.push(page);
    expect(pages.map(({ KeyCount, IsTruncated }) => [KeyCount, IsTruncated])).toEqual([
      [1000, true],
      [200, false],
    ]);
    const listed = pages.flatMap(({ Contents }) => (Contents ?? []).map(({ Key }) => Key ?? ''));
    expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('fold keys at a delimiter, count a prefix once, and go on behind it', async () => {
    const { client } = await world();
    for (const key of ['a/1', 'a/2', 'b', 'c/1', 'c/d/2', 'e']) await put(client, key);
    const seen: unknown[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 1 }, { Bucket, Delimiter: '/' }))
      seen.push([page.Contents?.map(({ Key }) => Key), page.CommonPrefixes?.map(({ Prefix }) => Prefix), page.KeyCount]);
    expect(seen).toEqual([
      [undefined, ['a/'], 1],
      [['b'], undefined, 1],
      [undefined, ['c/'], 1],
      [['e'], undefined, 1],
    ]);
    const inside = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: '/', Prefix: 'c/' }));
    expect([inside.Contents?.map(({ Key }) => Key), inside.CommonPrefixes]).toEqual([['c/1'], [{ Prefix: 'c/d/' }]]);
  });

  it('begin behind start-after, encode when asked, and say size and ETag', async () => {
    const { client } = await world();
    for (const key of ['a', 'b c+ü/(1)', 'c']) await put(client, key);
    const answer = await client.send(new ListObjectsV2Command({ Bucket, StartAfter: 'a', MaxKeys: 1, EncodingType: 'url' }));
    expect(answer).toMatchObject({ KeyCount: 1, MaxKeys: 1, IsTruncated: true, EncodingType: 'url' });
    expect(answer.Contents).toMatchObject([
      { Key: 'b+c%2B%C3%BC/%281%29', Size: 4, ETag: '"1cb251ec0d568de6a929b520c4aed8d1"', StorageClass: 'STANDARD' },
    ]);
    expect((await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).IsTruncated).toBe(false);
  });

  it('refuse a token they did not give', async () => {
    const { client } = await world();
    expect(await refusal(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'nonsense' })))).toBe('400 InvalidArgument');
  });

  it('deleting many at once tells each one’s fate', async () => {
    const { client } = await world();
    await put(client, 'a&b');
    await put(client, 'kept');
    const { ETag } = await put(client, 'matched', 'x');
    const answer = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'a&b' }, { Key: 'none' }, { Key: 'kept', ETag: '"0123"' }, { Key: 'matched', ETag }] },
      }),
    );
    expect(answer.Deleted).toEqual([{ Key: 'a&b' }, { Key: 'none' }, { Key: 'matched' }]);
    expect(answer.Errors).toMatchObject([{ Key: 'kept', Code: 'PreconditionFailed' }]);
    expect(await keysOf(client)).toEqual(['kept']);
    const quiet = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: 'kept' }] } }));
    expect(quiet.Deleted).toBeUndefined();
    expect(await keysOf(client)).toEqual([]);
    expect(await refusal(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a', VersionId: '1' }] } })))).toBe(
      '501 NotImplemented',
    );
  });
});

describe('who may', () => {
  it('read with a presigned URL, which can say type and name of the answer', async () => {
    const { client } = await world();
    await put(client, 'r.html', '<p>', { ContentType: 'text/html' });
    const url = await getSignedUrl(
      client,
      new GetObjectCommand({
        Bucket,
        Key: 'r.html',
        ResponseContentType: 'application/octet-stream',
        ResponseContentDisposition: 'attachment; filename="a b.html"',
      }),
      { expiresIn: 60 },
    );
    const answer = await fetch(url);
    expect([answer.status, await answer.text(), answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      200,
      '<p>',
      'application/octet-stream',
      'attachment; filename="a b.html"',
    ]);
    const missing = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'none' }), { expiresIn: 60 }));
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('<Code>NoSuchKey</Code>')]);
  });

  it('nobody with an expired URL', async () => {
    const { client } = await world();
    await put(client, 'k');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toMatch(
      /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message><X-Amz-Expires>60<\/X-Amz-Expires><Expires>/,
    );
  });

  it('nobody with a URL from the future, or one that lives longer than a week', async () => {
    const { client } = await world();
    await put(client, 'k');
    const early = await fetch(
      await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), {
        expiresIn: 60,
        signingDate: new Date(Date.now() + 3_600_000),
      }),
    );
    expect([early.status, await early.text()]).toEqual([403, expect.stringContaining('Request is not yet valid')]);
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 604_800 });
    const long = await fetch(url.replace('X-Amz-Expires=604800', 'X-Amz-Expires=604801'));
    expect([long.status, await long.text()]).toEqual([400, expect.stringContaining('AuthorizationQueryParametersError')]);
  });

  it.each([
    ['another key', (url: string) => url.replace('/mine?', '/yours?')],
    ['a longer life', (url: string) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600')],
    ['a later date', (url: string) => url.replace(/(X-Amz-Date=\d{8}T)\d{6}/, '$1235959')],
    ['another content type', (url: string) => `${url}&response-content-type=text%2Fhtml`],
    [
      'one hexadecimal digit of its signature changed',
      (url: string) => url.replace(/(X-Amz-Signature=)(.)/, (_, name: string, digit: string) => `${name}${digit === '0' ? '1' : '0'}`),
    ],
    ['a truncated signature', (url: string) => url.replace(/(X-Amz-Signature=[0-9a-f]{60})[0-9a-f]{4}/, '$1')],
  ])('nobody with a URL that was given %s', async (_, alter) => {
    const { client } = await world();
    await put(client, 'mine');
    await put(client, 'yours');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'mine' }), { expiresIn: 60 });
    expect(alter(url)).not.toBe(url);
    const answer = await fetch(alter(url));
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>SignatureDoesNotMatch</Code>')]);
    expect((await fetch(url)).status).toBe(200);
  });

  it('delete or write with a URL made for reading: nobody', async () => {
    const { client } = await world();
    await put(client, 'k');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 60 });
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    const writing = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 60 });
    expect((await fetch(writing, { method: 'PUT', body: 'x' })).status).toBe(501);
    expect(await text(client, 'k')).toBe('text');
  });

  it('ask at all: only who signs with a key we know', async () => {
    const { client, s3 } = await world();
    await put(client, 'k');
    const plain = await fetch(`${s3.url}/${Bucket}/k`);
    expect([plain.status, await plain.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    const stranger = clientOf(s3.url, { credentials: { accessKeyId: 'stranger', secretAccessKey: 'local' } });
    expect(await refusal(text(stranger, 'k'))).toBe('403 InvalidAccessKeyId');
    const forger = clientOf(s3.url, { credentials: { accessKeyId: 'local', secretAccessKey: 'guessed' } });
    expect(await refusal(put(forger, 'k', 'x'))).toBe('403 SignatureDoesNotMatch');
    const url = await getSignedUrl(forger, new GetObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 60 });
    expect((await fetch(url)).status).toBe(403);
  });

  it('change a body after it was signed, or add a header to a URL: nobody', async () => {
    const { s3, client } = await world();
    await put(client, 'k');
    const meddled = clientOf(s3.url);
    meddled.middlewareStack.add(
      (next) => (args) => {
        Object.assign(Object(args.request), { body: 'liar' });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    expect(await refusal(put(meddled, 'k', 'true'))).toBe('400 XAmzContentSHA256Mismatch');
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 60 });
    const answer = await fetch(url, { headers: { 'x-amz-meta-more': 'x' } });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('<HeadersNotSigned>x-amz-meta-more</HeadersNotSigned>'),
    ]);
    expect(await text(client, 'k')).toBe('text');
  });

  it('ask with a clock that is an hour wrong: nobody, until the SDK has set it by our answer', async () => {
    const { s3 } = await world();
    const client = clientOf(s3.url, { systemClockOffset: 3_600_000 });
    expect(await refusal(put(client, 'k'))).toBe('403 RequestTimeTooSkewed');
    await put(client, 'k');
    expect(await text(client, 'k')).toBe('text');
  });
});

describe('what is not there', () => {
  it('a bucket we don’t have, and a key too long', async () => {
    const { client } = await world();
    expect(await refusal(client.send(new GetObjectCommand({ Bucket: 'another', Key: 'k' })))).toBe('404 NoSuchBucket');
    expect(await refusal(client.send(new HeadObjectCommand({ Bucket, Key: 'none' })))).toBe('404 NotFound');
    expect(await refusal(put(client, `${'a/'.repeat(600)}b`))).toBe('400 KeyTooLongError');
    expect(await refusal(put(client, 'k', 'x', { Metadata: { long: 'x'.repeat(2050) } }))).toBe('400 MetadataTooLarge');
  });

  it.each([
    ['CopyObject', (client: S3Client) => client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` }))],
    ['a multipart upload', (client: S3Client) => client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }))],
    [
      'a part of one',
      (client: S3Client) => client.send(new UploadPartCommand({ Bucket, Key: 'k', UploadId: 'u', PartNumber: 1, Body: 'x' })),
    ],
    ['tags', (client: S3Client) => client.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))],
    ['a version', (client: S3Client) => client.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: 'v' }))],
    ['an ACL', (client: S3Client) => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' }))],
    ['a storage class', (client: S3Client) => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', StorageClass: 'GLACIER' }))],
    ['a list of buckets', (client: S3Client) => client.send(new ListBucketsCommand({}))],
  ])('%s is refused once and loudly', async (_, ask) => {
    const { client, journal } = await world();
    await put(client, 'k', 'before');
    journal.length = 0;
    expect(await refusal(ask(client))).toBe('501 NotImplemented');
    expect(journal).toHaveLength(1);
    expect(journal[0]?.response).toMatchObject({ message: expect.stringContaining('does not offer') });
    expect(await text(client, 'k')).toBe('before');
    expect(await keysOf(client)).toEqual(['k']);
  });
});

describe('what others hear', () => {
  it('each write is told once, with the key as it is; refused writes, reads and deletes are not', async () => {
    const { client, created } = await world();
    const { ETag } = await put(client, 'state/a b/ü+%/progress.json', '{"a":1}');
    await put(client, 'state/a b/ü+%/progress.json', '{"a":2}');
    await refusal(put(client, 'state/a b/ü+%/progress.json', 'x', { IfNoneMatch: '*' }));
    await text(client, 'state/a b/ü+%/progress.json');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'state/a b/ü+%/progress.json' }));
    expect(created).toHaveLength(2);
    expect(created[0]).toMatchObject({ bucket: Bucket, key: 'state/a b/ü+%/progress.json', sizeBytes: 7, etag: ETag?.replaceAll('"', '') });
    expect((created[0]?.sequencer ?? '') < (created[1]?.sequencer ?? '')).toBe(true);
  });

  it('the event has the shape EventBridge delivers', () => {
    const object = {
      bucket: Bucket,
      key: 'a b',
      sizeBytes: 7,
      etag: 'e7',
      at: '2026-11-23T04:48:59.123Z',
      sequencer: '00F1',
      requestId: 'R1',
    };
    expect(objectCreatedEvent(object, { account: '000000000000', region: 'eu-central-1' })).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      time: '2026-11-23T04:48:59Z',
      region: 'eu-central-1',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: { key: 'a b', size: 7, etag: 'e7', sequencer: '00F1' },
        'request-id': 'R1',
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
  });

  it('the journal names every call and holds no signature', async () => {
    const { client, journal } = await world();
    await put(client, 'k', 'x', { IfNoneMatch: '*' });
    await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), { expiresIn: 60 }));
    await refusal(text(client, 'none'));
    expect(journal).toMatchObject([
      {
        source: 's3',
        name: 'PutObject',
        status: 200,
        request: { bucket: Bucket, key: 'k', ifNoneMatch: '*', bodyBytes: 1 },
        response: { sizeBytes: 1 },
      },
      { source: 's3', name: 'GetObject', status: 200, request: { bucket: Bucket, key: 'k' } },
      { source: 's3', name: 'GetObject', status: 404, response: { code: 'NoSuchKey' } },
    ]);
    expect(JSON.stringify(journal)).not.toMatch(/Signature|X-Amz/);
  });
});

describe('disturbed', () => {
  it.each<[S3Disturbance, object, boolean]>([
    [409, { name: 'ConditionalRequestConflict' }, false],
    [500, { name: 'InternalError' }, false],
    ['lost-answer', { code: 'ECONNRESET' }, true],
  ])('%s: the client is told so, and the object is written only where the answer is lost', async (what, told, isWritten) => {
    let isOver = false;
    const { s3 } = await world(undefined, ({ operation, key, isConditional }) => {
      if (operation !== 'PutObject' || isOver) return undefined;
      isOver = true;
      expect([key, isConditional]).toEqual(['a', true]);
      return what;
    });
    const client = clientOf(s3.url, { maxAttempts: 1 });
    const put = client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', IfNoneMatch: '*' }));
    await expect(put).rejects.toMatchObject(told);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.length).toBe(isWritten ? 1 : 0);
  });

  it('a conflict strikes only what is conditional', async () => {
    const { client } = await world(undefined, () => 409);
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
  });
});
