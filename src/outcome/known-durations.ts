import type { History } from './history.ts';
import { seenOf } from './seen.ts';
import { median } from './usual-time.ts';

/** Tests grow and shrink: what they took last counts. */
const lastOnes = 5;

/** How long each scenario takes, by its id, as its last runs tell: the median of at most five, in milliseconds. */
export function durationsOf(history: History): ReadonlyMap<string, number> {
  const durations = new Map<string, number>();
  for (const scenario of history.scenarios) {
    const samples = seenOf(history, scenario).flatMap(({ tookMs }) => tookMs ?? []);
    const usualMs = median(samples.slice(-lastOnes));
    // The same scenario in two files: the longer of the two, so that neither surprises.
    if (usualMs !== undefined) durations.set(scenario.id, Math.round(Math.max(usualMs, durations.get(scenario.id) ?? 0)));
  }
  return durations;
}
