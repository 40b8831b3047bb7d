import type { ScenarioName } from './gherkin.ts';
import { relativeTo } from './suite-root.ts';
import { failureOf, isBad, isLate, noQuarantine, type Quarantine, type Verdict, verdictOf } from './suite-so-far.ts';
import type { SuiteState, TestCase } from './suite-state.ts';

/** All there is to tell of one scenario of a run, whatever it came to. */
export interface ScenarioOutcome extends ScenarioName {
  /** By its last attempt. */
  readonly status: Verdict;
  /** Why there is no verdict, with `unknown`. */
  readonly without?: 'a beginning' | 'an end' | 'steps' | 'a result';
  /** How often it was tried: 0 when it never began. */
  readonly attempts: number;
  /** Duration of the last attempt. */
  readonly durationMs: number;
  /** The step that spoilt it, or the hook. */
  readonly step?: string;
  /** What went wrong, trimmed, when something did. */
  readonly error?: string;
  /** It failed, and fails no run: it is in quarantine. */
  readonly isQuarantined?: true;
  /** First lines of the errors of the attempts before the last one, of the first ten. */
  readonly earlierErrors: readonly string[];
  /** File name of the first screenshot of the last attempt. */
  readonly screenshot?: string;
}

/** What is known of the run beside its messages. */
export interface OutcomeCircumstances {
  /** Absent: no scenario is in quarantine. */
  readonly quarantine?: Quarantine;
  /** When the end was asked for: what fails from then on is no failure. */
  readonly untilMs?: number | undefined;
}

const withoutWhat = ({ phase, hasSteps }: TestCase): NonNullable<ScenarioOutcome['without']> => {
  if (phase === 'planned') return 'a beginning';
  if (phase !== 'over') return 'an end';
  return hasSteps ? 'a result' : 'steps';
};

type Relative = (text: string) => string;

const failedAs = (state: SuiteState, testCase: TestCase, relative: Relative): Pick<ScenarioOutcome, 'step' | 'error'> => {
  const failure = failureOf(state, testCase, relative);
  return failure === undefined ? {} : { step: failure.step, error: failure.error };
};

const outcomeOf = (
  state: SuiteState,
  testCase: TestCase,
  relative: Relative,
  { quarantine = noQuarantine, untilMs = Number.POSITIVE_INFINITY }: OutcomeCircumstances,
): ScenarioOutcome => {
  const { name, tags, attempts, durationMs, screenshot, errors } = testCase;
  const verdict = verdictOf(testCase);
  const late = isLate(testCase, untilMs);
  const status = late ? 'unknown' : verdict;
  return {
    ...name,
    status,
    ...(status === 'unknown' && { without: late ? 'an end' : withoutWhat(testCase) }),
    attempts,
    durationMs,
    ...(late ? {} : failedAs(state, testCase, relative)),
    ...(isBad(status) && quarantine(tags) && { isQuarantined: true }),
    earlierErrors: errors.slice(0, isBad(verdict) ? attempts - 1 : attempts).map(relative),
    ...(screenshot === undefined ? {} : { screenshot }),
  };
};

/** All scenarios of the messages that were observed, in the order in which they were planned. */
export const scenarioOutcomes = (state: SuiteState, circumstances: OutcomeCircumstances = {}): readonly ScenarioOutcome[] => {
  // Made once: it is a long pattern, and there may be ten thousand scenarios.
  const relative = relativeTo(state.root);
  return [...state.testCases.values()].map((testCase) => outcomeOf(state, testCase, relative, circumstances));
};
