import { startAllowanceMs } from '../run/deadline.ts';
import { runKeys } from '../run/keys.ts';
import { seat } from '../run/ledger.ts';
import { adoptedPlan, defaultSuitePlan } from '../run/plan.ts';
import { changeRun, newRun } from '../run/run.ts';
import { adoptedRunId } from '../run/run-id.ts';
import { changeLedger } from './ledger-store.ts';
import { type RunRef, readPlan, readRun } from './run-store.ts';
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
  const ref: RunRef = { environment: task.environment, runId: adoptedRunId(task.environment, task.taskArn) };
  // Whoever began this may have died over it: all of it is done again, until the run has ended.
  if ((await readRun(world.store, ref))?.phase.kind === 'finished') return ref;
  // What was begun is seen through, though coldframe.yml has changed since.
  const plan = (await readPlan(world.store, ref)) ?? newPlan(task, world);
  if (plan === undefined) {
    world.log('warn', 'task not adopted', { taskArn: task.taskArn, because: `coldframe.yml has no environment ${task.environment}` });
    return undefined;
  }
  const keys = runKeys(ref.environment, ref.runId);
  await world.store.create(keys.adopted, plan);
  // Its task is there already: it takes its place, whatever the limit says. From here on the sweeper knows of it.
  await changeLedger(world.store, ref.environment, (ledger) => seat(ledger, { runId: ref.runId, tasks: 1 }));
  const deadlineAt = new Date(Date.parse(task.createdAt) + plan.suite.limitMs + startAllowanceMs).toISOString();
  const run = changeRun(newRun(ref.runId, ref.environment), {
    kind: 'started',
    at: task.createdAt,
    deadlineAt,
    tasks: [{ shard: 1, taskArn: task.taskArn }],
  });
  const isNew = await world.store.create(keys.run, run);
  if (isNew) world.log('info', 'task adopted', { runId: ref.runId, taskArn: task.taskArn, startedBy: task.startedBy });
  return ref;
}

function newPlan(task: UnaskedTask, { catalogue }: World) {
  const environment = catalogue.get(task.environment);
  return environment && adoptedPlan({ ...task, channel: environment.channel, suite: defaultSuitePlan(environment) });
}
