import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chance } from '../../src/coldstart/chance.ts';
import type { Hour } from '../../src/coldstart/hourly.ts';
import { type Alert, newWatch, parseWatch, type Watch, watchHours } from '../../src/coldstart/watch.ts';
import { cases, isEveryRow } from '../every-row.ts';
import { type Planted, quarter } from './simulated-quarter.ts';

const first = 490_000;
const week = 168;

const hour = (at: number, fields: Partial<Hour> = {}): Hour => ({
  at,
  calls: 100,
  cold: 1,
  busy: 0,
  replaced: 0,
  initsMs: [300],
  ...fields,
});

/** Watches one function hour by hour: `each` says what each was like. */
function watched(hours: number, each: (index: number) => Partial<Hour> | undefined, from = newWatch('', first)): Watch {
  let watch = from;
  for (let index = from.until - first; index < hours; index += 1) {
    const fields = each(index);
    const found = fields === undefined ? new Map() : new Map([['orders-api', [hour(first + index, fields)]]]);
    watch = watchHours(watch, { functions: found, runtimes: new Map() }, first + index + 1);
  }
  return watch;
}

const jumpsOf = ({ alerts }: Watch) => alerts.flatMap(({ jumps }) => jumps);

describe('a watch', () => {
  it('says nothing before it has seen a week, whatever it sees', () => {
    expect(watched(week - 1, (index) => (index % 50 < 25 ? { cold: 0 } : { cold: 90, initsMs: [3_000, 3_000, 3_000] })).alerts).toEqual([]);
  });

  it('finds a jump in the third hour of it, and says since when, from what to what', () => {
    const watch = watched(week + 23, (index) => (index >= week + 20 ? { cold: 20 } : {}));
    expect(jumpsOf(watch)).toMatchObject([
      {
        kind: 'rate',
        functionName: 'orders-api',
        since: first + week + 20,
        found: first + week + 23,
        was: { calls: 2_100, cold: 21 },
        is: { calls: 300, cold: 60 },
        cause: { kind: 'unknown' },
      },
    ]);
  });

  it('says the same jump once, however long it lasts, and that it is how things are after a week', () => {
    const watch = watched(week * 3, (index) => (index >= week + 20 ? { cold: 20 } : {}));
    expect(jumpsOf(watch)).toHaveLength(1);
  });

  it('sees that a jump is over, and takes one that comes back within a day for the same', () => {
    const isHigh = (index: number) => index >= week + 20 && index < week + 30;
    const over = watched(week + 40, (index) => (isHigh(index) ? { cold: 20 } : {}));
    expect(jumpsOf(over)).toMatchObject([{ since: first + week + 20, ended: expect.any(Number) }]);
    const back = watched(week + 48, (index) => (index >= week + 42 ? { cold: 20 } : {}), over);
    expect(jumpsOf(back)).toMatchObject([{ since: first + week + 20 }]);
    expect(jumpsOf(back)[0]?.ended).toBeUndefined();
    expect(back.alerts[0]?.revision).toBe((over.alerts[0]?.revision ?? 0) + 1);
  });

  it('says another jump days after the first was over', () => {
    const watch = watched(week * 2 + 30, (index) => ((index >= week + 20 && index < week + 30) || index >= week + 120 ? { cold: 20 } : {}));
    expect(watch.alerts).toHaveLength(2);
  });

  it('takes no deploy for a jump, within an hour or over the end of one', () => {
    for (const burst of [[week + 20], [week + 20, week + 21]]) {
      const watch = watched(week + 60, (index) => (burst.includes(index) ? { cold: 40, replaced: 40 } : {}));
      expect(watch.alerts).toEqual([]);
    }
  });

  it('does not take every night, nor every weekend, for a jump', () => {
    const watch = watched(week * 4, (index) => {
      const isWeekend = Math.floor(index / 24) % 7 >= 5;
      const isNight = index % 24 < 6;
      if (isWeekend && isNight) return { calls: 5, cold: 3, initsMs: [300, 300, 300] };
      return isWeekend || isNight ? { calls: 20, cold: 4 } : { calls: 500, cold: 3 };
    });
    expect(watch.alerts).toEqual([]);
  });

  it('does not take a holiday for a jump: fewer calls start cold more often', () => {
    const watch = watched(week * 2, (index) => (index >= week + 50 && index < week + 74 ? { calls: 20, cold: 6 } : {}));
    expect(watch.alerts).toEqual([]);
  });

  it('finds inits that became slower, and names a new version of the runtime', () => {
    const inits = (index: number) => (index >= week + 10 ? [900, 950, 1_000, 1_100] : [280, 300, 320]);
    let watch = watched(week + 10, (index) => ({ calls: 400, cold: 4, initsMs: inits(index) }));
    for (let index = week + 10; index < week + 14; index += 1) {
      const functions = new Map([['orders-api', [hour(first + index, { calls: 400, cold: 4, initsMs: inits(index) })]]]);
      const runtimes = new Map([['orders-api', index >= week + 10 ? 'nodejs:24.v9' : 'nodejs:24.v8']]);
      if (index === week + 10)
        watch = watchHours(watch, { functions: new Map(), runtimes: new Map([['orders-api', 'nodejs:24.v8']]) }, watch.until);
      watch = watchHours(watch, { functions, runtimes }, first + index + 1);
    }
    expect(jumpsOf(watch)).toMatchObject([
      {
        kind: 'init',
        since: first + week + 10,
        was: { p50Ms: 300, p90Ms: 320 },
        is: { p50Ms: 950 },
        cause: { kind: 'runtime', from: 'nodejs:24.v8', to: 'nodejs:24.v9' },
      },
    ]);
  });

  it.each([
    ['deploys', { replaced: 15 }, 'deploy'],
    ['concurrency', { busy: 15 }, 'busy'],
  ])('names %s as the cause', (_name, fields, kind) => {
    const watch = watched(week + 4, (index) => (index >= week ? { cold: 20, ...fields } : {}));
    expect(jumpsOf(watch)).toMatchObject([{ cause: { kind } }]);
  });

  it('is the same after it was written down and read again, at any hour', () => {
    const each = (index: number): Partial<Hour> => (index >= week + 20 ? { cold: 20 } : {});
    const whole = watched(week + 40, each);
    const half = parseWatch(JSON.parse(JSON.stringify(watched(week + 22, each))));
    expect(watched(week + 40, each, half)).toEqual(whole);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(parseWatch(JSON.parse(JSON.stringify(whole))));
  });

  it('finds in many hours at once what it finds hour by hour, in one message', () => {
    const each = (index: number): Partial<Hour> => (index >= week + 20 ? { cold: 20 } : {});
    const before = watched(week + 18, each);
    const hours = Array.from({ length: 10 }, (_, index) => hour(first + week + 18 + index, each(week + 18 + index)));
    const functions = new Map(['a', 'orders-api'].map((name) => [name, hours]));
    const after = watchHours(before, { functions, runtimes: new Map() }, first + week + 28);
    expect(after.alerts).toHaveLength(1);
    expect(jumpsOf(after)).toMatchObject([{ functionName: 'orders-api', since: first + week + 20 }]);
  });
});

