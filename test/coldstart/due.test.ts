import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blindSince, type Due, dueDigest, dueWatch, parseDue } from '../../src/coldstart/due.ts';
import { hourMs } from '../../src/coldstart/hourly.ts';
import { cases } from '../every-row.ts';

const schedule = 'monday 09:00 Europe/Berlin';
const monday = Date.parse('2026-11-23T08:00:00Z');
const minute = 60_000;

describe('a weekly digest', { timeout: 60_000 }, () => {
  it('begins with the next one, not with the one that was before it was set up, or set to another time', () => {
    const { next, scheduledAt } = dueDigest(undefined, { schedule, nowMs: monday + minute, isAnswered: false });
    expect(scheduledAt).toBeUndefined();
    expect(
      dueDigest(next, { schedule: 'friday 09:00 UTC', nowMs: monday + 7 * 24 * hourMs, isAnswered: false }).scheduledAt,
    ).toBeUndefined();
  });

  it('is asked for once in each week, however often one looks, if it is answered within half an hour', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 50, maxLength: 300 });
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 20 * 365 * 24 }), (pauses, startHour) => {
        let known: Due['digest'];
        let nowMs = monday + startHour * hourMs;
        let askedMs: number | undefined;
        const asked: string[] = [];
        for (const pause of pauses) {
          nowMs += pause * minute;
          const isAnswered = askedMs !== undefined && nowMs > askedMs + 29 * minute;
          const { next, scheduledAt } = dueDigest(known, { schedule, nowMs, isAnswered });
          if (scheduledAt !== undefined) {
            asked.push(scheduledAt);
            askedMs = nowMs;
            expect(Date.parse(scheduledAt)).toBeLessThanOrEqual(nowMs);
          }
          known = parseDue({ version: 1, digest: next }).digest;
        }
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked).toEqual(asked.toSorted());
      }),
      { numRuns: cases(100) },
    );
  });

  it('is asked for again, the very same, when no answer came for half an hour', () => {
    const known = { schedule, scheduledAt: '2026-11-16T08:00:00.000Z', isDone: true };
    const first = dueDigest(known, { schedule, nowMs: monday + minute, isAnswered: false });
    expect(first.scheduledAt).toBe('2026-11-23T08:00:00.000Z');
    expect(dueDigest(first.next, { schedule, nowMs: monday + 20 * minute, isAnswered: false }).scheduledAt).toBeUndefined();
    const second = dueDigest(first.next, { schedule, nowMs: monday + 40 * minute, isAnswered: false });
    expect(second.scheduledAt).toBe(first.scheduledAt);
    const done = dueDigest(second.next, { schedule, nowMs: monday + 80 * minute, isAnswered: true });
    expect(done).toEqual({ next: expect.objectContaining({ isDone: true }) });
  });
});

describe('a watch', () => {
  const hour = Math.floor(monday / hourMs);

  it('looks at whole hours, when their lines have had five minutes to arrive', () => {
    const known = { scope: '', until: hour };
    expect(dueWatch(known, { scope: '', nowMs: (hour + 1) * hourMs + 4 * minute }).hours).toBeUndefined();
    expect(dueWatch(known, { scope: '', nowMs: (hour + 1) * hourMs + 5 * minute }).hours).toEqual({ from: hour, to: hour + 1 });
  });

  it('makes up for what it has missed, for a day at most, and six hours at once', () => {
    expect(dueWatch({ scope: '', until: hour }, { scope: '', nowMs: (hour + 10.5) * hourMs }).hours).toEqual({ from: hour, to: hour + 6 });
    expect(dueWatch({ scope: '', until: hour }, { scope: '', nowMs: (hour + 100.5) * hourMs }).hours).toEqual({
      from: hour + 76,
      to: hour + 82,
    });
  });

  it('begins anew with other functions', () => {
    const { next, hours } = dueWatch({ scope: 'a-*', until: hour - 50 }, { scope: 'b-*', nowMs: (hour + 0.5) * hourMs });
    expect(hours).toBeUndefined();
    expect(next).toEqual({ scope: 'b-*', until: hour });
  });

  it('is said to be blind only after six hours, and only when it knows why', () => {
    expect(blindSince({ scope: '', until: hour, trouble: 'no right' }, (hour + 5.9) * hourMs)).toBeUndefined();
    expect(blindSince({ scope: '', until: hour, trouble: 'no right' }, (hour + 6) * hourMs)).toBe(hour);
    expect(blindSince({ scope: '', until: hour }, (hour + 60) * hourMs)).toBeUndefined();
  });
});
