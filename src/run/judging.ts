/** Who judges a run just now: it takes a while, and once is enough. The content of `judging.json`. */
export interface Judging {
  readonly version: 1;
  readonly owner: string;
  /** ISO 8601. Whoever finds it over judges the run anew: the one before has died over it. */
  readonly until: string;
  /** Its owner has failed, which is no death. */
  readonly hasFailed?: true;
  /** How many have died over it before, of too many messages for the memory or the time that there is, most likely. Absent: nobody. */
  readonly died?: number;
}

/** Longer than run-stopped may take. The sweeper may take longer; then the run is judged twice, which harms nothing. */
const judgingMs = 150_000;

/** Whether somebody judges now, who sees the run to its end. */
export const isJudged = (now: Judging | undefined, nowMs: number): now is Judging => now !== undefined && Date.parse(now.until) > nowMs;

/** The judging with `owner` at it, or the very same while somebody else is. */
export function takeJudging(now: Judging | undefined, owner: string, nowMs: number): Judging {
  const isOurs = now?.owner === owner;
  if (isJudged(now, nowMs) && !isOurs) return now;
  const isDead = now !== undefined && !isOurs && now.hasFailed !== true;
  const died = (now?.died ?? 0) + (isDead ? 1 : 0);
  return { version: 1, owner, until: new Date(nowMs + judgingMs).toISOString(), ...(died > 0 && { died }) };
}

/** The same when its owner has failed: whoever is called again shall not have to wait. */
export const afterFailure = (mine: Judging, nowMs: number): Judging => ({
  ...mine,
  until: new Date(nowMs).toISOString(),
  hasFailed: true,
});

/** So many die over a run before it is told without a report: making that takes most of the memory and the time. */
export const mostDied = 2;
