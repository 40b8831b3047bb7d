import type { Envelope } from '@cucumber/messages';
import { onAttachment, onTestCase, onTestCaseFinished, onTestCaseStarted, onTestStepFinished, onTestStepStarted } from './attempts.ts';
import { cut, errorOf, plainText, rawErrorOf } from './error-text.ts';
import { type Fields, fields, list, someFields, text } from './fields.ts';
import { addGherkinDocument, readPickle } from './gherkin.ts';
import { addFile, learnRoot } from './suite-root.ts';
import { readStatus, type SuiteState, tick } from './suite-state.ts';
import { addHook, addStepDefinition, addUndefinedType, hookLabel } from './support-code.ts';

/** Errors of a suite as a whole: the first ones explain the rest. */
const mostBreakages = 10;

/** A run hook that fails does so in each worker and each shard, with the same words. */
const addBreakage = (breakages: string[], error: string): void => {
  if (breakages.length < mostBreakages && !breakages.includes(error)) breakages.push(error);
};

const onParseError = (state: SuiteState, { source, message }: Fields): void => {
  const uri = text(fields(source).uri);
  const said = cut(plainText(text(message) ?? 'cannot be parsed'), 500);
  addBreakage(state.parseErrors, uri === undefined ? said : `${uri}: ${said}`);
};

const onPickle = (state: SuiteState, pickle: Fields): void => takePickle(state, pickle, () => list(pickle.steps));

/** A scenario is there. `steps` are those of the message, for whoever asks for them. */
export const takePickle = (state: SuiteState, pickle: Fields, steps: () => readonly unknown[]): void => {
  const id = text(pickle.id);
  if (id !== undefined) state.pickles.set(id, readPickle(state.gherkin, pickle, steps));
  addFile(state.root, text(pickle.uri));
};

const fileOf = ({ sourceReference }: Fields): string | undefined => text(fields(sourceReference).uri);

const onHook = (state: SuiteState, hook: Fields): void => {
  addHook(state.code, hook);
  addFile(state.root, fileOf(hook));
};

const onStepDefinition = (state: SuiteState, definition: Fields): void => {
  addStepDefinition(state.code, definition);
  addFile(state.root, fileOf(definition));
};

const onRunHookStarted = (state: SuiteState, started: Fields): void => {
  tick(state, started.timestamp);
  const id = text(started.id);
  if (id !== undefined) state.openRunHooks.set(id, hookLabel(state.code, text(started.hookId)));
};

const onRunHookFinished = (state: SuiteState, finished: Fields): void => {
  tick(state, finished.timestamp);
  const id = text(finished.testRunHookStartedId) ?? '';
  const label = state.openRunHooks.get(id) ?? 'hook';
  state.openRunHooks.delete(id);
  const result = fields(finished.result);
  learnRoot(state.root, rawErrorOf(result));
  if (readStatus(result.status) === 'FAILED')
    addBreakage(state.runHookErrors, `${label} failed: ${errorOf(result) ?? 'it did not say why'}`);
};

const onRunFinished = (state: SuiteState, finished: Fields): void => {
  tick(state, finished.timestamp);
  state.runsEnded += 1;
  state.isSuccess &&= finished.success === true;
  const exception = someFields(finished.exception);
  const error = exception === undefined ? undefined : errorOf({ exception, message: finished.message });
  if (exception !== undefined) addBreakage(state.exceptions, error ?? 'The run ended with an exception that says nothing.');
};

const onRunStarted = (state: SuiteState, started: Fields): void => {
  tick(state, started.timestamp);
  state.runsStarted += 1;
};

type Take = (state: SuiteState, message: Fields) => void;

const takers: ReadonlyMap<string, Take> = new Map<keyof Envelope, Take>([
  ['testStepStarted', onTestStepStarted],
  ['testStepFinished', onTestStepFinished],
  ['testCaseStarted', onTestCaseStarted],
  ['testCaseFinished', onTestCaseFinished],
  ['attachment', onAttachment],
  ['externalAttachment', onAttachment],
  ['testCase', onTestCase],
  ['pickle', onPickle],
  ['gherkinDocument', (state, document) => addGherkinDocument(state.gherkin, document)],
  ['hook', onHook],
  ['stepDefinition', onStepDefinition],
  ['undefinedParameterType', (state, type) => addUndefinedType(state.code, type)],
  ['parseError', onParseError],
  ['testRunStarted', onRunStarted],
  ['testRunHookStarted', onRunHookStarted],
  ['testRunHookFinished', onRunHookFinished],
  ['testRunFinished', onRunFinished],
]);

/**
 * Takes the next message into the state and gives the state back, for folding. Messages of any schema version, in any
 * interleaving; what makes no sense is passed over.
 */
export const observe = (state: SuiteState, envelope: Envelope): SuiteState => {
  for (const [kind, value] of Object.entries(envelope)) {
    const message = someFields(value);
    if (message === undefined) continue;
    state.hasMessages = true;
    takers.get(kind)?.(state, message);
  }
  return state;
};
