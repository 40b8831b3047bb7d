import { describe, expect, it } from 'vitest';
import { observe } from '../../src/outcome/judge.ts';
import type { Asker, Outcome } from '../../src/outcome/outcome.ts';
import type { StopReason } from '../../src/outcome/stop.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { type Ending, verdict } from '../../src/outcome/verdict.ts';
import type { ShardResult } from '../../src/run/shard.ts';
import { someOf } from '../every-row.ts';
import { ending, judged, older, readStream, recorded, samples, shardResult } from './streams.ts';

const stream = (name: string): string => recorded.get(name) ?? samples.get(name) ?? '';
const lines = (name: string): string[] => stream(name).trim().split('\n');
const suiteOf = (name: string) => judged(stream(name));
/** The stream up to its first line that has this in it. */
const upTo = (name: string, words: string) =>
  judged(
    lines(name)
      .slice(0, lines(name).findIndex((line) => line.includes(words)) + 1)
      .join('\n'),
  );

const by: Asker = { kind: 'slack', userId: 'U1' };
const outOfMemory: StopReason = { what: 'It ran out of memory.', next: 'Give it more.', raw: 'OutOfMemoryError', isTransient: false };
const exit = (exitCode: number, more: Partial<ShardResult> = {}) => shardResult({ exitCode, ...more });

describe('a run is passed', () => {
  it('when cucumber finished with success, its process ended well, all arrived and something passed', () => {
    expect(verdict(ending(suiteOf('all-well')))).toMatchObject({ kind: 'passed', counts: { passed: 4, flaky: 1, skipped: 1, unknown: 1 } });
  });

  it('with pending scenarios when the suite itself does not mind them', () => {
    expect(verdict(ending(suiteOf('no-strict')))).toMatchObject({ kind: 'passed', counts: { passed: 3, pending: 1 } });
  });

  const well = suiteOf('all-well');
  it.each<[string, Outcome['kind'], Partial<Ending>]>([
    ['the container did not say how it ended', 'unfinished', { result: undefined, stop: outOfMemory }],
    ['not all chunks arrived', 'unfinished', { isComplete: false }],
    ['the process ended with exit code 1', 'broken', { result: exit(1) }],
    ['the process was ended by a signal', 'broken', { result: shardResult({ signal: 'SIGSEGV' }) }],
    ['it was stopped', 'unfinished', { result: exit(0, { how: 'stopped' }), stop: outOfMemory }],
    ['it timed out', 'timed-out', { result: exit(0, { how: 'timed-out' }) }],
    ['it was cancelled and did not end by itself', 'cancelled', { result: exit(0, { how: 'stopped' }), cancel: { by } }],
  ])('but not when %s', (_, kind, known) => expect(verdict(ending(well, known)).kind).toBe(kind));

  it('but not when any line that says how a scenario ended is missing', () => {
    const all = lines('minimal');
    for (const [at, line] of all.entries()) {
      const { kind } = verdict(ending(judged(all.toSpliced(at, 1).join('\n')), { result: exit(0) }));
      if (/"(testCase|testCaseStarted|testCaseFinished|testStepFinished|testRunFinished)":/.test(line))
        expect([line, kind]).not.toEqual([line, 'passed']);
    }
  });
});

describe('whenever the container dies', () => {
  const results: readonly (ShardResult | undefined)[] = [
    undefined,
    exit(0),
    exit(1),
    exit(0, { how: 'stopped' }),
    exit(0, { how: 'timed-out' }),
    shardResult({ how: 'not-run' }),
    shardResult({ signal: 'SIGKILL' }),
  ];
  const circumstances: readonly Partial<Ending>[] = [
    {},
    { isComplete: false },
    { cancel: { by } },
    { timedOut: true },
    { stop: outOfMemory },
    { hasStarted: false },
  ];
  const endings = results.flatMap((result) => circumstances.map((known) => ({ ...known, result })));

  const streams = [...someOf([...samples, ...recorded], 2), ...older];

  it.each(streams)('no prefix of %s is passed', (_, text) => {
    const envelopes = readStream([text]);
    const state = emptySuite();
    // Together: to expect each of them takes longer than all else here.
    const kinds = new Set<Outcome['kind']>();
    for (const envelope of [undefined, ...envelopes.slice(0, -1)]) {
      const suite = suiteSoFar(envelope === undefined ? state : observe(state, envelope));
      for (const known of endings) kinds.add(verdict(ending(suite, known)).kind);
    }
    expect(kinds).not.toContain('passed');
  });

  it.each(streams)('no line can be lost from %s that turns it green', (_, text) => {
    const whole = verdict(ending(judged(text), { result: exit(0) })).kind;
    const all = text.trim().split('\n');
    for (let at = 0; whole !== 'passed' && at < all.length; at += 1) {
      expect(verdict(ending(judged(all.toSpliced(at, 1).join('\n')), { result: exit(0) })).kind).not.toBe('passed');
    }
  });
});

