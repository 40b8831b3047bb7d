import { afterFailure, isJudged, takeJudging } from '../run/judging.ts';
import { runKeys } from '../run/keys.ts';
import { parseJudging } from '../run/stored.ts';
import type { RunRef } from './run-store.ts';
import type { World } from './world.ts';

/** Whether somebody is judging the run, who has found that all its tasks have stopped and sees it to its end. */
export async function isJudgedElsewhere({ environment, runId }: RunRef, { store, nowMs, log }: World): Promise<boolean> {
  const now = (await store.get(runKeys(environment, runId).judging, parseJudging))?.value;
  if (!isJudged(now, nowMs())) return false;
  log('info', 'run judged elsewhere', { runId, until: now.until });
  return true;
}

/**
 * Gives what it comes to, or undefined when somebody else is at it for this run, who then sees the run to its end. `judge` is told how
 * many have died over it before.
 */
export async function judgeAlone<T>(
  { environment, runId }: RunRef,
  world: World,
  judge: (died: number) => Promise<T>,
): Promise<T | undefined> {
  const { store, nowMs, log } = world;
  const key = runKeys(environment, runId).judging;
  const owner = world.newOwner();
  const now = await store.update(key, parseJudging, (before) => takeJudging(before, owner, nowMs()));
  if (now?.owner !== owner) {
    log('info', 'run judged elsewhere', { runId, until: now?.until });
    return undefined;
  }
  try {
    return await judge(now.died ?? 0);
  } catch (error) {
    await store.update(key, parseJudging, (mine) => (mine?.owner === owner ? afterFailure(mine, nowMs()) : mine));
    throw error;
  }
}
