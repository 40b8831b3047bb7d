import type { ScenarioName } from '../outcome/gherkin.ts';
import type { Outcome } from '../outcome/outcome.ts';

/** What an outcome says of a scenario that failed, beside its messages. */
export interface Counted {
  /** It ended after a stop was asked for: what failed then is no failure. */
  readonly isLate: (name: ScenarioName) => boolean;
  /** It is in quarantine. */
  readonly isQuarantined: (name: ScenarioName) => boolean;
}

const placeOf = ({ uri, line, scenario }: ScenarioName): string => `${uri}\n${line}\n${scenario}`;

const isCutShort = ({ kind }: Outcome): boolean => kind === 'unfinished' || kind === 'timed-out' || kind === 'cancelled';

/** An outcome names all failures that count: of a run that was cut short, others came too late. */
export const countedIn = (outcome: Outcome): Counted => {
  const failures = 'failures' in outcome ? (outcome.failures ?? []) : [];
  const quarantined = 'quarantined' in outcome ? (outcome.quarantined ?? []) : [];
  const kept = new Set(quarantined.map(placeOf));
  const counted = new Set([...failures.map(placeOf), ...kept]);
  return {
    isLate: (name) => isCutShort(outcome) && !counted.has(placeOf(name)),
    isQuarantined: (name) => kept.has(placeOf(name)),
  };
};
