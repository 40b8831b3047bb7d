import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe } from '../../src/outcome/judge.ts';
import { type Quarantine, suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { type Ending, verdict } from '../../src/outcome/verdict.ts';
import { tagFilter } from '../../src/run/tag-expression.ts';
import { cases } from '../every-row.ts';
import { ending, readStream, recorded, samples, shardResult, stateOf } from './streams.ts';

const stream = (name: string): string => recorded.get(name) ?? samples.get(name) ?? '';
const all: Quarantine = () => true;

/** The stream's outcome with these in quarantine, its process ended as cucumber does. */
const outcomeOf = (text: string, quarantine: Quarantine, known: Partial<Ending> = {}) =>
  verdict(ending(suiteSoFar(stateOf(text), quarantine), known));

/** A quarantine of the scenarios that these indexes mean, by a tag that only they have. */
const tagged = (text: string, indexes: ReadonlySet<number>): string => {
  let pickle = -1;
  return text
    .split('\n')
    .map((line) => {
      if (!line.startsWith('{"pickle":')) return line;
      pickle += 1;
      const envelope = JSON.parse(line);
      if (indexes.has(pickle)) envelope.pickle.tags = [...(envelope.pickle.tags ?? []), { name: '@quarantine', astNodeId: '0' }];
      return JSON.stringify(envelope);
    })
    .join('\n');
};
const isQuarantined = tagFilter('@quarantine');

describe('a run in which only scenarios in quarantine failed', () => {
  const quarantine = tagFilter('@broken or @wip or @pending or @admin');

  it('is passed, counts them as what they are, and says which they were', () => {
    const outcome = outcomeOf(stream('everything'), quarantine);
    expect(outcome).toMatchObject({
      kind: 'passed',
      counts: { failed: 3, undefined: 2, ambiguous: 1, pending: 1, quarantined: 7 },
    });
    const quarantined = outcome.kind === 'passed' ? (outcome.quarantined ?? []) : [];
    expect(quarantined.map(({ scenario }) => scenario)).toContain('A visitor pays with a wrong card');
    expect(quarantined).toHaveLength(7);
  });

  it('is failed by the one that is not', () => {
    const outcome = outcomeOf(stream('everything'), tagFilter('@broken or @wip or @pending'));
    expect(outcome).toMatchObject({ kind: 'failed', failures: [{ scenario: 'A hook fails' }], counts: { quarantined: 6 } });
  });

  it('has its exit code, and with any other it is broken', () => {
    for (const exitCode of [0, 2, 13, 137]) {
      const result = shardResult({ exitCode, error: 'something else' });
      expect(outcomeOf(stream('everything'), quarantine, { result })).toMatchObject({ kind: 'broken' });
    }
    expect(outcomeOf(stream('everything'), quarantine, { result: shardResult({ signal: 'SIGSEGV' }) }).kind).toBe('broken');
  });

  it('is not known when not all of its messages arrived', () => {
    expect(outcomeOf(stream('everything'), quarantine, { isComplete: false }).kind).toBe('unfinished');
  });

  it.each(['after-all-fails', 'before-all-fails', 'worker-exit', 'parse-error', 'global-hooks-afterall-error'])(
    'is broken all the same by what is no scenario: %s',
    (name) => expect(outcomeOf(stream(name), all).kind).toBe('broken'),
  );

  it('is empty when nothing passed, and still names what failed', () => {
    const empty = { kind: 'empty', counts: { failed: 1, quarantined: 1 }, quarantined: [{ status: 'failed' }] };
    expect(outcomeOf(stream('stack-traces'), all)).toMatchObject(empty);
  });

  it('is broken when cucumber did not run the others because of it, and the words say what to change', () => {
    expect(outcomeOf(stream('fail-fast'), tagFilter('@flaky'))).toMatchObject({
      kind: 'broken',
      error: expect.stringMatching(/did not run \d others after that.*failFast/),
      next: expect.stringContaining('failFast'),
    });
  });
});

it('what is in quarantine and fails after a stop was asked for is no failure either', () => {
  const state = stateOf(stream('stopped'));
  const atMs = suiteSoFar(state).failures[0]?.atMs ?? 0;
  const stopped = (stopAskedAt: number) => shardResult({ how: 'stopped', stopAskedAt: new Date(stopAskedAt).toISOString() });
  const before = verdict(ending(suiteSoFar(state, all), { result: stopped(atMs - 1) }));
  const after = verdict(ending(suiteSoFar(state, all), { result: stopped(atMs + 1) }));
  expect(before).toMatchObject({ kind: 'unfinished', failures: [], counts: { failed: 0 } });
  expect(before).not.toHaveProperty('counts.quarantined');
  expect(before).not.toHaveProperty('quarantined');
  expect(after).toMatchObject({
    kind: 'unfinished',
    failures: [],
    quarantined: [{ status: 'failed' }],
    counts: { failed: 1, quarantined: 1 },
  });
});

describe('for every stream', () => {
  const streams = [...samples, ...recorded];

  it.each(streams)('no prefix of %s is passed, with all of its scenarios in quarantine', (_, text) => {
    const envelopes = readStream([text]);
    const state = emptySuite();
    for (const envelope of envelopes.slice(0, -1)) {
      const suite = suiteSoFar(observe(state, envelope), all);
      for (const exitCode of [0, 1]) expect(verdict(ending(suite, { result: shardResult({ exitCode }) })).kind).not.toBe('passed');
    }
  });

  it.each(streams)('whatever is in quarantine, %s counts the same, and only what was failed may become passed or empty', (name, text) => {
    const plain = outcomeOf(text, () => false);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 20 })), (indexes) => {
        const outcome = outcomeOf(tagged(text, new Set(indexes)), isQuarantined);
        if (!('counts' in outcome) || !('counts' in plain)) return;
        const { quarantined = 0, ...counts } = outcome.counts;
        expect(counts).toEqual(plain.counts);
        if (plain.kind === 'failed' && outcome.kind === 'failed') expect(outcome.failures.length + quarantined).toBe(plain.failures.length);
        else if (plain.kind === 'failed') {
          expect(quarantined).toBe(plain.failures.length);
          expect(outcome.kind).toBe(name === 'fail-fast' ? 'broken' : counts.passed > 0 ? 'passed' : 'empty');
        } else expect(outcome.kind).toBe(plain.kind);
      }),
      { numRuns: cases(60) },
    );
  });
});
