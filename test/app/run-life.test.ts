import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { progressMade } from '../../src/app/progress-made.ts';
import type { RunRef } from '../../src/app/run-store.ts';
import { startRun } from '../../src/app/start-run.ts';
import { sweep } from '../../src/app/sweep.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import { shardKeys } from '../../src/run/keys.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { adoptedRunId } from '../../src/run/run-id.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { passedMessages } from './messages.ts';
import { mortal } from './mortal.ts';
import * as steps from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 1 }, { name: 'wide', tasksAtOnce: 5 }) });
});
afterEach(async () => await edges.stop());

const start = (request?: RunRequest) => steps.start(edges, request);
const leavePassed = (ref: RunRef) => steps.leavePassed(edges, ref);
const stoppedTask = (ref: RunRef) => steps.stoppedTask(edges, ref);
const outcomeOf = (ref: RunRef) => steps.outcomeOf(edges, ref);
type Keys = ReturnType<typeof shardKeys>;

describe('one request', () => {
  it('delivered twice, also at once, is one run, one task and one message', async () => {
    const request = requestOf();
    const all = await Promise.allSettled([startRun(request, edges.world), startRun(request, edges.world), startRun(request, edges.world)]);
    await startRun(request, edges.world);
    const ids = new Set(all.flatMap((one) => (one.status === 'fulfilled' && one.value.kind === 'run' ? [one.value.runId] : [])));
    expect(ids.size).toBe(1);
    expect(edges.parents()).toHaveLength(1);
    expect(new Set(edges.events.map((event) => event.detail.taskArn)).size).toBe(1);
  });

  it('typed again within ten seconds joins the first run; eleven seconds later it is another', async () => {
    const first = requestOf({ text: '/run-tests wide', command: { environment: 'wide', features: [] } });
    const at = (laterMs: number): RunRequest => ({
      ...first,
      key: `command:${laterMs}`,
      askedAt: new Date(Date.parse(first.askedAt) + laterMs).toISOString(),
    });
    const one = await startRun(first, edges.world);
    const two = await startRun(at(9_000), edges.world);
    const three = await startRun(at(11_000), edges.world);
    const again = await startRun(at(9_000), edges.world);
    expect([one.kind, two.kind, three.kind, again.kind]).toEqual(['run', 'joined', 'run', 'joined']);
    expect(two).toEqual({ kind: 'joined', runId: one.kind === 'run' ? one.runId : '' });
    expect(again).toEqual(two);
    expect(edges.parents()).toHaveLength(2);
  });

  it('that waited more than a quarter of an hour is refused, and nothing is started', async () => {
    const started = await startRun(requestOf({ askedAt: new Date(Date.now() - 16 * 60_000).toISOString() }), edges.world);
    expect(started.kind).toBe('refused');
    expect(edges.events).toEqual([]);
    expect(edges.parents()).toEqual([]);
  });

  it('whose function died over it, and whose environment was gone then, stays refused when the environment is back', async () => {
    const request = requestOf();
    const gone = catalogueOf({ name: 'wide' });
    const came: string[] = [];
    for (let call = 1; call <= 10; call += 1) {
      await edges.stop();
      edges = await startEdges({ catalogue: catalogueOf({ name: 'local' }) });
      await startRun(request, mortal(edges.world, { death: { call, isDone: true } })).catch(() => {});
      const [without, again] = [await startRun(request, { ...edges.world, catalogue: gone }), await startRun(request, edges.world)];
      expect(again.kind).toBe(without.kind);
      expect(edges.events.length > 0).toBe(without.kind === 'run');
      came.push(without.kind);
    }
    // It died before there was anything of the run, and after.
    expect(new Set(came)).toEqual(new Set(['refused', 'run']));
  });

  // Seed 12758: it came to a run while its environment was gone, and was refused when that was back.
  it('that can be told nowhere is refused by every delivery, whatever died over it and whatever was in coldframe.yml meanwhile', async () => {
    await edges.stop();
    edges = await startEdges({ catalogue: catalogueOf({ name: 'local', channel: 'C0SECRET' }) });
    const gone = catalogueOf({ name: 'wide' });
    for (const call of [3, 6, 9, 12]) {
      const request = requestOf({ key: `command:dies-at-${call}`, text: `/run-tests local ${call}`, channel: 'C0OLD' });
      await startRun(request, mortal(edges.world, { death: { call, isDone: true } })).catch(() => {});
      const [without, again] = [await startRun(request, { ...edges.world, catalogue: gone }), await startRun(request, edges.world)];
      expect([without.kind, again.kind]).toEqual(['refused', 'refused']);
    }
    expect(edges.events).toEqual([]);
  });

  it('of somebody who is not in the group is refused by the worker', async () => {
    await edges.stop();
    edges = await startEdges({ catalogue: catalogueOf({ name: 'local', allow: { users: [], userGroups: ['S0QA'], channels: [] } }) });
    const grace = await startRun(requestOf({ asker: { kind: 'slack', userId: 'U0GRACE' } }), edges.world);
    const ada = await startRun(requestOf({ asker: { kind: 'slack', userId: 'U0ADA' } }), edges.world);
    expect([grace.kind, ada.kind]).toEqual(['refused', 'run']);
    expect(edges.parents()).toHaveLength(1);
  });

  it('for a channel that the bot may not write in is reported at home, or refused if that is closed too', async () => {
    const elsewhere = await startRun(requestOf({ channel: 'C0SECRET' }), edges.world);
    expect(elsewhere.kind).toBe('run');
    expect(edges.parents()).toHaveLength(1);
    await edges.stop();
    edges = await startEdges({ catalogue: catalogueOf({ name: 'local', channel: 'C0SECRET' }) });
    const nowhere = await startRun(requestOf({ channel: 'C0OLD' }), edges.world);
    expect(nowhere).toMatchObject({ kind: 'refused', because: expect.stringContaining('/invite') });
    expect(edges.events).toEqual([]);
  });
});

