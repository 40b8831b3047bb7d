import { once } from 'node:events';
import { createGunzip, createGzip } from 'node:zlib';
import type { Envelope } from '@cucumber/messages';
import { readMessages } from '../outcome/messages.ts';

/** Written in pieces of this size: a call for each message would take longer than packing it. */
const pieceLength = 256 * 1024;

/** Takes text and holds it packed: a tenth of its size. */
export function packer() {
  // Speed before size: it is packed while somebody waits.
  const gzip = createGzip({ level: 1 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => void chunks.push(chunk));
  let piece = '';
  let sizeBytes = 0;

  async function flush(): Promise<void> {
    const bytes = Buffer.from(piece);
    piece = '';
    sizeBytes += bytes.length;
    if (!gzip.write(bytes)) await once(gzip, 'drain');
  }

  return {
    write: async (text: string): Promise<void> => {
      piece += text;
      if (piece.length > pieceLength) await flush();
    },
    /** All of it, packed, and how large it is when it is not. */
    end: async (): Promise<{ readonly packed: Buffer; readonly sizeBytes: number }> => {
      await flush();
      gzip.end();
      await once(gzip, 'end');
      return { packed: Buffer.concat(chunks), sizeBytes };
    },
  };
}

/** A line of NDJSON. */
export const lineOf = (envelope: Envelope): string => `${JSON.stringify(envelope)}\n`;

/** The messages that were packed, from their beginning. */
export async function* unpackMessages(packed: Uint8Array): AsyncGenerator<Envelope> {
  const gunzip = createGunzip();
  gunzip.end(packed);
  yield* readMessages(gunzip);
}
