import { code } from '../message/text.ts';
import { isAwaited, whyNot } from '../run/approval.ts';
import type { AuditCame } from '../run/audit.ts';
import type { RunWish } from '../run/request.ts';
import { parseRunId } from '../run/run-id.ts';
import { advance } from './advance.ts';
import { answerAsker } from './answer-asker.ts';
import { refusalFor } from './membership.ts';
import { changeStoredRun, readRun } from './run-store.ts';
import type { World } from './world.ts';

/**
 * Somebody says yes to a run that waits for it. Who may say it is who may run there, but never the one who asked; with the last
 * yes it gets its places, or stands in line for them. Safe to repeat: a person's yes counts once.
 */
export async function approveRun(request: RunWish, world: World): Promise<AuditCame> {
  const { environment, asker, askedAt, channel = '' } = request;
  const answer = async (because: string): Promise<AuditCame> => {
    await answerAsker(request, because, world);
    return { kind: 'refused', because };
  };
  const runId = parseRunId(request.runId);
  const known = runId && (await readRun(world.store, { environment, runId }));
  if (known === undefined) return await answer(`I know no run ${code(request.runId)}.`);
  const configured = world.catalogue.get(environment);
  if (configured === undefined) return await answer(`There is no environment ${code(environment)} any more: nothing is started there.`);
  if (asker.kind !== 'slack' || known.approval === undefined) return await answer(`${known.id} needs nobody's approval.`);
  const refusal = await refusalFor(configured, asker.userId, channel, world);
  if (refusal !== undefined) return await answer(refusal);

  const yes = { userId: asker.userId, at: askedAt };
  const because = whyNot(known.approval, yes);
  const isOver = known.phase.kind === 'finished' || known.cancel !== undefined;
  if (isOver) return await answer(`${known.id} has ended already, and was not started.`);
  if (because === 'asker') return await answer('You asked for this run yourself: somebody else has to approve it.');
  if (because === 'late') return await answer(`Nobody approved ${known.id} in time: ask for it again.`);

  const run = await changeStoredRun(world.store, { environment, runId: known.id }, { kind: 'approved', ...yes });
  world.log('info', 'run approved', { runId: run.id, by: asker.userId, isEnough: !isAwaited(run.approval) });
  await advance(environment, world, [run.id]);
  return { kind: 'done' };
}
