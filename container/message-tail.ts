import { type FileHandle, open } from 'node:fs/promises';

/** Reads a file that another process appends lines to. A last line without its end was cut off, and is never given. */
export interface MessageTail {
  /**
   * The complete lines that have come since, without their ends: about a megabyte at once, so that memory has a bound.
   * `isAtEnd` when there was nothing more to read.
   */
  read(): Promise<{ readonly lines: readonly string[]; readonly isAtEnd: boolean }>;
  close(): Promise<void>;
}

const blockBytes = 1024 * 1024;
const newline = 0x0a;

/** A reader that begins at the file's beginning; the file must exist. */
export async function messageTail(file: string): Promise<MessageTail> {
  const handle = await open(file, 'r');
  const block = Buffer.allocUnsafe(blockBytes);
  /** The beginning of a line that is longer than a block, or not yet complete. */
  let begun: Buffer[] = [];

  async function read() {
    const bytes = await readBlock(handle, block);
    return { lines: linesOf(bytes), isAtEnd: bytes.length === 0 };
  }

  function linesOf(bytes: Buffer): readonly string[] {
    const end = bytes.lastIndexOf(newline);
    if (end === -1) {
      if (bytes.length > 0) begun.push(bytes);
      return [];
    }
    // Cut between bytes, decoded in whole lines: a character may be split between two blocks.
    const text = Buffer.concat([...begun, bytes.subarray(0, end)]).toString('utf8');
    begun = end + 1 < bytes.length ? [bytes.subarray(end + 1)] : [];
    return text.split('\n').filter((line) => line !== '');
  }

  return { read, close: () => handle.close() };
}

/** A copy of what comes next in the file; empty at its end. */
async function readBlock(handle: FileHandle, block: Buffer): Promise<Buffer> {
  const { bytesRead } = await handle.read(block, 0, block.length, null);
  return Buffer.from(block.subarray(0, bytesRead));
}
