import type { Envelope } from '@cucumber/messages';
import { troubleText } from './attempts.ts';
import { noCounts } from './counts.ts';
import { cut, longestError } from './error-text.ts';
import { observe } from './judge.ts';
import type { Counts, Failure, Flake } from './outcome.ts';
import type { Breakage, Suite, TimedFailure } from './suite.ts';
import { relativeTo } from './suite-root.ts';
import { emptySuite, type Status, type SuiteState, type TestCase } from './suite-state.ts';

const verdicts = {
  UNKNOWN: 'unknown',
  PASSED: 'passed',
  SKIPPED: 'skipped',
  PENDING: 'pending',
  UNDEFINED: 'undefined',
  AMBIGUOUS: 'ambiguous',
  FAILED: 'failed',
} as const satisfies Record<Status, keyof Counts>;

/** The scenario's status; one that has begun and is not over has none yet, and neither has one that is to be tried again. */
const verdictOf = (testCase: TestCase): (typeof verdicts)[Status] => (testCase.phase === 'over' ? verdicts[testCase.status] : 'unknown');

const isFlaky = (testCase: TestCase): boolean => verdictOf(testCase) === 'passed' && testCase.firstError !== undefined;

const countAll = (testCases: Iterable<TestCase>): Counts => {
  const counts = { ...noCounts };
  for (const testCase of testCases) {
    counts.total += 1;
    counts[verdictOf(testCase)] += 1;
    if (isFlaky(testCase)) counts.flaky += 1;
  }
  return counts;
};

/** Takes the suite's own folder out of the paths in a text. */
type Relative = (text: string) => string;

const failureOf = (state: SuiteState, testCase: TestCase, relative: Relative): TimedFailure | undefined => {
  const status = verdictOf(testCase);
  if (status === 'passed' || status === 'skipped' || status === 'unknown') return undefined;
  const { id, name, trouble, attempts, durationMs, screenshot } = testCase;
  const failure: Failure = {
    status,
    ...(id === undefined ? {} : { id }),
    ...name,
    step: trouble?.step ?? '(a step the messages do not name)',
    error: relative(troubleText(state, testCase.status, trouble)),
    attempts,
    durationMs,
    ...(screenshot === undefined ? {} : { screenshot }),
  };
  return { failure, atMs: testCase.endedAtMs };
};

const flakeOf = ({ id, name, attempts, firstError }: TestCase, relative: Relative): Flake => ({
  ...(id === undefined ? {} : { id }),
  ...name,
  attempts,
  error: relative(firstError ?? ''),
});

const breakageOf = ({ parseErrors, exceptions, runHookErrors }: SuiteState, relative: Relative): Breakage | undefined => {
  const error = cut(relative([...parseErrors, ...exceptions, ...runHookErrors].join('\n')), longestError);
  if (parseErrors.length > 0) return { kind: 'parse-error', error };
  if (exceptions.length > 0) return { kind: 'exception', error };
  if (runHookErrors.length > 0) return { kind: 'run-hook', error };
  return undefined;
};

/** The end, once every run that was begun has one: several runs may stand in one stream. */
const endOf = ({ runsStarted, runsEnded, isSuccess }: SuiteState): Suite['end'] =>
  runsEnded > 0 && runsEnded >= runsStarted ? { isSuccess } : undefined;

/** A scenario that is to be tried again is not over: its failure is the last thing that is known. */
const lastOf = ({ name, phase, trouble }: TestCase): string =>
  phase === 'between attempts' && trouble !== undefined ? `${name.scenario} › ${trouble.step}` : `after ${name.scenario}`;

const lastSeenOf = (state: SuiteState): string | undefined => {
  const open = [...state.open.values()];
  const current = open.find((attempt) => attempt === state.current) ?? open.at(-1);
  if (current !== undefined) return [current.testCase.name.scenario, current.step].filter((part) => part !== undefined).join(' › ');
  const runHook = [...state.openRunHooks.values()].at(-1);
  if (runHook !== undefined) return runHook;
  if (state.lastOver !== undefined) return lastOf(state.lastOver);
  return state.runsStarted > 0 ? 'before the first scenario' : undefined;
};

/** What the messages that were observed say. May be asked at any time, as often as one likes. */
export const suiteSoFar = (state: SuiteState): Suite => {
  const testCases = [...state.testCases.values()];
  const relative = relativeTo(state.root);
  const broken = breakageOf(state, relative);
  const end = endOf(state);
  const lastSeen = end === undefined ? lastSeenOf(state) : undefined;
  return {
    counts: countAll(testCases),
    failures: testCases.map((testCase) => failureOf(state, testCase, relative)).filter((failure) => failure !== undefined),
    flaky: testCases.filter(isFlaky).map((testCase) => flakeOf(testCase, relative)),
    ...(broken === undefined ? {} : { broken }),
    ...(end === undefined ? {} : { end }),
    hasMessages: state.hasMessages,
    hasBegun: testCases.some(({ phase }) => phase !== 'planned'),
    now: end === undefined ? [...state.open.values()].map(({ testCase }) => testCase.name.scenario) : [],
    ...(lastSeen === undefined ? {} : { lastSeen }),
    notRun: testCases.filter(({ phase }) => phase === 'planned').map(({ name }) => name),
    cutOff: testCases.filter(({ phase }) => phase === 'running' || phase === 'between attempts').map(({ name }) => name),
    durationMs: Math.round((state.lastMs ?? 0) - (state.firstMs ?? 0)),
  };
};

/** What a stream of messages says of its suite, complete or not. */
export const judge = (envelopes: Iterable<Envelope>): Suite => {
  const state = emptySuite();
  for (const envelope of envelopes) observe(state, envelope);
  return suiteSoFar(state);
};