describe('a run is empty', () => {
  it.each(['empty', 'skipped', 'hooks-skipped', 'nothing-matches', 'dry-run'])('when it succeeded and nothing passed: %s', (name) => {
    expect(verdict(ending(suiteOf(name))).kind).toBe('empty');
  });

  it('when it was a dry run, whatever is undefined', () => {
    const dry = lines('undefined').map((line) => line.replace('"PASSED"', '"SKIPPED"').replace('"success":false', '"success":true'));
    expect(verdict(ending(judged(dry.join('\n'))))).toMatchObject({ kind: 'empty', counts: { undefined: 4 } });
  });
});

describe('a run is failed', () => {
  it('by what cucumber says of its scenarios, whatever it says of the run', () => {
    const lying = stream('all-statuses').replace('"success":false', '"success":true');
    expect(verdict(ending(judged(lying), { result: exit(0) })).kind).toBe('failed');
  });

  it('also when not all of its messages arrived', () => {
    expect(verdict(ending(suiteOf('everything'), { isComplete: false })).kind).toBe('failed');
  });

  it('also when it was cancelled or its time was over after its end', () => {
    for (const known of [{ cancel: { by } }, { timedOut: true }]) expect(verdict(ending(suiteOf('everything'), known)).kind).toBe('failed');
  });
});

describe('a run is broken', () => {
  it.each([
    ['parse-error', 'features/torn.feature: (5:3): expected'],
    ['before-all-fails', 'hook BeforeAll (features/steps.js:7) failed: Error: the shop does not open'],
    ['after-all-fails', 'hook AfterAll "close the shop" failed: Error: the shop does not close'],
    ['worker-exit', 'exited unexpectedly with code 0\nThis was on: The process goes away (features/shop.feature:'],
    ['test-run-exception', 'Whoops!'],
  ])('by %s, and says what did it', (name, words) => {
    expect(verdict(ending(suiteOf(name)))).toMatchObject({ kind: 'broken', error: expect.stringContaining(words) });
  });

  it('when its code cannot be loaded, with what the process wrote', () => {
    const error =
      'ReferenceError: pgae is not defined\n    at file:///suite/features/steps.js:3:1\n    at node:internal/modules/run_main:1';
    expect(verdict(ending(judged(), { result: exit(1, { chunks: 0, error }) }))).toMatchObject({
      kind: 'broken',
      error:
        'Cucumber ended with exit code 1 before the first scenario.\nReferenceError: pgae is not defined\n    at /suite/features/steps.js:3:1',
    });
  });

  it('when the container did not start it, with its sentence', () => {
    const result = shardResult({ how: 'not-run', chunks: 0, error: 'http://staging.example does not answer: ECONNREFUSED' });
    expect(verdict(ending(judged(), { result }))).toMatchObject({
      kind: 'broken',
      error: 'http://staging.example does not answer: ECONNREFUSED',
    });
  });

  it('when all scenarios are well and the process still ended badly', () => {
    const result = exit(1, { error: 'ENOSPC: no space left on device' });
    expect(verdict(ending(suiteOf('all-well'), { result }))).toMatchObject({ kind: 'broken', error: expect.stringContaining('ENOSPC') });
  });

  it('when cucumber says it failed and no scenario did', () => {
    const text = stream('minimal').replace('"success":true', '"success":false');
    expect(verdict(ending(judged(text)))).toMatchObject({ kind: 'broken', error: expect.stringContaining('no scenario did') });
  });

  it('by a parse error also when the container went away afterwards', () => {
    expect(verdict(ending(suiteOf('parse-error'), { result: undefined })).kind).toBe('broken');
  });
});

describe('a run is unfinished', () => {
  it.each(['process-exit', 'stopped'])('when its process ended with exit code 0 and did not finish: %s', (name) => {
    expect(verdict(ending(suiteOf(name), { result: exit(0) }))).toMatchObject({
      kind: 'unfinished',
      stop: {
        what: expect.stringContaining('ended with exit code 0 before cucumber had finished'),
        next: expect.stringContaining('process.exit()'),
      },
    });
  });

  it('when its process went away in the middle, with what it had found and where it was', () => {
    const outcome = verdict(ending(suiteOf('stopped'), { result: exit(7) }));
    expect(outcome).toMatchObject({
      kind: 'unfinished',
      counts: { passed: 1, failed: 1 },
      lastSeen: 'It never ends › When I wait for ever',
    });
  });

  it('when the container went away, with the reason AWS gave', () => {
    expect(verdict(ending(suiteOf('stopped'), { result: undefined, stop: outOfMemory }))).toMatchObject({
      kind: 'unfinished',
      stop: outOfMemory,
    });
  });

  it('when nobody knows why, and says that', () => {
    expect(verdict(ending(suiteOf('stopped'), { result: undefined }))).toMatchObject({
      kind: 'unfinished',
      stop: { what: expect.stringContaining('nobody said why') },
    });
  });
});