describe('the end of a run', () => {
  it('told three times is one end, one message and one reply', async () => {
    const ref = await start();
    const stopped = await stoppedTask(ref);
    await Promise.all([taskStopped(stopped, edges.world), taskStopped(stopped, edges.world)]);
    await taskStopped(stopped, edges.world);
    expect(await outcomeOf(ref)).toBe('unfinished');
    expect(edges.parents()).toHaveLength(1);
    expect(edges.parents()[0]?.text).toContain('did not finish');
    expect(edges.replies()).toHaveLength(1);
  });

  it('is passed for a complete stream, and tells whoever asked in the thread', async () => {
    const ref = await start();
    await leavePassed(ref);
    await taskStopped(await stoppedTask(ref), edges.world);
    expect(await outcomeOf(ref)).toBe('passed');
    expect(edges.parents()[0]?.text).toBe('local passed: 1 scenario passed');
    expect(edges.replies().map(({ text }) => text)).toEqual(['local passed: 1 scenario passed (asked for by somebody in Slack)']);
  });

  it.each([
    ['a result that is no result', (keys: Keys) => [keys.result, Buffer.from('{"version":1,"how":"<!channel>"}')] as const],
    ['a result that is no JSON', (keys: Keys) => [keys.result, Buffer.from('{')] as const],
    ['a chunk that is not packed', (keys: Keys) => [keys.chunk(1), passedMessages] as const],
    ['progress that is nonsense', (keys: Keys) => [keys.progress, Buffer.from('[]')] as const],
  ])('is not kept from the channel by %s', async (_, hostile) => {
    const ref = await start();
    const [key, body] = hostile(shardKeys(ref.environment, ref.runId, 1));
    await edges.world.store.put(key, body, 'application/octet-stream');
    await progressMade(shardKeys(ref.environment, ref.runId, 1).progress, edges.world);
    await taskStopped(await stoppedTask(ref), edges.world);
    expect(await outcomeOf(ref)).toBe('unfinished');
    expect(edges.parents()).toHaveLength(1);
  });

  it('is not undone by progress that comes late', async () => {
    const ref = await start();
    await leavePassed(ref);
    await taskStopped(await stoppedTask(ref), edges.world);
    const { progress } = shardKeys(ref.environment, ref.runId, 1);
    await edges.world.store.create(progress, {
      version: 1,
      runId: ref.runId,
      shard: 1,
      at: new Date().toISOString(),
      step: 'running',
      counts: noCounts,
      now: [],
    });
    await progressMade(progress, edges.world);
    expect(edges.parents()[0]?.text).toContain('passed');
  });

  it('starts the run that waits, and tells it its place before', async () => {
    const first = await start();
    const second = await start();
    expect(await outcomeOf(second)).toBe('queued');
    expect(edges.parents()[1]?.text).toContain('next in line');
    await leavePassed(first);
    await taskStopped(await stoppedTask(first), edges.world);
    expect(await outcomeOf(second)).toBe('started');
    expect(edges.parents()).toHaveLength(2);
  });

  it('of a task that nobody asked for makes a run and a message of its own', async () => {
    const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/fedcba9876543210fedcba9876543210';
    const at = new Date().toISOString();
    const task = {
      taskArn,
      family: 'coldframe-local-local',
      createdAt: at,
      startedBy: 'console',
      stop: { taskArn, exitCode: 137, startedAt: at, stoppedAt: at },
    };
    await taskStopped(task, edges.world);
    await taskStopped(task, edges.world);
    expect(await outcomeOf({ environment: 'local', runId: adoptedRunId('local', taskArn) })).toBe('unfinished');
    expect(edges.parents()).toHaveLength(1);
  });

  it('of a copy of a task ("Run more like this") does not end the run it was copied from', async () => {
    const ref = await start();
    const copy = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/fedcba9876543210fedcba9876543210';
    const stopped = await stoppedTask(ref);
    await taskStopped({ ...stopped, taskArn: copy, stop: { ...stopped.stop, taskArn: copy } }, edges.world);
    expect(await outcomeOf(ref)).toBe('started');
    expect(await outcomeOf({ environment: 'local', runId: adoptedRunId('local', copy) })).toBe('unfinished');
    expect(edges.parents()).toHaveLength(2);
  });

  it('of a foreign task is nothing to us', async () => {
    const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/other/fedcba9876543210fedcba9876543210';
    await taskStopped({ taskArn, family: 'somebody-elses', createdAt: new Date().toISOString(), stop: { taskArn } }, edges.world);
    expect(edges.parents()).toEqual([]);
  });
});

