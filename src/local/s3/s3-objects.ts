import { createHash, randomUUID } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
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

/** More bytes than this are read and written while others go on. */
const atOnceBytes = 256 * 1024;

/**
 * The objects of one bucket as plain files `<dir>/<bucket>/<key>`, for a person to open; what S3 knows of them beside the bytes
 * is in `<dir>/.metadata/<bucket>/`. Conditional changes are atomic within this process.
 *
 * A write is there when its file is renamed into place, and not before: the metadata is written first and lists what it says of
 * the new bytes and of the old ones, so that a kill between the two leaves the old object whole. A file that a person changed or
 * dropped into the folder is an object too.
 *
 * The bytes of a large object are read and written while others go on; the rest is done at once: to wait for a thread costs ten
 * times what it takes to rename a file.
 */
export async function folderObjects(dir: string, bucket: string) {
  const root = join(dir, bucket);
  const metadataDir = join(dir, '.metadata', bucket);
  const incomingDir = join(dir, '.incoming', bucket);
  // What is left there was never acknowledged.
  await rm(incomingDir, { recursive: true, force: true });
  for (const folder of [root, metadataDir, incomingDir]) await mkdir(folder, { recursive: true });

  const metadataPath = (key: string) => join(metadataDir, `${createHash('sha256').update(key).digest('hex')}.json`);

  /** What is known of the object whose file this is, or undefined when it is a folder. */
  function describe(key: string, file: BigIntStats, readAll: () => Uint8Array): Candidate | undefined {
    if (!file.isFile()) return undefined;
    const fileId = fileIdOf(file);
    const candidates = readCandidates(key);
    const known = candidates.find((candidate) => candidate.fileId === fileId);
    if (known !== undefined) return known;
    // The file was copied, or changed by hand: its bytes tell.
    const etag = md5(readAll());
    const same = candidates.find(({ facts }) => facts.etag === etag);
    if (same !== undefined) return { fileId, facts: same.facts };
    const lastModified = new Date(Number(file.mtimeNs / 1_000_000n)).toISOString();
    return { fileId, facts: { key, sizeBytes: Number(file.size), etag, lastModified, headers: candidates[0]?.facts.headers ?? {} } };
  }

  function find(key: string): Candidate | undefined {
    const place = placeOf(root, key);
    if (place.kind === 'unstorable') return undefined;
    return unlessMissing(() => describe(key, statSync(place.path, { bigint: true }), () => readFileSync(place.path)));
  }

  function readCandidates(key: string): readonly Candidate[] {
    const json = unlessMissing(() => readFileSync(metadataPath(key), 'utf8'));
    return json === undefined ? [] : v.parse(metadataSchema, JSON.parse(json)).candidates;
  }

  const head = (key: string): ObjectFacts | undefined => find(key)?.facts;

  /** Gives the object to `use`, or undefined when there is none. */
  async function withObject<T>(key: string, use: (object: OpenObject) => Promise<T>): Promise<T | undefined> {
    const place = placeOf(root, key);
    const file = place.kind === 'unstorable' ? undefined : unlessMissing(() => openSync(place.path, 'r'));
    if (file === undefined) return undefined;
    try {
      const now = describe(key, fstatSync(file, { bigint: true }), () => readFileSync(file));
      if (now === undefined) return undefined;
      return await use({ facts: now.facts, read: (start, length) => readAt(file, start, length) });
    } finally {
      closeSync(file);
    }
  }

  async function put({ key, content, headers, checksum }: NewObject, condition: Condition): Promise<Change<ObjectFacts>> {
    const place = placeOf(root, key);
    if (place.kind === 'unstorable') return place;
    const incoming = join(incomingDir, randomUUID());
    try {
      if (content.length > atOnceBytes) await writeFile(incoming, content);
      else writeFileSync(incoming, content);
      const fileId = fileIdOf(statSync(incoming, { bigint: true }));
      const etag = md5(content);
      // From here on nothing is waited for, so that nobody comes between the look and the change.
      const now = find(key);
      const obstacle = obstacleOf(condition, now?.facts) ?? conflictOf(place.path);
      if (obstacle !== undefined) return obstacle;
      const lastModified = new Date().toISOString();
      const facts: ObjectFacts = { key, sizeBytes: content.length, etag, lastModified, headers, ...(checksum && { checksum }) };
      replaceFile(metadataPath(key), { key, candidates: [{ fileId, facts }, ...(now ? [now] : [])] });
      mkdirSync(dirname(place.path), { recursive: true });
      renameSync(incoming, place.path);
      return { kind: 'done', result: facts };
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
    const there = unlessMissing(() => statSync(path));
    if (there?.isDirectory())
      return { kind: 'unstorable', because: 'there are objects under this key and a slash: it cannot be a file too' };
    for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) {
      const above = unlessMissing(() => statSync(folder));
      if (above !== undefined && !above.isDirectory())
        return { kind: 'unstorable', because: `"${folder.slice(root.length + 1)}" is an object: it cannot be a folder too` };
    }
    return undefined;
  }

  /** Deletes the object; deleting what is not there is done, unless a condition asks for it. */
  function remove(key: string, condition: Condition): Change<undefined> {
    const now = find(key);
    const obstacle = obstacleOf(condition, now?.facts);
    if (obstacle !== undefined) return obstacle;
    const place = placeOf(root, key);
    if (now === undefined || place.kind === 'unstorable') return { kind: 'done', result: undefined };
    rmSync(place.path);
    rmSync(metadataPath(key), { force: true });
    removeEmptyFolders(dirname(place.path));
    return { kind: 'done', result: undefined };
  }

  function removeEmptyFolders(start: string): void {
    for (let folder = start; folder.length > root.length; folder = dirname(folder)) {
      if (readdirSync(folder).length > 0) return;
      rmdirSync(folder);
    }
  }

  /** All keys that begin with `prefix`, in S3's order: that of their UTF-8 bytes. */
  function keys(prefix: string): readonly string[] {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    // A folder is a key's without its slash: `a//` and `../` have no place in ours, so nothing is under them.
    if (folder !== '' && placeOf(root, folder.slice(0, -1)).kind === 'unstorable') return [];
    const found: string[] = [];
    collect(folder, found);
    return found
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ key }) => key);
  }

  function collect(folder: string, found: string[]): void {
    for (const entry of unlessMissing(() => readdirSync(join(root, folder), { withFileTypes: true })) ?? []) {
      if (entry.isDirectory()) collect(`${folder}${entry.name}/`, found);
      else if (entry.isFile()) found.push(`${folder}${entry.name}`);
    }
  }

  return { head, withObject, put, remove, keys, place: (key: string) => placeOf(root, key) };
}

export type FolderObjects = Awaited<ReturnType<typeof folderObjects>>;

/** Why a change may not be made, or undefined. */
export function obstacleOf(condition: Condition, now: ObjectFacts | undefined): { readonly kind: 'missing' | 'differs' } | undefined {
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
function unlessMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const readLater = promisify(read);

async function readAt(file: number, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const [at, rest] = [start + done, length - done];
    const bytesRead =
      length > atOnceBytes ? (await readLater(file, buffer, done, rest, at)).bytesRead : readSync(file, buffer, done, rest, at);
    if (bytesRead === 0)
      throw new Error(`the file ended after ${start + done} bytes, ${length - done} more were expected: somebody cut it off meanwhile`);
    done += bytesRead;
  }
  return buffer;
}

const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex');
