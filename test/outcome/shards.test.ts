import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../src/outcome/counts.ts';
import type { Asker, Counts, Failure, Outcome } from '../../src/outcome/outcome.ts';
import { outcomeOfShards, type ShardEnd } from '../../src/outcome/shards.ts';
import type { StopReason } from '../../src/outcome/stop.ts';

const countsOf = (counts: Partial<Counts>): Counts => {
  const { passed = 0, failed = 0, skipped = 0, unknown = 0 } = counts;
  return { ...noCounts, ...counts, total: passed + failed + skipped + unknown };
};
const failureOf = (line: number): Failure => ({
  ...{ status: 'failed', id: `id-${line}`, feature: 'a', uri: 'a.feature', line, scenario: `row ${line}` },
  ...{ step: 'Given it fails', error: 'Error: no', attempts: 1, durationMs: 1 },
});
const stop: StopReason = { what: 'It ran out of memory.', next: 'Give it more.', raw: 'OutOfMemoryError', isTransient: false };
const by: Asker = { kind: 'slack', userId: 'U1' };

const passed: Outcome = { kind: 'passed', counts: countsOf({ passed: 2 }), flaky: [], durationMs: 1 };
const failed: Outcome = { kind: 'failed', counts: countsOf({ passed: 1, failed: 1 }), flaky: [], failures: [failureOf(9)], durationMs: 1 };
const empty: Outcome = { kind: 'empty', counts: noCounts };
const unfinished: Outcome = { kind: 'unfinished', counts: countsOf({ passed: 1, failed: 1, unknown: 1 }), failures: [failureOf(2)], stop };
const broken: Outcome = { kind: 'broken', counts: noCounts, error: 'hook BeforeAll failed\n  at a.js:1', next: 'Mend it.' };
const timedOut: Outcome = { kind: 'timed-out', counts: countsOf({ unknown: 3 }), failures: [], limitMs: 60_000, lastSeen: 'row 3 › When' };
const cancelled: Outcome = { kind: 'cancelled', counts: countsOf({ unknown: 3 }), failures: [], by };
const notStarted: Outcome = { kind: 'not-started', stop };

const end = (outcome: Outcome, shard: number, more: Partial<ShardEnd> = {}): ShardEnd => ({
  shard,
  outcome,
  unheard: [],
  hasDealt: true,
  ...more,
});
const together = (...ends: readonly (Outcome | ShardEnd)[]) =>
  outcomeOfShards({
    ends: ends.map((one, index) => ('outcome' in one ? one : end(one, index + 1))),
    durationMs: 77,
    inOrder: (a, b) => a.line - b.line,
  });

describe('a run of several shards', () => {
  it('is passed when all of them are, also if one had nothing to do', () => {
    expect(together(passed, passed)).toEqual({
      ...{ kind: 'passed', counts: countsOf({ passed: 4 }), flaky: [], durationMs: 77 },
      shards: { of: 2, lost: [] },
    });
    expect(together(passed, empty)).toMatchObject({ kind: 'passed', counts: { passed: 2 } });
    expect(together(empty, empty)).toMatchObject({ kind: 'empty' });
  });

  it('is failed by the failures of all, in the order of the features, each with its shard', () => {
    const other = { ...failed, failures: [failureOf(3)] };
    expect(together(failed, passed, other)).toMatchObject({
      kind: 'failed',
      counts: { failed: 2, passed: 4, total: 6 },
      failures: [
        { line: 3, shard: 3 },
        { line: 9, shard: 1 },
      ],
    });
  });

  it.each<[string, readonly Outcome[], Partial<Outcome>]>([
    ['did not finish', [passed, unfinished, failed], { kind: 'unfinished', stop }],
    ['never started', [passed, notStarted], { kind: 'unfinished', stop }],
    ['ran into its limit', [timedOut, unfinished], { kind: 'timed-out', limitMs: 60_000, lastSeen: 'row 3 › When' }],
    ['could not run', [failed, timedOut, broken], { kind: 'broken', next: 'Mend it.' }],
    ['was cancelled', [broken, cancelled, passed], { kind: 'cancelled', by }],
  ])('of which one %s is called that, and keeps what the others found', (_, outcomes, expected) => {
    const outcome = together(...outcomes);
    expect(outcome).toMatchObject(expected);
    const found = outcomes.flatMap((one) => ('failures' in one ? (one.failures ?? []) : []));
    expect('failures' in outcome && outcome.failures?.map(({ line }) => line)).toEqual(
      found.map(({ line }) => line).toSorted((a, b) => a - b),
    );
  });

  it('of which none started did not start', () => {
    expect(together(notStarted, notStarted)).toMatchObject({
      kind: 'not-started',
      stop,
      shards: { of: 2, lost: [{ shard: 1 }, { shard: 2 }] },
    });
  });

  it('counts and names what a lost shard was to run', () => {
    const outcome = together(passed, end(notStarted, 2, { unheard: ['row 4', 'row 5'], hasDealt: false }));
    expect(outcome).toMatchObject({
      ...{ kind: 'unfinished', counts: { total: 4, passed: 2, unknown: 2 }, notBegun: { count: 2, first: ['row 4', 'row 5'] } },
      shards: { of: 2, lost: [{ shard: 2, kind: 'not-started', because: 'It ran out of memory.' }] },
    });
  });

  it.each([
    ['says nothing of a part of its share', { unheard: ['row 4'] }],
    ['does not say what its share was', { hasDealt: false }],
  ])('is not passed when a shard that calls itself well %s', (_, more) => {
    for (const outcome of [passed, empty]) expect(together(passed, end(outcome, 2, more)).kind).toBe('unfinished');
  });

  it('is green for nothing but shards that were all well, and something passed', () => {
    const outcomes = fc.constantFrom(passed, failed, empty, unfinished, broken, timedOut, cancelled, notStarted);
    const ends = fc.array(fc.record({ outcome: outcomes, hasDealt: fc.boolean(), unheard: fc.array(fc.string(), { maxLength: 2 }) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(ends, (all) => {
        const outcome = together(...all.map((one, index) => ({ ...one, shard: index + 1 })));
        const isWell = all.every(
          ({ outcome: { kind }, hasDealt, unheard }) => (kind === 'passed' || kind === 'empty') && hasDealt && unheard.length === 0,
        );
        expect(outcome.kind === 'passed').toBe(isWell && all.some(({ outcome: { kind } }) => kind === 'passed'));
        if ('counts' in outcome) {
          const { total, flaky: _, quarantined: __, ...states } = outcome.counts;
          expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(total);
        }
      }),
    );
  });
});
