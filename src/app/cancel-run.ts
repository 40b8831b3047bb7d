import { code } from '../message/text.ts';
import type { Asker } from '../outcome/outcome.ts';
import type { AuditCame } from '../run/audit.ts';
import type { RunWish } from '../run/request.ts';
import { parseRunId } from '../run/run-id.ts';
import { advance, mustBeTold } from './advance.ts';
import { answerAsker } from './answer-asker.ts';
import { refusalFor } from './membership.ts';
import { publish } from './publish.ts';
import { changeStoredRun, type RunRef, readRun } from './run-store.ts';
import { cancelledReason, stopTasks } from './stop-tasks.ts';
import { openRetries } from './try-again.ts';
import type { World } from './world.ts';

/**
 * Ends a run that somebody has had enough of: one that waits ends at once, one that is on when its tasks have stopped.
 * Whatever the cancel races with (start, end, another cancel), the run comes to one end.
 */
export async function cancelRun(request: RunWish, world: World): Promise<AuditCame> {
  const came = await endOnRequest(request, world);
  if (came.kind === 'refused') await answerAsker(request, came.because, world);
  return came;
}

/** The same, and whoever asked is told by the caller. */
export async function endOnRequest(request: RunWish, world: World): Promise<Extract<AuditCame, { kind: 'done' | 'refused' }>> {
  const refused = (because: string) => ({ kind: 'refused', because }) as const;
  const { environment } = request;
  const runId = parseRunId(request.runId);
  const known = runId && (await readRun(world.store, { environment, runId }));
  if (known === undefined) return refused(`I know no run ${code(request.runId)}.`);
  const configured = world.catalogue.get(environment);
  const { asker, channel = '' } = request;
  const refusal = configured && asker.kind === 'slack' ? await refusalFor(configured, asker.userId, channel, world) : undefined;
  if (refusal !== undefined) return refused(refusal);
  if (known.phase.kind === 'finished') {
    // Delivered again after it has worked: there is nothing to be told.
    return known.cancel?.at === request.askedAt ? { kind: 'done' } : refused(`${known.id} had already ended.`);
  }
  await askForEnd({ environment, runId: known.id }, { by: asker, at: request.askedAt }, world);
  return { kind: 'done' };
}

/** Has a run end for somebody who may. @throws when Slack was not told, and nobody else is at it */
export async function askForEnd(ref: RunRef, { by, at }: { readonly by: Asker; readonly at: string }, world: World): Promise<void> {
  const run = await changeStoredRun(world.store, ref, { kind: 'cancel-asked', by, at });
  world.log('info', 'cancel asked', { runId: run.id, by });
  // One that waits, or is just being started, is ended by `advance`; should its tasks be starting, `launch` stops them.
  if (run.phase.kind === 'queued') return await advance(ref.environment, world, [run.id]);
  if (run.phase.kind === 'started') await stopTasks(run.phase.tasks, cancelledReason(ref), world);
  // Shards that wait to be tried again have no task whose end would be heard of.
  if (openRetries(run).length > 0) return await advance(ref.environment, world, [run.id]);
  mustBeTold(ref, await publish(ref, 'changed', world));
}
