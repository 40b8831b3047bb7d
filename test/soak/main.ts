/**
 * Many runs at once on the real local world, with everything going wrong that AWS and Slack document:
 * `npm run soak:world -- --runs 200 [--seed 1] [--at-once 4] [--write]`. The same seed gives the same requests, acts and shares of faults;
 * which call a fault hits depends on the machine. `--write` puts what came of them into docs/benchmarks.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chance } from '../../src/coldstart/chance.ts';
import { writeResults } from '../../src/local/bench/benchmarks-file.ts';
import { machineAsText, thisMachine } from '../../src/local/bench/machine.ts';
import { type Held, handleNames, held, processesOf } from './left-over.ts';
import { runSoak, type Soaked } from './run-soak.ts';
import { openSoakWorld } from './soak-world.ts';
import { weather } from './weather.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
  },
});
const [runs, seed, atOnce] = [whole('runs', values.runs), whole('seed', values.seed), whole('at-once', values['at-once'])];

const startedAtMs = Date.now();
const machine = machineAsText(thisMachine());
const folder = await mkdtemp(join(tmpdir(), 'coldframe-soak-'));
// Tasks make their folders in it: what is left there was left by a run.
process.env.TMPDIR = join(folder, 'tmp');
await mkdir(process.env.TMPDIR);
// Node opens /dev/null for the first process that it starts, and keeps it.
await once(spawn('true'), 'close');
const first = held();
const { faults, struck, note } = weather(chance(seed));
const soak = await openSoakWorld(folder, faults);
const memory: Held[] = [];
const soaked: Soaked[] = [];
const left: string[] = [];
try {
  const quarter = Math.ceil(runs / 4);
  await runSoak(soak, { runs, seed, atOnce, note }, (one) => {
    soaked.push(one);
    if (soaked.length % quarter === 0 && soaked.length < runs) memory.push(held());
    console.log(`${String(soaked.length).padStart(4)}  ${one.line}`);
    for (const wrong of one.wrong) console.log(`      ${wrong}`);
  });
  for (const { runId, wrong } of soaked) {
    if (wrong.length === 0 || runId === undefined) continue;
    console.log(`\n${runId} (seed ${seed}):\n${(await soak.timelineOf(runId)).map((line) => `  ${line}`).join('\n')}`);
  }
  memory.push(held());
  left.push(...(await tasksLeft()));
} finally {
  await soak.end();
}
const last = held();
left.push(...processesOf(folder).map((one) => `process ${one}`));
if (last.handles > first.handles) left.push(`${last.handles - first.handles} handles: ${handleNames().join(', ')}`);
await rm(folder, { recursive: true, force: true, maxRetries: 5 });

const text = asText();
console.log(`\n${text}`);
if (values.write) await writeResults('soak of the world', `${new Date(startedAtMs).toISOString()}, ${machine}\n${text}`);
const wrong = soaked.filter((one) => one.wrong.length > 0).length + left.length;
console.log(`${Math.max(0, soaked.length - wrong)} passed, ${wrong} failed`);
process.exitCode = wrong === 0 && soaked.length >= runs ? 0 : 1;

/** Folders of tasks, and processes of theirs, while the world is still there but nothing runs any more. */
async function tasksLeft(): Promise<readonly string[]> {
  const files = await readdir(join(folder, 'tmp'));
  const processes = processesOf(join(folder, 'tmp')).filter((one) => !one.includes('runtime-client.mjs'));
  return [...files.map((name) => `file ${name}`), ...processes.map((one) => `process of a task: ${one}`)];
}

function asText(): string {
  const kinds = Object.entries(Object.groupBy(soaked, ({ kind }) => kind)).map(([kind, all = []]) => `${all.length} ${kind}`);
  const hits = Object.entries(
    Object.groupBy(
      soaked.filter(({ isHit }) => isHit),
      ({ asked }) => asked.act,
    ),
  ).map(([act, all = []]) => `${act} ${all.length}`);
  const waits = soaked.flatMap(({ tookMs }) => (tookMs > 0 ? [tookMs] : [])).toSorted((a, b) => a - b);
  const seconds = (ms: number | undefined) => `${((ms ?? 0) / 1_000).toFixed(0)} s`;
  const faultsStruck = [...struck].toSorted(([, a], [, b]) => b - a);
  const right = soaked.filter((one) => one.wrong.length === 0).length;
  return [
    `${soaked.length} runs, seed ${seed}, ${atOnce} at once, in ${Math.round((Date.now() - startedAtMs) / 60_000)} minutes: ${right} ended right, ${soaked.length - right} did not`,
    `came to: ${kinds.join(', ')}; with a real browser ${soaked.filter(({ asked }) => asked.wanted.name === 'browser').length}`,
    `from the request to the end: half within ${seconds(waits[Math.floor(waits.length / 2)])}, the slowest ${seconds(waits.at(-1))}`,
    `messages ${sum(({ parents }) => parents)}, replies that notify ${sum(({ replies }) => replies)}`,
    `done to runs: ${hits.join(', ')}`,
    `faults: ${faultsStruck.reduce((all, [, count]) => all + count, 0)}`,
    ...faultsStruck.map(([name, count]) => `  ${String(count).padStart(5)} ${name}`),
    `memory after each quarter: heap ${memory.map(({ heapMb }) => heapMb.toFixed(0)).join(', ')} MB, in all ${memory.map(({ rssMb }) => rssMb.toFixed(0)).join(', ')} MB`,
    `open handles before ${first.handles}, while it ran ${memory.map(({ handles }) => handles).join(', ')}, afterwards ${last.handles}`,
    left.length === 0 ? 'left over: nothing' : `left over: ${left.join('; ')}`,
  ].join('\n');
}

function sum(of: (one: Soaked) => number): number {
  return soaked.reduce((all, one) => all + of(one), 0);
}

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number, not ${text}`);
}
