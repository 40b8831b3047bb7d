import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { turnstile } from '../wire/turnstile.ts';
import { placeOf } from './s3-place.ts';

/** What S3 keeps of an object beside its bytes. */
export interface ObjectFacts {
  readonly key: string;
  readonly sizeBytes: number;
  /** The MD5 of the bytes in hexadecimal, without S3's quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  /** Lower case: `content-type`, `content-encoding`, `x-amz-meta-owner`, … */
  readonly headers: Readonly<Record<string, string>>;
  /** The checksum its writer gave, as a response header. */
  readonly checksum?: { readonly name: string; readonly value: string };
}

/** What must be true for a write or a delete to happen. */
export type Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'etag'; readonly etag: string };

export type Change<T> =
  | { readonly kind: 'done'; readonly result: T }
  /** The condition asks for an object and there is none. */
  | { readonly kind: 'missing' }
  /** The condition does not hold for the object that is there. */
  | { readonly kind: 'differs' }
  /** S3 has such keys, a folder of plain files has not. */
  | { readonly kind: 'unstorable'; readonly because: string };

export interface NewObject {
  readonly key: string;
  readonly content: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: { readonly name: string; readonly value: string };
}

/** An object held open: its bytes stay these, whatever is written meanwhile. */
export interface OpenObject {
  readonly facts: ObjectFacts;
  /** `length` bytes from `start`. */
  read(start: number, length: number): Promise<Buffer>;
}

/**
 * The objects of one bucket as plain files `<dir>/<bucket>/<key>`, for a person to open; what S3 knows of them beside the bytes
 * is in `<dir>/.metadata/<bucket>/`. Conditional changes are atomic within this process.
 *
 * A write is there when its file is renamed into place, and not before: the metadata is written first and lists what it says of
 * the new bytes and of the old ones, so that a kill between the two leaves the old object whole. A file that a person changed or
 * dropped into the folder is an object too.
 *
 * An object's bytes are read and written while others go on; the rest is done at once: to wait for a thread costs ten times what
 * it takes to rename a file.
 */
