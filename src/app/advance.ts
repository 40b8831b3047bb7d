import { isAwaited, isExpired } from '../run/approval.ts';
import { runKeys } from '../run/keys.ts';
import { grant, release } from '../run/ledger.ts';
import type { Run } from '../run/run.ts';
import type { RunId } from '../run/run-id.ts';
import { endIfStopped, tryAfter } from './end-run.ts';
import { launch } from './launch.ts';
import { changeLedger, readLedger } from './ledger-store.ts';
import { errorText } from './log.ts';
import { type Published, publish } from './publish.ts';
import { type RunRef, readRun } from './run-store.ts';
import { openRetries, tryAgain } from './try-again.ts';
import type { World } from './world.ts';

/** Only so many of those who wait are told when they move up: Slack's fifty updates a minute are for starts and ends, too. */
const toldTheirPlace = 5;

/**
 * Whose waiting runs are looked at: these, or all by a sweep. `tasksSeenAtMs` (milliseconds since 1970): it has come to every task that
 * ECS knew there then; undefined: not to all.
 */
export type Looked = readonly RunId[] | { readonly kind: 'sweep'; readonly tasksSeenAtMs: number | undefined };

/**
 * Does for the runs of an environment what is now to be done: starts those that have their places, and sees those that
 * have ended out (history, places for others, the last word on Slack), until nothing is left to do.
 *
 * A run that waits is only looked at if it is among `looked`: else each request would cost more the more requests wait.
 * One run's trouble does not hold the others up. @throws the first trouble, after all were tried
 */
export async function advance(environment: string, world: World, looked: Looked): Promise<void> {
  const troubles: unknown[] = [];
  const tasksSeenAtMs = 'kind' in looked ? looked.tasksSeenAtMs : undefined;
  const tried = new Set<string>();
  for (;;) {
    const { active, queue, asked = [] } = await readLedger(world.store, environment);
    const isNew = ({ runId }: { readonly runId: string }) => !tried.has(runId);
    // A run that got its places from one that was just seen out is looked at again: it was only waiting before.
    const mayWait = [...asked, ...queue].filter(({ runId }) => 'kind' in looked || looked.includes(runId));
    const next = active.find(isNew) ?? mayWait.find(({ runId }) => !tried.has(`waiting ${runId}`));
    if (next === undefined) break;
    const isActive = active.includes(next);
    tried.add(isActive ? next.runId : `waiting ${next.runId}`);
    try {
      await advanceRun({ environment, runId: next.runId }, { isActive, tasksSeenAtMs }, world);
    } catch (error) {
      world.log('warn', 'run not advanced', { runId: next.runId, because: errorText(error) });
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
}

async function advanceRun(
  ref: RunRef,
  { isActive, tasksSeenAtMs }: { readonly isActive: boolean; readonly tasksSeenAtMs: number | undefined },
  world: World,
): Promise<void> {
  const run = await readRun(world.store, ref);
  if (run === undefined) throw new Error(`the ledger of ${ref.environment} has the run ${ref.runId}, which does not exist`);
  if (!isActive && run.approval !== undefined && !isAwaited(run.approval)) await giveItsTurn(ref, world);
  const isWaiting = run.phase.kind === 'queued' && !isActive && run.cancel === undefined && !isExpired(run.approval, world.nowMs());
  const launched = run.phase.kind === 'queued' && !isWaiting ? await launch(ref, run, world) : run;
  const tried = await tryAgain(ref, { run: launched, tasksSeenAtMs }, world);
  // Nobody else hears of a shard that ended without a task.
  const isOver = openRetries(tried).some(({ next }) => next?.kind === 'none');
  const ended = isOver ? await endIfStopped(ref, world) : undefined;
  const now = ended === undefined ? tried : await readRun(world.store, ref);
  if (now?.phase.kind === 'finished') await seeOut(ref, now, world);
  else mustBeTold(ref, await publish(ref, 'changed', world));
  if (ended?.report !== undefined) await tryAfter(ref, 'report not complete', world, ended.report.writeBeside);
}

/** Everybody has said yes who has to: it gets its places, or waits for them like any other. */
const giveItsTurn = ({ environment, runId }: RunRef, { store, catalogue }: World) =>
  changeLedger(store, environment, (ledger) => grant(ledger, runId, catalogue.get(environment)?.tasksAtOnce ?? 1));

/** What remains to be done for a run that has ended; each step may be repeated. Others get its places even if Slack is down. */
async function seeOut(ref: RunRef, run: Run, world: World): Promise<void> {
  const tasksAtOnce = world.catalogue.get(ref.environment)?.tasksAtOnce ?? 1;
  await world.store.put(runKeys(ref.environment, ref.runId).history, JSON.stringify(run), 'application/json');
  const { queue } = await changeLedger(world.store, ref.environment, (ledger) => release(ledger, ref.runId, tasksAtOnce));
  mustBeTold(ref, await publish(ref, 'changed', world));
  for (const { runId } of queue.slice(0, toldTheirPlace)) await showPlace({ environment: ref.environment, runId }, world);
}

/** Those who wait have moved up: good to see, and nothing lost if Slack has no time for it. */
async function showPlace(ref: RunRef, world: World): Promise<void> {
  try {
    await publish(ref, 'progress', world);
  } catch (error) {
    world.log('warn', 'place not shown', { runId: ref.runId, because: errorText(error) });
  }
}

/** @throws when Slack was not told and nobody else is at it, so that whoever called us is called again */
export function mustBeTold(ref: RunRef, published: Published): void {
  if (published.kind === 'later') throw new Error(`the message of ${ref.runId} is not what it should be yet: ${published.because}`);
}
