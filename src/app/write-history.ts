import { isOlder, type Standing, standingOf } from '../outcome/standing.ts';
import { environmentKeys } from '../run/keys.ts';
import { parseStanding } from '../run/stored.ts';
import { readHistory } from './history-store.ts';
import { type HistoryWorld, putHistoryPage } from './put-history-page.ts';
import type { World } from './world.ts';

/** Runs that end while the page is written make it old: then it is written again, so often at most. */
const maxRounds = 4;

/** How the environment stands after its last runs; undefined before the first. */
export const readStanding = async (environment: string, store: World['store']): Promise<Standing | undefined> =>
  (await store.get(environmentKeys(environment).standing, parseStanding))?.value;

/**
 * Writes the page of the environment's last runs, and how it stands, from what is remembered of them. Harmless at any time, any number
 * of times, several at once: what counts is the newest history, and whoever finds that there is a newer one writes again.
 */
export async function writeHistory(environment: string, world: HistoryWorld): Promise<void> {
  const { store } = world;
  const keys = environmentKeys(environment);
  for (let round = 0; round < maxRounds; round += 1) {
    const history = await readHistory(environment, world);
    if (history.runs.length === 0) return;
    const standing = standingOf(history);
    const stands = await store.update(keys.standing, parseStanding, (now) =>
      now !== undefined && !isOlder(now, standing) ? now : standing,
    );
    // Somebody has remembered one more since we read, and writes the page after us.
    if (stands !== undefined && isOlder(standing, stands)) continue;
    await putHistoryPage(environment, history, world);
    // Whoever raised it meanwhile may have put their page before ours.
    const now = await readStanding(environment, store);
    if (now === undefined || !isOlder(standing, now)) return;
  }
  world.log('warn', 'history page may be old', {
    environment,
    because: `runs kept ending while it was written`,
    next: 'the next end writes it again',
  });
}
