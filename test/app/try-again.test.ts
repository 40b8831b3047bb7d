import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advance } from '../../src/app/advance.ts';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { launch } from '../../src/app/launch.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { type RunRef, readPlan, readRun } from '../../src/app/run-store.ts';
import { sweep } from '../../src/app/sweep.ts';
import type { EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import { settleMs } from '../../src/run/deadline.ts';
import { shardKeys } from '../../src/run/keys.ts';
import { attemptParameters } from '../../src/run/plan.ts';
import { newRun } from '../../src/run/run.ts';
import { catalogueOf } from '../catalogue.ts';
import { someOf } from '../every-row.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { failedMessages, passedMessages } from './messages.ts';
import { mortal } from './mortal.ts';
import * as steps from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 3 }) });
});
afterEach(async () => await edges.stop());

const minuteMs = 60_000;
const noCapacity: EcsDisturbance = {
  kind: 'failures',
  failures: [{ reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' }],
};
const throttled: EcsDisturbance = { kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' };
const interfaceLate = 'Timeout waiting for network interface provisioning to complete.';

/** ECS refuses the first so many of RunTask, or all; gives the tokens that were asked for. */
function refuse(trouble: EcsDisturbance, times = Number.POSITIVE_INFINITY): string[] {
  const tokens: string[] = [];
  edges.faults.ecs = ({ operation, input }) => {
    if (operation !== 'RunTask') return undefined;
    const [, token = ''] = /"clientToken":"([^"]*)"/.exec(JSON.stringify(input)) ?? [];
    tokens.push(token);
    return new Set(tokens).size <= times ? trouble : undefined;
  };
  return tokens;
}

const shown = (): string => JSON.stringify(edges.parents().at(-1)?.blocks);
const sweepAfter = async (passMs: number) => {
  edges.pass(passMs);
  await sweep(edges.world);
};
/** The run's task never came to its container. */
async function failToStart(ref: RunRef, stoppedReason: string, world = edges.world) {
  const { stop, ...task } = await steps.stoppedTask(edges, ref);
  const run = await readRun(edges.world.store, ref);
  const attempt = run?.phase.kind === 'started' ? (run.phase.retries?.[0]?.lost.length ?? 0) + 1 : 1;
  const stopped = {
    ...task,
    attempt,
    stop: { taskArn: stop.taskArn, stopCode: 'TaskFailedToStart', stoppedReason, stoppedAt: new Date().toISOString() },
  };
  await taskStopped(stopped, world);
  return stopped;
}

describe('a run for which AWS has no capacity', () => {
  it('is tried again, says so while it goes on, and how it came when it has ended', async () => {
    const tokens = refuse(noCapacity, 2);
    const ref = await steps.start(edges);
    expect(await steps.outcomeOf(edges, ref)).toBe('started');
    expect(shown()).toContain('no Fargate capacity free for this task at the moment. Trying again (2 of 3) by <!date^');
    // Too early: somebody else's task may be there yet.
    await sweep(edges.world);
    expect(new Set(tokens).size).toBe(1);
    await sweepAfter(4 * minuteMs);
    expect(shown()).toContain('Trying again (3 of 3) by');
    await sweepAfter(4 * minuteMs);
    expect(edges.ecs.tasks()).toHaveLength(1);
    expect(new Set(tokens)).toEqual(new Set([`${ref.runId}-s1`, `${ref.runId}-s1-a2`, `${ref.runId}-s1-a3`]));
    await steps.leavePassed(edges, ref);
    await taskStopped(await steps.stoppedTask(edges, ref), edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
    expect(shown()).toContain('· started at the third attempt ·');
    expect(edges.parents()).toHaveLength(1);
  });

  it.each([
    ['capacity', noCapacity, 'no Fargate capacity'],
    ['patience', throttled, 'asked for too many tasks at once'],
  ])('ends as not started after the third attempt, for want of %s, and frees its places', async (_, trouble, words) => {
    refuse(trouble);
    const ref = await steps.start(edges);
    await sweepAfter(4 * minuteMs);
    await sweepAfter(4 * minuteMs);
    // Throttled, ECS does not say that there is no task: the next sweep sees that.
    if (trouble === throttled) await sweepAfter(5 * minuteMs);
    expect(await steps.outcomeOf(edges, ref)).toBe('not-started');
    expect(shown()).toContain(words);
    expect(shown()).toContain('Tried 3 times within 8 minutes');
    expect(edges.parents()).toHaveLength(1);
    expect((await readLedger(edges.world.store, 'local')).active).toEqual([]);
  });

  it('is cancelled at once while it waits', async () => {
    refuse(noCapacity);
    const ref = await steps.start(edges);
    const asker = { kind: 'slack', userId: 'U0ADA' } as const;
    const cancel = { version: 1, ...ref, runId: ref.runId, askedAt: new Date(edges.world.nowMs()).toISOString(), asker } as const;
    await cancelRun(cancel, edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('cancelled');
    expect((await readLedger(edges.world.store, 'local')).active).toEqual([]);
  });

  it('keeps the task that somebody else was given for the attempt that it was refused', async () => {
    refuse(noCapacity);
    const ref = await steps.start(edges);
    edges.faults.ecs = undefined;
    await launch(ref, newRun(ref.runId, ref.environment), edges.world);
    await sweepAfter(4 * minuteMs);
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['RUNNING']);
    expect(shown()).toContain('Fargate is starting the task');
    expect(shown()).not.toContain('attempt');
  });

  it('stops the task that somebody else was given for it when another one is on', async () => {
    const tokens = refuse(noCapacity, 1);
    const ref = await steps.start(edges);
    await sweepAfter(4 * minuteMs);
    edges.faults.ecs = undefined;
    await launch(ref, newRun(ref.runId, ref.environment), edges.world);
    expect(new Set(tokens).size).toBe(2);
    expect(
      edges.ecs
        .tasks()
        .map((task) => task.desiredStatus)
        .toSorted(),
    ).toEqual(['RUNNING', 'STOPPED']);
    expect(await steps.outcomeOf(edges, ref)).toBe('started');
  });

  // Seeds 168 and 778: throttled, ECS does not say that there is a task already.
  it.each(['the sweep', 'its end'])(
    'has no second task where whoever was given the first died before saying so: %s finds that one',
    async (by) => {
      refuse(throttled);
      const ref = await steps.start(edges);
      edges.faults.ecs = undefined;
      const [task] = (await readPlan(edges.world.store, ref))?.tasks ?? [];
      if (task !== undefined) await edges.world.tasks.run(task);
      edges.pass(4 * minuteMs);
      await advance(ref.environment, edges.world, [ref.runId]);
      if (by === 'the sweep') await sweep(edges.world);
      await steps.leavePassed(edges, ref);
      await taskStopped(steps.endOf(ref, edges.ecs.tasks()[0]?.arn ?? ''), edges.world);
      expect(await steps.outcomeOf(edges, ref)).toBe('passed');
      expect(edges.ecs.tasks()).toHaveLength(1);
    },
  );

  // Seeds 10062880 and 10010355: the task came to be after the sweep had looked, and before it went on.
  it('is not followed by a sweep that looked before what was given up must have landed', async () => {
    const tokens = refuse(throttled);
    const ref = await steps.start(edges);
    const refusedAtMs = edges.world.nowMs();
    edges.pass(10 * minuteMs);
    const sweptAt = (tasksSeenAtMs: number | undefined) => advance(ref.environment, edges.world, { kind: 'sweep', tasksSeenAtMs });
    for (const seenAtMs of [undefined, refusedAtMs, refusedAtMs + 2 * minuteMs]) await sweptAt(seenAtMs);
    expect(new Set(tokens).size).toBe(1);
    await sweptAt(refusedAtMs + settleMs);
    expect(new Set(tokens).size).toBe(2);
  });

  it('waits with that shard only: the others run', async () => {
    edges.faults.ecs = ({ operation, input }) => (operation === 'RunTask' && /-s2"/.test(JSON.stringify(input)) ? noCapacity : undefined);
    const ref = await steps.start(edges, requestOf({ command: { environment: 'local', features: [], shards: 3 } }));
    expect(edges.ecs.tasks()).toHaveLength(2);
    expect(shown()).toContain('Shard 2: AWS has no Fargate capacity');
    await sweepAfter(4 * minuteMs);
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    expect(await steps.outcomeOf(edges, ref)).toBe('started');
  });
});

describe('a task that never came to its container', () => {
  it('for a reason that passes is replaced at once; what is heard of it later is harmless', async () => {
    const ref = await steps.start(edges);
    const first = await failToStart(ref, interfaceLate);
    expect(await steps.outcomeOf(edges, ref)).toBe('started');
    expect(edges.ecs.tasks()).toHaveLength(2);
    expect(shown()).toContain('This is attempt 2 of 3.');
    await taskStopped(first, edges.world);
    await taskStopped(first, edges.world);
    expect(edges.ecs.tasks()).toHaveLength(2);
    await steps.leavePassed(edges, ref);
    const { attempt: _, ...second } = { ...(await steps.stoppedTask(edges, ref)), attempt: 1 };
    await taskStopped({ ...second, attempt: 2 }, edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
    await taskStopped(first, edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
    expect(edges.parents()).toHaveLength(1);
  });

  it.each(someOf([1, 2, 3, 5, 7, 9, 12], 2))(
    'is replaced by one task, though whoever heard of it was killed after call %i',
    async (call) => {
      const ref = await steps.start(edges);
      const first = await steps.stoppedTask(edges, ref);
      await failToStart(ref, interfaceLate, mortal(edges.world, { death: { call, isDone: true } })).catch(() => {});
      const stop = { taskArn: first.taskArn, stopCode: 'TaskFailedToStart', stoppedReason: interfaceLate };
      await taskStopped({ ...first, stop }, edges.world);
      await sweep(edges.world);
      expect(edges.ecs.tasks()).toHaveLength(2);
      expect(edges.ecs.tasks().filter((task) => task.desiredStatus === 'RUNNING')).toHaveLength(1);
      expect(await steps.outcomeOf(edges, ref)).toBe('started');
    },
  );

  it('is replaced twice and not more often', async () => {
    const ref = await steps.start(edges);
    for (let attempt = 1; attempt <= 3; attempt += 1) await failToStart(ref, interfaceLate);
    expect(edges.ecs.tasks()).toHaveLength(3);
    expect(await steps.outcomeOf(edges, ref)).toBe('not-started');
    expect(shown()).toContain('Tried 3 times');
  });

  // Seed 700271: the task of the last attempt was there, and the run was told as not started.
  it('ends as not started after a throttled last attempt only when a sweep has seen that there is no task', async () => {
    const [ref, other] = [
      await steps.start(edges),
      await steps.start(edges, requestOf({ key: 'command:other', text: '/run-tests local @other' })),
    ];
    for (const run of [ref, other]) await failToStart(run, interfaceLate);
    refuse(throttled);
    for (const run of [ref, other]) await failToStart(run, interfaceLate);
    expect(await steps.outcomeOf(edges, ref)).toBe('started');
    edges.faults.ecs = undefined;
    // Whoever was given it before has died since.
    const [task] = (await readPlan(edges.world.store, ref))?.tasks ?? [];
    if (task !== undefined) await edges.world.tasks.run(attemptParameters(task, 3, 1));
    await sweepAfter(5 * minuteMs);
    expect([await steps.outcomeOf(edges, ref), await steps.outcomeOf(edges, other)]).toEqual(['started', 'not-started']);
    await steps.leavePassed(edges, ref);
    await taskStopped({ ...steps.endOf(ref, edges.ecs.tasks().at(-1)?.arn ?? ''), attempt: 3 }, edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
  });

  it.each([
    [
      'an image that is not there',
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref x: not found',
    ],
    ['a subnet without a way out', 'CannotPullContainerError: ref pull has been retried 5 time(s): dial tcp 1.2.3.4:443: i/o timeout'],
    [
      'a role that may not',
      'ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR',
    ],
  ])('for %s is not', async (_, reason) => {
    const ref = await steps.start(edges);
    await failToStart(ref, reason);
    expect(edges.ecs.tasks()).toHaveLength(1);
    expect(await steps.outcomeOf(edges, ref)).toBe('not-started');
    expect(shown()).not.toContain('Tried');
  });
});

describe('a task on Spot that AWS takes back in the middle', () => {
  const spot = () => startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 3, capacity: 'spot' }) });
  /** AWS ends the task of the run's first attempt, whose container has begun. */
  async function takeBack(ref: RunRef) {
    const { stop, ...task } = await steps.stoppedTask(edges, ref);
    const interrupted = { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', exitCode: 143 };
    const taken = { ...task, stop: { ...stop, ...interrupted } };
    await taskStopped(taken, edges.world);
    return taken;
  }
  beforeEach(async () => {
    await edges.stop();
    edges = await spot();
  });

  it('runs again on demand, once, and nothing of what it said is mixed with what the other one says', async () => {
    const ref = await steps.start(edges);
    const keys = shardKeys(ref.environment, ref.runId, 1);
    for (const number of [1, 2]) await edges.world.store.put(keys.chunk(number), gzipSync(failedMessages), 'application/gzip');
    const first = await takeBack(ref);
    expect(shown()).toContain(
      'AWS took back the Spot capacity the task ran on. All that it had to run runs again on demand, from the beginning.',
    );
    await taskStopped(first, edges.world);
    await sweep(edges.world);
    expect(edges.ecs.tasks().map(({ capacityProvider }) => capacityProvider)).toEqual(['FARGATE_SPOT', undefined]);
    await steps.leaveMessages(edges, ref, passedMessages, 0, 1, 2);
    const second = await steps.stoppedTask(edges, ref);
    await taskStopped({ ...second, attempt: 2 }, edges.world);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
    expect(edges.parents()[0]?.text).toBe('local passed: 1 scenario passed');
    expect(shown()).toContain('ran again on demand, as AWS took Spot capacity back');
    expect(edges.parents()).toHaveLength(1);
  });

  it('does not when it had come to its own end', async () => {
    const ref = await steps.start(edges);
    await steps.leavePassed(edges, ref);
    await takeBack(ref);
    expect(await steps.outcomeOf(edges, ref)).toBe('passed');
    expect(edges.ecs.tasks()).toHaveLength(1);
  });

  it('does not when too little time is left: what it had said is told', async () => {
    const ref = await steps.start(edges);
    const cutOff = passedMessages.subarray(0, passedMessages.lastIndexOf('\n', -2) + 1);
    await edges.world.store.put(shardKeys(ref.environment, ref.runId, 1).chunk(1), gzipSync(cutOff), 'application/gzip');
    edges.pass(16 * minuteMs);
    await takeBack(ref);
    expect(await steps.outcomeOf(edges, ref)).toBe('unfinished');
    expect(edges.parents()[0]?.text).toMatch(/did not finish.*1 passed/);
    expect(shown()).toContain('AWS took back the Spot capacity');
    expect(edges.ecs.tasks()).toHaveLength(1);
  });
});
