import { describe, expect, it } from 'vitest';
import { type Facts, resultOf } from '../../container/result.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { parseShardResult } from '../../src/run/stored.ts';

const timestamp = { seconds: 100, nanos: 0 };
const started = { testRunStarted: { id: '1', timestamp } };
const finished = (success: boolean) => judge([started, { testRunFinished: { testRunStartedId: '1', success, timestamp } }]);
const cutOff = judge([started]);

const facts: Facts = {
  runId: 'local-20261123-0412-k3f9qa',
  shard: 1,
  startedAtMs: 0,
  endedAtMs: 200_000,
  course: { kind: 'ended', exitCode: 0, errorOutput: 'a warning' },
  suite: finished(true),
  finishedAtMs: 100_000,
  chunks: 3,
  versions: { node: 'v24.0.0' },
};
const late = { how: 'stopped', atMs: 100_001 } as const;
const early = { how: 'timed-out', atMs: 99_999 } as const;
const killed = { kind: 'halted', signal: 'SIGKILL', errorOutput: '' } as const;

describe('a result', () => {
  it.each<[string, Partial<Facts>, object]>([
    ['a suite that ended well', {}, { how: 'ended', exitCode: 0 }],
    [
      'one that ended with failures nobody explains',
      { course: { kind: 'ended', exitCode: 1, errorOutput: 'why\n' }, suite: finished(false) },
      { how: 'ended', exitCode: 1, error: 'why' },
    ],
    [
      'one whose formatter failed',
      { course: { kind: 'ended', exitCode: 1, errorOutput: 'ENOSPC' } },
      { how: 'ended', exitCode: 1, error: 'ENOSPC' },
    ],
    [
      'one that crashed',
      { course: { kind: 'ended', signal: 'SIGABRT', errorOutput: 'heap out of memory' }, suite: cutOff, finishedAtMs: undefined },
      { how: 'ended', signal: 'SIGABRT', error: 'heap out of memory' },
    ],
    [
      'one that would not go when its run was over',
      { course: { kind: 'overdue', signal: 'SIGKILL', errorOutput: 'x' } },
      { how: 'ended', exitCode: 0 },
    ],
    [
      'the same after failures',
      { course: { kind: 'overdue', signal: 'SIGKILL', errorOutput: '' }, suite: finished(false) },
      { how: 'ended', exitCode: 1 },
    ],
    [
      'a stop in the middle',
      { course: killed, halt: late, suite: cutOff, finishedAtMs: undefined },
      { how: 'stopped', signal: 'SIGKILL', stopAskedAt: '1970-01-01T00:01:40.001Z' },
    ],
    ['a stop that came when the run was over', { course: killed, halt: late }, { how: 'ended', exitCode: 0 }],
    [
      'a run that was over too late',
      { course: killed, halt: early },
      { how: 'timed-out', signal: 'SIGKILL', stopAskedAt: '1970-01-01T00:01:39.999Z' },
    ],
    [
      'a run that ended because its time was over',
      {
        course: { kind: 'ended', exitCode: 1, endedAtMs: 101_000, errorOutput: '' },
        halt: early,
        suite: finished(false),
        finishedAtMs: 100_900,
      },
      { how: 'timed-out', exitCode: 1, stopAskedAt: '1970-01-01T00:01:39.999Z' },
    ],
    [
      'one that had crashed just before',
      { course: { kind: 'ended', exitCode: 3, endedAtMs: 99_998, errorOutput: '' }, halt: early, suite: cutOff, finishedAtMs: undefined },
      { how: 'ended', exitCode: 3 },
    ],
    [
      'a scenario that could not be ended',
      { course: killed, halt: { ...early, limit: 'scenario' }, suite: cutOff, finishedAtMs: undefined },
      { how: 'timed-out', signal: 'SIGKILL', stopAskedAt: '1970-01-01T00:01:39.999Z', limit: 'scenario' },
    ],
    ['a stop while the last chunk was written', { halt: late }, { how: 'ended', exitCode: 0 }],
    [
      'a stop before the suite was started',
      { course: { kind: 'halted', errorOutput: '' }, halt: late, suite: judge([]), finishedAtMs: undefined },
      { how: 'stopped', stopAskedAt: '1970-01-01T00:01:40.001Z' },
    ],
    [
      'a suite that was not run',
      { course: { kind: 'not-run', because: 'no suite' }, suite: judge([]), finishedAtMs: undefined },
      { how: 'not-run', error: 'no suite' },
    ],
    [
      'one that could not all be written',
      { lost: 'S3 is gone' },
      { how: 'ended', exitCode: 0, error: 'Not everything could be written to the bucket: S3 is gone' },
    ],
  ])('of %s', (_name, changed, expected) => {
    const result = resultOf({ ...facts, ...changed });
    const { version, runId, shard, startedAt, endedAt, chunks, versions, ...rest } = result;
    expect(rest).toEqual(expected);
    expect(parseShardResult(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });
});
