import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runShard } from '../../container/runner.ts';
import type { Store } from '../../src/aws/store.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { isEveryRow } from '../every-row.ts';
import { type ContainerWorld, openContainerWorld, processesWith } from './container-world.ts';
import { inProcess } from './in-process.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.stop());

const shard = (suite: string, runId: string) => inProcess(world, suite, runId);

const suiteWith = (step: string) =>
  world.suite({
    'features/steps.js': `import { Given, AfterAll } from '@cucumber/cucumber'; Given('the step', { timeout: -1 }, ${step});`,
    'features/a.feature': 'Feature: a\n  Scenario: first\n    Given the step\n',
  });

const never = (): Promise<never> => new Promise(() => {});

describe('a runner', () => {
  it('ends a process that does not end when its run is over, and keeps what the run came to', async () => {
    const runId = 'local-20261123-0416-ovrdue';
    const suite = await suiteWith(`() => { process.on('exit', () => { for (;;); }); }`);
    await world.putPlan(runId);
    expect(await runShard({ ...shard(suite, runId), limits: { graceMs: 100 } })).toEqual({ how: 'ended' });

    expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0 });
    expect(world.of(runId).result().signal).toBeUndefined();
    expect(judge(world.of(runId).messages()).end).toEqual({ isSuccess: true });
    expect(processesWith(runId)).toEqual([]);
  });

  it('counts what fails in quarantine as such while the run is on', async () => {
    const runId = 'local-20261123-0416-shakyy';
    const suite = await suiteWith(`() => { throw new Error('shaky'); }`);
    await world.putPlan(runId, { quarantine: 'not @steady' });
    expect(await runShard(shard(suite, runId))).toEqual({ how: 'ended' });
    expect(world.of(runId).progress().counts).toMatchObject({ total: 1, failed: 1, quarantined: 1 });
  });

  it('tries again what the bucket refuses, and harms nothing by a progress it cannot write', async () => {
    const runId = 'local-20261123-0416-refuse';
    const suite = await suiteWith('() => {}');
    await world.putPlan(runId);
    const self = shard(suite, runId);
    let refusals = 0;
    const put: Store['put'] = async (key, body, contentType) => {
      if (key.endsWith('progress.json')) throw new Error('S3 says 503 to progress');
      refusals += 1;
      if (refusals === 1) throw new Error('S3 says 503 once');
      await self.store.put(key, body, contentType);
    };
    expect(await runShard({ ...self, store: { ...self.store, put } })).toEqual({ how: 'ended' });
    expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0, chunks: 1 });
    expect(judge(world.of(runId).messages()).counts.passed).toBe(1);
    expect(self.log()).toContain('S3 says 503 once');
  });

  it('asked to stop while the bucket does not answer, still ends, and says that something is missing', async () => {
    const runId = 'local-20261123-0416-nowher';
    const suite = await suiteWith(
      `async () => { await fetch(process.env.BASE_URL + '/nowhere'); await new Promise(() => setInterval(() => {}, 1000)); }`,
    );
    await world.putPlan(runId);
    const self = shard(suite, runId);
    const stop = new AbortController();
    const ended = runShard({ ...self, store: { ...self.store, put: never }, stop: stop.signal, limits: { writeAfterStopMs: 200 } });
    await world.visited('/nowhere');
    stop.abort();
    expect(await ended).toEqual({ how: 'stopped', lost: 'there was no more time for it' });

    expect(world.of(runId).result()).toMatchObject({
      how: 'stopped',
      chunks: 0,
      error: expect.stringContaining('Not everything could be written'),
    });
    expect(processesWith(runId)).toEqual([]);
  });

  it.runIf(isEveryRow)('without a plan, says so where the result is looked for', async () => {
    const runId = 'local-20261123-0416-noplan';
    const suite = await suiteWith('() => {}');
    expect(await runShard({ ...shard(suite, runId), limits: { planMs: 2_000 } })).toEqual({ how: 'not-run' });
    expect(world.of(runId).result().error).toBe(
      `there is no plan claims/local/runs/${runId}/plan.json; the worker writes it before it starts a task`,
    );
  });

  it('whose plan the bucket does not give away, says that it got no answer', async () => {
    const runId = 'local-20261123-0416-silent';
    const self = shard(await suiteWith('() => {}'), runId);
    expect(await runShard({ ...self, store: { ...self.store, get: never }, limits: { planMs: 50 } })).toEqual({ how: 'not-run' });
    expect(world.of(runId).result().error).toContain(`S3 gave no answer within 0.05 s when it was asked for the plan of ${runId}`);
  });

  it('stopped before it began, runs nothing', async () => {
    const runId = 'local-20261123-0416-before';
    const suite = await suiteWith(`() => fetch(process.env.BASE_URL + '/before')`);
    await world.putPlan(runId);
    expect(await runShard({ ...shard(suite, runId), stop: AbortSignal.abort() })).toEqual({ how: 'stopped' });
    expect(world.of(runId).result()).toMatchObject({ how: 'stopped', chunks: 0 });
  });

  it.runIf(isEveryRow)('never writes a second result over the first', async () => {
    const runId = 'local-20261123-0416-second';
    const suite = await suiteWith('() => {}');
    await world.putPlan(runId);
    await runShard(shard(suite, runId));
    const first = world.of(runId).result();
    const { lost } = await runShard(shard(suite, runId));
    expect(lost).toContain('is there already: another container has ended as this shard');
    expect(world.of(runId).result()).toEqual(first);
  });
});
