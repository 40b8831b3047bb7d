import { parseProgressKey, runKeys } from '../run/keys.ts';
import { isAdopted, parseRunId } from '../run/run-id.ts';
import { parsePlan } from '../run/stored.ts';
import { adoptTask } from './adopt-task.ts';
import { publish } from './publish.ts';
import { believable, type RunRef, readRun } from './run-store.ts';
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

async function adopted(ref: RunRef, world: World) {
  const claimed = isAdopted(ref.runId) ? await believable(world.store.get(runKeys(ref.environment, ref.runId).plan, parsePlan)) : undefined;
  const plan = claimed?.value;
  if (plan === undefined) return undefined;
  const { askedAt, asker, key } = plan;
  const startedBy = asker.kind === 'unasked' ? asker.startedBy : undefined;
  const adoptedRef = await adoptTask(
    { environment: ref.environment, taskArn: key.replace(/^task:/, ''), createdAt: askedAt, ...(startedBy !== undefined && { startedBy }) },
    world,
  );
  return adoptedRef?.runId === ref.runId ? await readRun(world.store, ref) : undefined;
}