describe('what fails after a stop was asked for', () => {
  const all = lines('after-all-fails');
  const suite = judged(
    all
      .slice(
        0,
        all.findLastIndex((line) => line.includes('testRunHookStarted')),
      )
      .join('\n'),
  );
  const times = suite.failures.map(({ atMs }) => atMs);
  const between = new Date(((times[0] ?? 0) + (times[1] ?? 0)) / 2).toISOString();

  it.each<[Outcome['kind'], Partial<Ending>]>([
    ['cancelled', { result: shardResult({ how: 'stopped', stopAskedAt: between }), cancel: { by } }],
    ['cancelled', { result: undefined, cancel: { by, at: between } }],
    ['unfinished', { result: exit(1, { how: 'stopped', stopAskedAt: between }) }],
    ['timed-out', { result: shardResult({ how: 'timed-out', stopAskedAt: between }) }],
  ])('is not a failure: %s %#', (kind, known) => {
    const outcome = verdict(ending(suite, known));
    expect(outcome).toMatchObject({ kind, failures: [{ scenario: 'A visitor pays with a wrong card' }] });
    expect(outcome).toMatchObject({ counts: { ...suite.counts, failed: suite.counts.failed - 1, unknown: suite.counts.unknown + 1 } });
  });

  it('is one when the suite had come to its end', () => {
    const known = { result: exit(1, { stopAskedAt: between }), cancel: { by, at: between } };
    expect(verdict(ending(suiteOf('everything'), known))).toMatchObject({ kind: 'failed', counts: suiteOf('everything').counts });
  });
});

describe('a run is cancelled', () => {
  it('when somebody asked and it had not ended, also before its task started', () => {
    const known = { result: undefined, hasStarted: false, cancel: { by } };
    expect(verdict(ending(judged(), known))).toMatchObject({ kind: 'cancelled', by, counts: { total: 0 } });
  });

  it('when its process was gone without an end', () => {
    expect(verdict(ending(suiteOf('stopped'), { result: exit(0), cancel: { by } })).kind).toBe('cancelled');
  });

  it('but a run that had ended before keeps what it came to', () => {
    for (const name of ['all-well', 'everything', 'parse-error', 'nothing-matches']) {
      expect(verdict(ending(suiteOf(name), { cancel: { by } }))).toEqual(verdict(ending(suiteOf(name))));
    }
  });

  it('but not when its time was over first', () => {
    expect(verdict(ending(suiteOf('stopped'), { result: shardResult({ how: 'timed-out' }), cancel: { by } })).kind).toBe('timed-out');
  });
});

describe('a run is timed-out', () => {
  it.each<[string, Partial<Ending>]>([
    ['its container said so', { result: shardResult({ how: 'timed-out' }) }],
    ['we gave it up', { result: undefined, timedOut: true }],
    ['we stopped it', { result: shardResult({ how: 'stopped' }), timedOut: true }],
  ])('when %s', (_, known) => {
    expect(verdict(ending(upTo('everything', 'willBeRetried":true'), known))).toMatchObject({
      kind: 'timed-out',
      limitMs: 1_200_000,
      lastSeen: expect.any(String),
    });
  });

  it('by the limit of a scenario, when its container said so', () => {
    const result = shardResult({ how: 'timed-out', limit: 'scenario' });
    const outcome = verdict(ending(upTo('everything', 'willBeRetried":true'), { result, scenarioLimitMs: 90_000 }));
    expect(outcome).toMatchObject({ kind: 'timed-out', limit: 'scenario', limitMs: 90_000 });
  });

  it('and names the step that was on, though that was ended before the run was', () => {
    const suite = suiteOf('everything');
    const [first] = suite.failures.toSorted((a, b) => a.atMs - b.atMs);
    const result = shardResult({ how: 'timed-out', stopAskedAt: new Date(first?.atMs ?? 0).toISOString() });
    expect(verdict(ending(suite, { result }))).toMatchObject({
      kind: 'timed-out',
      failures: [],
      lastSeen: `${first?.failure.scenario} › ${first?.failure.step}`,
    });
  });
});

describe('a run is not-started', () => {
  const nothing = { result: undefined, hasStarted: false };
  it('when no container ever came to life', () => {
    expect(verdict(ending(judged(), { ...nothing, stop: outOfMemory }))).toEqual({ kind: 'not-started', stop: outOfMemory });
    expect(verdict(ending(judged(), { ...nothing, timedOut: true }))).toMatchObject({
      kind: 'not-started',
      stop: { what: expect.stringContaining('never started') },
    });
  });

  it('but not once it has written a message', () => {
    expect(verdict(ending(upTo('minimal', 'meta'), nothing)).kind).toBe('unfinished');
  });
});
