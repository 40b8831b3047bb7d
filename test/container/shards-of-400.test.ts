import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runShard } from '../../container/runner.ts';
import { judgeRun } from '../../src/app/judge-run.ts';
import type { World } from '../../src/app/world.ts';
import type { Outcome } from '../../src/outcome/outcome.ts';
import { runKeys } from '../../src/run/keys.ts';
import { newRun } from '../../src/run/run.ts';
import { type RunId, runIdOf } from '../../src/run/run-id.ts';
import type { ShardStopped } from '../../src/run/shard.ts';
import { parsePlan } from '../../src/run/stored.ts';
import { isEveryRow } from '../every-row.ts';
import { type ContainerWorld, openContainerWorld } from './container-world.ts';
import { inProcess } from './in-process.ts';

/** Four hundred scenarios without a browser: most pass, some fail, some at their first attempt only, some have unknown steps. */
const features = Array.from({ length: 20 }, (_, at) => [`features/f${String(at).padStart(2, '0')}.feature`, featureOf(at)] as const);

function featureOf(at: number): string {
  const step = (number: number) => (number % 53 === 0 ? 'an unknown step' : `number ${number}`);
  const plain = Array.from({ length: 10 }, (_, index) => `  Scenario: plain ${index}\n    Given ${step(at * 20 + index + 1)}\n`);
  const rows = Array.from({ length: 9 }, (_, index) => `      | ${at * 20 + index + 11} |`);
  return [
    `Feature: number ${at}`,
    ...plain,
    '  Scenario Outline: row',
    '    Given number <n>',
    '    Examples:\n      | n |',
    ...rows,
    '  Rule: there are rules',
    `    Scenario: in a rule\n      Given ${step(at * 20 + 20)}`,
    '',
  ].join('\n');
}

/** @param marker the file that makes one of them wait for ever, once it has said that it is there */
const steps = (marker: string) => `
  import { existsSync } from 'node:fs';
  import { Given } from '@cucumber/cucumber';
  const attempts = new Map();
  Given('number {int}', { timeout: -1 }, async (n) => {
    attempts.set(n, (attempts.get(n) ?? 0) + 1);
    if (n % 37 === 0) throw new Error('it cannot do ' + n);
    if (n % 41 === 0 && attempts.get(n) === 1) throw new Error('not yet');
    if (n !== 335 || !existsSync(${JSON.stringify(marker)})) return;
    await fetch(process.env.BASE_URL + '/half');
    await new Promise(() => setInterval(() => {}, 1000));
  });`;

const timeout = 90_000;
let world: ContainerWorld;
let suite: string;
let marker: string;
/** The run of four shards that all went well. */
let four: RunId;
beforeAll(async () => {
  world = await openContainerWorld();
  marker = join(await mkdtemp(join(tmpdir(), 'coldframe-half-')), 'wait');
  suite = await world.suite({ 'features/steps.js': steps(marker), ...Object.fromEntries(features) });
  four = newRunId();
  await world.putPlan(four, plan, { shards: 4, basis });
  for (const shard of numbers) await runInProcess(four, shard);
}, timeout);
afterAll(async () => {
  await world.stop();
  await rm(dirname(marker), { recursive: true });
});

let runs = 0;
function newRunId(): RunId {
  runs += 1;
  return runIdOf({ environment: 'local', key: String(runs), askedAt: '2026-11-23T08:00:00Z' });
}
const plan = { retry: 1, limitMs: 220_000 };
const basis = { version: 1 as const, durations: {} };
const numbers = [1, 2, 3, 4];

async function runInProcess(runId: RunId, shard: number): Promise<void> {
  const runner = inProcess(world, suite, runId, shard);
  expect(await runShard(runner), runner.log()).toEqual({ how: 'ended' });
}

