import type { StopReason, TaskStop } from '../outcome/stop.ts';
import { settleMs } from './deadline.ts';
import { taskIdOf } from './run-id.ts';

/** A shard's Fargate task, as far as we know it. */
export interface ShardTask {
  readonly shard: number;
  readonly taskArn: string;
  /** ISO 8601, when it was asked for; absent: when its run was started. */
  readonly at?: string;
}

/** An attempt at a shard that came to nothing. */
export interface LostAttempt {
  /** ISO 8601 */
  readonly at: string;
  readonly stop: StopReason;
  /** Absent: ECS gave no task. */
  readonly taskArn?: string;
  /** Its container had begun when AWS took it back, as ECS says it; absent: it never came to its container. */
  readonly begun?: TaskStop;
}

/**
 * What comes after an attempt that was lost: another one at a time (ISO 8601), or none. `doubtful`: none either, but ECS refused it in a
 * way that does not tell whether there is a task.
 */
export type AfterLoss = { readonly kind: 'waiting'; readonly at: string } | { readonly kind: 'doubtful' } | { readonly kind: 'none' };

/** A shard that is tried again, or was. */
export interface Retry {
  readonly shard: number;
  /** Oldest first. The attempt that is on, or to come, is the one after these. */
  readonly lost: readonly LostAttempt[];
  /** Where the next attempt stands; absent: its task is known. `asked`: ECS has yet to answer. */
  readonly next?: AfterLoss | { readonly kind: 'asked' };
}

/** The tasks of a run that are known, and the shards whose first attempt was lost. */
export interface Attempts {
  readonly tasks: readonly ShardTask[];
  readonly retries?: readonly Retry[];
}

/** What may happen to an attempt at a shard; attempts count from 1. */
export type AttemptChange = { readonly shard: number; readonly attempt: number } & (
  | { readonly kind: 'attempt-lost'; readonly lost: LostAttempt; readonly next: AfterLoss }
  /** It is the next thing that is done: written before ECS is asked, so that whoever goes on asks for the very same. */
  | { readonly kind: 'attempt-asked' }
  | { readonly kind: 'attempt-begun'; readonly taskArn: string; readonly at: string }
  | { readonly kind: 'attempts-given-up' }
);

/** How often a shard is tried in all. */
export const mostAttempts = 3;

/**
 * How long we wait for what passes with time: before the second attempt, before the third. After a refusal at least as long as a task may
 * take to be there after all (`settleMs`).
 */
const pausesMs = [60_000, 180_000];

/**
 * What comes after an attempt that has just been lost. There is no further one when the reason is none that passes, when there were
 * enough, or when half of the run's limit would not be left.
 */
export function afterLoss(loss: {
  readonly stop: StopReason;
  /** ECS gave a task; false: it refused one. */
  readonly hadTask: boolean;
  /** ECS did not say whether there is a task. */
  readonly mayBeThere?: true;
  /** How many were lost, this one included. */
  readonly lost: number;
  readonly nowMs: number;
  readonly deadlineMs: number;
  readonly limitMs: number;
}): AfterLoss {
  const { stop, hadTask, mayBeThere, lost, nowMs, deadlineMs, limitMs } = loss;
  const over: AfterLoss = { kind: mayBeThere ? 'doubtful' : 'none' };
  if (stop.retried === undefined || lost >= mostAttempts) return over;
  const pauseMs = stop.retried === 'later' ? (pausesMs[lost - 1] ?? 0) : 0;
  const atMs = nowMs + (hadTask ? pauseMs : Math.max(pauseMs, settleMs));
  return atMs + limitMs / 2 <= deadlineMs ? { kind: 'waiting', at: new Date(atMs).toISOString() } : over;
}

/** What is known of a shard's attempts beyond the first, if there are any. */
export const retryOf = ({ retries = [] }: Attempts, shard: number): Retry | undefined => retries.find((retry) => retry.shard === shard);

/**
 * Which of a shard's containers an attempt is, from 1 (`shardKeys`): those before it that never came to their containers have written
 * nothing.
 */
export const takeAt = (attempts: Attempts, shard: number, attempt: number): number =>
  1 + (retryOf(attempts, shard)?.lost ?? []).slice(0, attempt - 1).filter(({ begun }) => begun !== undefined).length;

