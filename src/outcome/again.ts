import type { ScenarioName } from './gherkin.ts';
import type { Failure, Outcome } from './outcome.ts';
import type { SuiteState, TestCase } from './suite-state.ts';

/** A scenario that a run has not seen through, and that another run can. */
export interface AgainScenario {
  readonly id: string;
  readonly uri: string;
  readonly line: number;
  readonly scenario: string;
  /** `not-run`: it never began, was cut off, or failed by the stop of its task. */
  readonly was: Failure['status'] | 'not-run';
}

/** The scenarios that have not passed and could: what is skipped, has no steps, or is in quarantine is left as it is. */
export function scenariosToRunAgain(state: SuiteState, outcome: Outcome): readonly AgainScenario[] {
  const failures = 'failures' in outcome ? (outcome.failures ?? []) : [];
  const statuses = new Map(failures.map((failure) => [placeOf(failure), failure.status]));
  const quarantined = new Set(('quarantined' in outcome ? (outcome.quarantined ?? []) : []).map(placeOf));
  return [...state.testCases.values()].flatMap((testCase) => {
    const { name } = testCase;
    if (name.id === undefined || quarantined.has(placeOf(name))) return [];
    const was = statuses.get(placeOf(name)) ?? (isSeenThrough(testCase) ? undefined : 'not-run');
    return was === undefined ? [] : [{ id: name.id, uri: name.uri, line: name.line, scenario: name.scenario, was }];
  });
}

const placeOf = ({ id, uri }: Pick<ScenarioName, 'id' | 'uri'>): string => `${id}\n${uri}`;

const isSeenThrough = ({ phase, status, hasSteps }: TestCase): boolean =>
  phase === 'over' && (status === 'PASSED' || status === 'SKIPPED' || (status === 'UNKNOWN' && !hasSteps));
