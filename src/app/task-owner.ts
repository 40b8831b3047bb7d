import { environmentOfFamily } from '../run/plan.ts';
import { ownsTask, type Run } from '../run/run.ts';
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
}

/** Whose task it is; `run` as it stood when we looked, if we had to. */
interface TaskOwner {
  readonly ref: RunRef;
  readonly shard: number;
  readonly run?: Run;
}

/**
 * The run and shard a task belongs to. A task that no run of ours has started gets a run of its own, also one that
 * carries the ids of another ("Run more like this" in the console copies them). Undefined for a task that is none of ours.
 */
export async function ownerOf(task: KnownTask, world: World): Promise<TaskOwner | undefined> {
  const environment = environmentOfFamily(world.fargate, task.family);
  if (environment === undefined) {
    world.log('info', 'foreign task ignored', { taskArn: task.taskArn, family: task.family });
    return undefined;
  }
  const runId = task.run === undefined ? undefined : parseRunId(task.run);
  if (runId !== undefined) {
    const run = await readRun(world.store, { environment, runId });
    const shard = task.shard ?? 1;
    if (run !== undefined && ownsTask(run, shard, task.taskArn)) return { ref: { environment, runId }, shard, run };
  }
  const ref = await adoptTask({ ...task, environment }, world);
  return ref && { ref, shard: 1 };
}
