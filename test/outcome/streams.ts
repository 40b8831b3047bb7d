import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Envelope } from '@cucumber/messages';
import { observe } from '../../src/outcome/judge.ts';
import { mergeShards, type ReadShard } from '../../src/outcome/merge.ts';
import { messageReader, type ReaderOptions, readThrough } from '../../src/outcome/messages.ts';
import { observeLine } from '../../src/outcome/quick-lines.ts';
import type { Suite } from '../../src/outcome/suite.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite, type SuiteState } from '../../src/outcome/suite-state.ts';
import type { Ending } from '../../src/outcome/verdict.ts';
import type { ShardResult } from '../../src/run/shard.ts';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');

const readAll = (pattern: string): ReadonlyMap<string, string> =>
  new Map(
    globSync(pattern, { cwd: repository })
      .toSorted()
      .map((path) => [basename(path, '.ndjson'), readFileSync(join(repository, path), 'utf8')]),
  );

/** Every sample of Cucumber's compatibility kit, by name: NDJSON. */
export const samples = readAll('node_modules/@cucumber/compatibility-kit/features/*/*.ndjson');

/** What `record.ts` recorded, by name: NDJSON. */
export const recorded = readAll('test/fixtures/messages/*.ndjson');

/** `everything`, recorded in shards: `everything-1-of-3`. */
export const recordedShards = readAll('test/fixtures/messages/shards/*.ndjson');

/** Samples of the compatibility kit's versions 9 and 22, of message schemas 17 and 28, by name: `schema-17-retry`. */
export const older = readAll('test/fixtures/messages/older/*.ndjson');

export const readStream = (chunks: readonly (string | Uint8Array)[], options?: ReaderOptions): Envelope[] => {
  const envelopes: Envelope[] = [];
  const reader = messageReader((envelope) => envelopes.push(envelope), options);
  for (const chunk of chunks) reader.feed(chunk);
  reader.end();
  return envelopes;
};

/** The messages of shards, merged. */
export const mergedStream = async (shards: readonly (readonly Envelope[])[]): Promise<Envelope[]> => {
  const readers = shards.map(
    (shard): ReadShard =>
      (each, how) => {
        const ndjson = shard.map((envelope) => `${JSON.stringify(envelope)}\n`);
        return readThrough(messageReader(each, how), ndjson);
      },
  );
  const lines = await Array.fromAsync(mergeShards(readers));
  return lines.flat().map((line) => JSON.parse(line));
};

/** What the stream says, read the way the product reads it. */
export const judged = (...chunks: readonly (string | Uint8Array)[]): Suite => suiteSoFar(stateOf(...chunks));

/** What is known of it, for those who ask in more than one way. */
export const stateOf = (...chunks: readonly (string | Uint8Array)[]): SuiteState => {
  const state = emptySuite();
  const reader = messageReader((envelope) => observe(state, envelope), {
    want: 'judging',
    quick: (...line) => observeLine(state, ...line),
  });
  for (const chunk of chunks) reader.feed(chunk);
  reader.end();
  return state;
};

/** A container that said this of its end. */
export const shardResult = (said: Partial<ShardResult>): ShardResult => ({
  version: 1,
  runId: 'local-20261123-0412-k3f9qa',
  shard: 1,
  startedAt: '2026-11-23T04:12:00.000Z',
  endedAt: '2026-11-23T04:15:00.000Z',
  how: 'ended',
  chunks: 1,
  versions: { node: '24.21.0' },
  ...said,
});

/** An ending in which everything arrived and the suite ended by itself, but for what is given. */
export const ending = (suite: Suite, known: Partial<Ending> = {}): Ending => ({
  suite,
  isComplete: true,
  hasStarted: true,
  result: shardResult({ exitCode: suite.end?.isSuccess === true ? 0 : 1 }),
  limitMs: 1_200_000,
  timedOut: false,
  ...known,
});
