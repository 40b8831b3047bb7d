import { attachmentName } from './attachment-name.ts';
import { essentials } from './error-essence.ts';
import { errorOf, firstLine, rawErrorOf } from './error-text.ts';
import { type Fields, fields, list, milliseconds, text } from './fields.ts';
import type { Pickle, ScenarioName } from './gherkin.ts';
import { learnRoot } from './suite-root.ts';
import {
  type Attempt,
  isTrouble,
  isWorse,
  readStatus,
  type Status,
  type Step,
  type SuiteState,
  type TestCase,
  type Trouble,
  tick,
} from './suite-state.ts';
import { explainStep, hookLabel } from './support-code.ts';

/** So many failures keep their whole error, the others what tells its cause: ten thousand failures are one problem. */
const mostLongErrors = 200;

const none: ReadonlyMap<string, Step> = new Map();
const noSteps = () => none;
const noWords = (): ReadonlyMap<string, string> => new Map();
const noIds: readonly unknown[] = [];
const noTags: readonly string[] = [];
const unknownScenario: ScenarioName = { feature: '', uri: '', line: 0, scenario: '(a scenario the messages do not name)' };
const unknownStep = '(a step the messages do not name)';

const readStep = (state: SuiteState, pickle: Pickle | undefined, { hookId, pickleStepId, stepDefinitionIds }: Fields): Step => {
  const ofPickle = text(pickleStepId);
  const definitionIds = list(stepDefinitionIds);
  return {
    label: ofPickle === undefined ? hookLabel(state.code, text(hookId)) : (pickle?.steps().get(ofPickle) ?? unknownStep),
    definitionIds: definitionIds.length === 1 ? noIds : definitionIds,
  };
};

const readSteps = (state: SuiteState, pickle: Pickle | undefined, testSteps: unknown): ReadonlyMap<string, Step> => {
  const steps = new Map<string, Step>();
  for (const each of list(testSteps).map(fields)) {
    const stepId = text(each.id);
    if (stepId !== undefined) steps.set(stepId, readStep(state, pickle, each));
  }
  return steps;
};

/** A scenario is planned. */
export const onTestCase = (state: SuiteState, testCase: Fields): void => {
  const testSteps = list(testCase.testSteps).map(fields);
  planTestCase(state, {
    ...{ id: text(testCase.id), pickleId: text(testCase.pickleId) },
    stepCount: new Set(testSteps.flatMap(({ id }) => text(id) ?? [])).size,
    hasSteps: testSteps.some(({ pickleStepId }) => text(pickleStepId) !== undefined),
    testSteps: () => testSteps,
  });
};

/** Made out here, it holds the steps and nothing of what they were read from. */
const known = (steps: ReadonlyMap<string, Step>) => () => steps;

/** A scenario as it is planned. `testSteps` are those of the message, for whoever asks for them. */
interface PlannedTestCase extends Pick<TestCase, 'stepCount' | 'hasSteps'> {
  readonly id: string | undefined;
  readonly pickleId: string | undefined;
  readonly testSteps: () => unknown;
}

export const planTestCase = (state: SuiteState, { id, pickleId = '', testSteps, ...how }: PlannedTestCase): void => {
  if (id === undefined) return;
  const pickle = state.pickles.get(pickleId);
  const name = pickle?.name ?? unknownScenario;
  const testCase: TestCase = {
    ...{ name, tags: pickle?.tags ?? noTags, ...how },
    steps: () => {
      const steps = readSteps(state, pickle, testSteps());
      testCase.steps = known(steps);
      return steps;
    },
    ...{ attempts: 0, phase: 'planned', status: 'UNKNOWN', durationMs: 0, endedAtMs: 0, isUntried: false, errors: [] },
  };
  state.testCases.set(id, testCase);
  // The test case knows its steps now.
  if (pickle !== undefined) state.pickles.set(pickleId, { ...pickle, steps: noWords });
};

export const onTestCaseStarted = (state: SuiteState, started: Fields): void => {
  attemptStarted(state, { id: text(started.id), testCaseId: text(started.testCaseId), startedAtMs: tick(state, started.timestamp) });
};

/** An attempt begins. */
export const attemptStarted = (
  state: SuiteState,
  {
    id,
    testCaseId = '',
    startedAtMs,
  }: { readonly id: string | undefined; readonly testCaseId: string | undefined; readonly startedAtMs: number },
): void => {
  const testCase = state.testCases.get(testCaseId);
  if (id === undefined || testCase === undefined) return;
  state.firstScenarioMs ??= startedAtMs;
  testCase.attempts += 1;
  testCase.phase = 'running';
  state.current = { id, testCase, startedAtMs, results: 0, calls: 0, worst: 'UNKNOWN', willBeRetried: false };
  state.open.set(id, state.current);
};

/** The open attempt with this id. */
export const attemptOf = (state: SuiteState, id: unknown): Attempt | undefined => state.open.get(text(id) ?? '');
const stepOf = (attempt: Attempt, testStepId: unknown): Step | undefined => attempt.testCase.steps().get(text(testStepId) ?? '');

