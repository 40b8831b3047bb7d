import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** A file or a pipe that a command reads, from its beginning each time it is opened. */
export interface Source extends AsyncDisposable {
  /** What was named on the command line. */
  readonly name: string;
  /** @throws {DamagedSource} after what could be unpacked */
  open(): AsyncIterable<Uint8Array>;
}

export interface SourceOptions {
  /** What it is, for a sentence: `an exported log`. */
  readonly what: string;
  /** It is opened more than once. */
  readonly isReadTwice?: boolean;
  /** A piece is good until the next is asked for only: all are in the same memory, and none is left to the collector of garbage. */
  readonly isInPlace?: boolean;
  /** Told how many bytes of how many are read; of a pipe nobody knows how many there are. */
  readonly onRead?: (read: number, of: number | undefined) => void;
}

/** What is compressed can't be unpacked to its end. */
export class DamagedSource extends Error {}

/** Larger pieces are no faster, and leave more for the collector of garbage. */
const pieceBytes = 64 * 1024;

/**
 * A file, a pipe with a name, or standard input (`-`), compressed by gzip or not. A pipe that must be read twice is put into a
 * file first.
 *
 * @throws a sentence for a file that is none or cannot be read
 */
export async function openSource(name: string, { what, isReadTwice = false, isInPlace = false, onRead }: SourceOptions): Promise<Source> {
  const found = name === '-' ? undefined : await plainFile(name, what);
  const told = (pieces: AsyncIterable<Uint8Array>, of?: number) =>
    onRead === undefined ? pieces : counted(pieces, (read) => onRead(read, of));
  const piecesOf = (file: string) => (isInPlace ? inPlace(file) : createReadStream(file, { highWaterMark: pieceBytes }));
  const once = (): AsyncIterable<Uint8Array> => told(readable(name, name === '-' ? process.stdin : piecesOf(name)), found?.size);
  if (found?.isFile() === true || !isReadTwice) return { name, open: () => unpacked(name, once()), [Symbol.asyncDispose]: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-source-'));
  const copy = join(dir, 'copy');
  await pipeline(copied(once()), createWriteStream(copy));
  return {
    name,
    open: () => unpacked(name, piecesOf(copy)),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function plainFile(name: string, what: string): Promise<Stats> {
  const found = await stat(name).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw new Error(`There is no file ${name} in ${process.cwd()}: name ${what}, or - for standard input.`, { cause });
    throw new Error(`${name} cannot be read: ${cause.message}.`, { cause });
  });
  if (found.isDirectory()) throw new Error(`${name} is a folder: name ${what} in it, or - for standard input.`);
  return found;
}

async function* inPlace(file: string): AsyncGenerator<Uint8Array> {
  await using opened = await open(file);
  const memory = new Uint8Array(pieceBytes);
  for (;;) {
    const { bytesRead } = await opened.read(memory, 0, pieceBytes, null);
    if (bytesRead === 0) return;
    yield memory.subarray(0, bytesRead);
  }
}

/** For whoever looks at a piece later. */
async function* copied(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}

async function* readable(name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (cause) {
    throw new Error(`${name} cannot be read: ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}

async function* counted(pieces: AsyncIterable<Uint8Array>, tell: (read: number) => void): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of pieces) {
    read += piece.length;
    tell(read);
    yield piece;
  }
}

/** CloudWatch's exports to S3 are compressed, and so are messages that are kept. */
async function* unpacked(name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = joined(first.value, iterator);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  const fed = pipeline(Readable.from(copied(all)), gunzip).catch(() => {
    // whoever reads what comes out of it is told
  });
  try {
    yield* gunzip;
    await fed;
  } catch (cause) {
    throw new DamagedSource(`${name} is cut off or damaged: gzip says ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
