import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { progressMade } from '../../src/app/progress-made.ts';
import { type RunRef, readRun } from '../../src/app/run-store.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import { observe } from '../../src/outcome/judge.ts';
import { readMessages } from '../../src/outcome/messages.ts';
import type { Outcome } from '../../src/outcome/outcome.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import type { Dealt } from '../../src/run/dealt.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { reportFiles } from '../../src/run/report-file.ts';
import { parseAgain } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { leaveDeal, leaveMessages, outcomeOf, start, stoppedTask } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 3 }) });
});
afterEach(async () => await edges.stop());

/** What cucumber itself left of one suite, whole and in three parts. */
const recorded = (name: string) => readFileSync(new URL(`../fixtures/messages/${name}.ndjson`, import.meta.url));
const parts = [1, 2, 3].map((shard) => recorded(`shards/everything-${shard}-of-3`));
const deal = await dealOf(parts);

async function stateOf(messages: Uint8Array) {
  const state = emptySuite();
  for await (const envelope of readMessages([messages])) observe(state, envelope);
  return state;
}

async function judged(messages: Uint8Array) {
  return [...(await stateOf(messages)).testCases.values()].map(({ name }) => name);
}

async function dealOf(all: readonly Uint8Array[]): Promise<Omit<Dealt, 'version'>> {
  const scenarios = await Promise.all(
    all.map(async (messages, index) =>
      (await judged(messages)).map(({ id = '', uri, line, scenario }) => ({ id, uri, line, scenario, shard: index + 1 })),
    ),
  );
  const inOrder = scenarios.flat().toSorted((a, b) => a.uri.localeCompare(b.uri) || a.line - b.line);
  return { shards: all.length, scenarios: inOrder, missing: [] };
}

const startThree = () => start(edges, requestOf({ command: { environment: 'local', features: [], shards: 3 } }));
const leave = async (ref: RunRef, shard: number, { exitCode = 1, dealt = deal }: { exitCode?: number; dealt?: typeof deal } = {}) => {
  await leaveDeal(edges, ref, shard, dealt);
  await leaveMessages(edges, ref, parts[shard - 1] ?? Buffer.of(), exitCode, shard);
};
const stopped = async (ref: RunRef, shard: number) => taskStopped(await stoppedTask(edges, ref, shard), edges.world);
const ended = async (ref: RunRef): Promise<Outcome> => {
  const run = await readRun(edges.world.store, ref);
  if (run?.phase.kind !== 'finished') throw new Error(`${ref.runId} is ${run?.phase.kind}`);
  return run.phase.outcome;
};
const shown = () => {
  const [message] = edges.parents();
  return message === undefined ? '' : messageAsText(message, { nowMs: Date.now(), nameOf: (id) => id });
};
const failuresOf = (outcome: Outcome) => ('failures' in outcome ? (outcome.failures ?? []) : []);

