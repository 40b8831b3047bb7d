import { UnreadableObject } from '../aws/store.ts';
import { type Hearing, nothingHeard } from '../hearing/hearing.ts';
import { environmentKeys } from '../run/keys.ts';
import { parseHearing } from '../run/stored.ts';
import { errorText } from './log.ts';
import type { World } from './world.ts';

type HearingWorld = Pick<World, 'store' | 'log' | 'nowMs'>;

/** What the environment's channels have heard, and what they want to hear. */
export const readHearing = (environment: string, world: HearingWorld): Promise<Hearing> =>
  mended(
    environment,
    world,
    async () => (await world.store.get(environmentKeys(environment).hearing, parseHearing))?.value ?? nothingHeard,
  );

/** The same after a change, by compare-and-swap. */
export const changeHearing = (environment: string, world: HearingWorld, change: (now: Hearing) => Hearing): Promise<Hearing> =>
  mended(environment, world, async () => {
    const { hearing } = environmentKeys(environment);
    return (await world.store.update(hearing, parseHearing, (now = nothingHeard) => change(now))) ?? nothingHeard;
  });

/** What cannot be read must silence no failure: we begin anew, as if nothing had been heard, changed or muted. */
async function mended<T>(environment: string, { store, log, nowMs }: HearingWorld, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error;
    log('error', 'hearing lost', {
      ...{ environment, because: errorText(error) },
      next: 'coldframe.yml holds again: what was changed with /run-tests settings, or muted, has to be changed or muted once more',
    });
    const anew: Hearing = { ...nothingHeard, lostAt: new Date(nowMs()).toISOString() };
    await store.put(environmentKeys(environment).hearing, JSON.stringify(anew), 'application/json');
    return await act();
  }
}
