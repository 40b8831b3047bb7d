import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { arrivalBook } from '../../coldstart/arrivals.ts';
import { chance } from '../../coldstart/chance.ts';
import { coldStartCounter } from '../../coldstart/count.ts';
import { exportedLog } from '../../coldstart/exported-log.ts';
import { simulate } from '../../coldstart/simulate.ts';
import { summarise } from '../../coldstart/summary.ts';
import { eachLine } from '../coldstarts/log-lines.ts';
import { openSource } from '../source.ts';

const million = 1_000_000;
const minute = 60_000;
const here = fileURLToPath(import.meta.url);

/** Measures reading (a process for each measurement, for its memory) and simulating. */
export async function benchColdStarts(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-bench-'));
  try {
    for (const format of ['text', 'json', 'tail'] as const) await benchReading(dir, format);
  } finally {
    await rm(dir, { recursive: true });
  }
  benchSimulator();
}

async function benchReading(dir: string, format: Format): Promise<void> {
  const files = await Promise.all(
    [million / 10, million].map(async (lines) => ({ lines, file: await writeLog(join(dir, `${format}-${lines}`), lines, format) })),
  );
  for (const { lines, file } of files) {
    const megabytes = Math.round((await stat(file)).size / 1e6);
    const [split, read, whatIf] = [best('split', file), best('read', file), best('what-if', file)];
    console.log(
      `${format}, ${lines.toLocaleString('en')} lines (${megabytes} MB), processor time: split ${split.ms} ms, read and summarised ${read.ms} ms = ` +
        `${(read.ms / split.ms).toFixed(1)} times; peak memory ${split.mb} MB, ${read.mb} MB, and with a what-if ${whatIf.mb} MB (${whatIf.ms} ms)`,
    );
  }
}

/** The fastest of three. */
function best(what: string, file: string): { readonly ms: number; readonly mb: number } {
  const runs = [1, 2, 3].map(() => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [here, what, file], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  });
  return { ms: Math.min(...runs.map(({ ms }) => ms)), mb: Math.min(...runs.map(({ mb }) => mb)) };
}

async function measure(what: string, file: string): Promise<void> {
  await using source = await openSource(file, { what: 'an exported log' });
  const before = process.cpuUsage();
  if (what === 'split') {
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
  console.log(JSON.stringify({ ms, mb: Math.round(process.resourceUsage().maxRSS / 1024) }));
}

type Format = 'text' | 'json' | 'tail';

/** Reports of twenty functions, every twentieth with an init; those of `tail` with time and stream before them. */
async function writeLog(path: string, lines: number, format: Format): Promise<string> {
  const random = chance(1);
  const file = await open(path, 'w');
  let part: string[] = [];
  for (let line = 0; line < lines; line += 1) {
    const at = new Date(1_790_000_000_000 + line * 50).toISOString();
    const id = `${(line + 0x10000000).toString(16)}-b5ee-4e84-a656-95eb6eee865a`;
    const duration = Math.round(random() * 100_000) / 100;
    const init = line % 20 === 0 ? Math.round(30_000 + random() * 20_000) / 100 : undefined;
    const billed = Math.ceil(duration + (init ?? 0));
    if (format === 'json') {
      const metrics = {
        durationMs: duration,
        billedDurationMs: billed,
        memorySizeMB: 256,
        maxMemoryUsedMB: 123,
        ...(init && { initDurationMs: init }),
      };
      part.push(JSON.stringify({ time: at, type: 'platform.report', record: { requestId: id, metrics, status: 'success' } }));
    } else {
      const prefix =
        format === 'tail'
          ? `${at.replace('Z', '000+00:00')} 2026/11/23/fn-${line % 20}[$LATEST]${(Math.floor(line / 400) * 20 + (line % 20)).toString(16).padStart(32, '0')} `
          : '';
      const cold = init === undefined ? '' : `Init Duration: ${init.toFixed(2)} ms\t`;
      part.push(
        `${prefix}REPORT RequestId: ${id}\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: 256 MB\tMax Memory Used: 95 MB\t${cold}`,
      );
    }
    if (part.length === 10_000) {
      await file.write(`${part.join('\n')}\n`);
      part = [];
    }
  }
  await file.close();
  return path;
}

/** A million calls of one busy function, by ours and by a plain loop that looks at all environments for each. */
function benchSimulator(): void {
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
    console.log(
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
