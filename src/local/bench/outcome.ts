import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packer } from '../../app/packed-messages.ts';
import { compare } from '../../outcome/compare.ts';
import { addRun, noHistory } from '../../outcome/history.ts';
import { observe } from '../../outcome/judge.ts';
import { mergeShards, type ReadShard } from '../../outcome/merge.ts';
import { messageReader, readThrough } from '../../outcome/messages.ts';
import { verdictOnMessages } from '../../outcome/messages-verdict.ts';
import { observeLine } from '../../outcome/quick-lines.ts';
import { type ScenarioResult, scenarioResults } from '../../outcome/scenario-result.ts';
import { suiteSoFar } from '../../outcome/suite-so-far.ts';
import { emptySuite } from '../../outcome/suite-state.ts';
import { budgetOf } from '../../report/budget.ts';
import { emptyDetails } from '../../report/details-state.ts';
import { notesOf } from '../../report/notes.ts';
import { observeDetails } from '../../report/observe-details.ts';
import { reportPage } from '../../report/report-page.ts';
import { scenariosOf } from '../../report/scenarios.ts';
import type { Told } from './outcome-peers.ts';
import { writeMessages } from './written-messages.ts';

const here = fileURLToPath(import.meta.url);
const shards = 40;

/** What a reader needed for the messages of a run. */
export interface Reading {
  readonly reader: Reader;
  readonly scenarios: number;
  /** Processor time, in milliseconds. */
  readonly cpuMs: number;
  readonly peakMb: number;
}

export type Reader = keyof typeof readers;

const judged = async (files: readonly string[]): Promise<Told> => told(judge(files));
const compared = (scenarios: readonly ScenarioResult[]): Told => {
  const run = (id: string) => ({ id, at: `2026-11-2${id}T04:12:00.000Z`, tags: '', features: [], kind: 'failed' as const, scenarios });
  const { runs } = compare(addRun(noHistory, run('3')), run('4'));
  if (runs !== 1) throw new Error('nothing was compared');
  return told(scenarios);
};
const readers = {
  '@cucumber/query': async (files: readonly string[]) => (await import('./outcome-peers.ts')).byQuery(files),
  'a plain reducer': async (files: readonly string[]) => (await import('./outcome-peers.ts')).byPlainReducer(files),
  'every line parsed': async (files: readonly string[]) => (await import('./outcome-peers.ts')).byParsing(allPieces(files)),
  judged,
  'judged in a small heap': judged,
  'judged and compared': async (files: readonly string[]): Promise<Told> => compared(judge(files)),
  merged: async (files: readonly string[]): Promise<Told> => {
    let failed = 0;
    for await (const lines of merged(files))
      for (const line of lines) if (line.startsWith('{"testStepFinished"') && line.includes('"status":"FAILED"')) failed += 1;
    return { counts: { failed }, failed };
  },
  reported: async (files: readonly string[]): Promise<Told> => {
    const details = emptyDetails({ addressOf: () => undefined, budget: budgetOf(8 * 1024 * 1024) });
    const messages = packer();
    for await (const lines of merged(files)) {
      for (const line of lines) {
        observeDetails(details, JSON.parse(line));
        await messages.write(`${line}\n`);
      }
    }
    await messages.end();
    const outcome = verdictOnMessages(suiteSoFar(details.suite), { isComplete: true });
    const scenarios = scenariosOf(details, outcome);
    const page = { name: 'shop', outcome, facts: [], links: [], notes: notesOf(scenarios), scenarios, assets: { script: '', styles: '' } };
    const sizeBytes = [...reportPage({ ...page, pictureOrigins: [] })].reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
    if (sizeBytes < 1024) throw new Error('the page is empty');
    const failed = 'counts' in outcome ? outcome.counts.failed : 0;
    return { counts: { failed }, failed };
  },
};

const merged = (files: readonly string[]) =>
  mergeShards(
    files.map(
      (file): ReadShard =>
        (each, how) =>
          readThrough(messageReader(each, how), pieces(file)),
    ),
  );

/** Ours with no more memory than that; a heap that may grow is tidied later. */
const flags: Partial<Record<Reader, readonly string[]>> = {
  'judged in a small heap': ['--max-semi-space-size=4', '--max-old-space-size=50'],
};

/** Writes the messages of a run, and has each reader read a tenth of its shards and then all, each time in a process of its own. */
export async function measureOutcomes(most: number, note: (words: string) => void) {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-bench-'));
  try {
    const program = await bundled(dir);
    const readings: Reading[] = [];
    note(`writing the messages of ${most} scenarios`);
    const files: string[] = [];
    for (let shard = 1; shard <= shards; shard += 1) files.push(await writeMessages(join(dir, `${shard}.ndjson`), most / shards, shard));
    const sizeBytes = (await Promise.all(files.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);
    for (const part of [10, 1]) {
      for (const reader of Object.keys(readers) as Reader[]) {
        note(`${reader}, ${most / part} scenarios`);
        readings.push({ reader, scenarios: most / part, ...inItsOwnProcess(program, reader, files.slice(0, shards / part)) });
      }
    }
    return { shards, sizeBytes, readings };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** This file as one of JavaScript, as the functions are packaged: to take the types out of many takes 50 MB. */
async function bundled(dir: string): Promise<string> {
  const { build } = await import('esbuild');
  const outdir = join(dir, 'program');
  const form = { bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node24' } as const;
  await build({ ...form, entryPoints: [here], outdir, outExtension: { '.js': '.mjs' }, external: ['esbuild'] });
  return join(outdir, 'outcome.mjs');
}

function inItsOwnProcess(program: string, reader: Reader, files: readonly string[]): Pick<Reading, 'cpuMs' | 'peakMb'> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...(flags[reader] ?? []), program, reader, ...files], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function judge(files: readonly string[]): readonly ScenarioResult[] {
  const results: ScenarioResult[] = [];
  for (const file of files) {
    const state = emptySuite();
    const reader = messageReader((envelope) => observe(state, envelope), {
      want: 'judging',
      quick: (...line) => observeLine(state, ...line),
    });
    for (const piece of pieces(file)) reader.feed(piece);
    reader.end();
    suiteSoFar(state, () => false);
    for (const result of scenarioResults(state, {})) results.push(result);
  }
  return results;
}

/** In one piece of memory, which the reader is through with before the next comes. */
function* pieces(file: string): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafe(64 * 1024);
  const descriptor = openSync(file, 'r');
  for (let size = readSync(descriptor, piece); size > 0; size = readSync(descriptor, piece)) yield piece.subarray(0, size);
  closeSync(descriptor);
}

function* allPieces(files: readonly string[]): Generator<Uint8Array> {
  for (const file of files) yield* pieces(file);
}

const add = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

function told(results: readonly ScenarioResult[]): Told {
  const counts: Record<string, number> = {};
  for (const { verdict } of results) add(counts, verdict);
  return { counts, failed: counts.failed ?? 0 };
}

async function main(reader: Reader, files: readonly string[]): Promise<void> {
  const { failed } = await readers[reader](files);
  if (failed === 0) throw new Error(`${reader} found no failure`);
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpuMs: Math.round((user + system) / 1_000), peakMb: Math.round(process.resourceUsage().maxRSS / 1_024) }));
}

const [, program, reader, ...files] = process.argv;
if (program === here && reader !== undefined && Object.hasOwn(readers, reader)) await main(reader as Reader, files);
