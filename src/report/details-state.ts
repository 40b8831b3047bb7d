import { emptySuite, type SuiteState, type TestCase } from '../outcome/suite-state.ts';
import { type Budget, budgetOf } from './budget.ts';
import type { FilePlaces } from './file-details.ts';
import type { AttemptDetails, FileDetails, Status } from './scenario-details.ts';
import type { StepArgument } from './step-argument.ts';

/** A step of a scenario as it will be run; `label` is all there is to say of a hook. */
export interface PlannedStep extends StepArgument {
  readonly id: string;
  readonly pickleStepId?: string;
  readonly keyword?: string;
  readonly text: string;
}

/** What came of a step, so far. */
export interface StepResult {
  status?: Status;
  ms?: number;
  error?: string;
  whole?: string;
  files?: FileDetails[];
}

export interface OpenAttempt {
  readonly scenario: ScenarioState;
  readonly results: Map<string, StepResult>;
  readonly files: FileDetails[];
}

export interface ScenarioState {
  readonly testCase: TestCase;
  readonly tags: readonly string[];
  /** Nobody asks for them once the scenario is over. */
  steps: readonly PlannedStep[];
  attempts: AttemptDetails[];
  /** All attempts as JSON, once the scenario is over; undefined while it is on, and when there is no room. */
  json?: string;
}

/** What a fold over a run's messages remembers for its report: the verdicts, and what each scenario did, as text. */
export interface DetailsState {
  readonly suite: SuiteState;
  readonly files: FilePlaces;
  /** Pickle id → what stands in its feature file, until the scenario is planned. */
  readonly pickles: Map<string, { readonly tags: readonly string[]; readonly steps: ReadonlyMap<string, PlannedStep> }>;
  readonly scenarios: Map<string, ScenarioState>;
  readonly open: Map<string, OpenAttempt>;
  /** Pickle step id → code to begin its definition with. */
  readonly snippets: Map<string, string>;
  readonly room: {
    /** Characters of JSON for scenarios that passed, and for the others. */
    readonly green: Budget;
    readonly others: Budget;
    /** Characters of doc strings and data tables. */
    readonly steps: Budget;
    /** Errors in full. */
    readonly wholeErrors: Budget;
  };
}

const megabyte = 1024 * 1024;

/** @param mostMegabytes of details, about, before they are packed: what a browser and a function can well hold */
export const emptyDetails = (files: FilePlaces, mostMegabytes = 40): DetailsState => ({
  suite: emptySuite(),
  files,
  pickles: new Map(),
  scenarios: new Map(),
  open: new Map(),
  snippets: new Map(),
  room: {
    green: budgetOf((mostMegabytes / 2) * megabyte),
    others: budgetOf((mostMegabytes / 2) * megabyte),
    steps: budgetOf((mostMegabytes / 4) * megabyte),
    wholeErrors: budgetOf((mostMegabytes / 10) * megabyte),
  },
});
