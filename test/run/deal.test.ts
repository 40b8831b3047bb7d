import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chance } from '../../src/coldstart/chance.ts';
import { type Dealable, type Dealing, deal } from '../../src/run/deal.ts';

const scenario = (id: string, fields: Partial<Dealable> = {}): Dealable => ({ id, uri: 'features/a.feature', tags: [], ...fields });
const dealing = (shards: number, durations: Readonly<Record<string, number>> = {}, together: readonly string[] = []): Dealing => ({
  shards,
  durations: new Map(Object.entries(durations)),
  together,
});
const all = (durations: Readonly<Record<string, number>>) => Object.keys(durations).map((id) => scenario(id));

/** What each shard gets, and how long it takes. */
function handsOf(scenarios: readonly Dealable[], how: Dealing) {
  const shardOf = deal(scenarios, how);
  return Array.from({ length: how.shards }, (_, index) => scenarios.filter((_one, at) => shardOf[at] === index + 1));
}
const loadsOf = (scenarios: readonly Dealable[], how: Dealing) =>
  handsOf(scenarios, how).map((hand) => hand.reduce((sum, { id }) => sum + (how.durations.get(id) ?? 0), 0));
const makespan = (scenarios: readonly Dealable[], how: Dealing) => Math.max(...loadsOf(scenarios, how));

const suites = fc
  .uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 6 }),
      uri: fc.constantFrom('a.feature', 'b.feature', 'c.feature'),
      tags: fc.subarray(['@serial', '@group-a', '@group-b', '@other']),
      durationMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
    }),
    { selector: ({ id, uri }) => `${id}\n${uri}`, maxLength: 60 },
  )
  .map((scenarios) => ({
    scenarios,
    durations: new Map(scenarios.flatMap(({ id, durationMs }): [string, number][] => (durationMs === undefined ? [] : [[id, durationMs]]))),
  }));
const shardCounts = fc.integer({ min: 1, max: 40 });

