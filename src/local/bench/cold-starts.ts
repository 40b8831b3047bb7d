import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { arrivalBook } from '../../coldstart/arrivals.ts';
import { chance } from '../../coldstart/chance.ts';
import { coldStartCounter } from '../../coldstart/count.ts';
import { exportedLog } from '../../coldstart/exported-log.ts';
import { simulate } from '../../coldstart/simulate.ts';
import { summarise } from '../../coldstart/summary.ts';
import { eachLine } from '../coldstarts/log-lines.ts';
import { openSource } from '../source.ts';
import { type Format, formats, writeLog } from './written-log.ts';

const million = 1_000_000;
const minute = 60_000;
const here = fileURLToPath(import.meta.url);

/** Measures reading (a process for each measurement, for its memory) and simulating; tells each line of the result. */
export async function benchColdStarts(tell: (line: string) => void): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-bench-'));
  const flags = await flagsOfCommand();
  try {
    for (const format of formats) await benchReading(dir, format, { flags, tell });
  } finally {
    await rm(dir, { recursive: true });
  }
  benchSimulator(tell);
}

/** How `npm run coldframe` starts Node. */
async function flagsOfCommand(): Promise<readonly string[]> {
  const { scripts } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  return String(scripts.coldframe).match(/--\S+/g) ?? [];
}

interface Bench {
  readonly flags: readonly string[];
  readonly tell: (line: string) => void;
}

interface Used {
  readonly ms: number;
  readonly kb: number;
}

async function benchReading(dir: string, format: Format, { flags, tell }: Bench): Promise<void> {
  const [few, many] = [await measured(dir, million / 10, { format, flags, tell }), await measured(dir, million, { format, flags, tell })];
  const growth = (a: Used, b: Used): string => `${Math.round(((b.kb - a.kb) * 1_024) / (0.9 * million))} bytes a line`;
  const withWhatIf = few.whatIf && many.whatIf ? `, and with a what-if ${growth(few.whatIf, many.whatIf)}` : '';
  tell(`${format}, what the larger file adds to the peak: ${growth(few.read, many.read)}${withWhatIf}`);
}

async function measured(dir: string, lines: number, { format, flags, tell }: Bench & { readonly format: Format }) {
  const file = await writeLog(join(dir, `log-${lines}`), lines, format);
  // As anybody would start it: our flags are for our reader.
  const peer = best('readline', file, []);
  const [split, read] = [best('split', file, flags), best('read', file, flags)];
  // Bare lines have no stream, and without one there is no what-if.
  const whatIf = format.startsWith('tail') ? best('what-if', file, flags) : undefined;
  tell(
    `${format}, ${lines.toLocaleString('en')} lines (${Math.round((await stat(file)).size / 1e6)} MB): node:readline ${peer.ms} ms, our splitting ${split.ms} ms, ` +
      `read and summarised ${read.ms} ms = ${times(read, peer)} and ${times(read, split)} times; ` +
      `peak memory ${megabytes(peer)}, ${megabytes(split)}, ${megabytes(read)}${whatIf === undefined ? '' : `, and with a what-if ${megabytes(whatIf)} (${whatIf.ms} ms)`}`,
  );
  return { read, whatIf };
}

const times = (ours: Used, theirs: Used): string => (ours.ms / theirs.ms).toFixed(1);

const megabytes = ({ kb }: Used): string => `${Math.round(kb / 1_024)} MB`;

/** The least of three, of each. */
function best(what: string, file: string, flags: readonly string[]): Used {
  const runs = [1, 2, 3].map((): Used => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, here, what, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  });
  return { ms: Math.min(...runs.map(({ ms }) => ms)), kb: Math.min(...runs.map(({ kb }) => kb)) };
}

async function measure(what: string, file: string): Promise<void> {
  await using source = await openSource(file, { what: 'an exported log', isInPlace: true });
  const before = process.cpuUsage();
  if (what === 'readline') {
    let length = 0;
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) length += line.length;
    if (length === 0) throw new Error('nothing was read');
  } else if (what === 'split') {
    let length = 0;
    await eachLine(source.open(), (line) => (length += line.length));
    if (length === 0) throw new Error('nothing was read');
  } else {
    const book = what === 'what-if' ? arrivalBook() : undefined;
    const counter = coldStartCounter(book && { tell: book.add });
    await eachLine(source.open(), exportedLog(counter.read).read);
    const whatIfs = [{ kind: 'merge', functions: [] }] as const;
    const { all } = summarise({ counted: counter.end(), ...(book && { arrivals: book.close(), whatIfs }) });
    if (all.invocations === 0) throw new Error('nothing was counted');
  }
  const ms = Math.round(cpuMs(before));
  console.log(JSON.stringify({ ms, kb: process.resourceUsage().maxRSS }));
}

/** A million calls of one busy function, by ours and by a plain loop that looks at all environments for each. */
function benchSimulator(tell: (line: string) => void): void {
  for (const { perHour, durationMs } of [
    { perHour: 1_000, durationMs: 200 },
    { perHour: 180_000, durationMs: 1_000 },
  ]) {
    const random = chance(1);
    const book = arrivalBook();
    let arrivedMs = 0;
    for (let call = 0; call < million; call += 1) {
      arrivedMs += (-Math.log(1 - random()) * 60 * minute) / perHour;
      book.add({ functionName: 'one', stream: '', arrivedMs, durationMs: -Math.log(1 - random()) * durationMs, initMs: 0, found: 'warm' });
    }
    const arrivals = book.close();
    const scenario = { poolOf: [0], pools: 1, initMs: [0], provisioned: [0], losses: [], lifetimeMs: () => 6 * minute };
    const ours = timed(() => simulate(arrivals, scenario).coldStarts);
    const plain = timed(() => {
      const environments: { freeMs: number }[] = [];
      let cold = 0;
      for (let at = 0; at < arrivals.count; at += 1) {
        const nowMs = arrivals.arrivedMs(at);
        let best: { freeMs: number } | undefined;
        for (const one of environments)
          if (one.freeMs <= nowMs && one.freeMs + 6 * minute > nowMs && (best === undefined || one.freeMs > best.freeMs)) best = one;
        if (best === undefined) {
          best = { freeMs: 0 };
          environments.push(best);
          cold += 1;
        }
        best.freeMs = nowMs + arrivals.durationMs(at);
      }
      return cold;
    });
    if (ours.result !== plain.result) throw new Error(`${ours.result} cold starts, and ${plain.result} by the plain loop`);
    tell(
      `simulator, ${perHour.toLocaleString('en')} calls an hour of ${durationMs} ms: ${(million / ours.ms / 1_000).toFixed(1)} million a second, ` +
        `the plain loop ${(million / plain.ms / 1_000).toFixed(2)}: ${(plain.ms / ours.ms).toFixed(1)} times (${ours.result} cold starts, by both)`,
    );
  }
}

function timed<T>(run: () => T): { readonly result: T; readonly ms: number } {
  const before = process.cpuUsage();
  const result = run();
  return { result, ms: cpuMs(before) };
}

/** Processor time since then, which other work on the machine lengthens less than the time on the clock. */
function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

if (import.meta.main) {
  const [what = '', file = ''] = process.argv.slice(2);
  await measure(what, file);
}
