import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooSoon, isTurn } from '../../src/run/pace.ts';
import { cases } from '../every-row.ts';

const minuteMs = 60_000;
const neverMs = Number.NEGATIVE_INFINITY;

/** When which progress of which run arrives: `atMs` and the run's place. */
const arrivals = (runs: number) =>
  fc.array(fc.record({ atMs: fc.nat(10 * minuteMs), place: fc.nat(runs - 1) }), { minLength: 200, maxLength: 2_000 });
const many = fc.integer({ min: 1, max: 60 }).chain((runs) => fc.record({ runs: fc.constant(runs), arrived: arrivals(runs) }));

/** When progress is told, of all runs. */
function told(runs: number, arrived: readonly { readonly atMs: number; readonly place: number }[]): readonly number[] {
  const last = new Map<number, number>();
  return arrived
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap(({ atMs, place }) => {
      if (!isTurn({ nowMs: atMs, toldMs: last.get(place) ?? neverMs, place, runs, shards: 1 })) return [];
      last.set(place, atMs);
      return [atMs];
    });
}

/** Slack's fifty, with an end of each run; with very many runs, twenty-one. */
const mostOf = (runs: number): number => Math.max(21, 50 - runs);

const mostInAMinute = (times: readonly number[]): number =>
  Math.max(0, ...times.map((fromMs) => times.filter((atMs) => atMs >= fromMs && atMs < fromMs + minuteMs).length));

describe('turns', () => {
  it('leave room for the ends of all runs in the same minute, of twenty-five or fewer, however progress arrives', () => {
    fc.assert(
      fc.property(many, ({ runs, arrived }) => {
        expect(mostInAMinute(told(runs, arrived))).toBeLessThanOrEqual(mostOf(runs));
      }),
      { numRuns: cases(60) },
    );
  });

  it.each([1, 2, 7, 20, 60])('hold also when something arrives of each of %i runs every second', (runs) => {
    const arrived = Array.from({ length: 300 * runs }, (_, index) => ({ atMs: 1_000 * Math.floor(index / runs), place: index % runs }));
    expect(mostInAMinute(told(runs, arrived))).toBeLessThanOrEqual(mostOf(runs));
  });

  it('come round for each run that is heard of every half minute', () => {
    for (const runs of [1, 5, 20, 60])
      for (let place = 0; place < runs; place += 1) {
        const heard = Array.from({ length: 40 }, (_, index) => ({ atMs: 30_000 * index + 7_001, place }));
        const times = told(runs, heard);
        const longest = Math.max(...times.map((atMs, index) => atMs - (times[index - 1] ?? 0)));
        expect(longest).toBeLessThanOrEqual(runs * 4_500 + 60_000);
      }
  });

  it('are none of ours, whoever else is on, while it is too soon for more news of shards', () => {
    const turn = fc.record({ nowMs: fc.nat(minuteMs), agoMs: fc.nat(10_000), place: fc.nat(9), shards: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(turn, ({ nowMs, agoMs, ...of }) => {
        const told = { nowMs, toldMs: nowMs - agoMs, ...of };
        fc.pre(isTooSoon(told));
        expect(of.shards > 1 && agoMs < 4_000 && !isTurn({ ...told, runs: 10 })).toBe(true);
      }),
    );
  });

  it('are hardly felt by a run that is on alone', () => {
    expect(isTurn({ nowMs: 10_000, toldMs: 7_700, place: 0, runs: 1, shards: 1 })).toBe(true);
    expect(isTurn({ nowMs: 10_000, toldMs: 7_700, place: 0, runs: 1, shards: 40 })).toBe(true);
    expect(isTurn({ nowMs: 10_000, toldMs: 8_100, place: 0, runs: 1, shards: 40 })).toBe(false);
  });
});
