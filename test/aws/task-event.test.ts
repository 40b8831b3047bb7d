import { readFileSync } from 'node:fs';
import type { Task } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTaskStopped, readTask } from '../../src/aws/task-event.ts';

/**
 * Recorded, with account and names replaced: exited-deprovisioning (2019), stopped-by-user (2024), stopped-by-scheduler (2023),
 * described-failed-to-start (2024, without its containers). From AWS's documentation: running, spot-warning.
 * Ours, in the recorded shape: out-of-memory, cannot-pull.
 */
const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/ecs/${name}.json`, import.meta.url), 'utf8'));
/** The fixture with another detail. */
const changed = (name: string, detail: object) => {
  const event = fixture(name);
  return { ...event, detail: { ...event.detail, ...detail } };
};

describe('a stopped task', () => {
  it('is read with run, shard and the container that is ours, whatever stands beside it', () => {
    expect(parseTaskStopped(fixture('out-of-memory'))).toEqual({
      kind: 'stopped',
      task: {
        taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-prod/cdd887a827a4432db19f6059310a4817',
        family: 'coldframe-prod-staging',
        createdAt: '2024-11-13T20:55:49.725Z',
        startedBy: 'staging-20241113-2055-k3f9qa',
        run: 'staging-20241113-2055-k3f9qa',
        shard: 2,
        version: 9,
        isStopped: true,
        stop: {
          taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-prod/cdd887a827a4432db19f6059310a4817',
          stopCode: 'EssentialContainerExited',
          stoppedReason: 'Essential container in task exited',
          exitCode: 137,
          containerReason: 'OutOfMemoryError: Container killed due to memory usage',
          image: 'sha256:2f66438e209d4c2e638a26409ad1e5214eb2ee438dd4592820466fe7f4ecb820',
          startedAt: '2024-11-13T20:56:36.54Z',
          stoppedAt: '2024-11-13T21:23:11.984Z',
        },
      },
    });
  });

  it('is known in DEPROVISIONING, as soon as its exit code is', () => {
    const parsed = parseTaskStopped(fixture('exited-deprovisioning'));
    expect(parsed).toMatchObject({
      kind: 'stopped',
      task: {
        family: 'intake',
        version: 4,
        stop: { exitCode: 0, stopCode: 'EssentialContainerExited', stoppedAt: '2019-11-19T21:13:24Z' },
      },
    });
    expect(parsed).not.toHaveProperty('task.run');
    expect(parsed).not.toHaveProperty('task.shard');
    expect(parsed).not.toHaveProperty('task.startedBy');
  });

  it('that failed to start has no exit code, no start and no container, and is a stopped task all the same', () => {
    const parsed = parseTaskStopped(fixture('cannot-pull'));
    expect(parsed).toMatchObject({
      kind: 'stopped',
      task: {
        run: 'staging-20241113-2055-k3f9qa',
        stop: { stopCode: 'TaskFailedToStart', stoppedReason: expect.stringMatching(/not found$/) },
      },
    });
    expect(parsed).not.toHaveProperty('task.stop.exitCode');
    expect(parsed).not.toHaveProperty('task.stop.startedAt');
  });

  it('without a stop code, as before 2018, is a stopped task', () => {
    const { stopCode: _, ...detail } = fixture('stopped-by-user').detail;
    expect(parseTaskStopped({ ...fixture('stopped-by-user'), detail })).toMatchObject({ kind: 'stopped', task: { stop: { exitCode: 0 } } });
  });

  it.each([
    ['stopped-by-user', { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', exitCode: 0 }],
    ['stopped-by-scheduler', { stopCode: 'ServiceSchedulerInitiated', exitCode: 137 }],
  ])('is read from %s', (name, stop) => {
    expect(parseTaskStopped(fixture(name))).toMatchObject({ kind: 'stopped', task: { stop } });
  });

  it.each([
    ['stopped by somebody', { stopCode: 'UserInitiated', containers: [] }],
    ['failed to start', { stopCode: 'TaskFailedToStart', containers: [] }],
    ['with an exit code only', { stopCode: undefined }],
  ])('is known in DEPROVISIONING: %s', (_, detail) => {
    expect(parseTaskStopped(changed('exited-deprovisioning', detail)).kind).toBe('stopped');
  });
});

describe('an event that does not say that a task has stopped', () => {
  it.each([
    ['a running task', fixture('running'), /is RUNNING$/],
    ['the warning before Spot takes a task', fixture('spot-warning'), /is to stop \(SpotInterruption\) and is RUNNING yet$/],
    ['DEACTIVATING', changed('exited-deprovisioning', { lastStatus: 'DEACTIVATING' }), /is DEACTIVATING yet$/],
    ['DEPROVISIONING without a word', changed('running', { lastStatus: 'DEPROVISIONING' }), /still to come$/],
    [
      'DEPROVISIONING before the exit code is known',
      changed('exited-deprovisioning', { containers: [{ name: 'suite', lastStatus: 'RUNNING' }] }),
      /still to come$/,
    ],
    ['a status of next year', changed('running', { lastStatus: 'HIBERNATING' }), /is HIBERNATING$/],
  ])('is ignored with its reason: %s', (_, event, because) => {
    expect(parseTaskStopped(event)).toEqual({ kind: 'ignored', because: expect.stringMatching(because) });
  });
});

describe('what AWS may add or change', () => {
  it('more properties are no trouble, anywhere', () => {
    const event = changed('out-of-memory', { quantumState: 'both', containers: [{ name: 'suite', exitCode: 1, mood: 'good' }] });
    expect(parseTaskStopped({ ...event, newField: [] })).toMatchObject({ kind: 'stopped', task: { stop: { exitCode: 1 } } });
  });

  it.each([
    'attachments',
    'containers',
    'overrides',
    'startedBy',
    'createdAt',
    'version',
    'stopCode',
    'stoppedReason',
    'stoppedAt',
    'startedAt',
    'desiredStatus',
  ])('an end is never lost because of its %s', (name) => {
    for (const value of [undefined, null, 7, 'x', {}, [{}], [null]]) {
      const parsed = parseTaskStopped(changed('out-of-memory', { [name]: value }));
      expect(parsed, JSON.stringify(value)).toMatchObject({ kind: 'stopped', task: { family: 'coldframe-prod-staging' } });
    }
  });

  it.each(['0', '-1', '1.5', 'two', ''])('a shard of "%s" is none', (value) => {
    const overrides = { containerOverrides: [{ name: 'suite', environment: [{ name: 'COLDFRAME_SHARD', value }] }] };
    expect(parseTaskStopped(changed('out-of-memory', { overrides }))).not.toHaveProperty('task.shard');
  });

  it("a task's creation falls back to the event's time", () => {
    const parsed = parseTaskStopped(changed('out-of-memory', { createdAt: undefined }));
    expect(parsed).toMatchObject({ task: { createdAt: '2024-11-13T21:23:11Z' } });
  });
});

describe('an event that is not ours', () => {
  it.each([
    ['another type', { ...fixture('running'), 'detail-type': 'ECS Service Action' }, /got "ECS Service Action" of "aws.ecs"/],
    ['another source', { ...fixture('running'), source: 'coldframe.door' }, /of "coldframe.door"/],
    ['no event', null, /expected an "ECS Task State Change"/],
    ['a text', 'hello', /expected an "ECS Task State Change"/],
    ['no detail', { ...fixture('running'), detail: undefined }, /not as AWS documents it/],
    ['no task', changed('running', { taskArn: undefined }), /not as AWS documents it: taskArn/],
  ])('throws with a clear message, so that it is retried and kept: %s', (_, event, message) => {
    expect(() => parseTaskStopped(event)).toThrow(message);
  });

  it('throws an Error for anything at all, or is read', () => {
    const property = fc.property(fc.object(), (detail) => {
      try {
        expect(['stopped', 'ignored']).toContain(parseTaskStopped(changed('running', detail)).kind);
        expect(() => parseTaskStopped(detail)).toThrow(/expected an/);
      } catch (error) {
        expect(String(error)).toMatch(/not as AWS documents it/);
      }
    });
    fc.assert(property);
  });
});

describe('readTask', () => {
  it("reads the SDK's dates as an event has them", () => {
    const { createdAt, startedAt, stoppedAt, ...detail } = fixture('out-of-memory').detail;
    const task: Task = { ...detail, createdAt: new Date(createdAt), startedAt: new Date(startedAt), stoppedAt: new Date(stoppedAt) };
    const parsed = parseTaskStopped(fixture('out-of-memory'));
    expect(parsed.kind === 'stopped' && { ...parsed.task, stop: { ...parsed.task.stop, startedAt: '2024-11-13T20:56:36.540Z' } }).toEqual(
      readTask(task),
    );
  });

  it('reads a task that failed to start', () => {
    expect(readTask(fixture('described-failed-to-start'))).toMatchObject({
      family: 'task-def-staging',
      isStopped: true,
      stop: { stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start' },
    });
  });

  it('says of a running task that it is', () => {
    expect(readTask(fixture('running').detail)).toMatchObject({ isStopped: false, stop: { startedAt: '2020-01-23T17:57:58.103Z' } });
  });

  it('throws for a task without an ARN', () => {
    expect(() => readTask({ lastStatus: 'RUNNING' })).toThrow(/a task of DescribeTasks is not as AWS documents it: taskArn/);
  });
});
