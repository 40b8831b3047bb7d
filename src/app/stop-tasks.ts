import type { RunRef } from './run-store.ts';
import type { World } from './world.ts';

/** What we tell ECS when we stop the task of a run that somebody has had enough of. */
export const cancelledReason = ({ runId }: Pick<RunRef, 'runId'>): string => `Coldframe run ${runId} was cancelled`;

/** Asks ECS to stop these tasks; those that have stopped already are left alone. */
export async function stopTasks(tasks: readonly { readonly taskArn: string }[], reason: string, { tasks: ecs }: World): Promise<void> {
  await Promise.all(tasks.map((task) => ecs.stop(task.taskArn, reason)));
}
