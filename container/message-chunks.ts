import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { AttachedFile } from './attachments.ts';

/** The messages on their way into the bucket. */
export interface MessageChunks {
  /** Takes a line and the file taken out of it; waits while the bucket is behind, so that memory has a bound. */
  add(line: string, file?: AttachedFile): Promise<void>;
  /** Closes the chunk that is open if it is old enough; to be called often. */
  closeIfDue(): void;
  /** Closes and writes what is left, and gives how many chunks the bucket has now. @throws when one could not be written */
  finish(): Promise<number>;
  /** How many chunks the bucket has: all up to this number, without a gap. */
  written(): number;
}

/** A chunk is closed when it is this old or this large, whichever comes first. */
const maxAgeMs = 2_000;
const maxLineBytes = 256 * 1024;
const maxFileBytes = 4 * 1024 * 1024;

/** Files of a chunk that are on their way at once. */
const filesAtOnce = 16;

interface OpenChunk {
  readonly lines: string[];
  readonly files: AttachedFile[];
  readonly since: number;
  lineBytes: number;
  fileBytes: number;
}

/**
 * Writes lines as numbered chunks, one after the other, each after the files its lines speak of: whatever a reader finds
 * is whole. While one chunk is on its way the next is collected; a third has to wait.
 *
 * @param putChunk keeps trying until it has written; when it throws, no further chunk is written
 */
export function messageChunks(bucket: {
  putChunk: (number: number, gzipped: Uint8Array) => Promise<void>;
  putFile: (file: AttachedFile) => Promise<void>;
}): MessageChunks {
  const stored = new Set<string>();
  let open: OpenChunk | undefined;
  let written = 0;
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();

  function close(): void {
    if (open === undefined) return;
    const chunk = open;
    open = undefined;
    isWriting = true;
    writing = writing.then(async () => {
      await putFiles(chunk.files);
      const lines = chunk.lines.map((line) => `${line}\n`).join('');
      await bucket.putChunk(written + 1, await compress(lines));
      written += 1;
      isWriting = false;
    });
    // Whoever adds or finishes next hears of it.
    writing.catch(() => {});
  }

  async function putFiles(files: readonly AttachedFile[]): Promise<void> {
    // A name is made from the content: the same screenshot of a retry is there already.
    const fresh = [...new Map(files.map((file) => [file.name, file])).values()].filter(({ name }) => !stored.has(name));
    for (let from = 0; from < fresh.length; from += filesAtOnce)
      await Promise.all(fresh.slice(from, from + filesAtOnce).map(bucket.putFile));
    for (const { name } of fresh) stored.add(name);
  }

  async function add(line: string, file?: AttachedFile): Promise<void> {
    if (open !== undefined && isFull(open)) {
      await writing;
      close();
    }
    open ??= { lines: [], files: [], since: Date.now(), lineBytes: 0, fileBytes: 0 };
    open.lines.push(line);
    open.lineBytes += Buffer.byteLength(line) + 1;
    if (file === undefined) return;
    open.files.push(file);
    open.fileBytes += file.bytes.length;
  }

  function closeIfDue(): void {
    if (open !== undefined && !isWriting && (isFull(open) || Date.now() - open.since >= maxAgeMs)) close();
  }

  async function finish(): Promise<number> {
    await writing;
    close();
    await writing;
    return written;
  }

  return { add, closeIfDue, finish, written: () => written };
}

const isFull = ({ lineBytes, fileBytes }: OpenChunk): boolean => lineBytes >= maxLineBytes || fileBytes >= maxFileBytes;

const compressed = promisify(gzip);
const compress = (text: string): Promise<Buffer> => compressed(text);
