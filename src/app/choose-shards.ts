import type { Environment } from '../run/catalogue.ts';
import type { ScenarioRef } from '../run/dealt.ts';
import { chooseShards, type ShardChoice } from '../run/forecast.ts';
import { knownWork } from '../run/known-work.ts';
import { mostShardsOf } from '../run/plan.ts';
import type { RunRequest } from '../run/request.ts';
import { readHistory } from './history-store.ts';
import type { World } from './world.ts';

/** How many shards are worth their start for a request that leaves it to us, by what is remembered of its environment's last runs. */
export async function chooseForRun(
  { command: { tags, features } }: RunRequest,
  environment: Environment,
  { only, world }: { readonly only: readonly ScenarioRef[] | undefined; readonly world: World },
): Promise<ShardChoice> {
  const history = await readHistory(environment.name, world);
  const work = knownWork(history, { tags: tags ?? environment.tags, features, only }, environment);
  return chooseShards(work, mostShardsOf(environment));
}
