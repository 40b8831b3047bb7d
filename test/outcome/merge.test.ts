import type { Envelope } from '@cucumber/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, withIds } from '../../src/outcome/message-ids.ts';
import type { Suite } from '../../src/outcome/suite.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import { cases, someOf } from '../every-row.ts';
import { ending, mergedStream, older, readStream, recorded, recordedShards, samples } from './streams.ts';

const everyStream = [...someOf([...samples, ...recorded], 2), ...older];
const read = (name: string): Envelope[] => readStream([recorded.get(name) ?? samples.get(name) ?? older.get(name) ?? '']);

const judgedMerge = async (shards: readonly (readonly Envelope[])[]): Promise<Suite> => judge(await mergedStream(shards));

/** The envelope as another process would have written it: the same, under ids of its own. */
const renamed = (envelope: Envelope, prefix: string): Envelope => withIds(envelope as never, (id) => `${prefix}${id}`) as Envelope;

/** The stream as the `shard`th of several that share its scenarios out, in whatever way `shardOf` says. */
const shardOf = (stream: readonly Envelope[], shard: number, deal: (testCase: number) => number): Envelope[] => {
  const own = new Set<string>();
  let count = -1;
  const belongs = (each: Envelope): boolean => {
    if (each.testCase !== undefined) {
      count += 1;
      if (deal(count) === shard) own.add(each.testCase.id);
      return own.has(each.testCase.id);
    }
    if (each.testCaseStarted !== undefined) {
      if (own.has(each.testCaseStarted.testCaseId)) own.add(each.testCaseStarted.id);
      return own.has(each.testCaseStarted.id);
    }
    const of = (each.testStepStarted ?? each.testStepFinished ?? each.testCaseFinished ?? each.attachment)?.testCaseStartedId;
    return of === undefined || own.has(of);
  };
  return stream.filter(belongs).map((each) => renamed(each, `of-${shard}-`));
};

const split = (stream: readonly Envelope[], count: number): Envelope[][] =>
  Array.from({ length: count }, (_, shard) => shardOf(stream, shard, (testCase) => testCase % count));

/** Each of several shards calls the run a failure that has one in it; here each says what the whole run says. */
const facts = ({ counts, failures, flaky, broken, end, notRun, cutOff, durationMs }: Suite) => ({
  counts,
  failures,
  flaky,
  broken,
  end,
  notRun,
  cutOff,
  durationMs,
});

/** Ids that two things have, and ids that nothing has and something refers to. */
const references = (stream: readonly Envelope[]): { readonly twice: readonly string[]; readonly missing: readonly string[] } => {
  const defined: string[] = [];
  const referred = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === 'id' && typeof each === 'string') defined.push(each);
      else if (/Id$/.test(key) && key !== 'workerId' && typeof each === 'string') referred.add(each);
      else if (/Ids$/.test(key) && Array.isArray(each)) for (const id of each) referred.add(id);
      else collect(each);
    }
  };
  stream.forEach(collect);
  const all = new Set(defined);
  const twice = all.size === defined.length ? [] : defined.filter((id, index) => defined.indexOf(id) !== index);
  return { twice, missing: [...referred].filter((id) => !all.has(id)) };
};

const kindsOnce = [
  'meta',
  'source',
  'gherkinDocument',
  'pickle',
  'hook',
  'stepDefinition',
  'parameterType',
  'testRunStarted',
  'testRunFinished',
];
const contents = (stream: readonly Envelope[], kind: string): string[] =>
  stream
    .flatMap((each) => Object.entries(each))
    .filter(([name]) => name === kind)
    .map(([, message]) => contentOf(message));

