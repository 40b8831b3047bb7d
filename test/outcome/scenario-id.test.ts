import { describe, expect, it } from 'vitest';
import { observe } from '../../src/outcome/judge.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { readStream, recorded, samples } from './streams.ts';

/** Each scenario of a stream, with its id. */
function scenariosOf(stream: string) {
  const state = emptySuite();
  for (const envelope of readStream([stream])) observe(state, envelope);
  return [...state.testCases.values()].map(({ name }) => name);
}
const idsOf = (stream: string) => scenariosOf(stream).map(({ id }) => id);
const streams = [...samples, ...recorded].filter(([, stream]) => stream.includes('{"testCase":'));
const moved = (stream: string) => stream.replace(/"line":(\d+)/g, (_, line) => `"line":${Number(line) + 100}`);
const renamed = (stream: string) => stream.replace(/"uri":"([^"]+\.feature)/g, '"uri":"elsewhere/$1');
const without = (stream: string, words: string) =>
  stream
    .split('\n')
    .filter((line) => !line.includes(words))
    .join('\n');

describe("a scenario's id", () => {
  it.each(streams)('tells all scenarios of %s apart, and stays when lines move and files get other names', (_, stream) => {
    const ids = idsOf(stream);
    const places = scenariosOf(stream).map(({ id, uri }) => `${uri} ${id}`);
    expect(new Set(places).size).toBe(places.length);
    expect(idsOf(moved(stream))).toEqual(ids);
    expect(idsOf(renamed(stream))).toEqual(ids);
  });

  it('tells the rows of an outline apart by their values, not by their place', () => {
    const outline = samples.get('examples-tables') ?? '';
    const rows = scenariosOf(outline).map(({ scenario }) => scenario);
    expect(new Set(idsOf(outline)).size).toBe(rows.length);
  });

  it('hangs on the feature, the rule, the scenario and the values', () => {
    const rules = samples.get('rules') ?? '';
    for (const words of ['Usage of a `Rule`', 'A sale cannot happen if the customer does not have enough money', 'Not enough money'])
      expect(idsOf(rules.replaceAll(words, 'Something else')), words).not.toEqual(idsOf(rules));
  });

  it('is not there when the messages do not name the scenario', () => {
    expect(idsOf(without(samples.get('minimal') ?? '', '{"pickle":'))).toEqual([undefined]);
  });
});
