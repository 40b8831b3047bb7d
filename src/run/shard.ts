import type { Counts } from '../outcome/outcome.ts';
import type { StopReason, TaskStop } from '../outcome/stop.ts';

/** What a shard's container says of itself while it runs: `progress.json`, overwritten. */
export interface Progress {
  readonly version: 1;
  readonly runId: string;
  readonly shard: number;
  /** ISO 8601, when this was written. */
  readonly at: string;
  /** `preparing`: pre-flight, nothing has run; `running`; `finishing`: the suite is over, uploading. */
  readonly step: 'preparing' | 'running' | 'finishing';
  /** So far; `total` is 0 until cucumber has said what it will run, `unknown` are the ones to come. */
  readonly counts: Counts;
  /** Names of the scenarios that are on right now. */
  readonly now: readonly string[];
  /** How many scenarios the whole run has; absent: one shard has them all, or it has not found out yet. */
  readonly dealt?: number;
}

/** How the container ended, said by itself: `result.json`, written once, last of all. */
export interface ShardResult {
  readonly version: 1;
  readonly runId: string;
  readonly shard: number;
  readonly startedAt: string;
  readonly endedAt: string;
  /** ISO 8601, when SIGTERM came or the limit was reached: what fails after it is not a failure. */
  readonly stopAskedAt?: string;
  /**
   * `ended`: cucumber ended by itself. `stopped`: SIGTERM (cancel, Spot, deploy). `timed-out`: the plan's limit.
   * `not-run`: cucumber was never started (`error` says why: pre-flight).
   */
  readonly how: 'ended' | 'stopped' | 'timed-out' | 'not-run';
  /** Which limit was reached, with `timed-out`; absent: the run's. */
  readonly limit?: 'scenario';
  /** Of the cucumber process; absent when it was ended by a signal or never started. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** How many chunks of messages were written: `000001.ndjson.gz` to this number. */
  readonly chunks: number;
  /** What the process last wrote to standard error when its messages don't explain the end, or the pre-flight's sentence. */
  readonly error?: string;
  /** `suite` is the commit's hash of a suite that was fetched. */
  readonly versions: { readonly cucumber?: string; readonly node: string; readonly browser?: string; readonly suite?: string };
}

/** Why a shard's task stopped, as AWS said it: `stopped.json`, written once by whoever hears of it first. */
export interface ShardStopped {
  readonly version: 1;
  readonly runId: string;
  readonly shard: number;
  readonly stop: TaskStop;
  /** What RunTask said instead of giving a task, or why there was none to be given any more; absent: `stop` says it all. */
  readonly why?: StopReason;
}
