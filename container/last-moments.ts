import { whenAborted } from './abort.ts';
import type { Halting } from './halt.ts';
import type { ShardRecord } from './shard-record.ts';

/** How long what was on when the run's time was over has for its evidence: a screenshot, and what After hooks do. */
const evidenceMs = 10_000;

/** A step that is ended says so at once. When nothing is said for so long, it never gives the processor back. */
const answerMs = 2_000;

/** How long a scenario may be on after its limit: its hooks have a turn of 15 seconds each (`scenario-limits.ts`). */
const beyondLimitMs = 30_000;

/** When a suite has to be ended, and when it may come to an end. */
export interface LastMoments {
  /** Aborted when the suite's processes are to be killed. */
  readonly kill: AbortSignal;
  /** To be called whenever all that the suite has written was taken. */
  caughtUp(): void;
}

/**
 * A stop kills at once. When the run's time is over, the scenarios that are on get a moment for their evidence first; the
 * suite itself fails their steps then, so that its own hooks take it. A scenario that is not even ended by its own limit ends
 * the run.
 */
export function lastMoments(input: {
  readonly halting: Halting;
  readonly record: Pick<ShardRecord, 'openSinceMs' | 'lastMs'>;
  readonly scenarioMs: number | undefined;
}): LastMoments {
  const { halting, record, scenarioMs } = input;
  const controller = new AbortController();
  const kill = () => controller.abort();
  /** Whether nothing has happened since, though it should have. */
  const isDeafSince = (sinceMs: number) => Date.now() >= sinceMs + answerMs && (record.lastMs() ?? 0) < sinceMs;

  whenAborted(halting.signal, () => {
    const halt = halting.halt();
    if (halt?.how === 'stopped' || halt?.limit === 'scenario') kill();
    else setTimeout(kill, evidenceMs).unref();
  });

  function caughtUp(): void {
    const halt = halting.halt();
    const sinceMs = record.openSinceMs();
    if (halt !== undefined && (sinceMs === undefined || sinceMs > halt.atMs || isDeafSince(halt.atMs))) kill();
    if (halt !== undefined || sinceMs === undefined || scenarioMs === undefined) return;
    const overMs = sinceMs + scenarioMs;
    if (isDeafSince(overMs) || Date.now() > overMs + beyondLimitMs) halting.scenarioIsStuck();
  }

  return { kill: controller.signal, caughtUp };
}
