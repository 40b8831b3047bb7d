import type { Heard, Mute } from '../hearing/hearing.ts';
import type { Counts } from '../outcome/outcome.ts';
import type { Place } from '../run/ledger.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Phase, Run } from '../run/run.ts';

/** How far a run is. */
export interface RunProgress {
  readonly step: 'preparing' | 'running' | 'finishing';
  readonly counts: Counts;
  readonly now: readonly string[];
  /** Milliseconds that it will still take, about; absent: nobody knows. */
  readonly leftMs?: number;
  /** Where each shard stands, in their order; those that have said nothing yet are `starting`. Absent: there is one. */
  readonly shards?: readonly ('starting' | 'preparing' | 'running' | 'finishing')[];
}

/** Everything the message of a run is made of. */
export interface RunView {
  readonly plan: RunPlan;
  readonly run: Run;
  /** While the run is on: what its shards last said of themselves, added up. */
  readonly progress?: RunProgress;
  /** While the run waits. */
  readonly place?: Place;
  readonly reportUrl?: string;
  /** The page of the environment's last runs. */
  readonly historyUrl?: string;
  /** The address of a screenshot, by its file name in the outcome's failures and by its shard. */
  readonly screenshotUrl: (screenshot: string, shard: number) => string;
  /** What is muted in its environment. */
  readonly mutes?: readonly Mute[];
  /** Who hears of its end, once it has come. */
  readonly heard?: Heard;
  /** The environment asks before anything is run there. */
  readonly asksFirst?: boolean;
  /** The users and user groups who may run there, and so approve; none: anybody. */
  readonly approvers?: readonly string[];
}

/** A run's view at its end. */
export type EndView = RunView & { readonly run: Run & { readonly phase: Extract<Phase, { kind: 'finished' }> } };

/** Whether the run has ended. */
export const hasEnded = (view: RunView): view is EndView => view.run.phase.kind === 'finished';

/** Whether its report could not be made. One that ended before it had a task has none to make. */
export const lacksReport = ({ phase: { hasReport, tasks } }: EndView['run']): boolean => !hasReport && tasks.length > 0;

/** What to type after the command for the same run again; runs that nobody asked for have only their environment. */
export const typedAgain = ({ plan }: RunView): string => (plan.text === '' ? plan.environment : plan.text.replace(/^\/run-tests\s*/, ''));
