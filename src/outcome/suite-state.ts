import { milliseconds } from './fields.ts';
import { emptyGherkin, type Gherkin, type Pickle, type ScenarioName } from './gherkin.ts';
import { type SuiteRoot, unknownRoot } from './suite-root.ts';
import { emptySupportCode, type FailedStep, type SupportCode } from './support-code.ts';

/** From harmless to severe: the worst of a scenario's steps is the scenario's. */
const severities = ['UNKNOWN', 'PASSED', 'SKIPPED', 'PENDING', 'UNDEFINED', 'AMBIGUOUS', 'FAILED'] as const;
export type Status = (typeof severities)[number];

export const readStatus = (value: unknown): Status => severities.find((status) => status === value) ?? 'UNKNOWN';
export const isWorse = (status: Status, than: Status): boolean => severities.indexOf(status) > severities.indexOf(than);
export const isTrouble = (status: Status): boolean => isWorse(status, 'SKIPPED');

/** The first step that spoilt an attempt most. `error` is what its result said, if it said anything. */
export interface Trouble extends FailedStep {
  readonly error?: string;
}

export interface Step {
  readonly label: string;
  /** Kept only when there is not exactly one: they explain an ambiguous step. */
  readonly definitionIds: readonly unknown[];
}

export interface TestCase {
  readonly name: ScenarioName;
  readonly tags: readonly string[];
  readonly hasSteps: boolean;
  /** Hooks included. */
  readonly stepCount: number;
  /** By their ids; read when somebody asks: of most scenarios nobody does. */
  steps: () => ReadonlyMap<string, Step>;
  attempts: number;
  phase: 'planned' | 'running' | 'between attempts' | 'over';
  /** Of the last attempt that is over. */
  status: Status;
  trouble?: Trouble | undefined;
  screenshot?: string | undefined;
  durationMs: number;
  endedAtMs: number;
  /** Of the last attempt that is over: none of its steps and hooks was even called. */
  isUntried: boolean;
  /** First lines of the errors of the attempts that failed, of the first ten. */
  readonly errors: string[];
}

export interface Attempt {
  /** Of its `testCaseStarted`. */
  readonly id: string;
  readonly testCase: TestCase;
  readonly startedAtMs: number;
  /** How many of its steps have a result. */
  results: number;
  /** How many of those took any time. */
  calls: number;
  worst: Status;
  trouble?: Trouble;
  screenshot?: string;
  /** Of the step that was begun last. */
  stepId?: string;
  /** Schemas up to 16 said it of the step. */
  willBeRetried: boolean;
}

/**
 * What a fold over a stream remembers: the scenarios' names and results, and the attempts that are open. It grows with
 * the number of scenarios, never with the length of the stream. Only `observe` changes it.
 */
export interface SuiteState {
  readonly gherkin: Gherkin;
  readonly code: SupportCode;
  readonly root: SuiteRoot;
  readonly pickles: Map<string, Pickle>;
  readonly testCases: Map<string, TestCase>;
  /** Open attempts, by the id of their `testCaseStarted`. */
  readonly open: Map<string, Attempt>;
  readonly openRunHooks: Map<string, string>;
  readonly parseErrors: string[];
  readonly exceptions: string[];
  readonly runHookErrors: string[];
  /** The open attempt that was heard of last. */
  current: Attempt | undefined;
  lastOver: TestCase | undefined;
  hasMessages: boolean;
  runsStarted: number;
  runsEnded: number;
  isSuccess: boolean;
  firstMs: number | undefined;
  firstScenarioMs: number | undefined;
  lastMs: number | undefined;
  longErrors: number;
}

/** The state before the first message. */
export const emptySuite = (): SuiteState => ({
  gherkin: emptyGherkin(),
  code: emptySupportCode(),
  root: unknownRoot(),
  pickles: new Map(),
  testCases: new Map(),
  open: new Map(),
  openRunHooks: new Map(),
  parseErrors: [],
  exceptions: [],
  runHookErrors: [],
  current: undefined,
  lastOver: undefined,
  hasMessages: false,
  runsStarted: 0,
  runsEnded: 0,
  isSuccess: true,
  firstMs: undefined,
  firstScenarioMs: undefined,
  lastMs: undefined,
  longErrors: 0,
});

/** Moves the state's clock; the timestamp in milliseconds, or the last one known. */
export const tick = (state: SuiteState, timestamp: unknown): number => {
  const atMs = milliseconds(timestamp);
  if (atMs === undefined) return state.lastMs ?? 0;
  tickMs(state, atMs);
  return atMs;
};

export const tickMs = (state: SuiteState, atMs: number): void => {
  if (state.firstMs === undefined || atMs < state.firstMs) state.firstMs = atMs;
  if (state.lastMs === undefined || atMs > state.lastMs) state.lastMs = atMs;
};