export async function folderObjects(dir: string, bucket: string) {
  const root = join(dir, bucket);
  const metadataDir = join(dir, '.metadata', bucket);
  const incomingDir = join(dir, '.incoming', bucket);
  const inTurn = turnstile();
  // What is left there was never acknowledged.
  await rm(incomingDir, { recursive: true, force: true });
  for (const folder of [root, metadataDir, incomingDir]) await mkdir(folder, { recursive: true });

  const metadataPath = (key: string) => join(metadataDir, `${createHash('sha256').update(key).digest('hex')}.json`);

  /** Opens the object, or gives undefined when there is none. The caller closes it. */
  async function openObject(key: string): Promise<{ readonly now: Candidate; readonly handle: FileHandle } | undefined> {
    const place = placeOf(root, key);
    if (place.kind === 'unstorable') return undefined;
    const handle = await unlessMissing(() => open(place.path, 'r'));
    if (handle === undefined) return undefined;
    try {
      const now = await describe(key, handle);
      if (now !== undefined) return { now, handle };
      await handle.close();
      return undefined;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function describe(key: string, handle: FileHandle): Promise<Candidate | undefined> {
    const file = await handle.stat({ bigint: true });
    if (!file.isFile()) return undefined;
    const fileId = fileIdOf(file);
    const candidates = readCandidates(key);
    const known = candidates.find((candidate) => candidate.fileId === fileId);
    if (known !== undefined) return known;
    // The file was copied, or changed by hand: its bytes tell.
    const sizeBytes = Number(file.size);
    const etag = md5(await readAt(handle, 0, sizeBytes));
    const same = candidates.find(({ facts }) => facts.etag === etag);
    if (same !== undefined) return { fileId, facts: same.facts };
    const lastModified = new Date(Number(file.mtimeNs / 1_000_000n)).toISOString();
    return { fileId, facts: { key, sizeBytes, etag, lastModified, headers: candidates[0]?.facts.headers ?? {} } };
  }

  function readCandidates(key: string): readonly Candidate[] {
    const json = unlessMissingNow(() => readFileSync(metadataPath(key), 'utf8'));
    return json === undefined ? [] : v.parse(metadataSchema, JSON.parse(json)).candidates;
  }

  async function head(key: string): Promise<ObjectFacts | undefined> {
    const found = await inTurn(() => openObject(key));
    await found?.handle.close();
    return found?.now.facts;
  }

  /** Gives the object to `use`, or undefined when there is none. */
  async function withObject<T>(key: string, use: (object: OpenObject) => Promise<T>): Promise<T | undefined> {
    const found = await inTurn(() => openObject(key));
    if (found === undefined) return undefined;
    try {
      return await use({ facts: found.now.facts, read: (start, length) => readAt(found.handle, start, length) });
    } finally {
      await found.handle.close();
    }
  }

  async function put({ key, content, headers, checksum }: NewObject, condition: Condition): Promise<Change<ObjectFacts>> {
    const place = placeOf(root, key);
    if (place.kind === 'unstorable') return place;
    const incoming = join(incomingDir, randomUUID());
    try {
      await writeFile(incoming, content);
      const fileId = fileIdOf(statSync(incoming, { bigint: true }));
      return await inTurn(async (): Promise<Change<ObjectFacts>> => {
        const found = await openObject(key);
        await found?.handle.close();
        const obstacle = obstacleOf(condition, found?.now.facts) ?? conflictOf(place.path);
        if (obstacle !== undefined) return obstacle;
        const lastModified = new Date().toISOString();
        const facts: ObjectFacts = {
          key,
          sizeBytes: content.length,
          etag: md5(content),
          lastModified,
          headers,
          ...(checksum && { checksum }),
        };
        replaceFile(metadataPath(key), { key, candidates: [{ fileId, facts }, ...(found ? [found.now] : [])] });
        mkdirSync(dirname(place.path), { recursive: true });
        renameSync(incoming, place.path);
        return { kind: 'done', result: facts };
      });
    } finally {
      rmSync(incoming, { force: true });
    }
  }

  function replaceFile(path: string, metadata: Metadata): void {
    const incoming = join(incomingDir, randomUUID());
    writeFileSync(incoming, `${JSON.stringify(metadata, undefined, 2)}\n`);
    renameSync(incoming, path);
  }

  /** S3 cannot tell either: a key is at once an object and the folder of others, which plain files can't be. */
  function conflictOf(path: string): { readonly kind: 'unstorable'; readonly because: string } | undefined {
    const there = unlessMissingNow(() => statSync(path));
    if (there?.isDirectory())
      return { kind: 'unstorable', because: 'there are objects under this key and a slash: it cannot be a file too' };
    for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) {
      const above = unlessMissingNow(() => statSync(folder));
      if (above !== undefined && !above.isDirectory())
        return { kind: 'unstorable', because: `"${folder.slice(root.length + 1)}" is an object: it cannot be a folder too` };
    }
    return undefined;
  }

  /** Deletes the object; deleting what is not there is done, unless a condition asks for it. */
  const remove = (key: string, condition: Condition): Promise<Change<undefined>> =>
    inTurn(async () => {
      const found = await openObject(key);
      await found?.handle.close();
      const obstacle = obstacleOf(condition, found?.now.facts);
      if (obstacle !== undefined) return obstacle;
      const place = placeOf(root, key);
      if (found === undefined || place.kind === 'unstorable') return { kind: 'done', result: undefined };
      await rm(place.path);
      await rm(metadataPath(key), { force: true });
      await removeEmptyFolders(dirname(place.path));
      return { kind: 'done', result: undefined };
    });

  async function removeEmptyFolders(start: string): Promise<void> {
    for (let folder = start; folder.length > root.length; folder = dirname(folder)) {
      if ((await readdir(folder)).length > 0) return;
      await rmdir(folder);
    }
  }

  /** All keys that begin with `prefix`, in S3's order: that of their UTF-8 bytes. */
  async function keys(prefix: string): Promise<readonly string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    // A folder is a key's without its slash: `a//` and `../` have no place in ours, so nothing is under them.
    if (folder !== '' && placeOf(root, folder.slice(0, -1)).kind === 'unstorable') return [];
    const found: string[] = [];
    await collect(folder, found);
    return found
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ key }) => key);
  }

  async function collect(folder: string, found: string[]): Promise<void> {
    for (const entry of (await unlessMissing(() => readdir(join(root, folder), { withFileTypes: true }))) ?? []) {
      if (entry.isDirectory()) await collect(`${folder}${entry.name}/`, found);
      else if (entry.isFile()) found.push(`${folder}${entry.name}`);
    }
  }

  return { head, withObject, put, remove, keys, place: (key: string) => placeOf(root, key) };
}

export type FolderObjects = Awaited<ReturnType<typeof folderObjects>>;

function obstacleOf(condition: Condition, now: ObjectFacts | undefined): { readonly kind: 'missing' | 'differs' } | undefined {
  switch (condition.kind) {
    case 'none':
      return undefined;
    case 'absent':
      return now === undefined ? undefined : { kind: 'differs' };
    case 'present':
      return now === undefined ? { kind: 'missing' } : undefined;
    case 'etag':
      if (now === undefined) return { kind: 'missing' };
      return now.etag === condition.etag ? undefined : { kind: 'differs' };
  }
}

/** What the metadata says of one file's bytes. */
interface Candidate {
  readonly fileId: string;
  readonly facts: ObjectFacts;
}

/** Tells a file's present bytes from those of any other file or time: a rename keeps it. */
const fileIdOf = (file: BigIntStats): string => `${file.ino}-${file.mtimeNs}-${file.size}`;

interface Metadata {
  readonly key: string;
  readonly candidates: readonly Candidate[];
}

const metadataSchema = v.object({
  key: v.string(),
  candidates: v.array(
    v.object({
      fileId: v.string(),
      facts: v.object({
        key: v.string(),
        sizeBytes: v.number(),
        etag: v.string(),
        lastModified: v.string(),
        headers: v.record(v.string(), v.string()),
        checksum: v.exactOptional(v.object({ name: v.string(), value: v.string() })),
      }),
    }),
  ),
});

/** What `look` gives, or undefined when there is no such file. */
async function unlessMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function unlessMissingNow<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, start + done);
    if (bytesRead === 0)
      throw new Error(`the file ended after ${start + done} bytes, ${length - done} more were expected: somebody cut it off meanwhile`);
    done += bytesRead;
  }
  return buffer;
}

const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex');
