import type { TaskStart } from '../aws/tasks.ts';
import { noCounts } from '../outcome/counts.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { StopReason } from '../outcome/stop.ts';
import { isAwaited, isExpired } from '../run/approval.ts';
import { afterLoss, type ShardTask } from '../run/attempt.ts';
import type { AuditEntry } from '../run/audit.ts';
import { startAllowanceMs } from '../run/deadline.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { keepAudit } from './keep-audit.ts';
import { changeStoredRun, type RunRef, readPlan } from './run-store.ts';
import { cancelledReason, stopTasks } from './stop-tasks.ts';
import { recordTask } from './try-again.ts';
import type { World } from './world.ts';

/**
 * Starts the tasks of a run that has its places, or ends it when that cannot be; gives the run as it stands then.
 * Safe to repeat: ECS gives the same tasks for the same tokens, and a run starts once.
 */
export async function launch(ref: RunRef, run: Run, world: World): Promise<Run> {
  const plan = await readPlan(world.store, ref);
  if (plan === undefined) throw new Error(`run ${ref.runId} has no plan`);
  if (run.cancel !== undefined) {
    const ended = await end(ref, { kind: 'cancelled', counts: noCounts, failures: [], by: run.cancel.by }, world);
    // Somebody else has started it meanwhile.
    if (ended.phase.kind === 'started') await stopTasks(ended.phase.tasks, cancelledReason(ref), world);
    return ended;
  }

  // Whatever the ledger says: what it says is written after the yes, or before it was asked for.
  if (isAwaited(run.approval)) {
    if (!isExpired(run.approval, world.nowMs())) return run;
    // First, as nobody comes by again once it has ended; the same entry twice is one.
    await keepAudit(ofExpiry(plan, run.approval), ref.runId, world);
    return await end(ref, { kind: 'not-started', stop: notApproved(run) }, world);
  }

  const { tasks, refusals } = await startTasks(plan, world);
  const final = refusals.find(({ stop }) => stop.retried === undefined)?.stop;
  if (final !== undefined) {
    const stop = plan.tasks.length > 1 ? { ...final, what: notAllText(tasks.length, plan.tasks.length, final) } : final;
    const ended = await end(ref, { kind: 'not-started', stop }, world);
    // Somebody else may have started all of it meanwhile: then these are that run's tasks.
    if (ended.phase.kind === 'finished') await stopTasks(tasks, `Coldframe could not start every task of ${ref.runId}`, world);
    return ended;
  }

  const nowMs = world.nowMs();
  const at = new Date(nowMs).toISOString();
  const { limitMs } = plan.suite;
  const deadlineMs = nowMs + limitMs + startAllowanceMs;
  const retries = refusals.map(({ shard, ...refusal }) => ({
    shard,
    lost: [{ at, stop: refusal.stop }],
    next: afterLoss({ ...refusal, hadTask: false, lost: 1, nowMs, deadlineMs, limitMs }),
  }));
  const started = await changeStoredRun(world.store, ref, {
    ...{ kind: 'started', at, deadlineAt: new Date(deadlineMs).toISOString(), tasks },
    ...(retries.length > 0 && { retries }),
  });
  world.log('info', 'run started', { runId: ref.runId, tasks: tasks.map((task) => task.taskArn), refused: retries.length });
  // It may have been cancelled, or have ended, while ECS was starting its tasks.
  const isUnwanted = started.phase.kind === 'finished' || started.cancel !== undefined;
  if (isUnwanted) {
    await stopTasks(tasks, cancelledReason(ref), world);
    return started;
  }
  // Somebody else may have started it a moment ago, and was refused what we were given.
  let now = started;
  for (const { shard, taskArn } of tasks) if (!isKnown(now, taskArn)) now = await recordTask({ ref, shard, attempt: 1 }, taskArn, world);
  return now;
}

const isKnown = ({ phase }: Run, taskArn: string): boolean =>
  phase.kind === 'started' && phase.tasks.some((task) => task.taskArn === taskArn);

/** Nobody has said yes: the entry is as old as the time that was given. */
const ofExpiry = ({ environment, asker, runId, channel, askedAt }: RunPlan, approval: Run['approval']): AuditEntry => ({
  ...{ version: 1, at: approval?.until ?? askedAt, by: asker, environment, deed: 'approval-expired', text: runId },
  ...(channel !== '' && { channel }),
  came: { kind: 'refused', because: `nobody${approval?.by.length ? ' else' : ''} approved it in time` },
});

const notApproved = ({ approval }: Run): StopReason => ({
  what: `Nobody${approval?.by.length ? ' else' : ''} approved it in time.`,
  next: 'Ask for it again, and tell somebody who may approve it.',
  raw: `no approval until ${approval?.until ?? 'its end'}`,
  isTransient: false,
});

/** ECS takes so many RunTask at once without throttling us. */
const startsAtOnce = 10;

/**
 * Asks for a task for each shard. Once ECS refuses one for good, no further ones are asked for: a run with a shard less can't pass.
 */
async function startTasks({ tasks: wanted }: RunPlan, { tasks: ecs }: World) {
  const tasks: ShardTask[] = [];
  const refusals: (Extract<TaskStart, { kind: 'refused' }> & { readonly shard: number })[] = [];
  for (let from = 0; from < wanted.length; from += startsAtOnce) {
    const next = wanted.slice(from, from + startsAtOnce);
    const starts = await Promise.all(next.map(async (parameters) => ({ shard: parameters.shard, start: await ecs.run(parameters) })));
    for (const { shard, start } of starts) {
      if (start.kind === 'started') tasks.push({ shard, taskArn: start.taskArn });
      else refusals.push({ shard, ...start });
    }
    if (refusals.some(({ stop }) => stop.retried === undefined)) break;
  }
  return { tasks, refusals };
}

const notAllText = (started: number, of: number, { what }: StopReason): string =>
  started === 0 ? what : `${what} Of ${of} tasks ${started} could be started; they were stopped, as a run with a shard less cannot pass.`;

/** Ends a run that has no task, and gives it as it stands then: one that was started meanwhile goes on. */
export async function end(ref: RunRef, outcome: Outcome, { store, nowMs, log }: World): Promise<Run> {
  const at = new Date(nowMs()).toISOString();
  const run = await changeStoredRun(store, ref, { kind: 'finished-unstarted', at, outcome });
  if (run.phase.kind === 'finished') log('info', 'run ended', { runId: ref.runId, outcome: run.phase.outcome.kind });
  return run;
}
