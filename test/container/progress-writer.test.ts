import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type ProgressState, progressWriter } from '../../container/progress-writer.ts';
import { noCounts } from '../../src/outcome/counts.ts';

const state = (passed: number): ProgressState => ({ step: 'running', counts: { ...noCounts, passed }, now: [] });

/** Progress that is written by hand: each write waits until the test lets it end. */
function slowBucket() {
  const writes: { state: ProgressState; end: (error?: Error) => void }[] = [];
  let began = Promise.withResolvers<void>();
  let onTheWay = 0;
  let mostAtOnce = 0;
  return {
    writes,
    mostAtOnce: () => mostAtOnce,
    /** Settles when this many writes have begun. */
    begun: async (count: number) => {
      while (writes.length < count) await began.promise;
    },
    put: (written: ProgressState) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      onTheWay += 1;
      mostAtOnce = Math.max(mostAtOnce, onTheWay);
      writes.push({ state: written, end: (error) => (error === undefined ? resolve() : reject(error)) });
      began.resolve();
      began = Promise.withResolvers();
      return promise.finally(() => {
        onTheWay -= 1;
      });
    },
  };
}

it('writes the first progress at once, one at a time, and the last one last', async () => {
  const bucket = slowBucket();
  let passed = 0;
  const errors: unknown[] = [];
  const writer = progressWriter({ read: () => state(passed), everyMs: 1, put: bucket.put, onFailure: (error) => errors.push(error) });
  expect(bucket.writes.map((write) => write.state.counts.passed)).toEqual([0]);

  passed = 1;
  passed = 2;
  bucket.writes[0]?.end();
  await bucket.begun(2);
  passed = 3;
  const finished = writer.finish();
  passed = 4;
  bucket.writes[1]?.end(new Error('S3 says 503'));
  await bucket.begun(3);
  bucket.writes[2]?.end();
  await finished;

  expect(bucket.writes.map((write) => write.state.counts.passed)).toEqual([0, 2, 4]);
  expect(bucket.mostAtOnce()).toBe(1);
  expect(errors).toEqual([new Error('S3 says 503')]);
});

it('a write that takes longer than progress may be old puts no warning of Node into the log', async () => {
  // A process of its own: Node warns once.
  const program = `
    import { progressWriter } from ${JSON.stringify(import.meta.resolve('../../container/progress-writer.ts'))};
    const busy = async () => { for (const fromMs = Date.now(); Date.now() < fromMs + 20; ) await null; };
    let written = 0;
    const writer = progressWriter({ read: () => ({ written }), everyMs: 1, put: async () => { written += 1; await busy(); }, onFailure: () => {} });
    while (written < 2) await new Promise((resolve) => setImmediate(resolve));
    await writer.finish();`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stderr).toBe('');
});

it('hurried, writes what is new before its time, and not beside a write that is on', async () => {
  const bucket = slowBucket();
  let passed = 0;
  const writer = progressWriter({ read: () => state(passed), everyMs: 3_600_000, put: bucket.put, onFailure: () => {} });
  passed = 1;
  writer.hurry();
  expect(bucket.writes).toHaveLength(1);
  bucket.writes[0]?.end();
  await bucket.begun(2);
  bucket.writes[1]?.end();
  await Promise.resolve();
  const finished = writer.finish();
  await bucket.begun(3);
  bucket.writes[2]?.end();
  await finished;
  expect(bucket.writes.map((write) => write.state.counts.passed)).toEqual([0, 1, 1]);
  expect(bucket.mostAtOnce()).toBe(1);
});
