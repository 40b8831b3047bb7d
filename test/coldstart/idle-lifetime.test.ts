import { describe, expect, it } from 'vitest';
import { arrivalBook } from '../../src/coldstart/arrivals.ts';
import { chance } from '../../src/coldstart/chance.ts';
import type { Invocation } from '../../src/coldstart/count.ts';
import { idleEvidence } from '../../src/coldstart/idle-lifetime.ts';
import { foresee } from '../../src/coldstart/what-if.ts';
import { hourMs, poisson, type SimulatedFunction, simulatedLog } from './simulated-log.ts';

const weekMs = 7 * 24 * hourMs;
const minute = 60_000;
const fixed = () => () => 6 * minute;
const uniform = (random: () => number) => () => (5 + 2 * random()) * minute;

const evidence = (log: readonly Invocation[]) => {
  const book = arrivalBook();
  for (const one of log.toSorted((a, b) => a.arrivedMs - b.arrivedMs)) book.add(one);
  return idleEvidence(book.close());
};

const aFunction = (perHour: number, random: () => number, spanMs = weekMs): SimulatedFunction => ({
  name: `called-${perHour}`,
  arrivals: poisson(perHour, spanMs, random),
  durationMs: () => 50 + 200 * random(),
  initMs: 400,
});

const backTest = (log: readonly Invocation[]) => {
  const book = arrivalBook();
  for (const one of log.toSorted((a, b) => a.arrivedMs - b.arrivedMs)) book.add(one);
  return foresee(book.close(), new Map(), []).backTest;
};

const middleOf = (log: readonly Invocation[]): number => {
  const { lifetime } = evidence(log);
  expect(lifetime.kind === 'assumed' ? lifetime.because : 'calibrated').toBe('calibrated');
  return lifetime.middleMs / minute;
};