/** The container of a shard that counts: the one that is on or to come; where there is no further one, the last there was. */
export function takeOf(attempts: Attempts, shard: number): number {
  const { lost = [], next } = retryOf(attempts, shard) ?? {};
  const take = takeAt(attempts, shard, lost.length + 1);
  return next?.kind === 'none' ? Math.max(1, take - 1) : take;
}

/** The attempts after a change; the very same when it comes too late, or a second time. */
export function changeAttempts(attempts: Attempts, change: AttemptChange): Attempts {
  const { shard, attempt } = change;
  const retry = retryOf(attempts, shard);
  const { lost = [], next } = retry ?? {};
  const isCurrent = attempt === lost.length + 1;
  const known = attempts.tasks.find((task) => task.shard === shard);
  switch (change.kind) {
    case 'attempt-lost': {
      // Where there is a task, a refusal was an answer to somebody else's question; a task that waits for nothing is an older one.
      const isOf = known === undefined ? next === undefined || next.kind === 'asked' : isSameTask(known, change.lost);
      if (!isCurrent || !isOf) return attempts;
      return withRetry(attempts, { shard, lost: [...lost, change.lost], next: change.next });
    }
    case 'attempt-asked':
      return isCurrent && next?.kind === 'waiting' ? withRetry(attempts, { shard, lost, next: { kind: 'asked' } }) : attempts;
    case 'attempt-begun': {
      if (known !== undefined) return attempts;
      const task = { shard, taskArn: change.taskArn, at: change.at };
      if (isCurrent && (retry === undefined || next?.kind === 'asked')) return withTask(attempts, task, lost);
      // One was refused what another one got: that counts, as long as nobody has gone on.
      const isOpen = next?.kind === 'waiting' || next?.kind === 'doubtful';
      const wasRefused = attempt === lost.length && lost.at(-1)?.taskArn === undefined && isOpen;
      return wasRefused ? withTask(attempts, task, lost.slice(0, -1)) : attempts;
    }
    case 'attempts-given-up':
      return isCurrent && next !== undefined && next.kind !== 'none'
        ? withRetry(attempts, { shard, lost, next: { kind: 'none' } })
        : attempts;
  }
}

const isSameTask = (one: { readonly taskArn: string }, other: { readonly taskArn?: string }): boolean =>
  other.taskArn !== undefined && taskIdOf(one.taskArn) === taskIdOf(other.taskArn);

const withRetry = ({ tasks, retries = [] }: Attempts, retry: Retry): Attempts => ({
  tasks: tasks.filter(({ shard }) => shard !== retry.shard),
  retries: [...retries.filter(({ shard }) => shard !== retry.shard), retry].toSorted((a, b) => a.shard - b.shard),
});

function withTask({ tasks, retries = [] }: Attempts, task: ShardTask, lost: readonly LostAttempt[]): Attempts {
  const others = retries.filter(({ shard }) => shard !== task.shard);
  const tried = lost.length === 0 ? others : [...others, { shard: task.shard, lost }].toSorted((a, b) => a.shard - b.shard);
  return {
    tasks: [...tasks, task].toSorted((a, b) => a.shard - b.shard),
    ...(tried.length > 0 && { retries: tried }),
  };
}

/** A task that names a shard of a run as its own. */
export interface NamedTask {
  readonly taskArn: string;
  readonly shard: number;
  /** As RunTask told its container. */
  readonly attempt: number;
}

/**
 * Whether a task is the one of its shard, one of an earlier attempt, or neither: a copy that somebody has started by hand
 * carries the same names. A shard we know no task of yet accepts any.
 */
export function standingOf(attempts: Attempts, task: NamedTask): 'current' | 'past' | 'strange' {
  const { shard, attempt } = task;
  const { lost = [], next } = retryOf(attempts, shard) ?? {};
  if (lost.some((one) => isSameTask(task, one))) return 'past';
  const known = attempts.tasks.find((one) => one.shard === shard);
  if (known !== undefined && isSameTask(known, task)) return 'current';
  // Somebody was given a task where another one was refused it, and died.
  if (attempt <= lost.length) return lost[attempt - 1]?.taskArn === undefined ? 'past' : 'strange';
  const isAwaited = known === undefined && (next === undefined || next.kind === 'asked');
  return attempt === lost.length + 1 && isAwaited ? 'current' : 'strange';
}
