import type { ScenarioName } from './gherkin.ts';
import type { Counts, Failure, Flake } from './outcome.ts';

/** A failure and when its scenario ended, by the suite's own clock: what fails after a stop was asked is no failure. */
export interface TimedFailure {
  readonly failure: Failure;
  readonly atMs: number;
  /** Its scenario is in quarantine: it fails no run. */
  readonly isQuarantined?: true;
}

/** Why the suite could not be run as it should, in the order in which they explain more. */
export interface Breakage {
  readonly kind: 'parse-error' | 'exception' | 'run-hook';
  readonly error: string;
}

/** What a stream of messages says of its suite, complete or not. Facts only: what they come to, `verdict` decides. */
export interface Suite {
  readonly counts: Counts;
  readonly failures: readonly TimedFailure[];
  readonly flaky: readonly Flake[];
  readonly broken?: Breakage;
  /** How cucumber itself ended the run; undefined when its last message is not there. */
  readonly end?: { readonly isSuccess: boolean };
  /** At least one message was read. */
  readonly hasMessages: boolean;
  /** At least one scenario has begun. */
  readonly hasBegun: boolean;
  /** Names of the scenarios that are on. */
  readonly now: readonly string[];
  /** Where the stream stands, unless it has ended: `Log in › When I enter the password`. */
  readonly lastSeen?: string;
  /** Planned, never begun. */
  readonly notRun: readonly ScenarioName[];
  /** How many were skipped without so much as a hook being called: cucumber does that after a failure, when it is to fail fast. */
  readonly untried: number;
  /** Begun, and neither over nor tried again. */
  readonly cutOff: readonly ScenarioName[];
  /** From the first timestamp to the last. */
  readonly durationMs: number;
}
