import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../src/outcome/counts.ts';
import { changeRun, newRun, type RunChange, taskStanding } from '../../src/run/run.ts';
import { adoptedRunId, isAdopted, parseRunId, runIdOf, taskIdOf } from '../../src/run/run-id.ts';

const at = '2026-11-23T04:12:00.000Z';
const runId = runIdOf({ environment: 'staging', key: 'a', askedAt: at });
const arn = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/0123456789abcdef0123456789abcdef';
const started: RunChange = { kind: 'started', at, deadlineAt: at, tasks: [{ shard: 1, taskArn: arn }] };
const cancel: RunChange = { kind: 'cancel-asked', by: { kind: 'slack', userId: 'U0ADA' }, at };
const finished: RunChange = { kind: 'finished', at, outcome: { kind: 'empty', counts: noCounts }, hasReport: false };

describe('a run', () => {
  it('keeps its first end, whatever comes later and in whatever order', () => {
    const changes = fc.array(fc.constantFrom(started, cancel, finished), { maxLength: 8 });
    fc.assert(
      fc.property(changes, (later) => {
        const end = changeRun(changeRun(newRun(runId, 'staging'), started), finished);
        expect(later.reduce(changeRun, end)).toBe(end);
      }),
    );
  });

  it('grows its revision with every change and with nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(started, cancel, finished), { maxLength: 8 }), (changes) => {
        changes.reduce(
          (run, change) => {
            const next = changeRun(run, change);
            expect(next.revision).toBe(next === run ? run.revision : run.revision + 1);
            return next;
          },
          newRun(runId, 'staging'),
        );
      }),
    );
  });

  it('does not lose its tasks at its end, so that they can be looked at', () => {
    const end = changeRun(changeRun(newRun(runId, 'staging'), started), finished);
    expect(end.phase).toMatchObject({ kind: 'finished', startedAt: at, tasks: [{ taskArn: arn }] });
  });

  it('knows its own task, in the old and the new form of the ARN, from a foreign one', () => {
    const run = changeRun(newRun(runId, 'staging'), started);
    const standing = (task: string) =>
      taskStanding(run, { taskArn: `arn:aws:ecs:eu-central-1:000000000000:task/${task}`, shard: 1, attempt: 1 });
    expect(standing('0123456789abcdef0123456789abcdef')).toBe('current');
    expect(standing('coldframe-local/ffff')).toBe('strange');
  });
});

describe('a run id', () => {
  it('is the same for the same request and says when it was asked for', () => {
    expect(runIdOf({ environment: 'staging', key: 'a', askedAt: at })).toBe(runId);
    expect(runId).toMatch(/^staging-20261123-0412-[0-9a-z]{6}$/);
    expect(parseRunId(runId)).toBe(runId);
  });

  it('differs for another key, environment or minute', () => {
    const others = [
      { environment: 'staging', key: 'b', askedAt: at },
      { environment: 'local', key: 'a', askedAt: at },
      { environment: 'staging', key: 'a', askedAt: '2026-11-23T04:13:00Z' },
    ];
    for (const other of others) expect(runIdOf(other)).not.toBe(runId);
  });

  it('of an adopted task is found from the task alone, and known as such', () => {
    const adopted = adoptedRunId('staging', arn);
    expect(adopted).toBe('staging-task-0123456789ab');
    expect([isAdopted(adopted), isAdopted(runId)]).toEqual([true, false]);
    expect(parseRunId(adopted)).toBe(adopted);
    expect(taskIdOf(arn)).toBe('0123456789abcdef0123456789abcdef');
  });

  it.each([
    '',
    '../x',
    'staging',
    'staging-20261123-0412-k3f9qa/../x',
    'Staging-20261123-0412-k3f9qa',
    `${'x'.repeat(200)}-20261123-0412-k3f9qa`,
  ])('%j is none', (text) => expect(parseRunId(text)).toBeUndefined());
});
