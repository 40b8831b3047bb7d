import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/outcome/compare.ts';
import { flakinessOf } from '../../src/outcome/flakiness.ts';
import { addRun, noHistory, type RunToRemember } from '../../src/outcome/history.ts';
import { isFailing, type ScenarioResult } from '../../src/outcome/scenario-result.ts';
import { seenOf } from '../../src/outcome/seen.ts';
import { cases } from '../every-row.ts';
import { historyOf, resultOf, runOf } from './remembered.ts';

type Verdict = ScenarioResult['verdict'];
const now = (verdicts: Readonly<Record<string, Verdict>>, fields: Partial<RunToRemember> = {}): RunToRemember =>
  runOf(100, { scenarios: Object.entries(verdicts).map(([id, verdict]) => resultOf({ id, verdict })), ...fields });
const only = <T>({ first }: { readonly first: readonly T[] }): T => first[0] ?? expect.fail('there is none');
const ids = ({ first }: { readonly first: readonly { readonly id?: string }[] }) => first.map(({ id }) => id);

describe('a failure', () => {
  it('is new when the last verdict was a pass, and says where that was', () => {
    const { newlyFailing, stillFailing } = compare(historyOf({ a: 'ppp' }), now({ a: 'failed' }));
    expect(only(newlyFailing)).toMatchObject({ since: { id: 'staging-100' }, runs: 1, lastPassed: { id: 'staging-2' } });
    expect(stillFailing.count).toBe(0);
  });

  it.each<[string, string]>([
    ['fff', 'staging-0'],
    ['pff', 'staging-1'],
    ['pfu', 'staging-1'],
    ['pf s-', 'staging-1'],
    ['fpf', 'staging-2'],
  ])('that goes on after %s is since %s', (marks, since) => {
    const { newlyFailing, stillFailing } = compare(historyOf({ a: marks, b: 'ppppp' }), now({ a: 'failed' }));
    expect(newlyFailing.count).toBe(0);
    expect(only(stillFailing).since.id).toBe(since);
    expect(only(stillFailing).runs).toBe((/[fu][fus -]*$/.exec(marks)?.[0].replaceAll(/[s -]/g, '').length ?? 0) + 1);
  });

  it('of a scenario that never had a verdict is new, without a pass', () => {
    expect(only(compare(historyOf({ a: 's-' }), now({ a: 'undefined' })).newlyFailing)).not.toHaveProperty('lastPassed');
  });

  it('on a branch does not make it new on another', () => {
    const history = historyOf({ a: 'pfp' }, (run) => ({ ref: run === 1 ? 'broken' : 'main' }));
    expect(only(compare(history, now({ a: 'failed' }, { ref: 'broken' })).stillFailing).since.id).toBe('staging-1');
    expect(only(compare(history, now({ a: 'failed' }, { ref: 'main' })).newlyFailing).lastPassed).toMatchObject({ ref: 'main' });
    // A branch that is new is measured by what there is.
    expect(only(compare(history, now({ a: 'failed' }, { ref: 'another' })).newlyFailing).lastPassed?.id).toBe('staging-2');
  });

  it('in quarantine is neither new nor old nor fixed', () => {
    const failing = runOf(100, { scenarios: [resultOf({ id: 'a', verdict: 'failed', isQuarantined: true })] });
    const passing = runOf(100, { scenarios: [resultOf({ id: 'a', isQuarantined: true })] });
    for (const run of [failing, passing]) {
      const { newlyFailing, stillFailing, fixed } = compare(historyOf({ a: 'fff' }), run);
      expect([newlyFailing.count, stillFailing.count, fixed.count]).toEqual([0, 0, 0]);
    }
  });
});

it('what passes again is fixed, and says for how long it was not', () => {
  expect(only(compare(historyOf({ a: 'pfff' }), now({ a: 'passed' })).fixed)).toMatchObject({ since: { id: 'staging-1' }, runs: 3 });
});

it('in quarantine, what passed twenty times in a row may leave it', () => {
  const run = runOf(100, { scenarios: [resultOf({ id: 'a', isQuarantined: true }), resultOf({ id: 'b', isQuarantined: true })] });
  expect(ids(compare(historyOf({ a: 'p'.repeat(19), b: `f${'p'.repeat(18)}` }), run).healed)).toEqual(['a']);
});

describe('new and removed scenarios', () => {
  const history = historyOf({ a: 'pp', b: 'pp', gone: 'p ' });

  it('are those against the last whole run of the same selection', () => {
    const { added, removed, against } = compare(history, now({ a: 'passed', c: 'passed' }));
    expect([ids(added), ids(removed), against?.id]).toEqual([['c'], ['b'], 'staging-1']);
  });

  it('are none where nothing like it ran before', () => {
    const { added, removed, against } = compare(history, now({ a: 'passed', c: 'passed' }, { tags: '@other' }));
    expect([ids(added), ids(removed), against]).toEqual([[], [], undefined]);
  });

  it('are not removed by a run that was cut short, or that ran a part again', () => {
    expect(compare(history, now({ a: 'passed' }, { kind: 'cancelled' })).removed.count).toBe(0);
    expect(compare(history, now({ a: 'passed' }, { again: 'staging-1' })).removed.count).toBe(0);
  });
});