describe('whatever the hours are like', { timeout: 60_000 }, () => {
  const level = fc.record({
    hours: fc.integer({ min: 1, max: 60 }),
    calls: fc.integer({ min: 0, max: 300 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    initMs: fc.integer({ min: 50, max: 5_000 }),
  });
  const levels = fc.array(level, { minLength: 3, maxLength: 14 });
  const hoursOf = (all: readonly { hours: number; calls: number; part: number; initMs: number }[]) =>
    all.flatMap(({ hours, calls, part, initMs }) =>
      Array.from({ length: hours }, () => ({ calls, cold: Math.floor(calls * part), initsMs: calls * part >= 1 ? [initMs] : [] })),
    );

  it('no function has two open jumps of a kind, none within a day of its last, and none on few data', () => {
    fc.assert(
      fc.property(levels, (all) => {
        const hours = hoursOf(all);
        const watch = watched(hours.length, (index) => hours[index]);
        for (const kind of ['rate', 'init'] as const) {
          const jumps = jumpsOf(watch)
            .filter((jump) => jump.kind === kind)
            .toSorted((a, b) => a.found - b.found);
          for (const [index, jump] of jumps.entries()) {
            expect(jump.found - first).toBeGreaterThanOrEqual(week);
            if (jump.kind === 'rate') {
              expect(jump.is.calls).toBeGreaterThanOrEqual(30);
              expect(jump.is.cold).toBeGreaterThanOrEqual(10);
              expect(jump.was.calls).toBeGreaterThanOrEqual(100);
            }
            const next = jumps[index + 1];
            if (next === undefined) continue;
            if (jump.ended === undefined) expect(next.found - jump.since).toBeGreaterThanOrEqual(week);
            else expect(next.found - jump.ended).toBeGreaterThanOrEqual(24);
          }
        }
      }),
      { numRuns: cases(60) },
    );
  });
});

describe('a quarter of many functions', { timeout: 120_000 }, () => {
  let alerts: readonly Alert[];
  let planted: readonly Planted[];
  beforeAll(() => {
    ({ planted, alerts } = quarter(chance(7), isEveryRow ? 20 : 6));
  }, 120_000);

  it('every planted jump is found within a day, and nearly nothing else', () => {
    const jumps = alerts.flatMap((alert) => alert.jumps);
    const missed = planted.filter(
      ({ functionName, from, kind }) =>
        !jumps.some((jump) => jump.functionName === functionName && jump.kind === kind && jump.found >= from && jump.found <= from + 24),
    );
    const isPlanted = (jump: (typeof jumps)[number]) =>
      planted.some(({ functionName, from, to }) => functionName === jump.functionName && jump.found >= from && jump.found <= to + 24);
    const falseAlarms = jumps.filter((jump) => !isPlanted(jump));
    expect(missed).toEqual([]);
    // docs/coldstarts.md says how many there were in twelve such quarters.
    expect(falseAlarms).toEqual([]);
    expect(jumps).toHaveLength(planted.length);
  });
});
