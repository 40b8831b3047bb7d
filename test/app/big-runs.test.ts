import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { messagesOf } from '../../src/app/message-chunks.ts';
import type { Store } from '../../src/aws/store.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { type RunId, runIdOf } from '../../src/run/run-id.ts';
import { isEveryRow } from '../every-row.ts';
import { type Edges, startEdges } from './edges.ts';
import { leaveMessages, start, stoppedTask } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges();
});
afterEach(async () => await edges.stop());

const text = (chunks: readonly Uint8Array[]) => chunks.map((chunk) => Buffer.from(chunk).toString());

describe('the messages of a long run', () => {
  const ref: { environment: string; runId: RunId } = {
    environment: 'local',
    runId: runIdOf({ environment: 'local', key: 'long', askedAt: '2026-11-23T04:12:00.000Z' }),
  };
  const keys = shardKeys(ref.environment, ref.runId, 1);
  const leave = async (...numbers: readonly number[]) => {
    for (const number of numbers) await edges.world.store.put(keys.chunk(number), gzipSync(`chunk ${number}`), 'application/gzip');
  };
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  it('are fetched several at once, and come in their order', async () => {
    await leave(...upTo(60));
    let now = 0;
    let most = 0;
    const counting: Store = {
      ...edges.world.store,
      getBytes: async (...of) => {
        now += 1;
        most = Math.max(most, now);
        try {
          return await edges.world.store.getBytes(...of);
        } finally {
          now -= 1;
        }
      },
    };
    expect(text(await Array.fromAsync(messagesOf(counting, ref, { shard: 1, take: 1 })))).toEqual(
      upTo(60).map((number) => `chunk ${number}`),
    );
    expect(most).toBeGreaterThan(4);
  });

  it('end at the first gap', async () => {
    await leave(1, 2, 4, 5);
    expect(text(await Array.fromAsync(messagesOf(edges.world.store, ref, { shard: 1, take: 1 })))).toEqual(['chunk 1', 'chunk 2']);
  });
});

describe('a request', () => {
  it('costs no more when many runs wait than when two do', async () => {
    let calls = 0;
    edges.faults.s3 = () => {
      calls += 1;
      return undefined;
    };
    const costs: number[] = [];
    for (let index = 0; index < (isEveryRow ? 20 : 8); index += 1) {
      calls = 0;
      await start(edges);
      costs.push(calls);
    }
    expect(costs.at(-1)).toBe(costs[2]);
  });
});

describe('a run', () => {
  it.runIf(isEveryRow)('of a thousand failures with endless names ends in one message, and what is kept of it stays small', async () => {
    const ref = await start(edges);
    await leaveMessages(edges, ref, thousandFailures(), 1);
    await taskStopped(await stoppedTask(edges, ref), edges.world);
    const [message, ...others] = edges.parents();
    expect(message?.text).toMatch(/^local failed: 1,000 of 1,000 scenarios failed, all for one reason\. a name .*; and 997 more$/);
    expect([others, edges.replies()]).toMatchObject([[], [{}]]);
    const run = await edges.world.store.getBytes(runKeys(ref.environment, ref.runId).run);
    expect(run?.length).toBeLessThan(3 * 1024 * 1024);
  });
});

function thousandFailures(): Buffer {
  const name = 'a name '.repeat(700);
  const lines = Array.from({ length: 1_000 }, (_, index) =>
    [
      { pickle: { id: `p${index}`, uri: 'a.feature', name, astNodeIds: [], steps: [{ id: `ps${index}`, text: name, astNodeIds: [] }] } },
      { testCase: { id: `c${index}`, pickleId: `p${index}`, testSteps: [{ id: `s${index}`, pickleStepId: `ps${index}` }] } },
      { testCaseStarted: { id: `a${index}`, testCaseId: `c${index}`, attempt: 0, timestamp: { seconds: 2, nanos: 0 } } },
      {
        testStepFinished: { testCaseStartedId: `a${index}`, testStepId: `s${index}`, testStepResult: { status: 'FAILED', message: name } },
      },
      { testCaseFinished: { testCaseStartedId: `a${index}`, timestamp: { seconds: 3, nanos: 0 }, willBeRetried: false } },
    ]
      .map((message) => `${JSON.stringify(message)}\n`)
      .join(''),
  );
  const end = { testRunFinished: { success: false, timestamp: { seconds: 4, nanos: 0 } } };
  return Buffer.from(`${lines.join('')}${JSON.stringify(end)}\n`);
}
