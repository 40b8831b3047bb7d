import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockChanges, nextTimes } from '../../src/schedule/next-times.ts';
import { parseTimes, schedulerTimes, splitAtTimes, type Times, timesWords } from '../../src/schedule/times.ts';
import { cases } from '../every-row.ts';

const times = (text: string): Times => {
  const parsed = parseTimes(text.split(' '));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const next = (text: string, from: string, count = 2): readonly string[] =>
  nextTimes(times(text), Date.parse(from), count).map((ms) => new Date(ms).toISOString().slice(0, 16));

describe('the words for times', () => {
  it.each([
    ['weekdays 06:30 Europe/Berlin', 'cron(30 6 ? * MON,TUE,WED,THU,FRI *)', 'Europe/Berlin'],
    ['daily 0:05 UTC', 'cron(5 0 * * ? *)', 'UTC'],
    ['mondays 23:59 America/New_York', 'cron(59 23 ? * MON *)', 'America/New_York'],
    ['Thu,mon,thursday 06:00 Asia/Kolkata', 'cron(0 6 ? * MON,THU *)', 'Asia/Kolkata'],
    ['weekends 12:00 Europe/Paris', 'cron(0 12 ? * SUN,SAT *)', 'Europe/Paris'],
    ['every 2h', 'cron(0 0/2 * * ? *)', 'UTC'],
    ['every 30 minutes', 'cron(0/30 * * * ? *)', 'UTC'],
    ['every 1h', 'cron(0 0/1 * * ? *)', 'UTC'],
    ['every 24h', 'cron(0 0 * * ? *)', 'UTC'],
  ])('%s', (text, expression, zone) => {
    expect(schedulerTimes(times(text))).toEqual({ expression, zone });
    // What we say is what one could have typed.
    expect(times(timesWords(times(text)))).toEqual(times(text));
  });

  it.each([
    ['weekdays', 'After the days I need a time'],
    ['weekdays 25:00 UTC', 'After the days I need a time'],
    ['weekdays 06:30', 'In which time zone?'],
    ['weekdays 06:30 Europe/Berln', 'did you mean `Europe/Berlin`?'],
    ['weekdays 06:30 +01:00', 'not an offset'],
    ['weekdays 06:30 Europe/Berlin please', 'too much for me'],
    ['every 7h', 'the hours that divide a day'],
    ['every 5m', '`15m`'],
    ['someday 06:30 UTC', 'names no days'],
  ])('%j is refused', (text, because) => expect(parseTimes(text.split(' '))).toContain(because));

  it('are found after whatever else stands in a command', () => {
    expect(splitAtTimes(['@smoke', 'and', 'not', '@wip', 'ref=main', 'daily', '06:30', 'UTC'])).toEqual({
      before: ['@smoke', 'and', 'not', '@wip', 'ref=main'],
      times: ['daily', '06:30', 'UTC'],
    });
    expect(splitAtTimes(['@smoke', '06:30'])).toBeUndefined();
  });

  it('are never a reason to throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('every', 'daily', '06:30', 'UTC', 'constructor'))),
        (words) => void parseTimes(words),
      ),
    );
  });
});

describe('the next times', () => {
  it.each([
    ['weekdays 06:30 Europe/Berlin', '2026-11-27T06:00:00Z', ['2026-11-30T05:30', '2026-12-01T05:30']],
    ['weekdays 06:30 Europe/Berlin', '2026-11-27T05:29:59Z', ['2026-11-27T05:30', '2026-11-30T05:30']],
    // By the clock on the wall: an hour earlier in Greenwich from the last Sunday of March on.
    ['daily 06:30 Europe/Berlin', '2026-03-28T00:00:00Z', ['2026-03-28T05:30', '2026-03-29T04:30']],
    // 02:30 does not exist on 29 March, and comes twice on 25 October.
    ['daily 02:30 Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-30T00:30', '2026-03-31T00:30']],
    ['daily 02:30 Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['daily 02:30 Europe/Berlin', '2026-10-25T00:45:00Z', ['2026-10-26T01:30', '2026-10-27T01:30']],
    // The day there is not the day in Greenwich.
    ['mondays 00:30 Asia/Tokyo', '2026-11-22T15:29:00Z', ['2026-11-22T15:30', '2026-11-29T15:30']],
    ['every 2h', '2026-11-27T15:00:00Z', ['2026-11-27T16:00', '2026-11-27T18:00']],
  ])('of %s, after %s', (text, from, expected) => expect(next(text, from)).toEqual(expected));

  it('say on which days the clocks keep a schedule from its time', () => {
    const from = Date.parse('2026-11-27T12:00:00Z');
    expect(clockChanges(times('daily 02:30 Europe/Berlin'), from)).toEqual([
      { kind: 'skipped', day: '2027-03-28' },
      { kind: 'twice', day: '2027-10-31' },
    ]);
    expect(clockChanges(times('weekdays 02:30 Europe/Berlin'), from)).toEqual([]);
    expect(clockChanges(times('daily 06:30 Europe/Berlin'), from)).toEqual([]);
    expect(clockChanges(times('daily 02:30 Asia/Kolkata'), from)).toEqual([]);
    expect(clockChanges(times('every 1h'), from)).toEqual([]);
  });

  it('are what the clocks on the wall show, each once and none left out, however a zone changes them', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Africa/Casablanca',
      'Asia/Kathmandu',
      'Pacific/Chatham',
      'Africa/Cairo',
    ];
    const minuteMs = 60_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        // Within a few days of a change of clocks somewhere, and anywhere.
        fc.oneof(
          fc.constantFrom(
            '2026-03-28',
            '2026-10-24',
            '2026-11-01',
            '2026-03-07',
            '2026-04-04',
            '2026-10-03',
            '2026-09-05',
            '2026-02-14',
            '2026-04-23',
          ),
          fc
            .date({ min: new Date('2024-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
            .map((date) => date.toISOString().slice(0, 10)),
        ),
        fc.integer({ min: 0, max: 95 }),
        fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
        (zone, from, quarter, days) => {
          const [hour, minute] = [Math.floor(quarter / 4), (quarter % 4) * 15];
          const fromMs = Date.parse(from);
          const toMs = fromMs + 4 * 86_400_000;
          const format = new Intl.DateTimeFormat('en-US', {
            timeZone: zone,
            hourCycle: 'h23',
            weekday: 'short',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
          });
          const wall = (ms: number) => new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
          const seen = new Set<string>();
          const expected: number[] = [];
          // Every change of a clock known to Intl since 1970 was at a whole quarter.
          for (let ms = fromMs - 86_400_000; ms <= toMs; ms += 15 * minuteMs) {
            const parts = wall(ms);
            const isThen = Number(parts.get('hour')) === hour && Number(parts.get('minute')) === minute;
            const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts.get('weekday') ?? '');
            if (!isThen || !days.includes(day) || seen.has(parts.get('day') ?? '')) continue;
            seen.add(parts.get('day') ?? '');
            if (ms > fromMs) expected.push(ms);
          }
          const found = nextTimes({ kind: 'days', days, hour, minute, zone }, fromMs, 5).filter((ms) => ms <= toMs);
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: cases(150) },
    );
  });
});