describe('a deal', () => {
  it('gives every scenario to exactly one of the shards', () => {
    fc.assert(
      fc.property(suites, shardCounts, ({ scenarios, durations }, shards) => {
        const shardOf = deal(scenarios, { shards, durations, together: ['@serial'] });
        expect(shardOf).toHaveLength(scenarios.length);
        for (const shard of shardOf) expect(shard >= 1 && shard <= shards && Number.isInteger(shard)).toBe(true);
      }),
    );
  });

  it('keeps together what shares a tag that says so, whatever else it has', () => {
    fc.assert(
      fc.property(suites, shardCounts, ({ scenarios, durations }, shards) => {
        const shardOf = deal(scenarios, { shards, durations, together: ['@serial', '@group-*'] });
        for (const tag of ['@serial', '@group-a', '@group-b'])
          expect(new Set(shardOf.filter((_, at) => scenarios[at]?.tags.includes(tag))).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is the same whatever the order of the scenarios: each task computes it for itself', () => {
    fc.assert(
      fc.property(
        suites.chain(({ scenarios, durations }) =>
          fc.tuple(
            fc.constant({ scenarios, durations }),
            fc.shuffledSubarray([...scenarios.keys()], { minLength: scenarios.length, maxLength: scenarios.length }),
          ),
        ),
        shardCounts,
        ([{ scenarios, durations }, order], shards) => {
          const how = { shards, durations, together: ['@group-*'] };
          const straight = deal(scenarios, how);
          const shuffled = deal(
            order.flatMap((at) => scenarios[at] ?? []),
            how,
          );
          expect(order.map((at) => straight[at])).toEqual(shuffled);
        },
      ),
    );
  });

  it('takes at most 4/3 of the time of the best there is, and what longest-first alone would take', () => {
    const times = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 4 }), (durationsMs, shards) => {
        const durations = Object.fromEntries(durationsMs.map((ms, index) => [`s${index}`, ms]));
        const took = makespan(all(durations), dealing(shards, durations));
        expect(took).toBeLessThanOrEqual((4 / 3 - 1 / (3 * shards)) * best(durationsMs, shards) + 1e-9);
        expect(took).toBeLessThanOrEqual(longestFirst(durationsMs, shards));
      }),
    );
  });

  it('is within a fiftieth of the best when the durations are known, however few the scenarios', () => {
    const times = fc.array(fc.integer({ min: 1_000, max: 60_000 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 4 }), (durationsMs, shards) => {
        const durations = Object.fromEntries(durationsMs.map((ms, index) => [`s${index}`, ms]));
        expect(makespan(all(durations), dealing(shards, durations))).toBeLessThanOrEqual(1.02 * best(durationsMs, shards));
      }),
    );
  });

  it.each([
    [100, 8],
    [200, 8],
    [1_000, 40],
  ])('of %s scenarios on %s shards is within a tenth of what known durations give, when they are 25 percent off', (count, shards) => {
    const next = chance(count);
    const ids = Array.from({ length: count }, (_, index) => `s${index}`);
    const usual = new Map(ids.map((id) => [id, 1_000 + 9_000 * next()]));
    const off = new Map([...usual].map(([id, ms]) => [id, ms * (0.75 + 0.5 * next())]));
    const scenarios = ids.map((id) => scenario(id));
    const shardOf = deal(scenarios, { shards, durations: off, together: [] });
    const loads = Array.from({ length: shards }, (_, index) =>
      ids.filter((_id, at) => shardOf[at] === index + 1).reduce((sum, id) => sum + (usual.get(id) ?? 0), 0),
    );
    expect(Math.max(...loads)).toBeLessThanOrEqual(1.1 * makespan(scenarios, { shards, durations: usual, together: [] }));
  });

  it('finds by exchange what longest-first misses', () => {
    const durations = { a: 3, b: 3, c: 2, d: 2, e: 2 };
    expect(longestFirst(Object.values(durations), 2)).toBe(7);
    expect(makespan(all(durations), dealing(2, durations))).toBe(6);
  });

  it('takes one that it does not know for as long as the others of its file usually are', () => {
    const slow = (id: string) => scenario(id, { uri: 'slow.feature' });
    const scenarios = [slow('s1'), slow('s2'), slow('new'), ...['f1', 'f2', 'f3', 'f4', 'f5', 'f6'].map((id) => scenario(id))];
    const durations = { s1: 60_000, s2: 60_000, f1: 1_000, f2: 1_000, f3: 1_000, f4: 1_000, f5: 1_000, f6: 1_000 };
    const hands = handsOf(scenarios, dealing(3, durations));
    expect(hands.map((hand) => hand.filter(({ uri }) => uri === 'slow.feature').length)).toEqual([1, 1, 1]);
  });

  it('of scenarios that nobody has seen before is one by number', () => {
    const scenarios = Array.from({ length: 10 }, (_, index) => scenario(`s${index}`));
    expect(
      handsOf(scenarios, dealing(4))
        .map(({ length }) => length)
        .toSorted(),
    ).toEqual([2, 2, 3, 3]);
  });

  it('of fewer scenarios than shards leaves some without', () => {
    expect(handsOf([scenario('a'), scenario('b')], dealing(3)).map(({ length }) => length)).toEqual([1, 1, 0]);
  });

  it('of two scenarios with one id in two files tells them apart', () => {
    expect(new Set(deal([scenario('a', { uri: 'x' }), scenario('a', { uri: 'y' })], dealing(2))).size).toBe(2);
  });

  it('of ten thousand scenarios to forty shards is within a thousandth of the best', () => {
    const durations = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`s${index}`, 500 + ((index * 7_919) % 9_000)]));
    const total = Object.values(durations).reduce((sum, ms) => sum + ms, 0);
    expect(makespan(all(durations), dealing(40, durations))).toBeLessThanOrEqual((total / 40) * 1.001);
  });
});

/** The shortest there is, by trying everything. */
function best(durationsMs: readonly number[], shards: number): number {
  const loads = Array.from({ length: shards }, () => 0);
  const place = (at: number): number => {
    const durationMs = durationsMs[at];
    if (durationMs === undefined) return Math.max(...loads);
    return Math.min(
      ...[...new Set(loads)].map((load) => {
        const shard = loads.indexOf(load);
        loads[shard] = load + durationMs;
        const took = place(at + 1);
        loads[shard] = load;
        return took;
      }),
    );
  };
  return place(0);
}

function longestFirst(durationsMs: readonly number[], shards: number): number {
  const loads = Array.from({ length: shards }, () => 0);
  for (const durationMs of durationsMs.toSorted((a, b) => b - a)) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] ?? 0) + durationMs;
  }
  return Math.max(...loads);
}
