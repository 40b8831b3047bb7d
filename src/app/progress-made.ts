import { readTask } from '../aws/task-event.ts';
import { parseProgressKey, runKeys } from '../run/keys.ts';
import type { Run } from '../run/run.ts';
import { isAdopted, parseRunId } from '../run/run-id.ts';
import { parsePlan } from '../run/stored.ts';
import { publish } from './publish.ts';
import { believable, type RunRef, readRun } from './run-store.ts';
import { ownerOf } from './task-owner.ts';
import type { World } from './world.ts';

/**
 * A container has written its progress: shows it, if Slack has time for it now. What is not shown is not missed: the next
 * progress, or the end, says it all. A task that nobody asked for is adopted here, as soon as it says a word.
 */
export async function progressMade(key: string, world: World): Promise<void> {
  const progress = parseProgressKey(key);
  const runId = progress && parseRunId(progress.runId);
  if (progress === undefined || runId === undefined) return world.log('info', 'object ignored', { key });
  const ref = { environment: progress.environment, runId };
  const run = (await readRun(world.store, ref)) ?? (await adopted(ref, world));
  // After the end only the end is told.
  if (run?.phase.kind !== 'started') return;
  const published = await publish(ref, 'progress', world);
  if (published.kind === 'later') world.log('info', 'progress dropped', { runId, because: published.because });
}

/** The run of a task that nobody asked for. Which task it is its container says; what is true of it is asked of ECS. */
async function adopted(ref: RunRef, world: World): Promise<Run | undefined> {
  if (!isAdopted(ref.runId)) return undefined;
  const claimed = await believable(world.store.get(runKeys(ref.environment, ref.runId).plan, parsePlan));
  const taskId = /^task:([0-9a-f-]{32,36})$/.exec(claimed?.value.key ?? '')?.[1];
  if (taskId === undefined) return undefined;
  const [task] = await world.tasks.describe([taskId]);
  const owner = task && (await ownerOf(readTask(task), world));
  return owner?.ref.runId === ref.runId ? await readRun(world.store, ref) : undefined;
}
