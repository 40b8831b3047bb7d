import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/coldstart/exported-log.ts';
import { hourlyCounter, hourMs, lookBackMs } from '../../src/coldstart/hourly.ts';
import { report } from './counted-log.ts';

const first = 490_000;
const fromMs = first * hourMs;
const minute = 60_000;

const line = (atMs: number, stream: string, message: string, functionName = 'orders'): LogLine => ({ atMs, stream, message, functionName });

/** A call that found an environment: it came so many milliseconds after the first hour began, and took so long. */
const warm = (ms: number, stream: string, durationMs = 10): LogLine => line(fromMs + ms + durationMs, stream, report('', durationMs));

/** A call that waited for one. */
const cold = (ms: number, stream: string, { initMs = 300, durationMs = 10, runtime = 'nodejs:24.v1' } = {}): readonly LogLine[] => [
  line(fromMs + ms, stream, `INIT_START Runtime Version: ${runtime}`),
  line(fromMs + ms + initMs + durationMs, stream, report(`Init Duration: ${initMs.toFixed(2)} ms\t`, durationMs)),
];

function counted(lines: readonly LogLine[], hours = 2) {
  const counter = hourlyCounter({ fromMs, toMs: fromMs + hours * hourMs });
  for (const one of lines) counter.read(one);
  return counter.end();
}

const hoursOf = (lines: readonly LogLine[]) => counted(lines).functions.get('orders') ?? [];

describe('the hours of a function', () => {
  it('are counted by when a call ended, in order of time, and only those that something happened in', () => {
    const lines = [...cold(hourMs - 100, 'a'), warm(hourMs + minute, 'a'), ...cold(1_000, 'b')];
    expect(hoursOf(lines)).toEqual([
      { at: first, calls: 1, cold: 1, busy: 0, replaced: 0, initsMs: [300] },
      // It was asked for a tenth of a second before the hour: b was idle for so long that it may have died.
      { at: first + 1, calls: 2, cold: 1, busy: 0, replaced: 0, initsMs: [300] },
    ]);
    expect(counted([]).functions.size).toBe(0);
  });

  it('hold no call of the time that was looked at beforehand, nor of the time after', () => {
    const lines = [...cold(-minute, 'a'), warm(minute, 'a'), warm(2 * hourMs, 'a')];
    expect(hoursOf(lines)).toMatchObject([{ at: first, calls: 1, cold: 0 }]);
  });

  it('hold no cold start of an environment that was made before the first line that was read: nobody waited for it', () => {
    const [, late] = cold(minute, 'a');
    expect(late === undefined ? [] : hoursOf([late])).toMatchObject([{ calls: 1, cold: 0, initsMs: [] }]);
    const [begun, called] = cold(-lookBackMs, 'b');
    if (begun === undefined || called === undefined) throw new Error('no lines');
    expect(hoursOf([begun, { ...called, atMs: fromMs + minute }])).toMatchObject([{ calls: 1, cold: 0 }]);
  });

  it('tell cold starts that came while all were busy from those of idling', () => {
    const lines = [...cold(0, 'a', { durationMs: 5_000 }), ...cold(1_000, 'b', { durationMs: 10 }), ...cold(30 * minute, 'c')];
    expect(hoursOf(lines)).toMatchObject([{ calls: 3, cold: 3, busy: 1, replaced: 0 }]);
  });

  it('tell replaced environments, each of them once', () => {
    // Two were busy at once, so that there are two; a minute later neither is taken, and three new ones are.
    const before = [...cold(0, 'a', { durationMs: 5_000 }), ...cold(1_000, 'b', { durationMs: 5_000 })];
    const after = ['c', 'd', 'e'].flatMap((name, index) => cold(minute + index * 1_000, name, { durationMs: 5_000 }));
    // The third was not there before: it came because the others were busy.
    expect(hoursOf([...before, ...after])).toMatchObject([{ calls: 5, cold: 5, busy: 2, replaced: 2 }]);
  });

  it('do not take one for replaced that was idle for as long as an environment may live', () => {
    expect(hoursOf([...cold(0, 'a'), ...cold(4 * minute + 1_000, 'b')])).toMatchObject([{ cold: 2, busy: 0, replaced: 0 }]);
    expect(hoursOf([...cold(0, 'a'), ...cold(3.9 * minute, 'b')])).toMatchObject([{ cold: 2, busy: 0, replaced: 1 }]);
  });

  it('keep eight inits of many, evenly spread from the fastest to the slowest', () => {
    const lines = Array.from({ length: 80 }, (_, index) => cold(index * 10_000, `s${index}`, { initMs: 100 + ((index * 7) % 80) })).flat();
    expect(hoursOf(lines)[0]?.initsMs).toEqual([105, 115, 125, 135, 145, 155, 165, 175]);
  });

  it('come with the newest version of the runtime, function by function', () => {
    const other = line(fromMs, 'z', 'INIT_START Runtime Version: nodejs:22.v9', 'billing');
    const { runtimes } = counted([...cold(0, 'a'), ...cold(minute, 'b', { runtime: 'nodejs:24.v2' }), other]);
    expect([...runtimes]).toEqual([
      ['orders', 'nodejs:24.v2'],
      ['billing', 'nodejs:22.v9'],
    ]);
  });

  it('add up: every call is in one hour, and no hour has more cold starts, or causes of them, than calls', () => {
    const call = fc.record({ ms: fc.integer({ min: 0, max: 2 * hourMs - 10_000 }), stream: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const known = new Set<number>();
        const lines = calls
          .toSorted((a, b) => a.ms - b.ms)
          .flatMap(({ ms, stream }) => {
            if (known.has(stream)) return [warm(ms, `s${stream}`)];
            known.add(stream);
            return cold(ms, `s${stream}`);
          });
        const hours = hoursOf(lines);
        expect(hours.reduce((sum, hour) => sum + hour.calls, 0)).toBe(calls.length);
        expect(hours.reduce((sum, hour) => sum + hour.cold, 0)).toBe(known.size);
        for (const { calls: all, cold: some, busy, replaced, initsMs } of hours) {
          expect(some).toBeLessThanOrEqual(all);
          expect(busy + replaced).toBeLessThanOrEqual(some);
          expect(initsMs).toHaveLength(Math.min(8, some));
        }
      }),
    );
  });
});
