import type { Suite } from '../src/outcome/suite.ts';
import type { ShardResult } from '../src/run/shard.ts';
import type { Halt } from './halt.ts';
import type { SuiteEnd } from './suite-run.ts';

/** What happened to a shard: how its suite ended, or that it was halted before there was one. */
export type Course = SuiteEnd | { readonly kind: 'halted'; readonly errorOutput: string };

/** All that a result is made of. */
export interface Facts {
  readonly runId: string;
  readonly shard: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly course: Course;
  readonly halt?: Halt | undefined;
  readonly suite: Suite;
  /** When cucumber finished its run, by its own clock, which is ours. */
  readonly finishedAtMs?: number | undefined;
  readonly chunks: number;
  /** What could not be written. */
  readonly lost?: string | undefined;
  readonly versions: ShardResult['versions'];
}

const maxErrorLength = 16_000;

/** The content of `result.json`. */
export function resultOf(facts: Facts): ShardResult {
  const { runId, shard, startedAtMs, endedAtMs, chunks, versions } = facts;
  const error = errorOf(facts);
  return {
    version: 1,
    runId,
    shard,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: new Date(endedAtMs).toISOString(),
    ...endOf(facts),
    chunks,
    ...(error !== '' && { error: error.slice(-maxErrorLength) }),
    versions,
  };
}

type End = Pick<ShardResult, 'how' | 'exitCode' | 'signal' | 'stopAskedAt' | 'limit'>;

function endOf({ course, halt, suite, finishedAtMs }: Facts): End {
  if (course.kind === 'not-run') return { how: 'not-run' };
  // The run was over and only its process was still there: a leaked browser or timer. Cucumber would have ended with this.
  const own: End = { how: 'ended', exitCode: suite.end?.isSuccess === true ? 0 : 1 };
  if (course.kind === 'overdue') return own;
  const process = { ...('exitCode' in course && { exitCode: course.exitCode }), ...('signal' in course && { signal: course.signal }) };
  if (halt === undefined) return { how: 'ended', ...process };
  // When the time is over, what is on may come to its end; a suite that ends by that has not ended by itself.
  const isByItself = course.kind === 'ended' && (halt.how === 'stopped' || (course.endedAtMs ?? 0) <= halt.atMs);
  if (isByItself) return { how: 'ended', ...process };
  if (finishedAtMs !== undefined && finishedAtMs <= halt.atMs) return course.kind === 'ended' ? { how: 'ended', ...process } : own;
  return {
    how: halt.how,
    ...process,
    stopAskedAt: new Date(halt.atMs).toISOString(),
    ...(halt.limit !== undefined && { limit: halt.limit }),
  };
}

function errorOf({ course, suite, lost }: Facts): string {
  const parts = [course.kind === 'not-run' ? course.because : isExplained(course, suite) ? '' : course.errorOutput.trim()];
  if (lost !== undefined) parts.push(`Not everything could be written to the bucket: ${lost}`);
  return parts.filter((part) => part !== '').join('\n');
}

/** Whether the messages say why the suite ended as it did: it finished, and well, or with a failure that is in them. */
function isExplained(course: Course, { end, failures, broken }: Suite): boolean {
  if (end === undefined) return false;
  const didSucceed = course.kind === 'overdue' || ('exitCode' in course && course.exitCode === 0);
  return didSucceed ? end.isSuccess : failures.length > 0 || broken !== undefined;
}
