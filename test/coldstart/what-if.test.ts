import { describe, expect, it } from 'vitest';
import { adviceOn, referenceInit } from '../../src/coldstart/advice.ts';
import { arrivalBook } from '../../src/coldstart/arrivals.ts';
import { keptText } from '../../src/coldstart/as-text.ts';
import { chance } from '../../src/coldstart/chance.ts';
import { parseColdStarts } from '../../src/coldstart/command.ts';
import { initGbMs, pingCost, provisionedCost, scanCost } from '../../src/coldstart/cost.ts';
import type { Invocation } from '../../src/coldstart/count.ts';
import { distribution, rateOf } from '../../src/coldstart/stats.ts';
import { figuresOf, newTally } from '../../src/coldstart/tally.ts';
import { foresee, type WhatIf } from '../../src/coldstart/what-if.ts';
import { foreseenPercent } from '../../src/coldstart/words.ts';
import { hourMs, poisson, simulatedLog } from './simulated-log.ts';

const facts = new Map(['api', 'export'].map((name) => [name, { memoryMb: 512, initMs: 464 }]));

/** The old example: one endpoint is called 1,000 times an hour, the other 5 times. */
function twoEndpoints(seed: number, spanMs: number): readonly Invocation[] {
  const random = chance(seed);
  const lifetime = () => (5 + 2 * random()) * 60_000;
  const one = (name: string, perHour: number) => ({ name, arrivals: poisson(perHour, spanMs, random), durationMs: () => 100, initMs: 464 });
  return simulatedLog([one('api', 1_000), one('export', 5)], lifetime).toSorted((a, b) => a.arrivedMs - b.arrivedMs);
}

const foreseen = (log: readonly Invocation[], changes: readonly WhatIf[]) => {
  const book = arrivalBook();
  for (const one of log) book.add(one);
  return foresee(book.close(), facts, changes);
};

describe('what if', () => {
  const log = twoEndpoints(1, 7 * 24 * hourMs);
  const report = foreseen(log, [
    { kind: 'merge', functions: [] },
    { kind: 'merge', functions: ['api', 'export'] },
    { kind: 'ping', everyMs: 240_000, atOnce: 1 },
    { kind: 'provisioned', environments: 1 },
  ]);
  if (report.kind !== 'foreseen') throw new Error(report.because);
  const partOf = (index: number) => report.changes[index]?.byFunction.get('export') ?? expect.fail();

  it('reproduces the past first', () => {
    const { observed, reproduced } = report.backTest;
    expect(Math.abs(reproduced.middle - observed)).toBeLessThan(0.1 * observed);
    expect(report.lifetime.kind).toBe('calibrated');
  });

  it('the rare endpoint starts cold on about 61 % of its calls apart, and on under 1 % merged, each with a band', () => {
    const apart = report.asIs.byFunction.get('export') ?? expect.fail();
    expect(apart.middle).toBeGreaterThan(0.57);
    expect(apart.middle).toBeLessThan(0.65);
    expect(apart.low).toBeLessThan(apart.high);
    expect(partOf(0).high).toBeLessThan(0.01);
    expect(partOf(1)).toEqual(partOf(0));
  });

  it('a ping or one provisioned environment keeps it warm, and has its price', () => {
    expect([partOf(2).high < 0.01, partOf(3).high < 0.01]).toEqual([true, true]);
    expect(report.changes.map(({ monthlyCost }) => monthlyCost !== undefined)).toEqual([false, false, true, true, true]);
  });

  it('advises with a number and a reason', () => {
    const tally = (invocations: number, cold: number) => Object.assign(newTally(), { invocations, onDemand: cold });
    const calls = log.filter(({ functionName }) => functionName === 'export');
    const figures = figuresOf(tally(calls.length, calls.filter(({ found }) => found === 'cold').length));
    const [first] = adviceOn({ all: figures, functions: new Map([['export', figures]]), whatIf: report, spanMs: 7 * 24 * hourMs });
    expect(first).toMatch(
      /^`export` starts cold on 6\d % of its (?:4\.9|5|5\.1) calls an hour, nearly always; merged into `api` it would be 0\.\d+ %\.$/,
    );
  });

  it.each([
    ['under 0.1 %', { middle: 0, high: 0 }, 2_000],
    ['under 0.5 %', { middle: 0, high: 0 }, 287],
    ['up to 100 %', { middle: 0, high: 0 }, 1],
    ['under 0.1 %', { middle: 0, high: 0.000_7 }, 100_000],
    ['under 0.2 %', { middle: 0, high: 0.001 }, 100_000],
    ['up to 60 %', { middle: 0, high: 0.6 }, 10],
    ['0.34 %', { middle: 0.003_4, high: 0.01 }, 10],
  ])('says %s of a part that was foreseen: never nothing', (words, band, calls) => expect(foreseenPercent(band, calls)).toBe(words));

  it('names the environments that are taken to be provisioned, and lets them stay', () => {
    const always = Array.from(
      { length: 7 * 4 },
      (_, index): Invocation => ({
        ...{ functionName: 'always', stream: 'always', durationMs: 50, initMs: 0 },
        arrivedMs: (log[0]?.arrivedMs ?? 0) + index * 6 * hourMs,
        found: index === 0 ? 'already-there' : 'warm',
      }),
    );
    const told = foreseen([...log, ...always], []);
    if (told.kind !== 'foreseen') throw new Error(told.because);
    expect(told.kept).toBe(1);
    expect(keptText(told.kept)).toBe(
      '1 environment outlived all others many times: taken to be provisioned, and to stay, also in a merged function.',
    );
  });

  it('is refused when the model does not even reproduce the past', () => {
    const strange = log.map((one): Invocation => ({ ...one, found: 'cold', stream: `${one.arrivedMs}` }));
    expect(foreseen(strange.slice(0, 5_000), [])).toMatchObject({ kind: 'refused', because: expect.stringContaining('the model makes') });
  });

  it('tells cold starts of concurrency and of deploys apart from those of idling', () => {
    const random = chance(2);
    const arrivals = poisson(60, 24 * hourMs, random);
    const bursts = Array.from({ length: 200 }, (_, index) => (arrivals[0] ?? 0) + 3 * hourMs + index);
    const one = { name: 'api', arrivals: [...arrivals, ...bursts].toSorted((a, b) => a - b), durationMs: () => 300, initMs: 464 };
    const deploys = Array.from({ length: 20 }, (_, index) => (arrivals[0] ?? 0) + index * hourMs);
    const told = foreseen(
      simulatedLog([one], () => 360_000, deploys),
      [],
    );
    if (told.kind !== 'foreseen') throw new Error(told.because);
    expect(told.asIs.byCause.busy).toBeGreaterThan(190);
    expect(told.asIs.byCause.replaced).toBeGreaterThan(10);
    expect(told.asIs.byCause.replaced).toBeLessThanOrEqual(20);
  });
});

