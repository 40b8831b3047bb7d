import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chance } from '../../src/coldstart/chance.ts';
import { ofTimeCode, toTimeCode } from '../../src/outcome/duration-code.ts';
import { addRun, type History, noHistory, type RunToRemember } from '../../src/outcome/history.ts';
import type { ScenarioResult } from '../../src/outcome/scenario-result.ts';
import { cases } from '../every-row.ts';
import { historyOf, resultOf, runOf } from './remembered.ts';

const marksOf = ({ scenarios }: History) => Object.fromEntries(scenarios.map(({ id, marks }) => [id, marks]));
const remember = (runs: readonly RunToRemember[]): History => runs.reduce(addRun, noHistory);
/** The order of scenarios means nothing. */
const settled = (history: History) => ({ ...history, scenarios: history.scenarios.toSorted((a, b) => (a.id < b.id ? -1 : 1)) });

describe('what is remembered', () => {
  it('is one mark for each run, also of what was not there, and of what has no verdict', () => {
    expect(marksOf(historyOf({ a: 'prf', b: ' us', c: '-' }))).toEqual({ a: 'prf', b: '.us', c: '-..' });
  });

  it('is found again when its file has another name, and stays apart from the same scenario in another file', () => {
    const one = resultOf({ id: 'a', uri: 'features/old.feature' });
    const other = resultOf({ id: 'a', uri: 'features/copy.feature', verdict: 'failed' });
    const renamed = { ...one, uri: 'features/new.feature' };
    const runs = [[one, other], [renamed, other], [renamed]].map((scenarios, number) => runOf(number, { scenarios }));
    expect(remember(runs).scenarios.map(({ uri, marks }) => [uri, marks])).toEqual([
      ['features/new.feature', 'ppp'],
      ['features/copy.feature', 'ff.'],
    ]);
  });

  it('tells a failure that most had from one of its own', () => {
    const scenarios = Array.from({ length: 9 }, (_, index) =>
      resultOf({ id: `${index}`, verdict: 'failed', cause: index < 5 ? 'refused' : `${index}` }),
    );
    expect(Object.values(marksOf(remember([runOf(0, { scenarios })]))).join('')).toBe('ooooo' + 'ffff');
  });

  it('has the last forty runs of one selection at one ref, and of all a hundred', () => {
    const results = [resultOf({ id: 'a' })];
    const nightly = runOf(0, { scenarios: [resultOf({ id: 'nightly' })], tags: '@nightly' });
    const often = Array.from({ length: 60 }, (_, number) => runOf(1 + number, { scenarios: results }));
    const history = remember([nightly, ...often]);
    expect(history.runs.map(({ id }) => id)).toEqual(['staging-0', ...often.slice(-40).map(({ id }) => id)]);
    expect(history.hasForgotten).toBe(true);
    const branches = Array.from({ length: 150 }, (_, number) => runOf(100 + number, { scenarios: results, ref: `branch-${number}` }));
    const full = [...branches].reduce(addRun, history);
    expect(full.runs.map(({ id }) => id)).toEqual(branches.slice(-100).map(({ id }) => id));
    expect(marksOf(full)).toEqual({ a: 'p'.repeat(100) });
  });

  it('never has more scenarios than a bucket should hold', () => {
    const runs = Array.from({ length: 4 }, (_, number) =>
      runOf(number, { scenarios: Array.from({ length: 10_000 }, (_, index) => resultOf({ id: `${number}-${index}` })) }),
    );
    const { scenarios } = remember(runs);
    expect(scenarios).toHaveLength(30_000);
    expect(scenarios.filter(({ id }) => id.startsWith('3-'))).toHaveLength(10_000);
  });

  it('is about half a megabyte of ten thousand scenarios and thirty runs', () => {
    const random = chance(1);
    const id = () =>
      Array.from({ length: 16 }, () => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'[Math.floor(random() * 64)]).join(
        '',
      );
    const words = [
      'user',
      'stack',
      'password',
      'logs in',
      'is refused',
      'provider',
      'sees',
      'refreshes',
      'order',
      'invoice',
      'pays',
      'searches',
    ];
    const usual = Array.from({ length: 10_000 }, (_, index) => ({
      ...resultOf({ id: id(), uri: `features/area-${index % 40}/feature-${index % 400}.feature` }),
      scenario: Array.from({ length: 7 }, () => words[Math.floor(random() * words.length)]).join(' '),
      durationMs: 500 + random() * 10_000,
    }));
    const runs = Array.from({ length: 30 }, (_, number) => {
      const scenarios = usual.map((one) => ({
        ...one,
        durationMs: one.durationMs * Math.exp((random() + random() + random() + random() - 2) * 0.43),
        verdict: random() < 0.02 ? ('failed' as const) : ('passed' as const),
      }));
      return runOf(number, { scenarios });
    });
    const json = JSON.stringify(remember(runs));
    const sizeKb = gzipSync(json).length / 1_000;
    console.log(`10,000 scenarios, 30 runs: ${Math.round(json.length / 1_000)} KB of JSON, ${Math.round(sizeKb)} KB gzipped`);
    expect(sizeKb).toBeLessThan(600);
  });
});

const results = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      verdict: fc.constantFrom<ScenarioResult['verdict']>('passed', 'failed', 'flaky', 'unknown'),
    }),
    {
      selector: ({ id }) => id,
    },
  )
  .map((all) => all.map(resultOf));

const runs = fc
  .array(fc.record({ scenarios: results, tags: fc.constantFrom('', '@smoke'), ref: fc.constantFrom('main', 'next') }), { maxLength: 130 })
  .map((all) =>
    all.map((run, number) =>
      runOf(number, {
        ...run,
        scenarios: run.scenarios.map((one) => ({ ...one, uri: `features/${number > 50 ? 'new' : 'old'}.feature` })),
      }),
    ),
  );

describe('for any runs', () => {
  it('the order of their ends, and ends that come twice, change nothing', () => {
    fc.assert(
      fc.property(runs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (inOrder, random) => {
        const shuffled = [...inOrder, ...inOrder.slice(0, 3)]
          .map((run) => ({ run, at: random.next().value }))
          .toSorted((a, b) => a.at - b.at);
        expect(settled(remember(shuffled.map(({ run }) => run)))).toEqual(settled(remember(inOrder)));
      }),
      { numRuns: cases(60) },
    );
  });

  it('every text has one character for each run, and no scenario is there that no run had', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const { runs: remembered, scenarios } = remember(all);
        for (const { marks, took } of scenarios) {
          expect([marks.length, took.length]).toEqual([remembered.length, remembered.length]);
          expect(marks).toMatch(/[^.]/);
        }
      }),
      { numRuns: 40 },
    );
  });
});

it('a duration in one character is within seven percent of what it was, from 20 ms to half an hour', () => {
  fc.assert(
    fc.property(fc.double({ min: 20, max: 1_800_000, noNaN: true }), (durationMs) => {
      const code = toTimeCode(durationMs);
      expect(code).toHaveLength(1);
      expect(JSON.stringify(code)).toBe(`"${code}"`);
      // What is given back is whole milliseconds.
      expect(Math.abs((ofTimeCode(code) ?? 0) - durationMs)).toBeLessThan(0.07 * durationMs + 0.5);
    }),
  );
  expect([toTimeCode(0), toTimeCode(1e9), ofTimeCode(' '), ofTimeCode('')]).toEqual(['!', '~', undefined, undefined]);
});
