import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { replaceSources } from './replaced.ts';
import { sameChance } from './same-chance.ts';
import { type Storm, storms } from './storms.ts';

const usage = `npm run simulate -- --seeds N [--from N]   lives so many hostile histories, and says which promises were broken
npm run simulate -- --trace SEED           lives one, and tells what happened
  --storm KIND                             with more of one kind of trouble: ${storms.join(', ')}
npm run simulate -- --mutants              takes each safeguard away, and says after how many histories a promise broke`;

/** How many failures are shown. */
const mostShown = 10;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      trace: { type: 'string' },
      mutants: { type: 'boolean' },
      mutant: { type: 'string' },
      storm: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const seeds = numberOf('--seeds', values.seeds, 1_000);
  const from = numberOf('--from', values.from, 1);
  if (values.mutants) return everyMutant(seeds);
  const mutant = values.mutant === undefined ? undefined : mutants[values.mutant];
  if (values.mutant !== undefined && mutant === undefined) throw new Error(`there is no mutant ${JSON.stringify(values.mutant)}`);
  const storm = values.storm === undefined ? mutant?.storm : stormOf(values.storm);
  replaceSources(mutant);
  if (values.trace !== undefined) return await tellOne(numberOf('--trace', values.trace, 0), storm);
  return await liveAll({ seeds, from, storm, isMutant: mutant !== undefined });
}

function numberOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number, not ${text}`);
  return Number(text);
}

function stormOf(text: string): Storm {
  const storm = storms.find((one) => one === text);
  if (storm === undefined) throw new Error(`--storm takes one of ${storms.join(', ')}, not ${text}`);
  return storm;
}

async function tellOne(seed: number, storm: Storm | undefined): Promise<number> {
  const { live } = await import('./history.ts');
  sameChance(seed);
  const { trace, broken } = await live(seed, { isTraced: true, storm });
  for (const line of trace) console.log(line);
  console.log(`\nseed ${seed}: ${broken.length === 0 ? 'every promise was kept' : broken.join('\n')}`);
  return broken.length === 0 ? 0 : 1;
}

interface Lives {
  readonly seeds: number;
  readonly from: number;
  readonly storm: Storm | undefined;
  /** The first that fails is enough. */
  readonly isMutant: boolean;
}

async function liveAll({ seeds, from, storm, isMutant }: Lives): Promise<number> {
  const { live } = await import('./history.ts');
  let failed = 0;
  let runs = 0;
  const startedAtMs = Date.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    sameChance(seed);
    const told = await live(seed, { storm }).catch((error: unknown) => ({ runs: 0, broken: [`it came to an error: ${String(error)}`] }));
    runs += told.runs;
    if (told.broken.length > 0) {
      failed += 1;
      if (failed <= mostShown) console.log(`seed ${seed}: ${told.broken.join('; ')}\n  npm run simulate -- --trace ${seed}`);
      if (isMutant) return 1;
    }
    const done = seed - from + 1;
    if (process.stderr.isTTY && done % 50 === 0) process.stderr.write(`\r${done} of ${seeds} `);
  }
  const tookS = (Date.now() - startedAtMs) / 1_000;
  if (process.stderr.isTTY) process.stderr.write('\r');
  const { user, system } = process.cpuUsage();
  const each = `${((user + system) / 1_000 / seeds).toFixed(1)} ms of a processor each`;
  console.log(`${seeds} histories with ${runs} runs in ${tookS.toFixed(1)} s, ${Math.round(seeds / tookS)} a second, ${each}`);
  console.log(`${seeds - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Each in a process of its own: a source is read once. A promise that breaks with all safeguards in place proves nothing. */
function everyMutant(seeds: number): number {
  let unnoticed = 0;
  for (const name of Object.keys(mutants)) {
    const first = firstBroken(name, seeds);
    if (first === undefined) unnoticed += 1;
    console.log(`${first === undefined ? 'UNNOTICED' : 'noticed  '} ${name}\n          ${first ?? `not in ${seeds} histories`}`);
  }
  console.log(`${Object.keys(mutants).length - unnoticed} passed, ${unnoticed} failed`);
  return unnoticed === 0 ? 0 : 1;
}

function firstBroken(mutant: string, seeds: number): string | undefined {
  for (let from = 1; from <= seeds; ) {
    const { status, stdout } = again('--mutant', mutant, '--from', String(from), '--seeds', String(seeds - from + 1));
    const [line = ''] = stdout.split('\n');
    const seed = /^seed (\d+): /.exec(line)?.[1];
    if (status !== 1 || seed === undefined) return undefined;
    const storm = mutants[mutant]?.storm;
    const same = storm === undefined ? [] : ['--storm', storm];
    if (again('--from', seed, '--seeds', '1', ...same).status === 0) return line;
    from = Number(seed) + 1;
  }
  return undefined;
}

const again = (...args: readonly string[]) => spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' });

// The errors are answers here, and are thrown by the million.
Error.stackTraceLimit = 0;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