describe('flakiness', () => {
  const of = (marks: string, codeOf: (run: number) => string = () => 'one') => {
    const history = historyOf({ a: marks }, (run) => ({ code: codeOf(run) }));
    return history.scenarios[0] && flakinessOf(seenOf(history, history.scenarios[0]));
  };

  it.each<[string, ReturnType<typeof flakinessOf>]>([
    ['pppppppp', undefined],
    ['ffffffff', undefined],
    ['ppprpppp', { flakyRuns: 1, runs: 8, level: 'medium' }],
    [`${'p'.repeat(30)}r`, { flakyRuns: 1, runs: 20, level: 'low' }],
    ['rrrrprrr', { flakyRuns: 7, runs: 8, level: 'high' }],
    // Broken, and mended.
    ['pppfffpp', undefined],
    ['pppfpppp', undefined],
    // Twice is no chance.
    ['ppfpppfp', { flakyRuns: 2, runs: 8, level: 'medium' }],
    ['pfpffppp', { flakyRuns: 3, runs: 8, level: 'medium' }],
    ['fffpffffpfff', { flakyRuns: 2, runs: 12, level: 'medium' }],
    ['ppfpppf', undefined],
  ])('of %s is %j', (marks, expected) => expect(of(marks)).toEqual(expected));

  it('is no change of verdict that came with a change of code on both sides', () => {
    expect(of('pfpfp', (run) => `${run}`)).toBeUndefined();
    expect(of('pfpfp', (run) => `${Math.floor(run / 2)}`)).toMatchObject({ flakyRuns: 2 });
  });

  it('is new only once', () => {
    const first = compare(historyOf({ a: 'pppp' }), now({ a: 'flaky' }));
    expect([ids(first.newlyFlaky), ids(first.knownFlaky)]).toEqual([['a'], []]);
    const again = compare(historyOf({ a: 'prpp' }), now({ a: 'flaky' }));
    expect([ids(again.newlyFlaky), ids(again.knownFlaky)]).toEqual([[], ['a']]);
  });
});

describe('slower than usual', () => {
  const history = (samples: readonly number[]) =>
    samples.reduce(
      (known, durationMs, run) =>
        addRun(known, runOf(run, { scenarios: [resultOf({ id: 'a', durationMs }), resultOf({ id: 'b' }), resultOf({ id: 'c' })] })),
      noHistory,
    );
  const took = (durationMs: number) =>
    runOf(100, { scenarios: [resultOf({ id: 'a', durationMs }), resultOf({ id: 'b' }), resultOf({ id: 'c' })] });
  const usual = [3_000, 3_100, 2_900, 3_000, 3_200, 2_800, 3_000, 3_100];

  it('is what took far longer three times in a row', () => {
    expect(only(compare(history([...usual, 9_000, 9_000]), took(9_000)).slower)).toMatchObject({ id: 'a', tookMs: 9_000 });
    expect(compare(history([...usual, 3_000, 9_000]), took(9_000)).slower.count).toBe(0);
    expect(compare(history([...usual, 9_000, 9_000]), took(3_000)).slower.count).toBe(0);
  });

  it('is nothing without eight times to compare with, and nothing that nobody would notice', () => {
    expect(compare(history([...usual.slice(1), 9_000, 9_000]), took(9_000)).slower.count).toBe(0);
    const quick = usual.map((ms) => ms / 30);
    expect(compare(history([...quick, 900, 900]), took(900)).slower.count).toBe(0);
  });

  it('is no scenario when everything was slow', () => {
    const all = runOf(100, {
      scenarios: [
        resultOf({ id: 'a', durationMs: 7_000 }),
        resultOf({ id: 'b', durationMs: 2_400 }),
        resultOf({ id: 'c', durationMs: 2_400 }),
      ],
    });
    expect(compare(history([...usual, 3_000, 3_000]), all)).toMatchObject({ slower: { count: 0 }, pace: expect.closeTo(2.4, 0) });
  });
});

describe('for any history', () => {
  const verdict = fc.constantFrom<Verdict>('passed', 'failed', 'flaky', 'undefined', 'skipped', 'unknown');
  const results = fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), verdict }), { selector: ({ id }) => id });
  const runs = fc
    .array(results, { minLength: 1, maxLength: 30 })
    .map((all) => all.map((each, number) => runOf(number, { scenarios: each.map(resultOf) })));

  it('every failure is either new or not, and a run that is in its own history is compared as if it were not', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const last = all.at(-1) ?? expect.fail('there is a run');
        const history = all.slice(0, -1).reduce(addRun, noHistory);
        const comparison = compare(history, last);
        const failing = last.scenarios.filter((one) => isFailing(one.verdict)).map(({ id }) => id);
        expect([...ids(comparison.newlyFailing), ...ids(comparison.stillFailing)].toSorted()).toEqual(failing.toSorted());
        expect(compare(addRun(history, last), last)).toEqual(comparison);
      }),
      { numRuns: cases(100) },
    );
  });
});
