import { startAllowanceMs } from '../run/deadline.ts';
import { runKeys } from '../run/keys.ts';
import { seat } from '../run/ledger.ts';
import { adoptedPlan, defaultSuitePlan } from '../run/plan.ts';
import { changeRun, newRun } from '../run/run.ts';
import { changeLedger } from './ledger-store.ts';
import { type RunRef, readRun } from './run-store.ts';
import type { World } from './world.ts';

/** A task of ours that no request of ours has started. */
export interface UnaskedTask {
  readonly environment: string;
  readonly taskArn: string;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly startedBy?: string;
}

/**
 * Makes a run of a task that somebody started by hand (in the console, by another tool), so that it is followed and
 * reported like any other. Undefined when its environment is not in coldframe.yml (any more).
 */
export async function adoptTask(task: UnaskedTask, world: World): Promise<RunRef | undefined> {
  const environment = world.catalogue.get(task.environment);
  if (environment === undefined) {
    world.log('warn', 'task not adopted', { taskArn: task.taskArn, because: `coldframe.yml has no environment ${task.environment}` });
    return undefined;
  }
  const plan = adoptedPlan({ ...task, channel: environment.channel, suite: defaultSuitePlan(environment) });
  const ref: RunRef = { environment: environment.name, runId: plan.runId };
  // Whoever began this may have died over it: all of it is done again, until the run has ended.
  if ((await readRun(world.store, ref))?.phase.kind === 'finished') return ref;
  const keys = runKeys(ref.environment, ref.runId);
  await world.store.create(keys.adopted, plan);
  const deadlineAt = new Date(Date.parse(task.createdAt) + environment.limitMs + startAllowanceMs).toISOString();
  const run = changeRun(newRun(ref.runId, ref.environment), {
    kind: 'started',
    at: task.createdAt,
    deadlineAt,
    tasks: [{ shard: 1, taskArn: task.taskArn }],
  });
  const isNew = await world.store.create(keys.run, run);
  // Its task is there already: it takes its place, whatever the limit says.
  await changeLedger(world.store, ref.environment, (ledger) => seat(ledger, { runId: ref.runId, tasks: 1 }));
  if (isNew) world.log('info', 'task adopted', { runId: ref.runId, taskArn: task.taskArn, startedBy: task.startedBy });
  return ref;
}