describe('a cancel', () => {
  const cancelOf = ({ environment, runId }: RunRef) => ({
    version: 1 as const,
    runId,
    environment,
    askedAt: new Date().toISOString(),
    asker: { kind: 'slack' as const, userId: 'U0GRACE' },
  });

  it('of a run that is on stops its task, and the end is a cancelled one', async () => {
    const ref = await start();
    await cancelRun(cancelOf(ref), edges.world);
    expect(edges.parents()[0]?.text).toContain('being cancelled');
    await taskStopped(await stoppedTask(ref), edges.world);
    expect(await outcomeOf(ref)).toBe('cancelled');
    const [task] = await edges.world.tasks.describe([(await stoppedTask(ref)).taskArn]);
    expect(task?.desiredStatus).toBe('STOPPED');
  });

  it('of a run that waits ends it at once, and never starts it', async () => {
    const first = await start();
    const second = await start();
    await cancelRun(cancelOf(second), edges.world);
    expect(await outcomeOf(second)).toBe('cancelled');
    await leavePassed(first);
    await taskStopped(await stoppedTask(first), edges.world);
    expect(await outcomeOf(second)).toBe('cancelled');
    expect(new Set(edges.events.map((event) => event.detail.taskArn)).size).toBe(1);
  });

  it('by somebody who may not run there changes nothing', async () => {
    await edges.stop();
    edges = await startEdges({ catalogue: catalogueOf({ name: 'local', allow: { users: [], userGroups: ['S0QA'], channels: [] } }) });
    const ref = await start();
    await cancelRun(cancelOf(ref), edges.world);
    expect(await outcomeOf(ref)).toBe('started');
    expect(edges.parents()[0]?.text).not.toContain('cancelled');
  });

  it('that comes after the end changes nothing', async () => {
    const ref = await start();
    await leavePassed(ref);
    await taskStopped(await stoppedTask(ref), edges.world);
    await cancelRun(cancelOf(ref), edges.world);
    expect(await outcomeOf(ref)).toBe('passed');
  });
});

