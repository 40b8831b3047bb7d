import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrivals, arrivalBook } from '../../src/coldstart/arrivals.ts';
import { chance } from '../../src/coldstart/chance.ts';
import type { Invocation } from '../../src/coldstart/count.ts';
import { simulate } from '../../src/coldstart/simulate.ts';
import { cases, someOf } from '../every-row.ts';
import { hourMs, poisson, simulatedLog } from './simulated-log.ts';

const booked = (invocations: readonly Invocation[]): Arrivals => {
  const book = arrivalBook();
  for (const one of invocations) book.add(one);
  return book.close();
};

/** Poisson calls of one function, without a list of them all. */
function calledAtRandom(perHour: number, calls: number, random: () => number, durationMs: () => number): Arrivals {
  const book = arrivalBook();
  let arrivedMs = 0;
  for (let call = 0; call < calls; call += 1) {
    arrivedMs += (-Math.log(1 - random()) * hourMs) / perHour;
    book.add({ functionName: 'one', stream: '', arrivedMs, durationMs: durationMs(), initMs: 0, found: 'warm' });
  }
  return book.close();
}

const called = (functionName: string, arrivals: readonly number[], durationMs: () => number): readonly Invocation[] =>
  arrivals.map((arrivedMs) => ({ functionName, stream: '', arrivedMs, durationMs: durationMs(), initMs: 0, found: 'warm' }));

const apart = (arrivals: Arrivals, lifetimeMs: () => number, initMs = 0) =>
  simulate(arrivals, {
    poolOf: arrivals.functions.map((_, number) => number),
    pools: arrivals.functions.length,
    initMs: arrivals.functions.map(() => initMs),
    provisioned: [0],
    losses: [],
    lifetimeMs,
  });

const merged = (arrivals: Arrivals, lifetimeMs: () => number) =>
  simulate(arrivals, { poolOf: arrivals.functions.map(() => 0), pools: 1, initMs: [0], provisioned: [0], losses: [], lifetimeMs });

describe('the simulator', () => {
  it('agrees with a plain loop over all environments, call by call', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 30_000 }), (seed, perHour, meanMs) => {
        const random = chance(seed);
        // As exactly as times are kept: a sixteenth of a millisecond may decide whether two calls overlap.
        const kept = (ms: number) => Math.round(ms * 16) / 16;
        const arrivals = poisson(perHour, hourMs / 2, random).map(kept);
        const log = simulatedLog([{ name: 'one', arrivals, durationMs: () => kept(meanMs * random() * 2), initMs: 500 }], () => 360_000);
        const plain = log.filter(({ found }) => found === 'cold').length;
        expect(apart(booked(log), () => 360_000, 500).coldStarts).toBe(plain);
      }),
      { numRuns: cases(60) },
    );
  });

  it('merging never makes more cold starts while no two calls overlap and the lifetime is fixed', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(
        times,
        fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
        fc.integer({ min: 1, max: 60_000 }),
        (at, which, lifetimeMs) => {
          const log = at.toSorted((a, b) => a - b).flatMap((slot) => called(`f${which.next().value}`, [slot * 10_000], () => 9_000));
          const arrivals = booked(log);
          expect(merged(arrivals, () => lifetimeMs).coldStarts).toBeLessThanOrEqual(apart(arrivals, () => lifetimeMs).coldStarts);
        },
      ),
    );
  });

  const atRandom = [
    [5, 360],
    [5, 600],
    [30, 120],
  ] as const;
  it.each(someOf(atRandom, 2))(
    'Poisson calls of no duration, %i an hour with a lifetime of %i s, start cold with e^(-λT)',
    (perHour, lifetimeS) => {
      const arrivals = calledAtRandom(perHour, 200_000, chance(7), () => 0);
      const part = apart(arrivals, () => lifetimeS * 1_000).coldStarts / arrivals.count;
      const expected = Math.exp((-perHour * lifetimeS) / 3_600);
      expect(Math.abs(part - expected)).toBeLessThan(2.58 * Math.sqrt((expected * (1 - expected)) / arrivals.count));
    },
  );

  // SimFaaS (github.com/pacslab/simfaas): exponential service times, the newest idle instance first.
  const bySimFaaS = [
    { perHour: 3_240, lifetimeS: 600, warmMs: 1_991, coldMs: 2_244, simFaaS: 0.00131 },
    { perHour: 3_240, lifetimeS: 60, warmMs: 1_991, coldMs: 2_244, simFaaS: 0.0162 },
    { perHour: 5, lifetimeS: 360, warmMs: 200, coldMs: 200, simFaaS: 0.609 },
    { perHour: 5, lifetimeS: 600, warmMs: 200, coldMs: 200, simFaaS: 0.439 },
    { perHour: 100, lifetimeS: 360, warmMs: 200, coldMs: 200, simFaaS: 0.0048 },
    { perHour: 1_005, lifetimeS: 360, warmMs: 200, coldMs: 200, simFaaS: 0.00167 },
  ];
  it.each(someOf(bySimFaaS, 2))('makes $simFaaS of $perHour calls an hour cold with a lifetime of $lifetimeS s, as SimFaaS does', (row) => {
    const random = chance(11);
    const arrivals = calledAtRandom(row.perHour, 1_000_000, random, () => -Math.log(1 - random()) * row.warmMs);
    const part = apart(arrivals, () => row.lifetimeS * 1_000, row.coldMs - row.warmMs).coldStarts / arrivals.count;
    const interval = 2.58 * Math.sqrt((row.simFaaS * (1 - row.simFaaS)) / arrivals.count);
    expect(Math.abs(part - row.simFaaS)).toBeLessThan(Math.max(0.15 * row.simFaaS, interval));
  });

  it('keeps provisioned environments apart, and spills over when they are taken', () => {
    const log = [0, 1, 2].flatMap((at) => called('one', [at], () => 1_000));
    const scenario = { poolOf: [0], pools: 1, initMs: [0], losses: [], lifetimeMs: () => 1 };
    expect([1, 2, 3].map((provisioned) => simulate(booked(log), { ...scenario, provisioned: [provisioned] }).coldStarts)).toEqual([
      2, 1, 0,
    ]);
  });

  it('says why: nobody was there, all were busy, or what was there had been replaced', () => {
    const log = [0, 10, 500, 5_000].flatMap((at) => called('one', [at], () => 100));
    const losses = [{ atMs: 400, functionNumber: 0 }];
    const scenario = { poolOf: [0], pools: 1, initMs: [0], provisioned: [0], losses, lifetimeMs: () => 1_000 };
    expect(simulate(booked(log), scenario).byCause).toEqual({ idle: 2, busy: 1, replaced: 1 });
  });
});
