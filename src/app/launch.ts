import { noCounts } from '../outcome/counts.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { StopReason } from '../outcome/stop.ts';
import { startAllowanceMs } from '../run/deadline.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run, ShardTask } from '../run/run.ts';
import { changeStoredRun, type RunRef, readPlan } from './run-store.ts';
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

  const { tasks, refusal } = await startTasks(plan, world);
  if (refusal !== undefined) {
    const stop = plan.tasks.length > 1 ? { ...refusal, what: notAllText(tasks.length, plan.tasks.length, refusal) } : refusal;
    const ended = await end(ref, { kind: 'not-started', stop }, world);
    // Somebody else may have started all of it meanwhile: then these are that run's tasks.
    if (ended.phase.kind === 'finished') await stopTasks(tasks, `Coldframe could not start every task of ${ref.runId}`, world);
    return ended;
  }

  const nowMs = world.nowMs();
  const deadlineAt = new Date(nowMs + plan.suite.limitMs + startAllowanceMs).toISOString();
  const started = await changeStoredRun(world.store, ref, { kind: 'started', at: new Date(nowMs).toISOString(), deadlineAt, tasks });
  world.log('info', 'run started', { runId: ref.runId, tasks: tasks.map((task) => task.taskArn) });
  // It may have been cancelled, or have ended, while ECS was starting its tasks.
  const isUnwanted = started.phase.kind === 'finished' || started.cancel !== undefined;
  if (isUnwanted) await stopTasks(tasks, cancelledReason(ref), world);
  return started;
}

/** ECS takes so many RunTask at once without throttling us. */
const startsAtOnce = 10;

/** Starts a task for each shard; once ECS refuses one, no further ones are asked for: a run with a shard less can't pass. */
async function startTasks({ tasks: wanted }: RunPlan, { tasks: ecs }: World) {
  const tasks: ShardTask[] = [];
  for (let from = 0; from < wanted.length; from += startsAtOnce) {
    const next = wanted.slice(from, from + startsAtOnce);
    const starts = await Promise.all(next.map(async (parameters) => ({ shard: parameters.shard, start: await ecs.run(parameters) })));
    for (const { shard, start } of starts) if (start.kind === 'started') tasks.push({ shard, taskArn: start.taskArn });
    const refused = starts.find(({ start }) => start.kind === 'refused')?.start;
    if (refused?.kind === 'refused') return { tasks, refusal: refused.stop };
  }
  return { tasks, refusal: undefined };
}

const notAllText = (started: number, of: number, { what }: StopReason): string =>
  started === 0 ? what : `${what} Of ${of} tasks ${started} could be started; they were stopped, as a run with a shard less cannot pass.`;

/** What we tell ECS when we stop the task of a run that somebody has had enough of. */
export const cancelledReason = ({ runId }: Pick<RunRef, 'runId'>): string => `Coldframe run ${runId} was cancelled`;

/** Asks ECS to stop these tasks; those that have stopped already are left alone. */
export async function stopTasks(tasks: readonly ShardTask[], reason: string, { tasks: ecs }: World): Promise<void> {
  await Promise.all(tasks.map((task) => ecs.stop(task.taskArn, reason)));
}

/** Ends a run that has no task, and gives it as it stands then: one that was started meanwhile goes on. */
export async function end(ref: RunRef, outcome: Outcome, { store, nowMs, log }: World): Promise<Run> {
  const at = new Date(nowMs()).toISOString();
  const run = await changeStoredRun(store, ref, { kind: 'finished-unstarted', at, outcome });
  if (run.phase.kind === 'finished') log('info', 'run ended', { runId: ref.runId, outcome: run.phase.outcome.kind });
  return run;
}
