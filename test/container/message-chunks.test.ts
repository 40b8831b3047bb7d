import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttachedFile } from '../../container/attachments.ts';
import { messageChunks } from '../../container/message-chunks.ts';

const file = (name: string, sizeBytes = 10): AttachedFile => ({ name, contentType: 'image/png', bytes: new Uint8Array(sizeBytes) });

/** A bucket that remembers, in order, what it was given. */
function memory() {
  const keys: string[] = [];
  const chunks: string[] = [];
  return {
    keys,
    text: () => chunks.join(''),
    putChunk: async (number: number, gzipped: Uint8Array) => {
      keys.push(`chunk ${number}`);
      chunks.push(gunzipSync(gzipped).toString());
    },
    putFile: async ({ name }: AttachedFile) => {
      keys.push(name);
    },
  };
}

describe('the chunks of messages', () => {
  it('are together every line in its order, whatever their sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.nat(400_000).map((size) => 'x'.repeat(size)),
          ),
          { maxLength: 12 },
        ),
        async (texts) => {
          const lines = texts.map((text) => JSON.stringify(text));
          const bucket = memory();
          const chunks = messageChunks(bucket);
          for (const line of lines) {
            await chunks.add(line);
            chunks.closeIfDue();
          }
          expect(await chunks.finish()).toBe(bucket.keys.length);
          expect(bucket.text()).toBe(lines.map((line) => `${line}\n`).join(''));
          expect(bucket.keys).toEqual(bucket.keys.map((_, index) => `chunk ${index + 1}`));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('come after the files their lines speak of, and write no file twice', async () => {
    const bucket = memory();
    const chunks = messageChunks(bucket);
    await chunks.add('1', file('a.png', 5_000_000));
    await chunks.add('2', file('b.png'));
    await chunks.add('3', file('a.png', 5_000_000));
    await chunks.add('4');
    expect(await chunks.finish()).toBe(3);
    expect(bucket.keys).toEqual(['a.png', 'chunk 1', 'b.png', 'chunk 2', 'chunk 3']);
  });

  it('keep those waiting who bring more than two chunks that the bucket does not take', async () => {
    const bucket = memory();
    const open = Promise.withResolvers<void>();
    const chunks = messageChunks({ ...bucket, putChunk: (number, gzipped) => open.promise.then(() => bucket.putChunk(number, gzipped)) });
    const line = 'x'.repeat(300_000);
    await chunks.add(line);
    await chunks.add(line);
    let isIn = false;
    const third = chunks.add(line).then(() => {
      isIn = true;
    });
    await new Promise(setImmediate);
    expect(isIn).toBe(false);
    open.resolve();
    await third;
    expect(await chunks.finish()).toBe(3);
  });

  it('say that they are not all there when the bucket was given up', async () => {
    const bucket = memory();
    let left = 1;
    const chunks = messageChunks({
      ...bucket,
      putChunk: async (number, gzipped) => {
        left -= 1;
        if (left < 0) throw new Error('the bucket is gone');
        await bucket.putChunk(number, gzipped);
      },
    });
    const line = 'x'.repeat(300_000);
    for (let count = 0; count < 3; count += 1) await chunks.add(line).catch(() => {});
    await expect(chunks.finish()).rejects.toThrow('the bucket is gone');
    expect(chunks.written()).toBe(1);
    expect(bucket.text()).toBe(`${line}\n`);
  });

  it('are none for no lines', async () => {
    expect(await messageChunks(memory()).finish()).toBe(0);
  });
});
