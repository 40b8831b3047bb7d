import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzzer, type Tried } from './fuzz.ts';

const usage = `npm run fuzz -- --runs N [--seed S]   tries the inputs of so many seeds from S on, and says which claims they broke
npm run fuzz -- --runs N --door NAME   tries one door only: slack, ci, link, queue, ecs, s3, any event, container, config, command
npm run fuzz -- --runs 1 --seed S      tries one, and shows it`;

/** How many failures are shown. */
const mostShown = 200;
const mostOfInput = 3_000;
/** After so many it says how far it is, where nobody reads it as a result. */
const tellsEach = 25_000;

// The functions' own lines go to where the claims are checked; these are ours.
const write = process.stdout.write.bind(process.stdout);
const writeError = process.stderr.write.bind(process.stderr);
const tell = (line: string) => void write(`${line}\n`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const perSecond = (done: number, startedAtMs: number): string => (done / ((performance.now() - startedAtMs) / 1_000)).toFixed(0);

const heapMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

function numberOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number, not ${text}`);
  return Number(text);
}

function tellOf(seed: number, { door, input, broken }: Tried, only: string | undefined): void {
  tell(`seed ${seed}, ${door}: ${broken.slice(0, 5).join('; ')}`);
  tell(`  ${inputText(input).slice(0, mostOfInput)}`);
  tell(`  npm run fuzz -- --runs 1 --seed ${seed}${only === undefined ? '' : ` --door ${JSON.stringify(only)}`}`);
}

/** As JSON, but for what is nested too deep for that. */
function inputText(input: unknown): string {
  try {
    return JSON.stringify(input, shown);
  } catch (error) {
    return String(error);
  }
}

const shown = (_: string, value: unknown): unknown => (value instanceof Uint8Array ? `${value.length} bytes` : value);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, door: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    tell(usage);
    return 0;
  }
  const runs = numberOf('--runs', values.runs, 10_000);
  const from = numberOf('--seed', values.seed, 1);
  const tryOne = await fuzzer(values.door);
  const perDoor = new Map<string, { count: number; ms: number }>();
  const heaps: number[] = [];
  let [failed, slowestMs] = [0, 0];
  const startedAtMs = performance.now();
  for (let seed = from; seed < from + runs; seed += 1) {
    // The first ones load what is loaded once.
    if ((seed - from) % Math.ceil(runs / 4) === Math.floor(runs / 8)) heaps.push(heapMb());
    const beganAtMs = performance.now();
    const tried = await tryOne(seed);
    const tookMs = performance.now() - beganAtMs;
    slowestMs = Math.max(slowestMs, tookMs);
    const soFar = perDoor.get(tried.door) ?? { count: 0, ms: 0 };
    perDoor.set(tried.door, { count: soFar.count + 1, ms: soFar.ms + tookMs });
    if (tried.broken.length > 0) failed += 1;
    if ((tried.broken.length > 0 && failed <= mostShown) || runs === 1) tellOf(seed, tried, values.door);
    const done = seed - from + 1;
    if (done % tellsEach === 0) writeError(`${done} of ${runs}, ${failed} failed, ${perSecond(done, startedAtMs)} a second\n`);
  }
  const tookS = (performance.now() - startedAtMs) / 1_000;
  heaps.push(heapMb());
  const doors = [...perDoor].toSorted(([a], [b]) => (a < b ? -1 : 1));
  tell(doors.map(([name, { count, ms }]) => `${name} ${count} (${(ms / count).toFixed(2)} ms)`).join(', '));
  tell(
    `heap ${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB from start to end; at most ${(process.resourceUsage().maxRSS / 1_024).toFixed(0)} MB in all; slowest answer ${slowestMs.toFixed(0)} ms`,
  );
  tell(`${runs} inputs in ${tookS.toFixed(1)} s, ${Math.round(runs / tookS)} a second`);
  tell(`${runs - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 2;
}
// The server of the edges would go on listening; what was told is written first.
write('', () => process.exit());
