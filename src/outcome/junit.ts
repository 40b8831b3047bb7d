import type { Outcome } from './outcome.ts';
import { problemOf } from './problem.ts';
import type { ScenarioOutcome } from './scenario-outcome.ts';
import { isBad } from './suite-so-far.ts';
import { attributes, element, xmlText } from './xml.ts';

/** What a JUnit report is made of. */
export interface JunitReport {
  /** What the whole is called: an environment, a suite. */
  readonly name: string;
  readonly outcome: Outcome;
  readonly scenarios: readonly ScenarioOutcome[];
}

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);

const total = (scenarios: readonly ScenarioOutcome[]): number => scenarios.reduce((sum, { durationMs }) => sum + durationMs, 0);

/** `TimeoutError` of `TimeoutError: locator.click: …`. */
const typeOf = (error: string, otherwise: string): string => /^[\w$.]*[A-Z][\w$]*(?=:| \[)/.exec(error)?.[0] ?? otherwise;
const headlineOf = (error: string): string => error.split('\n', 1)[0] ?? '';

const told = (name: string, type: string, error: string, body = error): string =>
  element(name, { message: headlineOf(error), type: typeOf(error, type) }, xmlText(body));

/** A scenario that was never begun is not red by itself: that the run has no end is, once. */
const withoutVerdict = (without: ScenarioOutcome['without']): string => {
  switch (without) {
    case 'steps':
      return element('skipped', { message: 'It has no steps: nothing was checked.' });
    case 'a beginning':
      return element('skipped', { message: 'It was not run: the run ended before.' });
    default:
      return element('error', { message: 'It was cut off: the run ended in the middle of it.', type: 'cut off' });
  }
};

/** As Surefire writes it: of a scenario that passed in the end its failures are flaky, of one that failed in the end they are reruns. */
const earlier = ({ status, isQuarantined, earlierErrors }: ScenarioOutcome): string =>
  // What is skipped has no failure that one of these could be a rerun of.
  isQuarantined ? '' : earlierErrors.map((error) => told(status === 'passed' ? 'flakyFailure' : 'rerunFailure', 'failed', error)).join('');

const verdictOf = ({ status, step, error = '', without, isQuarantined }: ScenarioOutcome): string => {
  if (isQuarantined) return element('skipped', { message: `In quarantine: ${headlineOf(error)}` }, xmlText(error));
  switch (status) {
    case 'passed':
      return '';
    case 'skipped':
      return element('skipped', {});
    case 'unknown':
      return withoutVerdict(without);
    case 'failed':
    case 'undefined':
    case 'ambiguous':
    case 'pending':
      return told('failure', status, error, step === undefined ? error : `${step}\n${error}`);
  }
};

/** A suite that is not strict passes with scenarios that are pending: such a run is not red for them. */
const asCounted = (scenario: ScenarioOutcome, { kind }: Outcome): ScenarioOutcome =>
  kind === 'passed' && scenario.status === 'pending' ? { ...scenario, status: 'skipped' } : scenario;

const testCase = (scenario: ScenarioOutcome): string => {
  const { feature, rule, scenario: name, uri, line, durationMs } = scenario;
  const about = {
    classname: feature,
    name: rule === undefined ? name : `${rule} › ${name}`,
    time: seconds(durationMs),
    file: uri,
    line: `${line}`,
  };
  return `    ${element('testcase', about, verdictOf(scenario) + earlier(scenario))}\n`;
};

const isFailure = ({ status, isQuarantined }: ScenarioOutcome): boolean => isBad(status) && isQuarantined !== true;
const isError = ({ without }: ScenarioOutcome): boolean => without === 'an end' || without === 'a result';
const isSkipped = ({ status, without, isQuarantined }: ScenarioOutcome): boolean =>
  status === 'skipped' || without === 'steps' || without === 'a beginning' || isQuarantined === true;

const sums = (scenarios: readonly ScenarioOutcome[], problems = 0) => ({
  tests: `${scenarios.length + problems}`,
  failures: `${scenarios.filter(isFailure).length}`,
  errors: `${scenarios.filter(isError).length + problems}`,
  skipped: `${scenarios.filter(isSkipped).length}`,
  time: seconds(total(scenarios)),
});

const problemSuite = (problem: string, kind: Outcome['kind']): string => {
  const failed = element('error', { message: headlineOf(problem), type: kind }, xmlText(problem));
  const about = { classname: 'The run itself', name: kind, time: seconds(0) };
  return `  <testsuite${attributes({ name: 'The run itself', ...sums([], 1) })}>\n    ${element('testcase', about, failed)}\n  </testsuite>\n`;
};

/**
 * The run as JUnit XML, in pieces: a test suite for each feature file, a test case for each scenario. What is not green in the
 * outcome is not green here: a run that is broken, unfinished or empty has an error of its own.
 */
export function* junitXml({ name, outcome, scenarios: told }: JunitReport): Generator<string> {
  const problem = problemOf(outcome);
  const scenarios = told.map((scenario) => asCounted(scenario, outcome));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attributes({ name, ...sums(scenarios, problem === undefined ? 0 : 1) })}>\n`;
  if (problem !== undefined) yield problemSuite(problem, outcome.kind);
  for (const [uri, ofFile] of Map.groupBy(scenarios, ({ uri }) => uri)) {
    yield `  <testsuite${attributes({ name: ofFile[0]?.feature ?? uri, file: uri, ...sums(ofFile) })}>\n`;
    for (const scenario of ofFile) yield testCase(scenario);
    yield '  </testsuite>\n';
  }
  yield '</testsuites>\n';
}
