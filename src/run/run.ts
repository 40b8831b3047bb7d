import type { Asker, Outcome } from '../outcome/outcome.ts';
import type { RunId } from './run-id.ts';

/** A shard's Fargate task, as far as we know it. */
export interface ShardTask {
  readonly shard: number;
  readonly taskArn: string;
}

/**
 * Where a run stands. `run.json` changes only when this does, by compare-and-swap; what happens inside `started`
 * is told by the shards' own objects.
 */
export type Phase =
  | { readonly kind: 'queued' }
  /** The tasks were asked for; `deadlineAt` is the time by which the run ends, whatever happens. */
  | { readonly kind: 'started'; readonly at: string; readonly deadlineAt: string; readonly tasks: readonly ShardTask[] }
  | { readonly kind: 'finished'; readonly at: string; readonly outcome: Outcome; readonly tasks: readonly ShardTask[]; readonly startedAt?: string; readonly hasReport: boolean };

/** One execution of a plan: the content of `run.json`. */
export interface Run {
  readonly version: 1;
  readonly id: RunId;
  readonly environment: string;
  /** Grows with every change. */
  readonly revision: number;
  readonly phase: Phase;
  /** Somebody asked for the end; the run ends as `cancelled` once its tasks have stopped. */
  readonly cancel?: { readonly by: Asker; readonly at: string };
}
