/**
 * How many progresses are told a minute, of all runs that are on. Slack takes about fifty updates from an app in a workspace (`chat.update`,
 * Tier 3): should all that are on end in the same minute, there is to be room for it; with very many, not for all of it.
 */
const progressAMinute = (runs: number): number => Math.max(20, 45 - runs);
/** How long a run's turn lasts at most: from each container something is heard that often, whether there is news or not. */
const turnMs = 30_000;
/** Forty shards that begin to run at once are one piece of news. */
const leastOfShardsMs = 4_000;

/** A run among all that are on in the workspace. */
export interface Turn {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** When the run was last told of; -Infinity: never. */
  readonly toldMs: number;
  /** Its place among the runs that are on, from 0. */
  readonly place: number;
  /** How many are on, in all environments. */
  readonly runs: number;
  readonly shards: number;
}

/** So soon after they were told of, nothing more is told of shards, whoever's turn it is: known without a look at who else is on. */
export const isTooSoon = ({ nowMs, toldMs, shards }: Pick<Turn, 'nowMs' | 'toldMs' | 'shards'>): boolean =>
  shards > 1 && nowMs - toldMs < leastOfShardsMs / 2;

/**
 * Whether the progress of a run may be told now: once in each of its turns, which come the further apart the more runs are on,
 * and not two runs' at once. So in no minute more than that many are told, however the news arrives.
 */
export function isTurn({ nowMs, toldMs, place, runs, shards }: Turn): boolean {
  if (isTooSoon({ nowMs, toldMs, shards })) return false;
  const apartMs = (60_000 + turnMs) / progressAMinute(runs);
  const everyMs = Math.max(shards > 1 ? leastOfShardsMs : 0, runs * apartMs);
  const offsetMs = (place * everyMs) / runs;
  const beganMs = Math.floor((nowMs - offsetMs) / everyMs) * everyMs + offsetMs;
  return nowMs - beganMs < turnMs && toldMs < beganMs;
}
