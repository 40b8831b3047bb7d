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
export const verdictOf = (testCase: TestCase): Verdict => (testCase.phase === 'over' ? verdicts[testCase.status] : 'unknown');

export type Verdict = (typeof verdicts)[Status];

/** What fails a run, as cucumber's strict mode has it. */
export const isBad = (verdict: Verdict): verdict is Failure['status'] =>
  verdict !== 'passed' && verdict !== 'skipped' && verdict !== 'unknown';

/** It failed after the end was asked for, which is no failure: whatever is closed then fails. */
export const isLate = (testCase: TestCase, untilMs: number): boolean => isBad(verdictOf(testCase)) && testCase.endedAtMs >= untilMs;

export const isFlaky = (testCase: TestCase): boolean => verdictOf(testCase) === 'passed' && testCase.errors.length > 0;

/** Says whether scenarios with these tags are in quarantine. */
export type Quarantine = (tags: readonly string[]) => boolean;

export const noQuarantine: Quarantine = () => false;

const countAll = (testCases: Iterable<TestCase>, isQuarantined: Quarantine): Counts => {
  const counts = { ...noCounts };
  let quarantined = 0;
  for (const testCase of testCases) {
    counts.total += 1;
    counts[verdictOf(testCase)] += 1;
    if (isFlaky(testCase)) counts.flaky += 1;
    if (isBad(verdictOf(testCase)) && isQuarantined(testCase.tags)) quarantined += 1;
  }
  return quarantined === 0 ? counts : { ...counts, quarantined };
};

/** Takes the suite's own folder out of the paths in a text. */
type Relative = (text: string) => string;

export const failureOf = (state: SuiteState, testCase: TestCase, relative: Relative): Failure | undefined => {
  const status = verdictOf(testCase);
  if (!isBad(status)) return undefined;
  const { name, trouble, attempts, durationMs, screenshot } = testCase;
  return {
    status,
    ...name,
    step: trouble?.step ?? '(a step the messages do not name)',
    error: relative(troubleText(state, testCase.status, trouble)),
    attempts,
    durationMs,
    ...(screenshot === undefined ? {} : { screenshot }),
  };
};

const timed = ({ endedAtMs, tags }: TestCase, failure: Failure | undefined, quarantine: Quarantine): readonly TimedFailure[] =>
  failure === undefined ? [] : [{ failure, atMs: endedAtMs, ...(quarantine(tags) && { isQuarantined: true }) }];

const flakeOf = ({ name, attempts, errors: [first = ''] }: TestCase, relative: Relative): Flake => ({
  ...name,
  attempts,
  error: relative(first),
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
  if (current !== undefined) {
    const step = current.testCase.steps().get(current.stepId ?? '')?.label;
    return [current.testCase.name.scenario, step].filter((part) => part !== undefined).join(' › ');
  }
  const runHook = [...state.openRunHooks.values()].at(-1);
  if (runHook !== undefined) return runHook;
  if (state.lastOver !== undefined) return lastOf(state.lastOver);
  return state.runsStarted > 0 ? 'before the first scenario' : undefined;
};

/** What the messages that were observed say. May be asked at any time, as often as one likes. Absent `quarantine`: none is in it. */
export const suiteSoFar = (state: SuiteState, quarantine: Quarantine = noQuarantine): Suite => {
  const testCases = [...state.testCases.values()];
  const relative = relativeTo(state.root);
  const broken = breakageOf(state, relative);
  const end = endOf(state);
  const lastSeen = end === undefined ? lastSeenOf(state) : undefined;
  return {
    counts: countAll(testCases, quarantine),
    failures: testCases.flatMap((testCase) => timed(testCase, failureOf(state, testCase, relative), quarantine)),
    flaky: testCases.filter(isFlaky).map((testCase) => flakeOf(testCase, relative)),
    ...(broken === undefined ? {} : { broken }),
    ...(end === undefined ? {} : { end }),
    hasMessages: state.hasMessages,
    hasBegun: testCases.some(({ phase }) => phase !== 'planned'),
    now: end === undefined ? [...state.open.values()].map(({ testCase }) => testCase.name.scenario) : [],
    ...(lastSeen === undefined ? {} : { lastSeen }),
    notRun: testCases.filter(({ phase }) => phase === 'planned').map(({ name }) => name),
    untried: testCases.filter((testCase) => verdictOf(testCase) === 'skipped' && testCase.isUntried).length,
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