describe('the sweeper', () => {
  it('ends a run whose stop nobody reported, and lets go of it once its last word is sure', async () => {
    const ref = await start();
    const { taskArn } = await stoppedTask(ref);
    edges.ecs.kill(taskArn, 'sigkill');
    await expect.poll(() => edges.events.at(-1)?.detail.lastStatus).toBe('STOPPED');
    expect(await sweep(edges.world)).toEqual({ rescued: 1, overdue: 0, troubles: 0 });
    expect(await outcomeOf(ref)).toBe('unfinished');
    expect((await readLedger(edges.world.store, 'local')).settling).toEqual([{ runId: ref.runId }]);
    // An update from before the end may be two minutes late; and who wrote down the end may have a clock that is behind ours.
    edges.pass(2 * 60_000 + 40_000);
    await sweep(edges.world);
    expect((await readLedger(edges.world.store, 'local')).settling).toEqual([{ runId: ref.runId }]);
    edges.pass(20_000);
    await sweep(edges.world);
    expect((await readLedger(edges.world.store, 'local')).settling).toEqual([]);
    expect(edges.parents()).toHaveLength(1);
  });

  it('stops a run that is past its deadline, and calls it timed out', async () => {
    const ref = await start();
    edges.pass(25 * 60_000);
    expect(await sweep(edges.world)).toMatchObject({ overdue: 1 });
    await expect.poll(() => edges.events.at(-1)?.detail.lastStatus).toBe('STOPPED');
    await sweep(edges.world);
    expect(await outcomeOf(ref)).toBe('timed-out');
  });

  it('ends a run whose task ECS has forgotten', async () => {
    const ref = await start();
    edges.faults.ecs = ({ operation }) => (operation === 'DescribeTasks' || operation === 'ListTasks' ? { kind: 'missing' } : undefined);
    edges.pass(11 * 60_000);
    await sweep(edges.world);
    expect(await outcomeOf(ref)).toBe('unfinished');
    expect(JSON.stringify(edges.parents()[0]?.blocks)).toContain('no longer knows this task');
  });

  it('repairs a message that Slack did not take', async () => {
    const ref = await start();
    const stopped = await stoppedTask(ref);
    edges.faults.slack = (method) => (method === 'chat.update' ? { kind: 'http', status: 429, retryAfterS: 30 } : undefined);
    await expect(taskStopped(stopped, edges.world)).rejects.toThrow('not what it should be yet');
    expect(edges.parents()[0]?.text).not.toContain('did not finish');
    edges.faults.slack = undefined;
    edges.pass(3 * 60_000);
    await sweep(edges.world);
    expect(edges.parents()[0]?.text).toContain('did not finish');
  });

  it('finds a message whose post was answered by nothing, instead of posting it again', async () => {
    edges.faults.slack = (method) => (method === 'chat.postMessage' ? { kind: 'lost' } : undefined);
    const ref = await start();
    edges.faults.slack = undefined;
    edges.pass(6 * 60_000);
    await sweep(edges.world);
    expect(edges.parents()).toHaveLength(1);
    await leavePassed(ref);
    await taskStopped(await stoppedTask(ref), edges.world);
    expect(edges.parents().map((message) => message.text)).toEqual(['local passed: 1 scenario passed']);
  });
});
