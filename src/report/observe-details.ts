import type { Envelope } from '@cucumber/messages';
import { cut, errorOf, plainText } from '../outcome/error-text.ts';
import { type Fields, fields, list, milliseconds, someFields, text } from '../outcome/fields.ts';
import { observe } from '../outcome/judge.ts';
import { type Status as CucumberStatus, isTrouble, readStatus } from '../outcome/suite-state.ts';
import { explainStep } from '../outcome/support-code.ts';
import { attemptOf, finish } from './attempt-details.ts';
import { takeFrom } from './budget.ts';
import type { DetailsState, PlannedStep, StepResult } from './details-state.ts';
import { readFiles } from './file-details.ts';
import type { Status } from './scenario-details.ts';
import { readArgument, type StepArgument } from './step-argument.ts';

const mostTags = 30;
const longestTag = 100;
const longestText = 500;
const longestSnippet = 2_000;
const longestWhole = 16_000;

const statusOf = (status: CucumberStatus): Status => status.toLowerCase() as Status;

const argumentOf = (state: DetailsState, argument: Fields | undefined): StepArgument => {
  if (argument === undefined) return {};
  const read = readArgument(argument);
  return takeFrom(state.room.steps, JSON.stringify(read).length) ? read : {};
};

const readStep = (state: DetailsState, step: Fields): PlannedStep => {
  const keyword = state.suite.gherkin.keywords.get(text(list(step.astNodeIds)[0]) ?? '')?.trim() ?? '';
  const id = text(step.id) ?? '';
  return {
    id,
    pickleStepId: id,
    ...(keyword !== '' && { keyword: plainText(keyword) }),
    text: cut(plainText(text(step.text) ?? ''), longestText),
    ...argumentOf(state, someFields(step.argument)),
  };
};

const onPickle = (state: DetailsState, pickle: Fields): void => {
  const steps = list(pickle.steps).map((step) => readStep(state, fields(step)));
  const tags = list(pickle.tags).map((tag) => cut(plainText(text(fields(tag).name) ?? ''), longestTag));
  state.pickles.set(text(pickle.id) ?? '', { tags: tags.slice(0, mostTags), steps: new Map(steps.map((step) => [step.id, step])) });
};

const onTestCase = (state: DetailsState, planned: Fields): void => {
  const id = text(planned.id) ?? '';
  const testCase = state.suite.testCases.get(id);
  if (testCase === undefined) return;
  const pickle = state.pickles.get(text(planned.pickleId) ?? '');
  const steps = list(planned.testSteps)
    .map(fields)
    .map((step): PlannedStep => {
      const stepId = text(step.id) ?? '';
      const ofPickle = pickle?.steps.get(text(step.pickleStepId) ?? '');
      return ofPickle === undefined ? { id: stepId, text: testCase.steps().get(stepId)?.label ?? 'hook' } : { ...ofPickle, id: stepId };
    });
  state.scenarios.set(id, { testCase, tags: pickle?.tags ?? [], steps, attempts: [] });
  state.pickles.delete(text(planned.pickleId) ?? '');
};

const onTestCaseStarted = (state: DetailsState, started: Fields): void => {
  const scenario = state.scenarios.get(text(started.testCaseId) ?? '');
  if (scenario !== undefined) state.open.set(text(started.id) ?? '', { scenario, results: new Map(), files: [] });
};

/** What of the step is known, to be added to. */
const resultOf = (state: DetailsState, { testCaseStartedId, testStepId }: Fields): StepResult | undefined => {
  const attempt = state.open.get(text(testCaseStartedId) ?? '');
  const stepId = text(testStepId);
  if (attempt === undefined || stepId === undefined) return undefined;
  const known = attempt.results.get(stepId) ?? {};
  attempt.results.set(stepId, known);
  return known;
};

/** All that was said, when that is much more than what people need first. */
const wholeOf = (state: DetailsState, result: Fields, error: string): string | undefined => {
  const exception = fields(result.exception);
  const said = [text(result.message), text(exception.stackTrace)].filter((part) => part !== undefined);
  const longest = said.toSorted((a, b) => b.length - a.length)[0] ?? '';
  const whole = cut(plainText(longest.slice(0, 4 * longestWhole)), longestWhole);
  return whole.length > error.length + 100 && takeFrom(state.room.wholeErrors, whole.length) ? whole : undefined;
};

const onTestStepFinished = (state: DetailsState, finished: Fields): void => {
  const known = resultOf(state, finished);
  if (known === undefined) return;
  const result = fields(finished.testStepResult);
  const status = readStatus(result.status);
  known.status = statusOf(status);
  known.ms = Math.round(milliseconds(result.duration) ?? 0);
  if (!isTrouble(status)) return;
  const step = state.open
    .get(text(finished.testCaseStartedId) ?? '')
    ?.scenario.testCase.steps()
    .get(text(finished.testStepId) ?? '');
  const error =
    errorOf(result) ?? explainStep(state.suite.code, status, { step: step?.label ?? '', definitionIds: step?.definitionIds ?? [] });
  const whole = wholeOf(state, result, error);
  known.error = error;
  if (whole !== undefined) known.whole = whole;
};

const onAttachment = (state: DetailsState, attachment: Fields): void => {
  const attempt = state.open.get(text(attachment.testCaseStartedId) ?? '');
  if (attempt === undefined) return;
  const files = readFiles(attachment, state.files);
  const known = resultOf(state, attachment);
  if (known === undefined) attempt.files.push(...files);
  else known.files = [...(known.files ?? []), ...files];
};

const onTestCaseFinished = (state: DetailsState, finished: Fields): void => {
  const id = text(finished.testCaseStartedId) ?? '';
  const attempt = state.open.get(id);
  if (attempt === undefined) return;
  state.open.delete(id);
  const { scenario } = attempt;
  const status = statusOf(scenario.testCase.status);
  scenario.attempts.push(attemptOf(state, attempt, { status, ms: scenario.testCase.durationMs }));
  if (scenario.testCase.phase === 'over') finish(state, scenario);
};

const onSuggestion = (state: DetailsState, { pickleStepId, snippets }: Fields): void => {
  const code = text(fields(list(snippets)[0]).code);
  if (code !== undefined) state.snippets.set(text(pickleStepId) ?? '', cut(plainText(code), longestSnippet));
};

type Take = (state: DetailsState, message: Fields) => void;

const takers: ReadonlyMap<string, Take> = new Map<keyof Envelope, Take>([
  ['pickle', onPickle],
  ['testCase', onTestCase],
  ['testCaseStarted', onTestCaseStarted],
  ['testStepFinished', onTestStepFinished],
  ['attachment', onAttachment],
  ['externalAttachment', onAttachment],
  ['testCaseFinished', onTestCaseFinished],
  ['suggestion', onSuggestion],
]);

/** Takes the next message into the state: into the verdicts, which `judge` would give, and into what each scenario did. */
export const observeDetails = (state: DetailsState, envelope: Envelope): void => {
  observe(state.suite, envelope);
  for (const [kind, value] of Object.entries(envelope)) {
    const message = someFields(value);
    if (message !== undefined) takers.get(kind)?.(state, message);
  }
};
