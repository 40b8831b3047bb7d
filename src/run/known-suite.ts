import type { History } from '../outcome/history.ts';
import { durationsOf } from '../outcome/known-durations.ts';
import type { Dealable } from './deal.ts';
import type { Work } from './forecast.ts';
import { metLately, startMsOf } from './known-work.ts';

/** A suite as the last runs of an environment know it; what no run has ever chosen is not in it. */
export interface KnownSuite extends Pick<Work, 'durations' | 'startMs'> {
  readonly scenarios: readonly Dealable[];
}

export const knownSuite = (history: History): KnownSuite => ({
  scenarios: metLately(history),
  durations: durationsOf(history),
  startMs: startMsOf(history),
});
