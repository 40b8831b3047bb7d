import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseShards, expectedOf, forecastMs, leftMs, type Work } from '../../src/run/forecast.ts';

const minute = 60_000;
const workOf = (durationsMs: readonly (number | undefined)[], fields: Partial<Work> = {}): Work => ({
  scenarios: durationsMs.map((_, index) => ({ id: `s${index}`, uri: 'features/a.feature', tags: [] })),
  durations: new Map(durationsMs.flatMap((ms, index): [string, number][] => (ms === undefined ? [] : [[`s${index}`, ms]]))),
  together: [],
  workers: 1,
  startMs: 30_000,
  ...fields,
});
const equal = (count: number, ms: number) => Array.from({ length: count }, () => ms);

describe('a forecast', () => {
  it('is the start of the tasks and the time of the fullest shard', () => {
    expect(forecastMs(workOf([60_000, 50_000, 20_000]), 2)).toBe(30_000 + 70_000);
    expect(forecastMs(workOf(equal(1_000, 1_000)), 4)).toBe(30_000 + 250_000);
  });

  it('knows that the workers of a task share its scenarios, and that a scenario is one worker’s', () => {
    expect(forecastMs(workOf(equal(8, 10_000), { workers: 2 }), 2)).toBe(30_000 + 20_000);
    expect(forecastMs(workOf([90_000, ...equal(1_000, 10)], { workers: 4 }), 2)).toBe(30_000 + 90_000);
  });

  it('keeps in one shard what belongs together', () => {
    const work = workOf(equal(4, 10_000), { together: ['@serial'] });
    const serial = { ...work, scenarios: work.scenarios.map((scenario) => ({ ...scenario, tags: ['@serial'] })) };
    expect(forecastMs(serial, 4)).toBe(30_000 + 40_000);
    expect(chooseShards({ ...serial, startMs: 10 }, 4)).toMatchObject({ shards: 1, nextSavesMs: 0 });
  });

  it('takes a scenario that never ran for a usual one, and is none when none ever ran', () => {
    expect(forecastMs(workOf([10_000, undefined]), 1)).toBe(30_000 + 20_000);
    expect(forecastMs(workOf([undefined, undefined]), 1)).toBeUndefined();
    expect(chooseShards(workOf([]), 40)).toEqual({ shards: 4 });
    expect(chooseShards(workOf([undefined, undefined, undefined]), 2)).toEqual({ shards: 2 });
  });

  it.each([
    ['a suite of an hour', equal(600, 6_000), 40, { shards: 11, ms: 30_000 + Math.round((60 * minute) / 11) }],
    ['one that is shorter than a start', equal(10, 2_000), 40, { shards: 1 }],
    ['one that waits for a single scenario', [4 * minute, ...equal(40, 6_000)], 40, { shards: 2, ms: 30_000 + 4 * minute, nextSavesMs: 0 }],
    ['one of ten equal ones, where only ten shards are better than five', equal(10, 5 * minute), 10, { shards: 10 }],
    ['an hour with room for four', equal(600, 6_000), 4, { shards: 4, ms: 30_000 + 15 * minute }],
  ])('of %s says how many shards are worth their start', (_, durationsMs, most, expected) => {
    expect(chooseShards(workOf(durationsMs), most)).toMatchObject(expected);
  });

  it('never chooses so many that the last one saves less than its start, nor so few that one more saves more', () => {
    const suites = fc.array(fc.integer({ min: 100, max: 300_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(suites, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), (durationsMs, most, workers) => {
        const work = workOf(durationsMs, { workers });
        const { shards, ms = 0, nextSavesMs = 0 } = chooseShards(work, most);
        expect(ms).toBe(forecastMs(work, shards));
        expect(nextSavesMs).toBeLessThanOrEqual(work.startMs);
        if (shards > 1) expect((forecastMs(work, shards - 1) ?? 0) - ms).toBeGreaterThan(work.startMs);
      }),
    );
  });
});

describe('what is left of a run', () => {
  const expected = expectedOf(workOf(equal(10, 12_000)), 1);

  it('is what was expected of what is to come, as long as little is done', () => {
    expect(leftMs(expected, { done: 0, total: 10 })).toBe(120_000);
    expect(leftMs(expected, { done: 1, total: 10, sinceMs: 500_000 })).toBe(108_000);
    expect(leftMs(expected, { done: 0, total: 0 })).toBe(120_000);
  });

  it('goes the more by its own pace the further it is: one that is twice as slow is not over when it was expected to be', () => {
    const at = (done: number) => leftMs(expected, { done, total: 10, sinceMs: 30_000 + done * 24_000 }) ?? 0;
    expect(at(5)).toBe((60_000 + 120_000) / 2);
    expect(at(9) / 24_000).toBeCloseTo(1, 0);
    expect(at(10)).toBe(0);
  });

  it('goes by its pace alone where no run before it has told anything, and is not said where that tells nothing', () => {
    const unknown = expectedOf(workOf([undefined]), 1);
    expect(leftMs(unknown, { done: 5, total: 10, sinceMs: 90_000 })).toBe(60_000);
    expect(leftMs(unknown, { done: 1, total: 10, sinceMs: 90_000 })).toBeUndefined();
    expect(leftMs(unknown, { done: 5, total: 10 })).toBeUndefined();
    expect(leftMs(undefined, { done: 5, total: 10, sinceMs: 90_000 })).toBeUndefined();
  });

  it('is never negative or no number, whatever a container says', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer(), (done, total, sinceMs) => {
        const left = leftMs(expected, { done, total, sinceMs });
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });
});
