import { troubleText } from '../outcome/attempts.ts';
import { firstLine, plainText } from '../outcome/error-text.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { scenarioAnchor } from '../outcome/scenario-id.ts';
import { relativeTo } from '../outcome/suite-root.ts';
import { isBad, verdictOf } from '../outcome/suite-so-far.ts';
import type { TestCase } from '../outcome/suite-state.ts';
import { attemptOf, finish } from './attempt-details.ts';
import { type Counted, countedIn } from './counted.ts';
import type { DetailsState, ScenarioState } from './details-state.ts';
import type { Row, Scenarios } from './scenario-details.ts';

const whyUnknown = ({ phase, hasSteps }: TestCase): string => {
  if (phase === 'planned') return 'not begun';
  return phase === 'over' && !hasSteps ? 'no steps' : 'cut off';
};

type Verdict = Pick<Row, 'status' | 'step' | 'error' | 'why' | 'isQuarantined'>;

const told = ({ suite }: DetailsState, { testCase }: ScenarioState, counted: Counted | undefined): Verdict => {
  const status = verdictOf(testCase);
  if (status === 'unknown') return { status, why: whyUnknown(testCase) };
  if (isBad(status)) {
    if (counted?.isLate(testCase.name)) return { status: 'unknown', why: 'after the stop' };
    const error = firstLine(relativeTo(suite.root)(troubleText(suite, testCase.status, testCase.trouble)));
    return {
      status,
      error,
      ...(counted?.isQuarantined(testCase.name) && { isQuarantined: true }),
      ...(testCase.trouble !== undefined && { step: testCase.trouble.step }),
    };
  }
  const [error] = testCase.errors;
  return { status, ...(error !== undefined && { error }) };
};

const rowOf = (scenario: ScenarioState, verdict: Verdict, place: { readonly anchor: string; readonly feature: number }): Row => {
  const { testCase, tags } = scenario;
  const { name, attempts, durationMs } = testCase;
  return {
    ...place,
    name: plainText(name.scenario).replace(/\s+/g, ' '),
    line: name.line,
    ...(name.rule !== undefined && { rule: plainText(name.rule) }),
    ...(tags.length > 0 && { tags }),
    ...(durationMs > 0 && { ms: durationMs }),
    ...(attempts > 1 && { attempts }),
    ...verdict,
  };
};

/** `s-<id>`, and `s-<id>-2` for the same scenario in a second file. */
const anchors = (): ((id: string | undefined) => string) => {
  const taken = new Map<string, number>();
  return (id = 'unnamed') => {
    const number = (taken.get(id) ?? 0) + 1;
    taken.set(id, number);
    return number === 1 ? scenarioAnchor(id) : `${scenarioAnchor(id)}-${number}`;
  };
};

/** What had been seen of the scenarios that were on when the messages ended. */
const closeOpen = (state: DetailsState): void => {
  for (const attempt of state.open.values()) attempt.scenario.attempts.push(attemptOf(state, attempt, { status: 'unknown', ms: 0 }));
  state.open.clear();
  for (const scenario of state.scenarios.values()) if (scenario.steps.length > 0) finish(state, scenario);
};

/** All scenarios of the messages that were observed, in the order of their features. Nothing can be observed after it. */
export const scenariosOf = (state: DetailsState, outcome?: Outcome): Scenarios => {
  closeOpen(state);
  const counted = outcome === undefined ? undefined : countedIn(outcome);
  const order = new Map([...state.suite.gherkin.features.keys()].map((uri, index) => [uri, index]));
  const orderOf = ({ testCase }: ScenarioState): number => order.get(testCase.name.uri) ?? order.size;
  const sorted = [...state.scenarios.values()].toSorted((a, b) => orderOf(a) - orderOf(b) || a.testCase.name.line - b.testCase.name.line);
  const features = new Map<string, number>();
  const anchorOf = anchors();
  const all = sorted.map((scenario) => {
    const { name } = scenario.testCase;
    const feature = features.get(`${name.uri}\n${name.feature}`) ?? features.size;
    features.set(`${name.uri}\n${name.feature}`, feature);
    const row = rowOf(scenario, told(state, scenario, counted), { anchor: anchorOf(name.id), feature });
    return { row, ...(scenario.json !== undefined && { attempts: scenario.json }) };
  });
  const { green, others } = state.room;
  return {
    features: [...features.keys()].map((key) => {
      const [uri = '', name = ''] = key.split('\n');
      return { uri: plainText(uri), name: plainText(name) };
    }),
    all,
    leftOut: green.leftOut + others.leftOut,
  };
};
