import { describe, expect, it } from 'vitest';
import { toTimeCode } from '../../src/outcome/duration-code.ts';
import type { History, RememberedRun } from '../../src/outcome/history.ts';
import { knownWork } from '../../src/run/known-work.ts';
import { environmentOf } from '../catalogue.ts';

const run = (id: string, fields: Partial<RememberedRun> = {}): RememberedRun => ({
  ...{ id, at: `2026-11-2${id}T04:00:00.000Z`, tags: '', features: [], kind: 'passed' },
  ...fields,
});
const took = toTimeCode(10_000);
const row = (id: string, marks: string, tags = '', uri = 'features/a.feature') => ({
  ...{ id, uri, scenario: id, marks, ...(tags !== '' && { tags }) },
  took: [...marks].map((mark) => (mark === 'p' ? took : ' ')).join(''),
});
const historyOf = (runs: readonly RememberedRun[], scenarios: History['scenarios']): History => ({
  ...{ version: 1, runs, scenarios, hasForgotten: false },
});
const environment = environmentOf({ name: 'staging', together: ['@serial'], parallel: 'vcpu' });
const all = { tags: '', features: [] };
const idsOf = (history: History, wanted: Parameters<typeof knownWork>[1] = all) =>
  knownWork(history, wanted, environment).scenarios.map(({ id }) => id);

describe('the work before a run', () => {
  it('is what the last whole run of the same tags and features met', () => {
    const runs = [run('1'), run('2', { tags: '@smoke' }), run('3', { kind: 'cancelled' }), run('4', { again: 'staging-1' })];
    const history = historyOf(runs, [row('a', 'p.pp'), row('b', 'p...'), row('c', '.p..')]);
    expect(idsOf(history)).toEqual(['a', 'b']);
    expect(idsOf(history, { tags: '@smoke', features: [] })).toEqual(['c']);
  });

  it('is what tags and features mean of the suite that was met, when no run was for them', () => {
    const history = historyOf([run('1')], [row('a', 'p', '@smoke @slow'), row('b', 'p', '@smoke', 'features/b.feature'), row('c', 'p')]);
    expect(idsOf(history, { tags: '@smoke', features: [] })).toEqual(['a', 'b']);
    expect(idsOf(history, { tags: '@smoke', features: ['features/b.feature'] })).toEqual(['b']);
    expect(idsOf(historyOf([], []))).toEqual([]);
    // What comes over the bus from somebody else may be anything.
    expect(idsOf(history, { tags: '@smoke or', features: [] })).toEqual([]);
  });

  it('of a run again is what it is for, with the tags that are known', () => {
    const only = [{ id: 'b', uri: 'features/a.feature', line: 3, scenario: 'b' }];
    const history = historyOf([run('1')], [row('a', 'p'), row('b', 'f', '@serial')]);
    expect(knownWork(history, { ...all, only }, environment).scenarios).toEqual([
      { id: 'b', uri: 'features/a.feature', tags: ['@serial'] },
    ]);
  });

  it('knows how long the last tasks took to start, the groups, the workers and the durations', () => {
    const runs = [run('1', { startMs: 90_000 }), run('2', { startMs: 40_000 }), run('3', { startMs: 41_000 })];
    const work = knownWork(historyOf(runs, [row('a', 'ppp')]), all, environment);
    expect(work).toMatchObject({ startMs: 41_000, together: ['@serial'], workers: 2 });
    expect(work.durations.get('a')).toBeCloseTo(10_000, -3.2);
    expect(knownWork(historyOf([], []), all, environmentOf({ name: 'a' }))).toMatchObject({ startMs: 35_000, workers: 1 });
  });
});
