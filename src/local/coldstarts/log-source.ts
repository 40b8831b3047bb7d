import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** A log that can be read from its beginning, once or more often. */
export interface LogSource extends AsyncDisposable {
  open(): AsyncIterable<Uint8Array>;
}

/** Larger pieces are no faster, and leave more for the collector of garbage. */
const pieceBytes = 64 * 1024;

/**
 * A file, a pipe with a name, or standard input (`-`), compressed by gzip or not. A pipe that must be read twice is put into a
 * file first.
 *
 * @throws a sentence for a file that is none or cannot be read
 */
export async function openLog(name: string, isReadTwice: boolean): Promise<LogSource> {
  const isFile = name !== '-' && (await isPlainFile(name));
  const once = (): AsyncIterable<Uint8Array> => (name === '-' ? process.stdin : createReadStream(name, { highWaterMark: pieceBytes }));
  if (isFile || !isReadTwice) return { open: () => unpacked(name, once()), [Symbol.asyncDispose]: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-log-'));
  const copy = join(dir, 'log');
  await pipeline(once(), createWriteStream(copy));
  return {
    open: () => unpacked(name, createReadStream(copy, { highWaterMark: pieceBytes })),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function isPlainFile(name: string): Promise<boolean> {
  const found = await stat(name).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw new Error(`There is no file ${name} in ${process.cwd()}: name an exported log, or - for standard input.`);
    throw new Error(`${name} cannot be read: ${cause.message}.`, { cause });
  });
  if (found.isDirectory()) throw new Error(`${name} is a folder: name an exported log in it, or - for standard input.`);
  return found.isFile();
}

/** CloudWatch's exports to S3 are compressed. */
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
  const fed = pipeline(Readable.from(all), gunzip).catch(() => {
    // whoever reads what comes out of it is told
  });
  try {
    yield* gunzip;
    await fed;
  } catch (cause) {
    throw new Error(`${name} is cut off or damaged: gzip says ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
