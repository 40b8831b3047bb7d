import { describe, expect, it } from 'vitest';
import { addRun, noHistory } from '../../src/outcome/history.ts';
import { flakiestOf, isOlder, knownScenarios, passedOf, slowestOf, standingOf } from '../../src/outcome/standing.ts';
import { historyOf, resultOf, runOf } from './remembered.ts';

const names = (known: readonly { readonly row: { readonly id: string } }[]) => known.map(({ row }) => row.id);

describe('how an environment stands', () => {
  it('names the flakiest first, and none that broke and was mended', () => {
    const history = historyOf({ steady: 'pppppppppp', broke: 'ppppfffppp', often: 'prprprprpr', once: 'pppppppprp' });
    expect(names(flakiestOf(knownScenarios(history)))).toEqual(['often', 'once']);
    expect(standingOf(history).flakiest).toMatchObject([{ scenario: 'Scenario often' }, { scenario: 'Scenario once' }]);
  });

  it('names the slowest by how long it took lately, not at its worst', () => {
    const took = (a: number, b: number) => [resultOf({ id: 'a', durationMs: a }), resultOf({ id: 'b', durationMs: b })];
    const history = [took(90_000, 100), took(200, 900), took(200, 900), took(200, 900), took(200, 900), took(200, 900)].reduce(
      (now, scenarios, run) => addRun(now, runOf(run, { scenarios })),
      noHistory,
    );
    expect(names(slowestOf(knownScenarios(history)))).toEqual(['b', 'a']);
  });

  it('forgets what none of the last forty runs had', () => {
    const history = historyOf({ old: `p${' '.repeat(40)}`, here: 'p'.repeat(41) });
    expect(names(knownScenarios(history))).toEqual(['here']);
  });

  it('counts passes among the runs that tell something: not those that somebody cancelled or that never began', () => {
    const kinds = ['passed', 'failed', 'cancelled', 'not-started', 'broken'] as const;
    expect(passedOf(kinds.map((kind, run) => runOf(run, { kind })))).toEqual({ passed: 1, of: 3 });
  });

  it('is newer with each run, also with one that ended earlier and was told later, and after the history was deleted', () => {
    const first = addRun(noHistory, runOf(3));
    const late = addRun(first, runOf(1));
    expect(isOlder(standingOf(first), standingOf(late))).toBe(true);
    expect(isOlder(standingOf(late), standingOf(first))).toBe(false);
    expect(isOlder(standingOf(late), standingOf(addRun(noHistory, runOf(4))))).toBe(true);
  });
});