describe('a run of three shards', () => {
  it('has three tasks and one message, and ends with the last of them', async () => {
    const ref = await startThree();
    expect(edges.ecs.tasks()).toHaveLength(3);
    expect((await readLedger(edges.world.store, 'local')).active).toEqual([{ runId: ref.runId, tasks: 3 }]);
    for (const shard of [3, 1, 2]) {
      expect(await outcomeOf(edges, ref)).toBe('started');
      await leave(ref, shard);
      await stopped(ref, shard);
    }
    expect(await outcomeOf(edges, ref)).toBe('failed');
    expect(edges.parents()).toHaveLength(1);
  });

  it('comes to what the same suite comes to in one task', async () => {
    const ref = await startThree();
    for (const shard of [1, 2, 3]) {
      await leave(ref, shard);
      await stopped(ref, shard);
    }
    const outcome = await ended(ref);
    const alone = await start(edges, requestOf());
    await leaveMessages(edges, alone, recorded('everything'), 1);
    await stopped(alone, 1);
    const expected = await ended(alone);
    expect(outcome.kind).toBe('failed');
    expect('counts' in outcome && outcome.counts).toEqual('counts' in expected && expected.counts);
    const words = (one: Outcome) => failuresOf(one).map(({ uri, line, scenario, status, step }) => ({ uri, line, scenario, status, step }));
    expect(words(outcome)).toEqual(words(expected));
    expect(new Set(failuresOf(outcome).map(({ shard }) => shard)).size).toBeGreaterThan(1);
  });

  it('of which one is killed is not called passed or failed: it names the shard, and what had not begun', async () => {
    const ref = await startThree();
    await leave(ref, 1);
    await leave(ref, 2);
    const cutOff = parts[2]?.subarray(0, (parts[2]?.indexOf('{"testCaseStarted"') ?? 0) + 1) ?? Buffer.of();
    await leaveDeal(edges, ref, 3, deal);
    await edges.world.store.put(shardKeys('local', ref.runId, 3).chunk(1), gzipSync(cutOff), 'application/gzip');
    for (const shard of [1, 2, 3]) await stopped(ref, shard);
    const lost = deal.scenarios.filter(({ shard }) => shard === 3);
    expect(await ended(ref)).toMatchObject({
      ...{ kind: 'unfinished', counts: { total: deal.scenarios.length, unknown: expect.any(Number) }, notBegun: { count: lost.length } },
      shards: { of: 3, lost: [{ shard: 3, kind: 'unfinished' }] },
    });
    expect(failuresOf(await ended(ref)).length).toBeGreaterThan(0);
    expect(shown()).toContain('did not finish · 2 of 3 shards reported');
    expect(shown()).toContain('Shard 3 did not finish');
  });

  it('of which one never said a word has its share named by the others', async () => {
    const ref = await startThree();
    await leave(ref, 1);
    await leave(ref, 3);
    for (const shard of [1, 2, 3]) await stopped(ref, shard);
    const lost = deal.scenarios.filter(({ shard }) => shard === 2);
    expect(await ended(ref)).toMatchObject({
      notBegun: { count: lost.length, first: lost.map(({ scenario }) => scenario) },
      counts: { total: deal.scenarios.length },
    });
    // The report has every scenario once, those that nobody ran too.
    const kept = await edges.world.store.getBytes(runKeys('local', ref.runId).reportFile(reportFiles.messages));
    expect((await judged(gunzipSync(kept ?? Buffer.of()))).map(({ id, uri }) => `${id} ${uri}`).toSorted()).toEqual(
      deal.scenarios.map(({ id, uri }) => `${id} ${uri}`).toSorted(),
    );
    const again = await edges.world.store.get(runKeys('local', ref.runId).again, parseAgain);
    const notRun = again?.value.scenarios.filter(({ was }) => was === 'not-run').map(({ id }) => id) ?? [];
    expect(notRun).toEqual(expect.arrayContaining(lost.map(({ id }) => id)));
  });

  it('that did not run one and the same suite is broken, in words', async () => {
    const ref = await startThree();
    await leave(ref, 1);
    await leave(ref, 2);
    const [, ...others] = deal.scenarios;
    await leave(ref, 3, { dealt: { ...deal, scenarios: others } });
    for (const shard of [1, 2, 3]) await stopped(ref, shard);
    expect(await ended(ref)).toMatchObject({ kind: 'broken', error: expect.stringContaining('did not run the same suite') });
  });

  it('one of whose tasks ECS refuses for good starts none: the others are stopped, and it says so', async () => {
    edges.faults.ecs = ({ operation, input }) =>
      operation === 'RunTask' && JSON.stringify(input).includes('-s2')
        ? { kind: 'refused', type: 'AccessDeniedException', message: 'not authorized to perform: ecs:RunTask' }
        : undefined;
    const ref = await startThree();
    expect(await ended(ref)).toMatchObject({ kind: 'not-started' });
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['STOPPED', 'STOPPED']);
    expect(shown()).toContain('Of 3 tasks 2 could be started; they were stopped');
    expect((await readLedger(edges.world.store, 'local')).active).toEqual([]);
  });

  it('shows what its shards say together, and which are behind', async () => {
    const ref = await startThree();
    const say = async (shard: number, step: 'preparing' | 'running' | 'finishing', passed: number, unknown: number) => {
      const key = shardKeys('local', ref.runId, shard).progress;
      const counts = { ...noCounts, total: passed + unknown, passed, unknown };
      const progress = {
        version: 1,
        runId: ref.runId,
        shard,
        at: new Date().toISOString(),
        step,
        counts,
        now: [`row of ${shard}`],
        dealt: 12,
      };
      await edges.world.store.put(key, JSON.stringify(progress), 'application/json');
      edges.pass(5_000);
      await progressMade(key, edges.world);
    };
    await say(1, 'running', 1, 3);
    expect(shown()).toContain('running, 1 of 12 scenarios done');
    expect(shown()).toContain('3 shards: 1 running, shards 2 and 3 are starting');
    await say(2, 'preparing', 0, 0);
    await say(1, 'finishing', 4, 0);
    expect(shown()).toContain('3 shards: 1 over, shard 2 is getting ready, shard 3 is starting');
    await say(2, 'finishing', 4, 0);
    await say(3, 'running', 1, 3);
    expect(shown()).toContain('row of 3');
    expect(shown()).toContain('running, 9 of 12 scenarios done');
  });

  it('is told of once when all of its shards speak at once, and of its end without waiting for a turn', async () => {
    const ref = await startThree();
    let updates = 0;
    edges.faults.slack = (method) => {
      if (method === 'chat.update') updates += 1;
      return undefined;
    };
    edges.pass(5_000);
    const keys = Array.from({ length: 12 }, (_, index) => shardKeys('local', ref.runId, (index % 3) + 1).progress);
    const atMs = edges.world.nowMs();
    await Promise.all(keys.map((key) => progressMade(key, { ...edges.world, nowMs: () => atMs })));
    expect(updates).toBe(1);
    for (const shard of [1, 2, 3]) {
      await leave(ref, shard);
      await stopped(ref, shard);
    }
    expect(updates).toBe(2);
    expect(shown()).toContain('passed');
  });
});

describe('an environment', () => {
  it('has never more tasks at once than its limit: the run has fewer shards, and says so', async () => {
    const ref = await start(edges, requestOf({ command: { environment: 'local', features: [], shards: 8 } }));
    expect(edges.ecs.tasks()).toHaveLength(3);
    expect(shown()).toContain('8 shards were asked for, and local has room for 3 tasks at once');
    const second = await startThree();
    expect([await outcomeOf(edges, ref), await outcomeOf(edges, second)]).toEqual(['started', 'queued']);
    expect(edges.ecs.tasks()).toHaveLength(3);
  });
});
