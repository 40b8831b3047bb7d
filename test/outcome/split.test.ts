import type { Envelope } from '@cucumber/messages';
import { describe, expect, it } from 'vitest';
import { splitter } from '../../src/outcome/split.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { aSuite } from '../report/a-suite.ts';
import { readStream, recorded } from './streams.ts';

/** The messages of each part, by which part a file belongs to. */
function split(envelopes: Iterable<Envelope>, parts: number, partOf: (uri: string) => number | undefined): Envelope[][] {
  const divided: Envelope[][] = Array.from({ length: parts }, () => []);
  const route = splitter(partOf);
  for (const envelope of envelopes) {
    const part = route(envelope);
    for (const [index, one] of divided.entries()) if (part === 'all' || part === index) one.push(envelope);
  }
  return divided;
}

describe('messages that are divided by their features', () => {
  const suite = () =>
    aSuite({ features: 6, scenarios: 60, fateOf: (number) => (number % 9 === 1 ? 'fails' : number % 9 === 2 ? 'is flaky' : 'passes') });
  const partOf = (uri: string): number => uri.length % 3;

  it('have each scenario in one part, with what it came to, and an end in each', () => {
    const whole = judge(suite());
    const parts = split(suite(), 3, partOf).map(judge);
    const sum = (count: 'total' | 'passed' | 'failed' | 'flaky') => parts.reduce((all, { counts }) => all + counts[count], 0);
    for (const count of ['total', 'passed', 'failed', 'flaky'] as const) expect(sum(count)).toBe(whole.counts[count]);
    expect(
      parts
        .flatMap(({ failures }) => failures.map(({ failure }) => failure))
        .toSorted((a, b) => a.uri.localeCompare(b.uri) || a.line - b.line),
    ).toEqual(whole.failures.map(({ failure }) => failure).toSorted((a, b) => a.uri.localeCompare(b.uri) || a.line - b.line));
    for (const part of parts) expect(part.end).toEqual(whole.end);
  });

  it('lose nothing when there is one part, but features of which nothing was run', () => {
    const everything = readStream([recorded.get('everything') ?? '']);
    expect(split(everything, 1, () => 0)).toEqual([everything]);
    const without = split(everything, 1, () => undefined)[0] ?? [];
    expect(without.some(({ pickle, testCase, testStepFinished }) => pickle ?? testCase ?? testStepFinished)).toBe(false);
    expect(without.some(({ stepDefinition }) => stepDefinition)).toBe(true);
  });
});
