import { causeKey } from './cause.ts';
import type { ScenarioName } from './gherkin.ts';
import { relativeTo } from './suite-root.ts';
import { failureOf, isBad, isFlaky, isLate, noQuarantine, type Quarantine, type Verdict, verdictOf } from './suite-so-far.ts';
import type { SuiteState, TestCase } from './suite-state.ts';

/** What one scenario came to in a run, by its last attempt. */
export interface ScenarioResult extends ScenarioName {
  readonly id: string;
  /** `flaky`: passed, but not at the first attempt. `unknown`: no verdict, for it has no steps, was cut off or never began. */
  readonly verdict: Verdict | 'flaky';
  /** With the at sign; absent: none, or nobody has said. */
  readonly tags?: readonly string[];
  /** Of the last attempt. */
  readonly durationMs: number;
  /** Of a failure: `causeKey`. */
  readonly cause?: string;
  readonly isQuarantined?: true;
}

/** A verdict that fails a run. */
export const isFailing = (verdict: ScenarioResult['verdict']): boolean => verdict !== 'flaky' && isBad(verdict);

/** A verdict that says the scenario is well in the end. */
export const isPassing = (verdict: ScenarioResult['verdict']): boolean => verdict === 'passed' || verdict === 'flaky';

/**
 * What each scenario of the messages came to that they name.
 *
 * @param untilMs when the end was asked for: what fails from then on is no failure (`stopAskedAtMs`)
 */
export function scenarioResults(
  state: SuiteState,
  {
    quarantine = noQuarantine,
    untilMs = Number.POSITIVE_INFINITY,
  }: { readonly quarantine?: Quarantine | undefined; readonly untilMs?: number | undefined },
): readonly ScenarioResult[] {
  const relative = relativeTo(state.root);
  return [...state.testCases.values()].flatMap((testCase): readonly ScenarioResult[] => {
    const { name, tags, durationMs } = testCase;
    const { id, feature, uri, line, scenario } = name;
    if (id === undefined) return [];
    const verdict = settled(testCase, untilMs);
    const failure = verdict === 'unknown' ? undefined : failureOf(state, testCase, relative);
    return [
      {
        // Written out, as a hundred thousand copies of the whole would take a fifth more memory.
        ...{ id, feature, uri, line, scenario, verdict, durationMs },
        ...(name.rule !== undefined && { rule: name.rule }),
        ...(tags.length > 0 && { tags }),
        ...(failure !== undefined && { cause: causeKey(failure) }),
        ...(quarantine(tags) && { isQuarantined: true }),
      },
    ];
  });
}

const settled = (testCase: TestCase, untilMs: number): ScenarioResult['verdict'] => {
  if (isLate(testCase, untilMs)) return 'unknown';
  return isFlaky(testCase) ? 'flaky' : verdictOf(testCase);
};
