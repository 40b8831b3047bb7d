import { environmentOfFamily } from '../run/plan.ts';
import { type Run, taskStanding } from '../run/run.ts';
import { parseRunId } from '../run/run-id.ts';
import { adoptTask } from './adopt-task.ts';
import { type RunRef, readRun } from './run-store.ts';
import type { World } from './world.ts';

/** What a task says of itself: ECS's words, and the ids that RunTask gave it. */
export interface KnownTask {
  readonly taskArn: string;
  readonly family: string;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly startedBy?: string;
  readonly run?: string;
  readonly shard?: number;
  readonly attempt?: number;
}

/** Whose task it is. `isPast`: another one has taken its place, or will; `run` as it stood when we looked, if we had to. */
export interface Owner {
  readonly ref: RunRef;
  readonly shard: number;
  readonly attempt: number;
  readonly isPast: boolean;
  readonly run?: Run;
}

/**
 * The run and shard a task belongs to. A task that no run of ours has started gets a run of its own, also one that
 * carries the ids of another ("Run more like this" in the console copies them). Undefined for a task that is none of ours.
 * `ended`: the run that it names, if somebody has read that since it ended.
 */
export async function ownerOf(task: KnownTask, world: World, ended?: Run): Promise<Owner | undefined> {
  const environment = environmentOfFamily(world.fargate, task.family);
  if (environment === undefined) {
    world.log('info', 'foreign task ignored', { taskArn: task.taskArn, family: task.family });
    return undefined;
  }
  const runId = task.run === undefined ? undefined : parseRunId(task.run);
  if (runId !== undefined) {
    const run = ended ?? (await readRun(world.store, { environment, runId }));
    const { shard = 1, attempt = 1 } = task;
    const standing = run === undefined ? 'strange' : taskStanding(run, { taskArn: task.taskArn, shard, attempt });
    if (run !== undefined && standing !== 'strange')
      return { ref: { environment, runId }, shard, attempt, isPast: standing === 'past', run };
  }
  const ref = await adoptTask({ ...task, environment }, world);
  return ref && { ref, shard: 1, attempt: 1, isPast: false };
}
