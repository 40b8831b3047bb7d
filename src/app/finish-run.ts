import { explainStop, type TaskStop } from '../outcome/stop.ts';
import { takeAt } from '../run/attempt.ts';
import { shardKeys } from '../run/keys.ts';
import { isOnSpot, type RunPlan } from '../run/plan.ts';
import { taskStanding } from '../run/run.ts';
import type { ShardStopped } from '../run/shard.ts';
import { advance, mustBeTold } from './advance.ts';
import { endIfStopped, tryAfter } from './end-run.ts';
import { followHomes } from './homes.ts';
import { publish } from './publish.ts';
import { changeStoredRun, type RunRef, readPlan, readResult, readRun } from './run-store.ts';
import { type KnownTask, type Owner, ownerOf } from './task-owner.ts';
import { loseAttempt } from './try-again.ts';
import type { World } from './world.ts';
import { writeHistory } from './write-history.ts';

/** A task that has stopped, and what AWS says about it. */
export interface StoppedTask extends KnownTask {
  readonly stop: TaskStop;
}

/**
 * Records that a task has stopped and ends its run when it was the last one.
 * The first word about a task stands: the same event again, or the sweeper's finding, changes nothing.
 */
export async function taskStopped(task: StoppedTask, world: World): Promise<void> {
  const owner = await ownerOf(task, world);
  if (owner === undefined) return;
  const { ref, shard } = owner;
  if (owner.isPast && !(await isTaken(task, owner, world)))
    return world.log('info', 'past attempt ignored', { runId: ref.runId, shard, taskArn: task.taskArn });
  if (await wasLost(task.stop, owner, world)) return await advance(ref.environment, world, [ref.runId]);
  const stopped: ShardStopped = { version: 1, runId: ref.runId, shard, stop: task.stop };
  const take = owner.run === undefined || owner.run.phase.kind === 'queued' ? 1 : takeAt(owner.run.phase, shard, owner.attempt);
  await world.store.create(shardKeys(ref.environment, ref.runId, shard, take).stopped, stopped);
  await finishRun(ref, world);
}

/**
 * Whether a task that was another one's attempt is the run's all the same: whoever was given it has died before writing so, and who
 * was refused it meanwhile has not gone on. What it has done counts; it is not done again.
 */
async function isTaken({ taskArn }: StoppedTask, { ref, shard, attempt }: Owner, { store, nowMs }: World): Promise<boolean> {
  const at = new Date(nowMs()).toISOString();
  const run = await changeStoredRun(store, ref, { kind: 'attempt-begun', shard, attempt, taskArn, at });
  return run.phase.kind === 'started' && taskStanding(run, { taskArn, shard, attempt }) === 'current';
}

/**
 * Whether the task never came to its container for a reason that passes, or AWS took it back from Spot in the middle: then `advance`
 * sees to what comes next, if anything does.
 */
async function wasLost(task: TaskStop, { ref, shard, attempt }: Owner, world: World): Promise<boolean> {
  const stop = explainStop(task);
  if (stop.retried === undefined) return false;
  const run = await readRun(world.store, ref);
  const plan = await readPlan(world.store, ref);
  if (run === undefined || plan === undefined || plan.tasks.length === 0) return false;
  const hasBegun = task.startedAt !== undefined;
  if (hasBegun && !(await isTakenBack(plan, { shard, attempt }, world))) return false;
  // Whoever started it has yet to write so: the second event, or the sweep, finds it written.
  if (run.phase.kind === 'queued') return true;
  const lost = { stop, taskArn: task.taskArn, ...(hasBegun && { begun: task }) };
  const now = await loseAttempt({ plan, run }, { ref, shard, attempt }, lost, world);
  return taskStanding(now, { taskArn: task.taskArn, shard, attempt }) === 'past';
}

/** Whether what was on is to run again: the environment's tasks are on Spot, which says so, and this one has not come to its own end. */
async function isTakenBack(plan: RunPlan, { shard, attempt }: Pick<Owner, 'shard' | 'attempt'>, { store }: World): Promise<boolean> {
  const task = plan.tasks[shard - 1];
  // Only the first attempt is on Spot.
  if (task === undefined || !isOnSpot(task) || attempt !== 1) return false;
  const result = await readResult(store, plan, { shard, take: 1 });
  return result === undefined || result.how === 'stopped';
}

/** Ends the run if all its tasks have stopped, and sees it out. Harmless at any time, any number of times. */
export async function finishRun(ref: RunRef, world: World): Promise<void> {
  const ended = await endIfStopped(ref, world);
  if (ended === undefined) return;
  const { report, stops } = ended;
  await advance(ref.environment, world, [ref.runId]);
  const told = await publish(ref, 'changed', world);
  // Nobody waits for it, so people are told first.
  if (report !== undefined) await tryAfter(ref, 'report not complete', world, report.writeBeside);
  if (stops.length > 0) await tryAfter(ref, 'history not shown', world, () => writeHistory(ref.environment, world));
  if (stops.length > 0) await followHomes(world);
  mustBeTold(ref, told);
  const stoppedAtMs = Math.max(...stops.map(({ stop }) => Date.parse(stop.stoppedAt ?? '')));
  if (Number.isFinite(stoppedAtMs))
    world.log('info', 'run told', { runId: ref.runId, afterStopMs: Math.max(0, world.nowMs() - stoppedAtMs) });
}
