import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Mask } from './mask.ts';

/** What a suite prints, line by line and without secrets, on its way into the log. */
export interface Output {
  /** Settles when the stream has ended and all of it was passed on. */
  readonly done: Promise<void>;
  /** Its last lines, masked, at most 4 KB. */
  tail(): string;
}

const maxTailLength = 4 * 1024;

/** A line that goes on for longer is passed on in pieces. */
const maxLineLength = 64 * 1024;

/** Logs cost money by the gigabyte, and nobody reads beyond this. */
const maxLogLength = 16 * 1024 * 1024;

/** Passes `stream` on to `write` (which may ask to wait, when the log is slower than the suite). */
export function forwardOutput(stream: Readable, mask: Mask, write: (text: string) => Promise<void>): Output {
  let tail = '';
  let left = maxLogLength;

  async function pass(masked: string): Promise<void> {
    tail = (tail + masked).slice(-maxTailLength);
    if (left === 0) return;
    const part = masked.slice(0, left);
    left -= part.length;
    await write(left > 0 ? part : `${part}\n… what else the suite prints here is left out\n`);
  }

  async function forward(): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let held = '';
    for await (const bytes of stream) {
      const text = held + decoder.write(bytes);
      const end = text.lastIndexOf('\n') + 1;
      if (end > 0) await pass(mask.text(text.slice(0, end)));
      held = text.slice(end);
      if (held.length <= maxLineLength) continue;
      const { masked, rest } = mask.head(held);
      await pass(masked);
      held = rest;
    }
    held += decoder.end();
    if (held !== '') await pass(`${mask.text(held)}\n`);
  }

  const done = forward().catch(() => {
    // the stream was destroyed because somebody else held it open after the end: what we have is all there is
  });
  return { done, tail: () => tail };
}