export const onTestStepStarted = (state: SuiteState, started: Fields): void => {
  tick(state, started.timestamp);
  stepStarted(state, attemptOf(state, started.testCaseStartedId), text(started.testStepId));
};

/** A step of the attempt begins. */
export const stepStarted = (state: SuiteState, attempt: Attempt | undefined, stepId = ''): void => {
  if (attempt === undefined) return;
  attempt.stepId = stepId;
  state.current = attempt;
};

/** A step of the attempt has passed. */
export const stepPassed = (state: SuiteState, attempt: Attempt | undefined, tookMs: number): void => {
  if (attempt === undefined) return;
  state.current = attempt;
  attempt.results += 1;
  if (tookMs > 0) attempt.calls += 1;
  if (isWorse('PASSED', attempt.worst)) attempt.worst = 'PASSED';
};

export const onTestStepFinished = (state: SuiteState, finished: Fields): void => {
  tick(state, finished.timestamp);
  const attempt = attemptOf(state, finished.testCaseStartedId);
  if (attempt === undefined) return;
  state.current = attempt;
  attempt.results += 1;
  const result = fields(finished.testStepResult);
  if ((milliseconds(result.duration) ?? 0) > 0) attempt.calls += 1;
  attempt.willBeRetried ||= result.willBeRetried === true;
  const status = readStatus(result.status);
  if (!isWorse(status, attempt.worst)) return;
  attempt.worst = status;
  if (!isTrouble(status)) return;
  const step = stepOf(attempt, finished.testStepId);
  const error = errorOf(result);
  learnRoot(state.root, rawErrorOf(result));
  attempt.trouble = {
    step: step?.label ?? unknownStep,
    definitionIds: step?.definitionIds ?? noIds,
    ...(error === undefined ? {} : { error }),
  };
};

/**
 * A scenario without steps checks nothing, however well its hooks went; and one of whose steps a result is missing can't
 * be called passed by the others.
 */
const statusOf = ({ worst, results, testCase }: Attempt): Status => {
  if (isTrouble(worst)) return worst;
  if (!testCase.hasSteps) return 'UNKNOWN';
  return worst === 'PASSED' && results < testCase.stepCount ? 'UNKNOWN' : worst;
};

/** Says why the scenario is in trouble, in words where the result had none. */
export const troubleText = (state: SuiteState, status: Status, trouble: Trouble | undefined): string =>
  trouble?.error ?? explainStep(state.code, status, trouble ?? { step: unknownStep, definitionIds: noIds });

const bounded = (state: SuiteState, trouble: Trouble | undefined): Trouble | undefined => {
  if (trouble?.error === undefined) return trouble;
  state.longErrors += 1;
  return state.longErrors > mostLongErrors ? { ...trouble, error: essentials(trouble.error) } : trouble;
};

/** More attempts than anybody asks for say nothing more. */
const mostErrors = 10;

const noteError = ({ errors }: TestCase, error: string): void => {
  if (errors.length < mostErrors) errors.push(error);
};

export const onTestCaseFinished = (state: SuiteState, finished: Fields): void => {
  const endedAtMs = tick(state, finished.timestamp);
  attemptFinished(state, attemptOf(state, finished.testCaseStartedId), { endedAtMs, willBeRetried: finished.willBeRetried === true });
};

/** An attempt is over. */
export const attemptFinished = (
  state: SuiteState,
  attempt: Attempt | undefined,
  { endedAtMs, ...told }: { readonly endedAtMs: number; readonly willBeRetried: boolean },
): void => {
  if (attempt === undefined) return;
  state.open.delete(attempt.id);
  if (state.current === attempt) state.current = undefined;
  const { testCase } = attempt;
  const willBeRetried = told.willBeRetried || attempt.willBeRetried;
  testCase.phase = willBeRetried ? 'between attempts' : 'over';
  testCase.status = statusOf(attempt);
  testCase.trouble = bounded(state, attempt.trouble);
  testCase.screenshot = attempt.screenshot;
  testCase.durationMs = Math.max(0, Math.round(endedAtMs - attempt.startedAtMs));
  testCase.endedAtMs = endedAtMs;
  testCase.isUntried = attempt.calls === 0;
  if (isTrouble(testCase.status)) noteError(testCase, firstLine(troubleText(state, testCase.status, attempt.trouble)));
  else testCase.steps = noSteps; // it is not tried again, so nobody will ask for them
  state.lastOver = testCase;
};

/** Only what was stored beside the messages can be shown later; a body inside them has no address. */
const screenshotOf = ({ mediaType, url }: Fields): string | undefined =>
  text(mediaType)?.startsWith('image/') === true ? attachmentName(text(url)) : undefined;

export const onAttachment = (state: SuiteState, attachment: Fields): void => {
  const attempt = attemptOf(state, attachment.testCaseStartedId);
  const screenshot = screenshotOf(attachment);
  if (attempt !== undefined && screenshot !== undefined) attempt.screenshot ??= screenshot;
};
