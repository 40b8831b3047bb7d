import { addRun, type History, noHistory, type RunToRemember } from '../../src/outcome/history.ts';
import type { ScenarioResult } from '../../src/outcome/scenario-result.ts';

/** A scenario's result, passed in a second but for what is given. */
export const resultOf = (fields: Partial<ScenarioResult> & { readonly id: string }): ScenarioResult => ({
  feature: 'Shop',
  uri: 'features/shop.feature',
  line: 3,
  scenario: `Scenario ${fields.id}`,
  verdict: 'passed',
  durationMs: 1_000,
  ...fields,
});

/** The run with this number: one each day, all of one code, passed but for what is given. */
export const runOf = (number: number, fields: Partial<RunToRemember> = {}): RunToRemember => ({
  id: `staging-${number}`,
  at: new Date(Date.UTC(2026, 0, 1 + number)).toISOString(),
  tags: '',
  features: [],
  kind: 'passed',
  scenarios: [],
  ...fields,
});

const verdicts: Readonly<Record<string, ScenarioResult['verdict']>> = {
  p: 'passed',
  r: 'flaky',
  f: 'failed',
  u: 'undefined',
  s: 'skipped',
  '-': 'unknown',
};

/** What is remembered when each scenario had these verdicts, a character for each run: `ppf`; with a space it was not there. */
export function historyOf(
  scenarios: Readonly<Record<string, string>>,
  fields: (run: number) => Partial<RunToRemember> = () => ({}),
): History {
  const count = Math.max(...Object.values(scenarios).map(({ length }) => length));
  return Array.from({ length: count }, (_, number) => number).reduce((history, number) => {
    const results = Object.entries(scenarios).flatMap(([id, text]) => {
      const verdict = verdicts[text[number] ?? ' '];
      return verdict === undefined ? [] : [resultOf({ id, verdict })];
    });
    return addRun(history, runOf(number, { scenarios: results, ...fields(number) }));
  }, noHistory);
}