describe('the idle lifetime, found in a week of logs', () => {
  describe.each([
    ['of 6 minutes', fixed],
    ['between 5 and 7 minutes', uniform],
  ])('planted %s', (_, lifetime) => {
    it.each([5, 10, 20, 40, 60])('is found within a tenth from one function called %i times an hour', (perHour) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const random = chance(seed);
        const middle = middleOf(simulatedLog([aFunction(perHour, random)], lifetime(random)));
        expect(Math.abs(middle - 6)).toBeLessThan(0.6);
      }
    });

    it('is found from several functions together', () => {
      const random = chance(9);
      const middle = middleOf(
        simulatedLog(
          [5, 12, 31, 60].map((perHour) => aFunction(perHour, random)),
          lifetime(random),
        ),
      );
      expect(Math.abs(middle - 6)).toBeLessThan(0.3);
    });

    it('is found in spite of deploys, which are found as well', () => {
      const random = chance(3);
      const deploys = poisson(1, weekMs, random).slice(0, 40);
      const log = simulatedLog([aFunction(12, random)], lifetime(random), deploys);
      expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
      const { losses } = evidence(log);
      // A deploy is seen when the next call comes before the environment would have gone anyway: here about one in three.
      expect(losses.length).toBeGreaterThan(8);
      expect(losses.length).toBeLessThanOrEqual(40);
    });

    it('is found in spite of bursts of concurrency', () => {
      const random = chance(4);
      const one = aFunction(12, random);
      const bursts = poisson(0.5, weekMs, random).flatMap((at) => Array.from({ length: 30 }, (_, index) => at + index * 3));
      const arrivals = [...one.arrivals, ...bursts].toSorted((a, b) => a - b);
      const log = simulatedLog([{ ...one, arrivals }], lifetime(random));
      expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
      expect(evidence(log).losses).toHaveLength(0);
    });
  });

  it.each([5, 20, 60])('is found beside provisioned concurrency, called %i times an hour, which stays', (perHour) => {
    const random = chance(6);
    const always = poisson(perHour, weekMs, random).map((arrivedMs, index): Invocation => {
      const found = index === 0 ? 'already-there' : 'warm';
      return { functionName: 'always', stream: 'always', arrivedMs, durationMs: 100, initMs: 0, found };
    });
    const log = [...always, ...simulatedLog([aFunction(12, random)], fixed())];
    expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
    // Called more often than once a minute or so, it would never fall idle for long, and looks like any other.
    if (perHour < 60) expect(evidence(log).kept.toSorted()).toEqual([0, 1]);
    const { reproduced, observed } = backTest(log);
    expect(Math.abs(reproduced.middle - observed)).toBeLessThan(0.1 * observed);
  });

  it.each([
    ['hours are missing every night', (at: number) => at % (24 * hourMs) < 16 * hourMs],
    ['every second half hour is missing', (at: number) => at % hourMs < hourMs / 2],
  ])('is found when %s', (_, isThere) => {
    const log = simulatedLog([aFunction(12, chance(7))], fixed()).filter(({ arrivedMs }) => isThere(arrivedMs - 1_790_000_000_000));
    expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
  });

  /** A log of which so many lines were lost, wherever they stood; the counter says of an environment without a first line that it was there. */
  const withHoles = (log: readonly Invocation[], part: number, random: () => number): readonly Invocation[] => {
    const seen = new Set<string>();
    return log
      .filter(() => random() >= part)
      .map((one) => {
        const isFirst = !seen.has(one.stream);
        seen.add(one.stream);
        return isFirst && one.found === 'warm' ? { ...one, found: 'already-there' } : one;
      });
  };

  describe.each([
    ['of 10 minutes', 10],
    ['of 6 minutes', 6],
  ])('planted %s, of which three in ten lines were lost,', (_, planted) => {
    it.each([5, 12, 30, 60])('is not taken for another one: the usual is named, or it is right (%i calls an hour)', (perHour) => {
      for (const seed of [1, 2, 3]) {
        const random = chance(seed);
        const { lifetime } = evidence(
          withHoles(
            simulatedLog([aFunction(perHour, random)], () => planted * minute),
            0.3,
            random,
          ),
        );
        if (lifetime.kind === 'calibrated') expect(Math.abs(lifetime.middleMs / minute / planted - 1)).toBeLessThan(0.1);
        // Of a rarely called function with short lives few lines tell of holes, and little is wrong.
        else expect(lifetime.because).toMatch(/lines are missing|too few|nothing of the times|still there|too different/);
      }
    });
  });

  it('says why, where lines were lost', () => {
    const random = chance(1);
    const log = withHoles(
      simulatedLog([aFunction(12, random)], () => 10 * minute),
      0.3,
      random,
    );
    expect(evidence(log).lifetime).toMatchObject({
      kind: 'assumed',
      lowMs: 5 * minute,
      highMs: 7 * minute,
      because: expect.stringContaining('lines are missing'),
    });
  });

  it('is found when one line in a hundred was lost', () => {
    const random = chance(2);
    expect(Math.abs(middleOf(withHoles(simulatedLog([aFunction(12, random)], fixed()), 0.01, random)) - 6)).toBeLessThan(0.6);
  });

  it('is found when clocks jump, by seconds all the time and once by an hour', () => {
    const random = chance(8);
    const log = simulatedLog([aFunction(12, random)], fixed()).map((one, index) => ({
      ...one,
      arrivedMs: one.arrivedMs + (random() - 0.5) * 4_000 - (index > 1_000 ? hourMs : 0),
    }));
    expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
  });

  it('is found beside a function that is called every five minutes', () => {
    const random = chance(9);
    const log = simulatedLog([{ ...aFunction(5, random), name: 'cron', arrivals: every(5 * minute) }, aFunction(12, random)], fixed());
    expect(Math.abs(middleOf(log) - 6)).toBeLessThan(0.6);
  });

  it.each<[string, (random: () => number) => SimulatedFunction, string]>([
    [
      'calls come so often that nothing ever dies',
      (random) => ({ ...aFunction(2_000, random, 24 * hourMs), durationMs: () => 0 }),
      'no idle environment was seen to be gone',
    ],
    ['calls come so rarely that nothing ever survives', (random) => aFunction(0.3, random), '0 were seen to survive'],
    ['calls come every 12 minutes', (random) => ({ ...aFunction(5, random), arrivals: every(12 * minute) }), '0 were seen to survive'],
    ['there are few calls', (random) => aFunction(5, random, 3 * hourMs), 'too few'],
  ])('is not guessed when %s: the usual five to seven minutes are named', (_, make, because) => {
    const random = chance(5);
    expect(evidence(simulatedLog([make(random)], uniform(random))).lifetime).toMatchObject({
      kind: 'assumed',
      lowMs: 5 * minute,
      highMs: 7 * minute,
      because: expect.stringContaining(because),
    });
  });
});

const every = (gapMs: number): number[] =>
  Array.from({ length: Math.floor(weekMs / gapMs) }, (_, index) => 1_790_000_000_000 + index * gapMs);
