import type { Counts } from '../outcome/outcome.ts';
import type { Place } from '../run/ledger.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import type { Message } from './message.ts';

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

/** The one message of a run, in whatever phase it is. */
export function runMessage(view: RunView): Message {
  return { text: view.run.id, blocks: [] };
}

/** The one reply in the run's thread that notifies people of an end that is not green; undefined when nobody needs to be told. */
export function endReply(view: RunView): Message | undefined {
  return view.run.phase.kind === 'finished' ? { text: view.run.id, blocks: [] } : undefined;
}
