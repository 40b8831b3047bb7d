import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChrome } from '../../../container/chrome.ts';
import type { JournalEntry } from '../wire/journal.ts';
import { type LocalWorld, startWorld } from '../world.ts';
import { prices } from './prices.ts';
import { ada, ended, environment, started } from './stand-in-runs.ts';

/** What was used of one thing, and what it costs. */
export interface Used {
  readonly what: string;
  readonly count: number;
  readonly dollars: number;
}

/** What one run costs beside Fargate. */
export interface RunCost {
  readonly shards: number;
  readonly used: readonly Used[];
  readonly dollars: number;
  /** Calls of Slack's, which cost nothing, by method. */
  readonly slackCalls: Readonly<Record<string, number>>;
  readonly logBytes: number;
}

/** So long a task has its address, start included, in hours: the stand-in's minute and a half, and a minute before it. */
const taskHours = 2.5 / 60;

/** Counts what runs of one and of forty shards use, on the real functions with stand-ins for tasks, and what a sweep uses that finds nothing. */
export async function measureCost(
  note: (words: string) => void,
): Promise<{ readonly runs: readonly RunCost[]; readonly sweep: readonly Used[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-cost-'));
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const memoryMb = await memories();
  const journal: JournalEntry[] = [];
  note('starting the local world');
  const world = await startWorld({
    dir: join(folder, 'world'),
    port: 0,
    environments: [environment('narrow', 1), environment('wide', 40)],
    container: fileURLToPath(new URL('stand-in-task.ts', import.meta.url)),
    onJournal: (entry) => void journal.push(entry),
  });

  async function counted(name: string, shards: number): Promise<RunCost> {
    note(`a run of ${shards === 1 ? 'one shard' : `${shards} shards`}: about two minutes`);
    const from = journal.length;
    const logsBefore = await sizeOf(join(folder, 'world', 'logs'));
    const runs = await started(world, 1, async () => {
      await world.slack.command({ ...ada, text: `/run-tests ${name}` });
    });
    for (const runId of runs) await ended(world, runId);
    await world.lambda.settled();
    const logBytes = (await sizeOf(join(folder, 'world', 'logs'))) - logsBefore;
    // What the clock does in the meantime is counted as idle.
    const entries = journal.slice(from).filter((entry) => !isSweep(entry));
    const used = [
      ...usedIn(entries, memoryMb),
      { what: 'log bytes', count: logBytes, dollars: (logBytes / 1e9) * prices.logs.gb },
      { what: 'public address, tasks', count: shards, dollars: shards * taskHours * prices.addressHour },
    ];
    return { shards, used, dollars: sum(used), slackCalls: countsBy(entries.filter(({ source }) => source === 'slack')), logBytes };
  }

  try {
    const sweep = await idleSweep(world, journal, memoryMb);
    await counted('narrow', 1); // functions that have started once are what most runs meet
    return { runs: [await counted('narrow', 1), await counted('wide', 40)], sweep };
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A sweep that finds nothing to do, once its function has started: nothing has run within the hour for which ECS knows a task. */
async function idleSweep({ lambda }: LocalWorld, journal: readonly JournalEntry[], memoryMb: Memories): Promise<readonly Used[]> {
  await lambda.invoke('sweep', {});
  const from = journal.length;
  await lambda.invoke('sweep', {});
  return usedIn(journal.slice(from), memoryMb);
}

type Memories = ReadonlyMap<string, number>;

/** As serverless.yml has them. */
async function memories(): Promise<Memories> {
  const text = await readFile(new URL('../../../serverless.yml', import.meta.url), 'utf8');
  const found = text.matchAll(/^ {2}(\w+):\n {4}name: coldframe-.*\n(?: {4}.*\n|\n)*? {4}memorySize: (\d+)/gm);
  return new Map([...found].map(([, name, memoryMb]) => [name ?? '', Number(memoryMb)]));
}

const isSweep = ({ source, name }: JournalEntry): boolean => source === 'lambda' && name === 'invoke sweep';

/** What of this AWS counts, and what it asks for it. */
function usedIn(entries: readonly JournalEntry[], memoryMb: Memories): readonly Used[] {
  const of = (source: JournalEntry['source']) => entries.filter((entry) => entry.source === source);
  const s3 = of('s3').filter(({ name }) => !name.startsWith('Delete'));
  const isWrite = ({ name }: JournalEntry) => /^(?:Put|Copy|List|Create|Complete|Upload)/.test(name);
  const calls = of('lambda').filter(({ name, durationMs }) => name.startsWith('invoke ') && durationMs !== undefined);
  const gbSeconds = calls.reduce(
    (all, { name, durationMs = 0 }) => all + ((memoryMb.get(name.slice('invoke '.length)) ?? 1_024) / 1_024) * (durationMs / 1_000),
    0,
  );
  const told = (what: string, count: number, price: number): Used => ({ what, count, dollars: count * price });
  return [
    ...Object.entries(countsBy(s3.filter(isWrite))).map(([name, count]) => told(`S3 ${name}`, count, prices.s3.write)),
    ...Object.entries(countsBy(s3.filter((entry) => !isWrite(entry)))).map(([name, count]) => told(`S3 ${name}`, count, prices.s3.read)),
    told('Lambda calls', calls.length, prices.lambda.call),
    told('Lambda GB-seconds', gbSeconds, prices.lambda.gbSecond),
    // Each object that S3 tells of, and each of our own.
    told('events', of('events').filter(({ name }) => !/ECS Task|Scheduled/.test(name)).length, prices.event),
    told('SQS requests', of('sqs').length, prices.sqs),
    told('HTTP requests', of('gateway').length, prices.gateway),
  ];
}

const countsBy = (entries: readonly JournalEntry[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(entries, ({ name }) => name)].map(([name, all]) => [name, all.length]));

export const sum = (used: readonly Used[]): number => used.reduce((all, { dollars }) => all + dollars, 0);

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name))));
  return sizes.reduce((all, { size }) => all + size, 0);
}
