import { searchDeal } from '../../run/best-deal.ts';

/** The shortest time in which so many shards can be through, as far as it can be proved. */
export interface BestMakespan {
  readonly ms: number;
  /** A deal takes exactly so long; otherwise none takes less. */
  readonly isExact: boolean;
}

/** So many partial deals are looked at; small suites are through with less. */
const mostSteps = 200_000;
const fewScenarios = 40;

/**
 * The best that any deal can reach: the longest scenario, an even share, or what must come together in one shard because there are
 * more scenarios than shards; for few scenarios the exact optimum, by trying.
 */
export function bestMakespan(durationsMs: readonly number[], shards: number): BestMakespan {
  const sorted = durationsMs.toSorted((a, b) => b - a);
  const leastMs = Math.max(sorted[0] ?? 0, sum(sorted) / shards, crowdedMs(sorted, shards));
  if (sorted.length > fewScenarios) return { ms: leastMs, isExact: false };
  const { shardOf, isProved } = searchDeal(sorted, shards, { leastMs, belowMs: Number.POSITIVE_INFINITY, mostSteps });
  if (shardOf === undefined || !isProved) return { ms: leastMs, isExact: false };
  const loads = Array.from({ length: shards }, (_, shard) => sum(sorted.filter((_ms, at) => shardOf[at] === shard)));
  return { ms: Math.max(...loads), isExact: true };
}

/** Of the `k · shards + 1` longest, one shard has `k + 1`: at least as much as the shortest of these take. */
function crowdedMs(sorted: readonly number[], shards: number): number {
  let most = 0;
  for (let k = 1; k * shards < sorted.length; k += 1) most = Math.max(most, sum(sorted.slice(k * shards - k, k * shards + 1)));
  return most;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