/** What the run came to, as run-stopped would judge it when all of its tasks have stopped. */
async function judged(runId: RunId, shards: number, exitCodes: Readonly<Record<number, number>> = {}) {
  const { store } = inProcess(world, suite, runId);
  const at = new Date().toISOString();
  const stops = Array.from({ length: shards }, (_, index): ShardStopped => {
    const [shard, taskArn] = [index + 1, `arn:aws:ecs:eu-central-1:000000000000:task/c/${String(index).padStart(32, '0')}`];
    const stop = { taskArn, stopCode: 'EssentialContainerExited', exitCode: exitCodes[shard] ?? 0, startedAt: at, stoppedAt: at };
    return { version: 1, runId, shard, stop };
  });
  const stored = parsePlan(JSON.parse(readFileSync(world.path(runKeys('local', runId).plan), 'utf8')));
  const taskLog = { lastLines: async () => [] };
  return await judgeRun({ plan: stored, run: newRun(runId, 'local'), stops }, {
    store,
    taskLog,
    nowMs: Date.now,
    log: () => {},
  } as unknown as World);
}

const told = (outcome: Outcome) => ({
  kind: outcome.kind,
  counts: 'counts' in outcome ? outcome.counts : undefined,
  failures:
    'failures' in outcome ? outcome.failures?.map(({ id, uri, line, status, attempts }) => ({ id, uri, line, status, attempts })) : [],
  flaky: 'flaky' in outcome ? outcome.flaky.map(({ id, attempts }) => ({ id, attempts })) : [],
});

describe('four hundred scenarios', { timeout }, () => {
  it.runIf(isEveryRow)('in four shards come to what they come to in one, retries too', async () => {
    const alone = newRunId();
    await world.putPlan(alone, plan);
    await runInProcess(alone, 1);
    const whole = await judged(alone, 1);
    const parts = await judged(four, 4);
    expect(told(whole.outcome)).toMatchObject({ kind: 'failed', counts: { total: 400, flaky: 9 } });
    expect(told(parts.outcome)).toEqual(told(whole.outcome));
    expect(parts.again.map(({ id, was }) => `${id} ${was}`)).toEqual(whole.again.map(({ id, was }) => `${id} ${was}`));
    const shares = world.of(four).dealt().scenarios;
    expect(numbers.map((shard) => shares.filter((one) => one.shard === shard).length)).toEqual([100, 100, 100, 100]);
  });

  it.runIf(isEveryRow)(
    'of which one shard is killed half-way and one never starts are told as that, and all of them are accounted for',
    async () => {
      const killed = newRunId();
      const shares = world.of(four).dealt().scenarios;
      const lost = shares.find(({ uri, scenario }) => uri === 'features/f16.feature' && scenario.includes('335'))?.shard ?? 0;
      const unstarted = (lost % 4) + 1;
      await world.putPlan(killed, plan, { shards: 4, basis });
      for (const shard of numbers.filter((one) => one !== lost && one !== unstarted)) await runInProcess(killed, shard);
      await writeFile(marker, '');
      const container = await world.startShard({ suite, runId: killed, shard: lost });
      await world.visited('/half');
      // What it has said until then is in the bucket two seconds later.
      const begun = () =>
        world
          .of(killed, lost)
          .messages()
          .filter((message) => 'testCaseStarted' in message).length;
      await expect.poll(begun, { timeout: 60_000 }).toBeGreaterThan(70);
      container.process.kill('SIGKILL');
      await container.ended;
      const { outcome, again } = await judged(killed, 4, { [lost]: 137 });
      expect(outcome).toMatchObject({ kind: 'unfinished', counts: { total: 400 }, shards: { of: 4 } });
      expect(outcome.shards?.lost.map(({ shard }) => shard).toSorted()).toEqual([lost, unstarted].toSorted());
      const { counts } = told(outcome);
      expect(counts?.unknown).toBeGreaterThan(100);
      expect(counts?.unknown).toBeLessThan(200);
      const bad = (counts?.failed ?? 0) + (counts?.undefined ?? 0);
      expect(again).toHaveLength((counts?.unknown ?? 0) + bad);
      expect(again.filter(({ was }) => was === 'not-run').map(({ id }) => id)).toEqual(
        expect.arrayContaining(shares.filter(({ shard }) => shard === unstarted).map(({ id }) => id)),
      );
    },
  );
});
