import { relativeTo } from '../outcome/suite-root.ts';
import { takeFrom } from './budget.ts';
import type { DetailsState, OpenAttempt, PlannedStep, ScenarioState, StepResult } from './details-state.ts';
import type { AttemptDetails, Status, StepDetails } from './scenario-details.ts';

/** A hook that went well and left nothing is nothing to read. */
const isShown = ({ pickleStepId }: PlannedStep, { status, files }: StepResult): boolean =>
  pickleStepId !== undefined || files !== undefined || (status !== undefined && status !== 'passed' && status !== 'skipped');

const stepOf = ({ snippets, suite }: DetailsState, planned: PlannedStep, result: StepResult): StepDetails => {
  const { keyword, text, table, doc, pickleStepId = '' } = planned;
  const { status = 'unknown', ms = 0, error, whole, files } = result;
  const snippet = status === 'undefined' ? snippets.get(pickleStepId) : undefined;
  return {
    ...(keyword !== undefined && { keyword }),
    text,
    ...(status !== 'passed' && { status }),
    ...(ms > 0 && { ms }),
    ...(table !== undefined && { table }),
    ...(doc !== undefined && { doc }),
    ...(error !== undefined && { error: relativeTo(suite.root)(error) }),
    ...(whole !== undefined && { whole: relativeTo(suite.root)(whole) }),
    ...(snippet !== undefined && { snippet }),
    ...(files !== undefined && { files }),
  };
};

/** An attempt as the page shows it: every step of the scenario, and the hooks that did something. */
export const attemptOf = (
  state: DetailsState,
  { scenario, results, files }: OpenAttempt,
  { status, ms }: { readonly status: Status; readonly ms: number },
): AttemptDetails => ({
  status,
  ms,
  steps: scenario.steps.flatMap((step) => {
    const result = results.get(step.id) ?? {};
    return isShown(step, result) ? [stepOf(state, step, result)] : [];
  }),
  ...(files.length > 0 && { files }),
});

/** Puts what the scenario did into a text, if there is room: it is over, or nothing more will come. */
export const finish = (state: DetailsState, scenario: ScenarioState): void => {
  const json = JSON.stringify(scenario.attempts);
  const isGreen = scenario.testCase.status === 'PASSED' && scenario.attempts.length === 1;
  if (takeFrom(isGreen ? state.room.green : state.room.others, json.length)) scenario.json = json;
  scenario.attempts = [];
  scenario.steps = [];
};