describe('figures', () => {
  it('percentiles are the nearest rank, exact while there are few and right to 0.2 % beyond', () => {
    const few = distribution();
    for (const value of [30, 10, 20, 40]) few.add(value);
    expect([0, 0.5, 0.9, 1].map(few.quantile)).toEqual([10, 20, 40, 40]);
    const many = distribution();
    for (let value = 1; value <= 100_000; value += 1) many.add(value);
    for (const part of [0.01, 0.5, 0.9, 0.99]) expect(Math.abs((many.quantile(part) ?? 0) / (part * 100_000) - 1)).toBeLessThan(0.002);
    expect(many.max()).toBe(100_000);
    expect(many.below([50, 50_000]).reduce((all, one) => all + one)).toBe(100_000);
  });

  it('a rate comes with what it may truly be', () => {
    expect(rateOf(0, 0)).toBeUndefined();
    const rate = rateOf(3, 10) ?? expect.fail();
    expect([rate.low, rate.part, rate.high].map((part) => Math.round(part * 1_000))).toEqual([108, 300, 603]);
    expect(rateOf(0, 20)?.low).toBe(0);
  });

  it('an init is billed since August 2025, and before that it was not', () => {
    expect(initGbMs(417, 2.46, 1_024)).toBe(414);
    expect(initGbMs(3_000, 3_000, 128)).toBe(0);
  });

  it('an empty function is named for comparison only where one was measured', () => {
    expect(referenceInit('nodejs:24.v12')).toEqual({ name: 'Node 24', p50Ms: 123, p99Ms: 190 });
    expect(referenceInit('nodejs:22.mainline.v98')).toMatchObject({ name: 'Node 22', p50Ms: 125 });
    expect(['nodejs:20.v1', 'python:3.12.v1', undefined].map(referenceInit)).toEqual([undefined, undefined, undefined]);
  });

  it('what the alternatives cost is what the price list says', () => {
    expect(provisionedCost(1, 512)).toBeCloseTo(5.475, 2);
    expect(pingCost({ everyMs: 300_000, atOnce: 1, durationMs: 5, memoryMb: 512 })).toBeCloseTo(0.0021, 3);
    expect(scanCost(1e9)).toBeCloseTo(0.005, 6);
  });
});

describe('the command', () => {
  const asked = { functions: [], windowMs: 86_400_000, whatIfs: [], isConfirmed: false };
  it.each([
    ['', asked],
    ['7d', { ...asked, windowMs: 7 * 86_400_000 }],
    ['orders-* billing 1h', { ...asked, functions: ['orders-*', 'billing'], windowMs: 3_600_000 }],
    [
      'merge ping=5mx2 provisioned=2',
      {
        ...asked,
        whatIfs: [
          { kind: 'merge', functions: [] },
          { kind: 'ping', everyMs: 300_000, atOnce: 2 },
          { kind: 'provisioned', environments: 2 },
        ],
      },
    ],
    ['merge=a,b confirm', { ...asked, whatIfs: [{ kind: 'merge', functions: ['a', 'b'] }], isConfirmed: true }],
  ])('%s', (text, command) => expect(parseColdStarts(text)).toEqual({ kind: 'ask', command }));

  it.each([
    ['1h 7d', 'two windows'],
    ['24hours', 'is no window'],
    ['40d', 'longest window'],
    ['pink=5m', 'did you mean `ping=`?'],
    ['ping=never', '`ping=` takes how often'],
    ['merge=a', 'at least two functions'],
    ['<script>', '`&lt;script&gt;` is not the name of a function'],
  ])('%s is refused with the way out', (text, because) => {
    expect(parseColdStarts(text)).toEqual({ kind: 'refused', because: expect.stringContaining(because) });
  });

  it.each(['help', '--help', '?'])('%s helps', (text) => expect(parseColdStarts(text)).toEqual({ kind: 'help' }));
});
