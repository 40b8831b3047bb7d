import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { maskOf } from '../../container/mask.ts';
import { forwardOutput } from '../../container/output.ts';

const mask = maskOf(['canary-word']);

async function forward(pieces: readonly (string | Buffer)[]) {
  const stream = new PassThrough();
  let written = '';
  const output = forwardOutput(stream, mask, async (text) => {
    written += text;
  });
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await output.done;
  return { written, tail: output.tail() };
}

it('hides a secret that comes in pieces, also in the middle of a character', async () => {
  const euro = Buffer.from('€');
  const { written } = await forward(['one cana', 'ry-wo', 'rd two ', euro.subarray(0, 1), euro.subarray(1), '\nthree canary-', 'word']);
  expect(written).toBe('one *** two €\nthree ***\n');
});

it('passes on a line without end in pieces, none of which holds half a secret', async () => {
  const part = `${'x'.repeat(9_989)}canary-word`;
  const { written } = await forward(Array.from({ length: 50 }, () => [part.slice(0, 9_995), part.slice(9_995)]).flat());
  expect(written).toBe(`${`${'x'.repeat(9_989)}***`.repeat(50)}\n`);
});

it('remembers the last four kilobytes', async () => {
  const { tail } = await forward(Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`));
  expect(tail).toHaveLength(4_096);
  expect(tail.endsWith('line 998\nline 999\n')).toBe(true);
});

it('leaves out what nobody will read, and says so once', async () => {
  const { written, tail } = await forward([...Array.from({ length: 20 }, () => `${'x'.repeat(1024 * 1024)}\n`), 'the end\n']);
  expect(written.length).toBeLessThan(18 * 1024 * 1024);
  expect(written.match(/is left out/g)).toHaveLength(1);
  expect(tail.endsWith('the end\n')).toBe(true);
});
