import type { Counts } from '../outcome/outcome.ts';
import type { Place } from '../run/ledger.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Phase, Run } from '../run/run.ts';

/** Everything the message of a run is made of. */
export interface RunView {
  readonly plan: RunPlan;
  readonly run: Run;
  /** While the run is on: what its shards last said of themselves, added up. */
  readonly progress?: { readonly step: 'preparing' | 'running' | 'finishing'; readonly counts: Counts; readonly now: readonly string[] };
  /** While the run waits. */
  readonly place?: Place;
  readonly reportUrl?: string;
  /** The address of a screenshot, by its file name in the outcome's failures. */
  readonly screenshotUrl: (screenshot: string) => string;
  /** Slack user and user group ids to mention in the reply when the run does not end green. */
  readonly mention: readonly string[];
}

/** A run's view at its end. */
export type EndView = RunView & { readonly run: Run & { readonly phase: Extract<Phase, { kind: 'finished' }> } };

/** Whether the run has ended. */
export const hasEnded = (view: RunView): view is EndView => view.run.phase.kind === 'finished';

/** What to type after the command for the same run again; runs that nobody asked for have only their environment. */
export const typedAgain = ({ plan }: RunView): string => (plan.text === '' ? plan.environment : plan.text.replace(/^\/run-tests\s*/, ''));
