import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { progressMade } from '../../src/app/progress-made.ts';
import { readPlan, readRun } from '../../src/app/run-store.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { adoptedPlan, defaultSuitePlan, taskFamily } from '../../src/run/plan.ts';
import { adoptedRunId } from '../../src/run/run-id.ts';
import { catalogueOf, environmentOf } from '../catalogue.ts';
import { type Edges, startEdges } from './edges.ts';
import { mortal } from './mortal.ts';
import { outcomeOf } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges();
});
afterEach(async () => await edges.stop());

const environment = environmentOf({ name: 'local' });

/** Somebody starts a task in the console. */
async function startByHand(): Promise<string> {
  const { cluster, subnets, securityGroups } = edges.world.fargate;
  const started = await edges.world.tasks.run({
    shard: 1,
    runTask: {
      cluster,
      taskDefinition: taskFamily(edges.world.fargate, 'local'),
      clientToken: 'by-hand',
      startedBy: 'hand',
      count: 1,
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: 'ENABLED' } },
      overrides: { containerOverrides: [{ name: 'suite', environment: [] }] },
    },
  });
  if (started.kind === 'refused') throw new Error(started.stop.what);
  return started.taskArn;
}

/** What the container of a task claims of itself, true or not. */
async function claim(taskArn: string, createdAt: string): Promise<{ environment: string; runId: ReturnType<typeof adoptedRunId> }> {
  const plan = adoptedPlan({ environment: 'local', taskArn, createdAt, channel: 'C0UITESTS', suite: defaultSuitePlan(environment) });
  await edges.world.store.create(runKeys('local', plan.runId).plan, plan);
  return { environment: 'local', runId: plan.runId };
}

const speak = ({ environment: name, runId }: Awaited<ReturnType<typeof claim>>) =>
  progressMade(shardKeys(name, runId, 1).progress, edges.world);

describe('a task that nobody asked for', () => {
  it('is adopted as soon as it speaks, and its time is counted from when ECS says that it began', async () => {
    const taskArn = await startByHand();
    const ref = await claim(taskArn, '9999-01-01T00:00:00.000Z');
    await speak(ref);
    const run = await readRun(edges.world.store, ref);
    if (run?.phase.kind !== 'started') throw new Error(`the run is ${run?.phase.kind}`);
    expect(Date.parse(run.phase.deadlineAt) - Date.now()).toBeLessThan(30 * 60_000);
    // Nobody waits for it: it is told at its end.
    expect(edges.parents()).toEqual([]);
  });

  it('is not adopted when ECS knows of no such task, whatever a container claims', async () => {
    const ref = await claim(
      'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/fedcba9876543210fedcba9876543210',
      '2026-11-23T04:12:00.000Z',
    );
    await speak(ref);
    expect(await readRun(edges.world.store, ref)).toBeUndefined();
    expect(edges.parents()).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('has its seat and its end, though whoever adopted it was killed after call %i', async (call) => {
    const taskArn = await startByHand();
    const task = { taskArn, family: taskFamily(edges.world.fargate, 'local'), createdAt: new Date().toISOString(), stop: { taskArn } };
    await taskStopped(task, mortal(edges.world, { death: { call, isDone: true } })).catch(() => {});
    await taskStopped(task, edges.world);
    const ref = { environment: 'local', runId: adoptedRunId('local', taskArn) };
    expect(await outcomeOf(edges, ref)).toBe('not-started');
    expect((await readLedger(edges.world.store, 'local')).settling).toEqual([{ runId: ref.runId }]);
  });

  it.each([2, 3, 4, 5, 6])(
    'has its end or is never heard of, though whoever adopted it was killed after call %i and its environment is no more',
    async (call) => {
      const taskArn = await startByHand();
      const task = { taskArn, family: taskFamily(edges.world.fargate, 'local'), createdAt: new Date().toISOString(), stop: { taskArn } };
      await taskStopped(task, mortal(edges.world, { death: { call, isDone: true } })).catch(() => {});
      const after = { ...edges.world, catalogue: catalogueOf({ name: 'other' }) };
      await taskStopped(task, after);
      const ref = { environment: 'local', runId: adoptedRunId('local', taskArn) };
      const { active } = await readLedger(edges.world.store, 'local');
      expect([active, await outcomeOf(edges, ref)]).toEqual([[], (await readPlan(edges.world.store, ref)) && 'not-started']);
    },
  );
});
