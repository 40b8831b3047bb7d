import type { Store } from '../aws/store.ts';
import { environmentKeys } from '../run/keys.ts';
import { type Latest, parseLatest } from '../run/stored.ts';
import { believable } from './run-store.ts';

/** Which run of the environment ended last and has a report; undefined before the first. */
export const readLatest = async (store: Store, environment: string): Promise<Latest | undefined> =>
  (await believable(store.get(environmentKeys(environment).latest, parseLatest)))?.value;

/** Makes this run the one whose report is the newest, unless another has ended later. Harmless any number of times. */
export async function keepLatest(store: Store, environment: string, ended: Omit<Latest, 'version'>): Promise<void> {
  await store.update(
    environmentKeys(environment).latest,
    parseLatest,
    (now): Latest => (now !== undefined && now.endedAt >= ended.endedAt ? now : { version: 1, ...ended }),
  );
}