describe('shards, merged,', () => {
  it.each(everyStream.map(([name]) => name))('come to what the run came to without shards: %s', async (name) => {
    const stream = read(name);
    for (const count of [1, 2, 3, 7]) expect(facts(await judgedMerge(split(stream, count)))).toEqual(facts(judge(stream)));
  });

  it.each(everyStream.map(([name]) => name))('say everything that all of them say once: %s', async (name) => {
    const stream = read(name);
    const one = await mergedStream(split(stream, 3));
    for (const kind of kindsOnce) expect(contents(one, kind).toSorted()).toEqual(contents(stream, kind).toSorted());
    // What run hooks do, they do in each shard.
    const ofScenarios = stream.filter(({ attachment }) => attachment?.testRunHookStartedId === undefined);
    const merge = one.filter(({ attachment }) => attachment?.testRunHookStartedId === undefined);
    for (const kind of ['testCase', 'testCaseStarted', 'testStepFinished', 'testCaseFinished', 'attachment'])
      expect(contents(merge, kind)).toHaveLength(contents(ofScenarios, kind).length);
  });

  it('refer to nothing that is not there, and call no two things the same', async () => {
    for (const [name] of everyStream) expect(references(await mergedStream(split(read(name), 3)))).toEqual({ twice: [], missing: [] });
  });

  it('have their scenarios in the order of the features, whoever ran them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('multiple-features', 'everything', 'rules-backgrounds', 'retry'),
        fc.array(fc.nat(3), { minLength: 13, maxLength: 13 }),
        async (name, deal) => {
          const stream = read(name);
          const shards = [0, 1, 2, 3].map((shard) => shardOf(stream, shard, (testCase) => deal[testCase] ?? 0));
          expect(facts(await judgedMerge(shards))).toEqual(facts(judge(stream)));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('shards that the real cucumber-js wrote', () => {
  const shardsOf = (name: string): Envelope[][] =>
    [...recordedShards].filter(([file]) => file.startsWith(name)).map(([, text]) => readStream([text]));
  /** Times are made up in recordings, line by line; and the versions have words of their own for an ambiguous step. */
  const untimed = ({ counts, failures, flaky, notRun, cutOff, end }: Suite) => ({
    counts,
    failures: failures.map(({ failure: { durationMs: _, error, ...failure } }) => ({
      ...failure,
      error: failure.status === 'ambiguous' || error,
    })),
    flaky,
    notRun,
    cutOff,
    end,
  });

  it.each(['everything', 'cucumber-12'])('come to what it wrote without shards: %s', async (name) => {
    const shards = shardsOf(name);
    expect(shards.length).toBeGreaterThan(1);
    expect(untimed(await judgedMerge(shards))).toEqual(untimed(judge(read('everything'))));
    expect(references(await mergedStream(shards))).toEqual({ twice: [], missing: [] });
  });

  it('are never passed without one of them, or with one that was cut off anywhere', async () => {
    const whole = split(read('all-well'), 3);
    expect(verdict(ending(await judgedMerge(whole))).kind).toBe('passed');
    const last = whole[2] ?? [];
    for (let length = 0; length < last.length; length += 1) {
      const one = await mergedStream([...whole.slice(0, 2), last.slice(0, length)]);
      expect(one.filter(({ testRunFinished }) => testRunFinished !== undefined)).toEqual([]);
      expect(verdict(ending(judge(one), { result: undefined })).kind).toBe('unfinished');
      expect(references(one)).toEqual({ twice: [], missing: [] });
    }
  });

  it('are merged also when the first of them was cut off in the middle of a feature file', async () => {
    const [first = [], ...others] = shardsOf('everything');
    const beginning = first.slice(0, first.findIndex(({ pickle }) => pickle !== undefined) + 2);
    const one = await mergedStream([beginning, ...others]);
    expect(references(one)).toEqual({ twice: [], missing: [] });
    expect(contents(one, 'pickle').toSorted()).toEqual(contents(read('everything'), 'pickle').toSorted());
    expect(judge(one).counts).toEqual(judge(await mergedStream(others)).counts);
  });

  /** The stream with ids as cucumber-js makes them by default. */
  const withUuids = (stream: readonly Envelope[], shard: number): Envelope[] => {
    const uuids = new Map<string, string>();
    const uuidOf = (id: string): string => {
      const known = uuids.get(id) ?? `${String(uuids.size).padStart(8, '0')}-0000-4000-8000-${String(shard).padStart(12, '0')}`;
      uuids.set(id, known);
      return known;
    };
    return stream.map((envelope) => withIds(envelope as never, uuidOf) as Envelope);
  };

  it('keep their ids where these cannot be those of another, and most lines as they are', async () => {
    for (const [name] of everyStream) {
      const stream = read(name);
      const shards = split(stream, 3).map(withUuids);
      const one = await mergedStream(shards);
      expect(references(one)).toEqual({ twice: [], missing: [] });
      expect(facts(judge(one))).toEqual(facts(judge(stream)));
      const said = new Set(one.map((envelope) => JSON.stringify(envelope)));
      const happened = shards.flat().filter(({ testStepStarted, testCaseFinished }) => testStepStarted ?? testCaseFinished);
      expect(happened.filter((envelope) => !said.has(JSON.stringify(envelope)))).toEqual([]);
    }
  });

  it('have other ids when two shards made the same ones, as by the same seed', async () => {
    const [first = [], second = []] = split(read('everything'), 2);
    const one = await mergedStream([withUuids(first, 7), withUuids(second, 7)]);
    expect(references(one)).toEqual({ twice: [], missing: [] });
    expect(facts(judge(one))).toEqual(facts(judge(read('everything'))));
  });

  it('may have escapes in their ids, and spaces between', async () => {
    const odd = (envelope: Envelope): Envelope => withIds(envelope as never, (id) => `"${id}\\`) as Envelope;
    const stream = read('everything');
    const one = await mergedStream(split(stream, 3).map((shard, index) => (index === 1 ? shard.map(odd) : shard)));
    expect(references(one)).toEqual({ twice: [], missing: [] });
    expect(facts(judge(one))).toEqual(facts(judge(stream)));
  });

  it('are no run when they ran different versions of a feature file, and say which', async () => {
    const [first = [], second = []] = split(read('all-well'), 2);
    const other = second.map((each) =>
      JSON.parse(JSON.stringify(each).replaceAll('A visitor buys one thing', 'A visitor buys two things')),
    );
    const suite = await judgedMerge([first, other]);
    expect(verdict(ending(suite))).toMatchObject({
      kind: 'broken',
      error: 'features/shop.feature: Shards 1 and 2 ran different versions of this file: they are not parts of one run.',
    });
    expect(references(await mergedStream([first, other]))).toEqual({ twice: [], missing: [] });
  });

  it('say once what could not be parsed', async () => {
    const torn = read('parse-error');
    const one = await mergedStream([torn, torn.map((each) => renamed(each, 'x'))]);
    expect(contents(one, 'parseError')).toEqual(contents(torn, 'parseError'));
    expect(contents(one, 'source').toSorted()).toEqual(contents(torn, 'source').toSorted());
  });

  it('have one beginning, the earliest, and one end, the latest', async () => {
    const at = (seconds: number) => ({ seconds, nanos: 0 });
    const shard = (start: number, end: number, success: boolean) =>
      [
        { testRunStarted: { id: 'r', timestamp: at(start) } },
        { testRunFinished: { testRunStartedId: 'r', success, timestamp: at(end) } },
      ] as Envelope[];
    expect(await mergedStream([shard(20, 30, true), shard(10, 25, false), shard(15, 40, true)])).toEqual([
      { testRunStarted: { id: '1-r', timestamp: at(10) } },
      { testRunFinished: { testRunStartedId: '1-r', success: false, timestamp: at(40) } },
    ]);
  });

  it('may hold anything, in any place', async () => {
    const name = fc.constantFrom(
      'id',
      'uri',
      'steps',
      'astNodeIds',
      'pickleId',
      'testSteps',
      'timestamp',
      'success',
      'feature',
      'data',
      'source',
    );
    const kind = fc.constantFrom(
      'source',
      'gherkinDocument',
      'pickle',
      'hook',
      'testCase',
      'testRunStarted',
      'testRunFinished',
      'attachment',
      'x',
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue()));
    const messages = fc.array(fc.dictionary(kind, body, { maxKeys: 2 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(messages, { maxLength: 3 }), async (shards) => void (await mergedStream(shards as Envelope[][]))),
      { numRuns: cases(50) },
    );
  });
});
