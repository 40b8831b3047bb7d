import { gunzipSync } from 'node:zlib';
import { UnreadableObject } from '../aws/store.ts';
import { type Dealt, dealDigest, type ScenarioRef } from '../run/dealt.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { isDealt, type RunPlan } from '../run/plan.ts';
import { parseDealBasis, parseDealt } from '../run/stored.ts';
import { believable, type ShardTake } from './run-store.ts';
import type { World } from './world.ts';

/** The deal as one shard has found it, or the little of it that tells whether it is that of the others. */
export interface DealOfShard {
  readonly digest: string;
  /** How many scenarios it found. */
  readonly count: number;
  readonly read: () => Promise<Dealt | undefined>;
}

/** Who was to run what. */
export interface DealOfRun extends Pick<Dealt, 'scenarios' | 'missing'> {
  /** What was to be run again, if it was that. */
  readonly only: readonly ScenarioRef[];
}

/** A suite of 200,000 scenarios has less. */
const mostBytes = 64 * 1024 * 1024;

/** The deal that a shard has written down, or undefined when it did not come to that. */
export async function readDealOf(plan: RunPlan, of: ShardTake, world: Pick<World, 'store'>): Promise<DealOfShard | undefined> {
  if (!isDealt(plan)) return undefined;
  const read = () => believable(readDealt(plan, of, world));
  const dealt = await read();
  return dealt && { digest: dealDigest(dealt), count: dealt.scenarios.length, read };
}

async function readDealt(
  { environment, runId }: RunPlan,
  { shard, take }: ShardTake,
  { store }: Pick<World, 'store'>,
): Promise<Dealt | undefined> {
  const key = shardKeys(environment, runId, shard, take).deal;
  const packed = await store.getBytes(key, mostBytes);
  if (packed === undefined) return undefined;
  try {
    return parseDealt(JSON.parse(gunzipSync(packed, { maxOutputLength: mostBytes }).toString('utf8')));
  } catch (error) {
    throw new UnreadableObject(`${key} is no deal`, { cause: error });
  }
}

/** The whole deal by the first shard that has written it down; by none, what was to be run again is all that is known. */
export async function wholeDeal(
  plan: RunPlan,
  shards: readonly (DealOfShard | undefined)[],
  { store }: Pick<World, 'store'>,
): Promise<DealOfRun> {
  const first = shards.find((deal) => deal !== undefined);
  const dealt = await first?.read();
  const basis = plan.rerun && (await store.get(runKeys(plan.environment, plan.runId).deal, parseDealBasis));
  const only: readonly ScenarioRef[] = basis?.value.only ?? [];
  if (dealt !== undefined) return { ...dealt, only };
  return { only, scenarios: only.map((scenario) => ({ ...scenario, shard: 1 })), missing: [] };
}
