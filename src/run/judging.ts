/** Who judges a run just now: it takes a while, and once is enough. The content of `judging.json`. */
export interface Judging {
  readonly version: 1;
  readonly owner: string;
  /** ISO 8601. Whoever finds it over judges the run anew: the one before has died over it. */
  readonly until: string;
}

/** Longer than run-stopped may take. The sweeper may take longer; then the run is judged twice, which harms nothing. */
const judgingMs = 150_000;

/** Whether somebody judges now, who sees the run to its end. */
export const isJudged = (now: Judging | undefined, nowMs: number): now is Judging => now !== undefined && Date.parse(now.until) > nowMs;

/** The judging with `owner` at it, or the very same while somebody else is. */
export function takeJudging(now: Judging | undefined, owner: string, nowMs: number): Judging {
  return isJudged(now, nowMs) && now.owner !== owner ? now : { version: 1, owner, until: new Date(nowMs + judgingMs).toISOString() };
}
