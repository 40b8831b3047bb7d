import type { Store } from '../aws/store.ts';
import { type Hearing, nothingHeard } from '../hearing/hearing.ts';
import { environmentKeys } from '../run/keys.ts';
import { parseHearing } from '../run/stored.ts';

/** What the environment's channels have heard, and what they want to hear. */
export const readHearing = async (environment: string, store: Store): Promise<Hearing> =>
  (await store.get(environmentKeys(environment).hearing, parseHearing))?.value ?? nothingHeard;

/** The same after a change, by compare-and-swap. */
export const changeHearing = async (environment: string, store: Store, change: (now: Hearing) => Hearing): Promise<Hearing> =>
  (await store.update(environmentKeys(environment).hearing, parseHearing, (now = nothingHeard) => change(now))) ?? nothingHeard;
