import type { Comparison } from '../outcome/comparison.ts';
import type { Asker, Outcome } from '../outcome/outcome.ts';
import { type Approval, approved, isAwaited } from './approval.ts';
import { type AttemptChange, type Attempts, changeAttempts, type NamedTask, standingOf, takeOf } from './attempt.ts';
import type { RerunEnd } from './rerun.ts';
import type { RunId } from './run-id.ts';

/**
 * Where a run stands. `run.json` changes only when this does, by compare-and-swap; what happens inside `started`
 * is told by the shards' own objects.
 */
export type Phase =
  | { readonly kind: 'queued' }
  /** The tasks were asked for; `deadlineAt` is the time by which the run ends, whatever happens. */
  | ({ readonly kind: 'started'; readonly at: string; readonly deadlineAt: string } & Attempts)
  | ({
      readonly kind: 'finished';
      readonly at: string;
      readonly outcome: Outcome;
      readonly startedAt?: string;
      readonly hasReport: boolean;
      /** How often the environment's links had been revoked when its report was made: links to it say so. Absent: never. */
      readonly links?: number;
      /** Hash of the commit, when the suite came from git. */
      readonly commit?: string;
      /** The run beside those before it; absent: there was nothing to compare, or an older version has ended it. */
      readonly comparison?: Comparison;
      /** How many of its scenarios can be run again; absent: an older version has ended it. */
      readonly again?: number;
      /** What became of the scenarios that were run again, if it was that. */
      readonly rerun?: RerunEnd;
    } & Attempts);

/** One execution of a plan: the content of `run.json`. */
export interface Run {
  readonly version: 1;
  readonly id: RunId;
  readonly environment: string;
  /** Grows with every change. */
  readonly revision: number;
  readonly phase: Phase;
  /** Who has to say yes before it starts, and who has. Absent: nobody is asked. */
  readonly approval?: Approval;
  /** Somebody asked for the end; the run ends as `cancelled` once its tasks have stopped. */
  readonly cancel?: { readonly by: Asker; readonly at: string };
}

/** What may happen to a run. */
export type RunChange =
  | ({ readonly kind: 'started'; readonly at: string; readonly deadlineAt: string } & Attempts)
  | AttemptChange
  | { readonly kind: 'approved'; readonly userId: string; readonly at: string }
  | { readonly kind: 'cancel-asked'; readonly by: Asker; readonly at: string }
  | {
      readonly kind: 'finished';
      readonly at: string;
      readonly outcome: Outcome;
      readonly hasReport: boolean;
      readonly again?: number;
      readonly rerun?: RerunEnd;
      readonly links?: number;
      readonly commit?: string;
      readonly comparison?: Comparison;
    }
  /** It ends without a task: too late for one that was started meanwhile, which ends when its tasks have stopped. */
  | { readonly kind: 'finished-unstarted'; readonly at: string; readonly outcome: Outcome };

/** A run that was decided upon and has not been started. */
export function newRun(id: RunId, environment: string, approval?: Approval): Run {
  return { version: 1, id, environment, revision: 1, phase: { kind: 'queued' }, ...(approval !== undefined && { approval }) };
}

/**
 * The run after a change, or the very same run when the change comes too late or a second time:
 * a run starts once, and not before everybody has said yes who has to; it is cancelled once, and nothing follows its end.
 */
export function changeRun(run: Run, change: RunChange): Run {
  const { phase } = run;
  if (phase.kind === 'finished') return run;
  const next = { ...run, revision: run.revision + 1 };
  switch (change.kind) {
    case 'approved': {
      const approval = run.approval && approved(run.approval, change);
      return approval === undefined || approval === run.approval || run.cancel !== undefined ? run : { ...next, approval };
    }
    case 'started':
      if (phase.kind === 'started' || isAwaited(run.approval)) return run;
      return { ...next, phase: change };
    case 'attempt-lost':
    case 'attempt-asked':
    case 'attempt-begun':
    case 'attempts-given-up': {
      if (phase.kind !== 'started') return run;
      const attempts = changeAttempts(phase, unlessCancelled(run, change));
      return attempts === phase ? run : { ...next, phase: { kind: 'started', at: phase.at, deadlineAt: phase.deadlineAt, ...attempts } };
    }
    case 'cancel-asked':
      if (run.cancel !== undefined) return run;
      return { ...next, cancel: { by: change.by, at: change.at } };
    case 'finished': {
      const retries = phase.kind === 'started' && phase.retries !== undefined && { retries: phase.retries };
      const started = phase.kind === 'started' ? { tasks: phase.tasks, ...retries, startedAt: phase.at } : { tasks: [] };
      return { ...next, phase: { ...change, ...started } };
    }
    case 'finished-unstarted':
      if (phase.kind === 'started') return run;
      return { ...next, phase: { ...change, kind: 'finished', tasks: [], hasReport: false } };
  }
}

/** What nobody wants any more is not tried again. */
const unlessCancelled = (run: Run, change: AttemptChange): AttemptChange =>
  run.cancel === undefined || (change.kind !== 'attempt-lost' && change.kind !== 'attempt-asked')
    ? change
    : change.kind === 'attempt-asked'
      ? { ...change, kind: 'attempts-given-up' }
      : { ...change, next: { kind: 'none' } };

/** The container of a shard whose objects count (`shardKeys`). */
export const takeOfShard = ({ phase }: Run, shard: number): number => (phase.kind === 'queued' ? 1 : takeOf(phase, shard));

/** What a task that names a shard of the run as its own is to it. */
export const taskStanding = ({ phase }: Run, task: NamedTask): ReturnType<typeof standingOf> =>
  phase.kind === 'queued' ? 'current' : standingOf(phase, task);
