import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AfterLoss,
  type AttemptChange,
  type Attempts,
  afterLoss,
  changeAttempts,
  mostAttempts,
  retryOf,
  standingOf,
  takeAt,
  takeOf,
} from '../../src/run/attempt.ts';
import { settleMs } from '../../src/run/deadline.ts';

const at = '2026-11-23T04:12:00.000Z';
const stop = { what: 'No capacity.', next: '', raw: '', isTransient: true, retried: 'later' } as const;
const arn = (id: number) => `arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/${id}`;

/** Changes of one shard in any order, by functions that know of one another's work or do not. */
const changes = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('refused', 'stopped', 'asked', 'begun', 'given-up'), fc.boolean()),
  { maxLength: 40 },
);
const changeOf = ([attempt, kind, isLast]: [number, string, boolean]): AttemptChange => {
  const one = { shard: 1, attempt };
  const next: AfterLoss = isLast ? { kind: 'none' } : { kind: 'waiting', at };
  if (kind === 'refused') return { ...one, kind: 'attempt-lost', lost: { at, stop }, next };
  if (kind === 'stopped') return { ...one, kind: 'attempt-lost', lost: { at, stop, taskArn: arn(attempt) }, next };
  if (kind === 'asked') return { ...one, kind: 'attempt-asked' };
  if (kind === 'begun') return { ...one, kind: 'attempt-begun', taskArn: arn(attempt), at };
  return { ...one, kind: 'attempts-given-up' };
};
const one: Attempts = { tasks: [{ shard: 1, taskArn: arn(1) }] };

describe('the attempts at a shard', () => {
  it('have one task at most, whatever is heard in whatever order, and it is that of the attempt that counts', () => {
    fc.assert(
      fc.property(changes, (all) => {
        let attempts = one;
        for (const change of all) {
          attempts = changeAttempts(attempts, changeOf(change));
          const { lost = [], next } = retryOf(attempts, 1) ?? {};
          expect(attempts.tasks.length).toBe(next === undefined ? 1 : 0);
          if (attempts.tasks[0] !== undefined) expect(attempts.tasks[0].taskArn).toBe(arn(lost.length + 1));
        }
      }),
    );
  });

  it('are not changed by a change that comes twice', () => {
    fc.assert(
      fc.property(changes, (all) => {
        let attempts = one;
        for (const change of all.map(changeOf)) {
          const once = changeAttempts(attempts, change);
          // A refusal after a task that another one was given is an answer of its own.
          if (change.kind !== 'attempt-lost' || 'taskArn' in change.lost) expect(changeAttempts(once, change)).toBe(once);
          attempts = once;
        }
      }),
    );
  });

  it('know a task of an earlier one, whatever came since, and never take it for the one that is on', () => {
    const lost = changeAttempts(one, changeOf([1, 'stopped', false]));
    const asked = changeAttempts(lost, changeOf([2, 'asked', false]));
    const begun = changeAttempts(asked, changeOf([2, 'begun', false]));
    for (const attempts of [lost, asked, begun]) expect(standingOf(attempts, { taskArn: arn(1), shard: 1, attempt: 1 })).toBe('past');
    expect(standingOf(asked, { taskArn: arn(2), shard: 1, attempt: 2 })).toBe('current');
    expect(standingOf(begun, { taskArn: arn(2), shard: 1, attempt: 2 })).toBe('current');
    // Somebody has copied it in the console.
    expect(standingOf(begun, { taskArn: arn(7), shard: 1, attempt: 2 })).toBe('strange');
    expect(standingOf(begun, { taskArn: arn(7), shard: 1, attempt: 1 })).toBe('strange');
  });
});

describe('the next attempt', () => {
  const after = { stop, hadTask: true, lost: 1, nowMs: 0, deadlineMs: 40 * 60_000, limitMs: 30 * 60_000 };
  const waiting = (ms: number) => ({ kind: 'waiting', at: new Date(ms).toISOString() });

  it('comes after a while for what passes with time, at once for what does not, and never for what does not pass', () => {
    expect(afterLoss(after)).toEqual(waiting(60_000));
    expect(afterLoss({ ...after, lost: 2 })).toEqual(waiting(180_000));
    expect(afterLoss({ ...after, stop: { ...stop, retried: 'at-once' } })).toEqual(waiting(0));
    const { retried: _, ...permanent } = stop;
    expect(afterLoss({ ...after, stop: permanent })).toEqual({ kind: 'none' });
  });

  it('comes after a refusal not before a task that was given to somebody else must be there', () => {
    const refused = { ...after, hadTask: false };
    expect(afterLoss(refused)).toEqual(waiting(settleMs));
    expect(afterLoss({ ...refused, stop: { ...stop, retried: 'at-once' } })).toEqual(waiting(settleMs));
  });

  it('is the third at most, and leaves half of the limit', () => {
    expect(afterLoss({ ...after, lost: mostAttempts })).toEqual({ kind: 'none' });
    expect(afterLoss({ ...after, nowMs: 24 * 60_000 })).toEqual(waiting(25 * 60_000));
    expect(afterLoss({ ...after, nowMs: 25 * 60_000 })).toEqual({ kind: 'none' });
  });

  it('is doubtful instead of none where ECS did not say whether there is a task', () => {
    expect(afterLoss({ ...after, mayBeThere: true, lost: mostAttempts })).toEqual({ kind: 'doubtful' });
    expect(afterLoss({ ...after, mayBeThere: true })).toEqual(waiting(60_000));
  });
});

describe('the container of a shard that counts', () => {
  const refused = { at, stop };
  const neverBegan = { at, stop, taskArn: arn(1) };
  const takenBack = { ...neverBegan, begun: { taskArn: arn(1), stopCode: 'SpotInterruption' } };
  const asked = { kind: 'asked' } as const;
  const none = { kind: 'none' } as const;

  it.each([
    ['is the first while nothing was lost', undefined, 1],
    ['is the first where those before never came to theirs', { lost: [refused, neverBegan], next: asked }, 1],
    ['is the second where AWS took the first back', { lost: [takenBack], next: asked }, 2],
    ['stays the second when another attempt at that is lost', { lost: [takenBack, refused], next: asked }, 2],
    ['is the one that was taken back where no other came', { lost: [takenBack, refused, refused], next: none }, 1],
    ['is the first where none ever came', { lost: [refused], next: none }, 1],
  ])('%s', (_, retry, take) => {
    const attempts = { tasks: [], ...(retry && { retries: [{ shard: 1, ...retry }] }) };
    expect(takeOf(attempts, 1)).toBe(take);
    // What an earlier one was told is not changed by what came after.
    expect(takeAt(attempts, 1, 1)).toBe(1);
  });
});
