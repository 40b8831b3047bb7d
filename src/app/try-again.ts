import { afterLoss, type LostAttempt, type Retry, retryOf } from '../run/attempt.ts';
import { settleMs, stopAllowanceMs } from '../run/deadline.ts';
import { shardKeys } from '../run/keys.ts';
import { attemptParameters, type RunPlan } from '../run/plan.ts';
import { type Run, takeOfShard } from '../run/run.ts';
import { taskIdOf } from '../run/run-id.ts';
import type { ShardStopped } from '../run/shard.ts';
import { changeStoredRun, type RunRef, readPlan } from './run-store.ts';
import { cancelledReason, stopTasks } from './stop-tasks.ts';
import type { World } from './world.ts';

/** One attempt at a shard. */
export interface Attempt {
  readonly ref: RunRef;
  readonly shard: number;
  /** From 1. */
  readonly attempt: number;
}

/**
 * Asks for the tasks of a run that are to be tried again and whose time has come, and gives the run as it stands then. Shards that are
 * not tried any more have ended, for all who look. Safe to repeat: which attempt it is was written down before ECS was asked.
 *
 * A refusal does not tell whether there is a task: throttled, ECS says nothing of the one that somebody else was given for the same
 * attempt, who has died since. So it is followed only by a sweep that has seen all tasks when that one must have been there.
 */
export async function tryAgain(
  ref: RunRef,
  { run, tasksSeenAtMs }: { readonly run: Run; readonly tasksSeenAtMs: number | undefined },
  world: World,
): Promise<Run> {
  const open = openRetries(run);
  if (open.length === 0) return run;
  const plan = await readPlan(world.store, ref);
  if (plan === undefined) throw new Error(`run ${ref.runId} has no plan`);
  let now = run;
  for (const { shard } of open) now = await tryShard(plan, ref, { run: now, shard, tasksSeenAtMs }, world);
  for (const retry of openRetries(now)) if (retry.next?.kind === 'none') await sayStopped(ref, now, retry, world);
  return now;
}

/** The shards of a run that is on of which it is known that an attempt was lost, and of the next one nothing yet. */
export const openRetries = ({ phase }: Run): readonly Retry[] =>
  phase.kind === 'started' ? (phase.retries ?? []).filter(({ next }) => next !== undefined) : [];

async function tryShard(
  plan: RunPlan,
  ref: RunRef,
  { run, shard, tasksSeenAtMs }: { run: Run; shard: number; tasksSeenAtMs: number | undefined },
  world: World,
): Promise<Run> {
  const retry = run.phase.kind === 'started' ? retryOf(run.phase, shard) : undefined;
  const task = plan.tasks[shard - 1];
  if (run.phase.kind !== 'started' || retry?.next === undefined || retry.next.kind === 'none' || task === undefined) return run;
  const attempt = { ref, shard, attempt: retry.lost.length + 1 };
  const settledAtMs = Date.parse(retry.lost.at(-1)?.at ?? '') + settleMs;
  const hasSeenTasks = tasksSeenAtMs !== undefined && tasksSeenAtMs >= settledAtMs;
  // It would have found that attempt's task.
  if (retry.next.kind === 'doubtful') return hasSeenTasks ? await change('attempts-given-up', attempt, world) : run;
  const isWaiting = retry.next.kind === 'waiting';
  const nowMs = world.nowMs();
  // Of a task that was asked for, the last one to hear of it may have died: it must be asked for once more to be stopped.
  const lastMs = Date.parse(run.phase.deadlineAt) + (isWaiting ? 0 : stopAllowanceMs);
  if (nowMs > lastMs || (isWaiting && run.cancel !== undefined)) return await change('attempts-given-up', attempt, world);
  const wasRefused = retry.lost.at(-1)?.taskArn === undefined;
  if (retry.next.kind === 'waiting' && (nowMs < Date.parse(retry.next.at) || (wasRefused && !hasSeenTasks))) return run;
  const asked = isWaiting ? await change('attempt-asked', attempt, world) : run;
  const isAsked = asked.phase.kind === 'started' && retryOf(asked.phase, shard)?.next?.kind === 'asked';
  if (!isAsked) return asked;
  const start = await world.tasks.run(attemptParameters(task, attempt.attempt, takeOfShard(asked, shard)));
  if (start.kind === 'refused') {
    const { kind: _, ...refusal } = start;
    return await loseAttempt({ plan, run: asked }, attempt, refusal, world);
  }
  world.log('info', 'task tried again', { runId: ref.runId, shard, attempt: attempt.attempt, taskArn: start.taskArn });
  return await recordTask(attempt, start.taskArn, world);
}

const change = (kind: 'attempt-asked' | 'attempts-given-up', { ref, shard, attempt }: Attempt, { store }: World): Promise<Run> =>
  changeStoredRun(store, ref, { kind, shard, attempt });

/** Writes down that an attempt has a task, and gives the run as it stands then. A task that nobody waits for is stopped. */
export async function recordTask({ ref, shard, attempt }: Attempt, taskArn: string, world: World): Promise<Run> {
  const at = new Date(world.nowMs()).toISOString();
  const run = await changeStoredRun(world.store, ref, { kind: 'attempt-begun', shard, attempt, taskArn, at });
  const isOn = run.phase.kind === 'started' && run.phase.tasks.some((task) => taskIdOf(task.taskArn) === taskIdOf(taskArn));
  if (!isOn) await stopTasks([{ taskArn }], `Coldframe run ${ref.runId} has no use for this task any more`, world);
  else if (run.cancel !== undefined) await stopTasks([{ taskArn }], cancelledReason(ref), world);
  return run;
}

/** Writes down that an attempt came to nothing, and when the next one is made, if there is one; gives the run as it stands then. */
export async function loseAttempt(
  { plan, run }: { readonly plan: RunPlan; readonly run: Run },
  { ref, shard, attempt }: Attempt,
  { mayBeThere, ...loss }: Omit<LostAttempt, 'at'> & { readonly mayBeThere?: true },
  world: World,
): Promise<Run> {
  const nowMs = world.nowMs();
  const deadlineMs = run.phase.kind === 'started' ? Date.parse(run.phase.deadlineAt) : nowMs;
  const times = { nowMs, deadlineMs, limitMs: plan.suite.limitMs };
  const hadTask = loss.taskArn !== undefined;
  const next = afterLoss({ stop: loss.stop, hadTask, ...(mayBeThere && { mayBeThere }), lost: attempt, ...times });
  const lost = { at: new Date(nowMs).toISOString(), ...loss };
  world.log('warn', 'attempt lost', { runId: ref.runId, shard, attempt, because: loss.stop.raw, next });
  return await changeStoredRun(world.store, ref, { kind: 'attempt-lost', shard, attempt, lost, next });
}

/** A shard that is not tried again has stopped, as any other whose task has. */
async function sayStopped(ref: RunRef, run: Run, { shard, lost }: Retry, { store }: World): Promise<void> {
  const last = lost.at(-1);
  if (last === undefined) return;
  // What a container has said that AWS took back is all there is, if no other one came.
  const begun = lost.findLast((one) => one.begun !== undefined)?.begun;
  const stop = begun ?? { taskArn: last.taskArn ?? '', stoppedAt: last.at };
  const stopped: ShardStopped = { version: 1, runId: ref.runId, shard, stop, ...(last.begun === undefined && { why: last.stop }) };
  await store.create(shardKeys(ref.environment, ref.runId, shard, takeOfShard(run, shard)).stopped, stopped);
}
