/** A deal that was searched for. */
export interface SearchedDeal {
  /** The shard (0, 1, …) of each, in their order; undefined: none was found that takes less than `belowMs`. */
  readonly shardOf: readonly number[] | undefined;
  /** All was looked at: there is none better. */
  readonly isProved: boolean;
}

/**
 * The deal that takes the least time, by branch and bound: tries them all, and leaves out what can't become better than what it has.
 *
 * @param weightsMs the longest first
 * @param bounds only deals that take less than `belowMs` are of interest, and none takes less than `leastMs`; at most `mostSteps` are tried
 */
export function searchDeal(
  weightsMs: readonly number[],
  shards: number,
  { leastMs, belowMs, mostSteps }: { readonly leastMs: number; readonly belowMs: number; readonly mostSteps: number },
): SearchedDeal {
  const loads = Array.from({ length: shards }, () => 0);
  const placed: number[] = [];
  let best: readonly number[] | undefined;
  let bestMs = belowMs;
  let steps = 0;
  const isOver = () => bestMs <= leastMs || steps > mostSteps;

  function place(at: number): void {
    const weightMs = weightsMs[at];
    if (weightMs === undefined) {
      [best, bestMs] = [[...placed], Math.max(...loads)];
      return;
    }
    const tried = new Set<number>();
    for (const shard of [...loads.keys()].toSorted((a, b) => (loads[a] ?? 0) - (loads[b] ?? 0) || a - b)) {
      const loadMs = loads[shard] ?? 0;
      if (isOver() || loadMs + weightMs >= bestMs) return;
      // Two shards that have the same to do are one to whatever comes next.
      if (tried.has(loadMs)) continue;
      tried.add(loadMs);
      steps += 1;
      loads[shard] = loadMs + weightMs;
      placed[at] = shard;
      place(at + 1);
      loads[shard] = loadMs;
    }
  }

  place(0);
  return { shardOf: best, isProved: bestMs <= leastMs || steps <= mostSteps };
}
