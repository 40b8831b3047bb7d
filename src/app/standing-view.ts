import type { StandingView } from '../message/history.ts';
import { historyPage, linkTo } from '../run/link.ts';
import { linkGeneration } from './link-store.ts';
import type { World } from './world.ts';
import { readStanding } from './write-history.ts';

/** How an environment stands, and where its page is. */
export async function standingView(environment: string, { store, linkKey }: Pick<World, 'store' | 'linkKey'>): Promise<StandingView> {
  const generation = await linkGeneration(environment, store);
  return {
    environment,
    standing: await readStanding(environment, store),
    historyUrl: linkTo({ environment, ...historyPage, generation }, linkKey),
  };
}
