import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { startRun } from '../../src/app/start-run.ts';
import { sweep } from '../../src/app/sweep.ts';
import type { World } from '../../src/app/world.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { outcomeOf, start } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 5 }, { name: 'other', tasksAtOnce: 1 }) });
});
afterEach(async () => await edges.stop());

const minute = 60_000;
const killAll = async () => {
  for (const task of edges.ecs.tasks()) edges.ecs.kill(task.arn, 'sigkill');
  await expect.poll(() => edges.ecs.tasks().every((task) => task.lastStatus === 'STOPPED')).toBe(true);
};
const askOther = () => requestOf({ command: { environment: 'other', features: [] }, text: `/run-tests other ${edges.parents().length}` });

describe('the sweeper', () => {
  it('ends the other runs of an environment when one of them is in trouble', async () => {
    const refs = [await start(edges), await start(edges), await start(edges)];
    await killAll();
    edges.faults.slack = (method) => (method === 'chat.update' ? { kind: 'http', status: 429, retryAfterS: 30 } : undefined);
    await expect(sweep(edges.world)).rejects.toThrow('not what it should be yet');
    expect(await Promise.all(refs.map((ref) => outcomeOf(edges, ref)))).toEqual(['unfinished', 'unfinished', 'unfinished']);
  });

  it('does not call a run timed out that was killed long before its time was over, however late it hears of it', async () => {
    const ref = await start(edges);
    await killAll();
    edges.pass(60 * minute);
    await sweep(edges.world);
    expect(await outcomeOf(edges, ref)).toBe('unfinished');
  });

  it('sweeps the other environments when the ledger of one cannot be read', async () => {
    const ref = await start(edges, askOther());
    await killAll();
    await edges.world.store.put(environmentKeys('local').ledger, '{', 'application/json');
    await expect(sweep(edges.world)).rejects.toThrow('is not what it should be');
    expect(await outcomeOf(edges, ref)).toBe('unfinished');
  });

  it('comes to every environment, though each sweep dies over the same one', { timeout: 30_000 }, async () => {
    const ref = await start(edges, askOther());
    await killAll();
    const { tasks } = edges.world;
    const listFamily = (family: string) => (family.endsWith('-local') ? new Promise<never>(() => {}) : tasks.listFamily(family));
    for (const _ of [1, 2]) {
      void sweep({ ...edges.world, tasks: { ...tasks, listFamily } });
      edges.pass(5 * minute);
    }
    await expect.poll(() => outcomeOf(edges, ref), { timeout: 20_000 }).toBe('unfinished');
  });

  it('that finds nothing reads what an environment has to do, and an ended run once, however many tasks it had', async () => {
    const request = requestOf({ command: { environment: 'local', features: [], shards: 4 }, text: '/run-tests local shards=4' });
    const { runId } = await start(edges, request);
    await killAll();
    await sweep(edges.world);
    edges.pass(10 * minute);
    await sweep(edges.world);
    expect((await readLedger(edges.world.store, 'local')).settling).toEqual([]);
    const read: string[] = [];
    edges.faults.s3 = (method, key) => {
      if (method === 'GET') read.push(key || 'the folders');
      return undefined;
    };
    await sweep(edges.world);
    expect(read.toSorted()).toEqual([
      'history/local/hearing.json',
      'history/other/hearing.json',
      'state/local/ledger.json',
      `state/local/runs/${runId}/run.json`,
      'state/other/ledger.json',
      'the folders',
    ]);
  });

  it('stops a task that ECS did not know yet when its run was cancelled', async () => {
    const ref = await start(edges);
    edges.faults.ecs = ({ operation }) =>
      operation === 'StopTask'
        ? { kind: 'refused', type: 'InvalidParameterException', message: 'The referenced task was not found.' }
        : undefined;
    const asker = { kind: 'slack', userId: 'U0GRACE' } as const;
    await cancelRun({ version: 1, ...ref, askedAt: new Date().toISOString(), asker }, edges.world);
    edges.faults.ecs = undefined;
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['RUNNING']);
    await sweep(edges.world);
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['STOPPED']);
  });

  it('lets go of a run that no channel takes the message of', async () => {
    const world: World = { ...edges.world, catalogue: catalogueOf({ name: 'local', channel: 'C0SECRET' }) };
    expect(await startRun(requestOf({ channel: 'C0OLD' }), world)).toMatchObject({ kind: 'refused' });
    edges.pass(5 * minute);
    await sweep(world);
    expect(await readLedger(world.store, 'local')).toMatchObject({ active: [], queue: [], settling: [] });
  });

  it('ends the runs of an environment that was taken out of coldframe.yml, those that wait too, and lets go of them', async () => {
    const on = await start(edges, askOther());
    const waiting = await start(edges, askOther());
    const world: World = { ...edges.world, catalogue: catalogueOf({ name: 'local' }) };
    edges.faults.ecs = ({ operation }) =>
      operation === 'RunTask' ? { kind: 'refused', type: 'ClientException', message: 'TaskDefinition is inactive' } : undefined;
    edges.pass(25 * minute);
    await sweep(world);
    await expect.poll(() => edges.ecs.tasks().every((task) => task.lastStatus === 'STOPPED')).toBe(true);
    await sweep(world);
    expect([await outcomeOf(edges, on), await outcomeOf(edges, waiting)]).toEqual(['timed-out', 'not-started']);
    edges.pass(5 * minute);
    await sweep(world);
    expect(await readLedger(world.store, 'other')).toMatchObject({ active: [], queue: [], settling: [] });
  });
});

describe('a request for an environment that was taken out of coldframe.yml', () => {
  it('is refused, but not when it has led to a run already', async () => {
    const world: World = { ...edges.world, catalogue: catalogueOf({ name: 'local' }) };
    const request = askOther();
    const before = await startRun(request, edges.world);
    expect(await startRun(request, world)).toEqual(before);
    expect(await startRun(askOther(), world)).toMatchObject({ kind: 'refused' });
  });
});
