import type { Flakiness } from './flakiness.ts';
import type { ScenarioName } from './gherkin.ts';

/**
 * A run beside what is remembered of its environment. Made when the run ends, and kept with its outcome.
 * What is in quarantine is only in `healed`.
 */
export interface Comparison {
  /** How many runs are remembered: with none, nothing below says anything. */
  readonly runs: number;
  /** The last run before it that ran the same scenarios to their end; absent: there is none. */
  readonly against?: RunMark;
  /** Failed, and passed the last time it had a verdict, or never had one. */
  readonly newlyFailing: Listed<FailingScenario>;
  /** Failed, and failed the last time. */
  readonly stillFailing: Listed<FailingScenario>;
  /** Passed, and failed the last time. */
  readonly fixed: Listed<FixedScenario>;
  /** Passed only at a retry, and nothing had said before that it is flaky. */
  readonly newlyFlaky: Listed<FlakyScenario>;
  /** Passed only at a retry, as before. */
  readonly knownFlaky: Listed<FlakyScenario>;
  /** Passed, but took longer than it usually does, as it did the two times before. */
  readonly slower: Listed<SlowerScenario>;
  /** How many times as long as usual all scenarios took: the middle one. Only what is 1.5 or more. `slower` is what is slower still. */
  readonly pace?: number;
  /** Was never in a run that is remembered. Empty without `against`. */
  readonly added: Listed<ScenarioName>;
  /** Was in `against`, and is not in this run. Only for a run that came to its own end. */
  readonly removed: Listed<RemovedScenario>;
  /** In quarantine, and passed at the first attempt in its last twenty runs or more. */
  readonly healed: Listed<ScenarioName>;
}

/** How many there are, and the first of them in the order of the run: at most 1,000. */
export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** Another run, as one refers to it. */
export interface RunMark {
  readonly id: string;
  /** When it ended, ISO 8601. */
  readonly at: string;
  readonly ref?: string;
  readonly commit?: string;
}

export interface FailingScenario extends ScenarioName {
  /** The first run of those in a row in which it failed; of a new failure this one. */
  readonly since: RunMark;
  /** In how many runs in a row it failed, this one included. */
  readonly runs: number;
  /** It failed in all runs that are remembered, so that it may be longer. */
  readonly isLonger?: true;
  /** The last run in which it passed, if one is remembered. */
  readonly lastPassed?: RunMark;
  readonly flakiness?: Flakiness;
}

export interface FixedScenario extends ScenarioName {
  /** The first of the runs in a row in which it failed. */
  readonly since: RunMark;
  /** In how many runs in a row it failed. */
  readonly runs: number;
  readonly isLonger?: true;
  readonly flakiness?: Flakiness;
}

export interface FlakyScenario extends ScenarioName {
  /** This run included. */
  readonly flakiness: Flakiness;
}

export interface SlowerScenario extends ScenarioName {
  readonly tookMs: number;
  /** The median of its last runs. */
  readonly usualMs: number;
}

export interface RemovedScenario {
  readonly id: string;
  readonly uri: string;
  readonly scenario: string;
}
