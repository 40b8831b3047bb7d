import { describe, expect, it } from 'vitest';
import { observe } from '../../src/outcome/judge.ts';
import { observeLine } from '../../src/outcome/quick-lines.ts';
import { scenarioResults } from '../../src/outcome/scenario-result.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { older, recorded, recordedShards, samples } from './streams.ts';

const linesOf = (stream: string) => stream.split('\n').filter((line) => line !== '');

/** What these lines come to, in full and after each of them, and how many needed no parsing. */
function judgedBy(lines: readonly string[], isQuick: boolean) {
  const state = emptySuite();
  let quick = 0;
  const sofar = lines.map((line) => {
    if (isQuick && observeLine(state, line)) quick += 1;
    else observe(state, JSON.parse(line));
    return [state.firstMs, state.lastMs, state.open.size, state.testCases.size];
  });
  return { quick, sofar, suite: suiteSoFar(state), results: scenarioResults(state, {}) };
}

const streams = [...samples, ...recorded, ...recordedShards, ...older];

describe('lines that are read without parsing', () => {
  it.each(streams)('of %s come to the same as parsed ones, wherever the stream is cut', (_, stream) => {
    const lines = linesOf(stream);
    const step = Math.max(1, Math.floor(lines.length / 8));
    for (let end = 1; end <= lines.length; end += step) {
      const { quick: _quick, ...ours } = judgedBy(lines.slice(0, end), true);
      const { quick: _none, ...parsed } = judgedBy(lines.slice(0, end), false);
      expect(ours).toEqual(parsed);
    }
  });

  it('are two of three that cucumber-js writes, of a suite in which much goes wrong', () => {
    const lines = linesOf(recorded.get('everything') ?? '');
    expect(judgedBy(lines, true).quick / lines.length).toBeGreaterThan(0.65);
  });

  it.each([
    ['an escape in an id', '{"testStepStarted":{"testCaseStartedId":"a\\\\b","testStepId":"c","timestamp":{"seconds":1,"nanos":2}}}'],
    ['another order', '{"testStepStarted":{"testStepId":"c","testCaseStartedId":"a","timestamp":{"seconds":1,"nanos":2}}}'],
    ['something after it', '{"testStepStarted":{"testCaseStartedId":"a","testStepId":"c","timestamp":{"seconds":1,"nanos":2}}} '],
    ['a fraction', '{"testStepStarted":{"testCaseStartedId":"a","testStepId":"c","timestamp":{"seconds":1.5,"nanos":2}}}'],
    ['no number', '{"testStepStarted":{"testCaseStartedId":"a","testStepId":"c","timestamp":{"seconds":,"nanos":2}}}'],
    ['a half line', '{"testStepStarted":{"testCaseStartedId":"a","testSte'],
    ['no id', '{"testCase":{"testRunStartedId":"","pickleId":"p","id":"c","testSteps":[]}}'],
    [
      'a step that failed',
      '{"testStepFinished":{"testCaseStartedId":"a","testStepId":"c","testStepResult":{"duration":{"seconds":0,"nanos":1},"status":"FAILED"},"timestamp":{"seconds":1,"nanos":2}}}',
    ],
  ])('are not those with %s', (_, line) => expect(observeLine(emptySuite(), line)).toBe(false));

  it('of a plan that is damaged in its middle leave its steps without names, and throw nothing', () => {
    const state = emptySuite();
    observe(state, { pickle: { id: 'p', uri: 'a.feature', name: 'A', astNodeIds: [], steps: [], tags: [], language: 'en' } });
    expect(observeLine(state, '{"testCase":{"testRunStartedId":"r","pickleId":"p","id":"c","testSteps":[{"id":"s",}]}}')).toBe(true);
    observe(state, JSON.parse('{"testCaseStarted":{"id":"a","testCaseId":"c","attempt":0,"timestamp":{"seconds":1,"nanos":0}}}'));
    expect(suiteSoFar(state).lastSeen).toBe('A');
  });
});
