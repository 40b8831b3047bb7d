import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastTime, parseWeekly, type Weekly } from '../../src/coldstart/weekly.ts';
import { cases } from '../every-row.ts';

const weekly = (text: string): Weekly => {
  const parsed = parseWeekly(text);
  if (parsed.kind === 'refused') throw new Error(parsed.because);
  return parsed.weekly;
};
const last = (text: string, now: string): string => new Date(lastTime(weekly(text), Date.parse(now))).toISOString();

describe('a moment of every week', () => {
  it.each([
    ['monday 09:00 Europe/Berlin', '2026-11-23T08:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['monday 09:00 Europe/Berlin', '2026-11-23T07:59:59Z', '2026-11-16T08:00:00.000Z'],
    // Summer: two hours ahead.
    ['Monday 9:00 Europe/Berlin', '2026-07-15T00:00:00Z', '2026-07-13T07:00:00.000Z'],
    // The day there is not the day in Greenwich.
    ['monday 00:30 Asia/Tokyo', '2026-11-22T15:30:00Z', '2026-11-22T15:30:00.000Z'],
    ['sunday 23:30 America/Los_Angeles', '2026-11-23T07:30:00Z', '2026-11-23T07:30:00.000Z'],
    ['friday 17:00 Asia/Kathmandu', '2026-11-27T12:00:00Z', '2026-11-27T11:15:00.000Z'],
    // Spring in Berlin: 02:00 becomes 03:00 on 29 March 2026, so that 02:30 is never shown.
    ['sunday 02:30 Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-29T01:30:00.000Z'],
    // Autumn: 02:30 comes twice on 25 October 2026; the first counts.
    ['sunday 02:30 Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-25T00:30:00.000Z'],
    ['sunday 02:30 Europe/Berlin', '2026-10-25T00:45:00Z', '2026-10-25T00:30:00.000Z'],
    ['sunday 03:30 Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-25T02:30:00.000Z'],
    // Half an hour of daylight saving.
    ['sunday 01:45 Australia/Lord_Howe', '2026-04-05T12:00:00Z', '2026-04-04T14:45:00.000Z'],
  ])('%s, at %s, was last at %s', (text, now, was) => expect(last(text, now)).toBe(was));

  it.each([
    ['', 'must be a weekday, a time and a time zone: write it like `monday 09:00 Europe/Berlin`'],
    ['monday 09:00', 'must be a weekday, a time and a time zone: write it like `monday 09:00 Europe/Berlin`'],
    ['mondy 09:00 UTC', 'names no weekday: did you mean `monday`?'],
    ['monday 24:00 UTC', 'has no time from `00:00` to `23:59`: write it like `monday 09:00 Europe/Berlin`'],
    ['monday 09:00 Europe/Berln', 'names no time zone: did you mean `Europe/Berlin`?'],
    ['monday 09:00 +02:00', 'names no time zone: take a name like `Europe/Berlin` or `UTC`, not an offset, which knows no daylight saving'],
  ])('%j is refused: it %s', (text, because) => expect(parseWeekly(text)).toEqual({ kind: 'refused', because }));

  it('never throws, whatever the text', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => void parseWeekly(text)));
  });

  it('comes once in every week of every zone, never later than now, and never longer ago than a week and an hour', {
    timeout: 60_000,
  }, () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Chatham', 'UTC', 'Africa/Casablanca');
    const minute = fc.record({ weekday: fc.integer({ min: 0, max: 6 }), hour: fc.nat(23), minute: fc.nat(59), zone });
    const now = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(minute, now, (moment, nowMs) => {
        const ms = lastTime(moment, nowMs);
        expect(ms).toBeLessThanOrEqual(nowMs);
        expect(nowMs - ms).toBeLessThanOrEqual(7 * 86_400_000 + 2 * 3_600_000);
        // It does not change until the next one comes.
        expect(lastTime(moment, ms)).toBe(ms);
        const before = lastTime(moment, ms - 1);
        expect(Math.abs(ms - before - 7 * 86_400_000)).toBeLessThanOrEqual(2 * 3_600_000);
      }),
      { numRuns: cases(300) },
    );
  });
});
