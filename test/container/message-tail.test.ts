import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageTail } from '../../container/message-tail.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldframe-tail-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const line = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer({ min: 1_000_000, max: 2_500_000 }).map((size) => '€'.repeat(size / 3)),
);

it('gives every line that has its end, once, wherever the file was cut while it grew', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 5 }),
      fc.array(fc.nat(100), { minLength: 1, maxLength: 5 }),
      fc.string(),
      async (texts, cuts, cutOff) => {
        const lines = texts.map((text) => JSON.stringify(text));
        const rest = JSON.stringify(cutOff);
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join('') + rest);
        const file = join(folder, 'messages.ndjson');
        writeFileSync(file, '');
        const tail = await messageTail(file);
        const read: string[] = [];
        const drain = async () => {
          for (let isAtEnd = false; !isAtEnd; ) {
            const next = await tail.read();
            read.push(...next.lines);
            isAtEnd = next.isAtEnd;
          }
        };
        let at = 0;
        for (const cut of cuts) {
          const until = Math.min(bytes.length, at + Math.ceil((bytes.length * cut) / 100));
          appendFileSync(file, bytes.subarray(at, until));
          at = until;
          await drain();
        }
        appendFileSync(file, bytes.subarray(at));
        await drain();
        await tail.close();
        expect(read).toEqual(lines);
      },
    ),
    { numRuns: 30 },
  );
});
