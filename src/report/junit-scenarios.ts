import type { Outcome } from '../outcome/outcome.ts';
import { type ScenarioOutcome, scenarioOutcomes } from '../outcome/scenario-outcome.ts';
import { isBad } from '../outcome/suite-so-far.ts';
import type { SuiteState } from '../outcome/suite-state.ts';
import { countedIn } from './counted.ts';

/** The scenarios as the outcome counts them: what is in quarantine or came too late is not what its messages alone would make of it. */
export const junitScenarios = (suite: SuiteState, outcome: Outcome): readonly ScenarioOutcome[] => {
  const { isLate, isQuarantined } = countedIn(outcome);
  return scenarioOutcomes(suite).map((scenario): ScenarioOutcome => {
    if (!isBad(scenario.status)) return scenario;
    if (isLate(scenario)) return { ...scenario, status: 'unknown', without: 'an end' };
    return isQuarantined(scenario) ? { ...scenario, isQuarantined: true } : scenario;
  });
};
