import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findChrome } from '../../../container/chrome.ts';
import type { ShardResult } from '../../run/shard.ts';
import { startWorld } from '../world.ts';
import { writeBrowserSuite } from './browser-suite.ts';
import { type Journey, runJourney } from './journey.ts';
import { worldStarts } from './world-start.ts';

/** What `npm run bench -- overhead` found out. */
export interface Overhead {
  readonly scenarios: number;
  readonly rounds: readonly OverheadRound[];
  /** The median of the rounds' ratios. */
  readonly ratio: number;
  /** The median of the runner's time to its first step, to that of cucumber-js by itself. */
  readonly firstStepRatio: number;
  /** The median start of the local world, until it prints its address; what it builds is there. Milliseconds. */
  readonly worldStartMs: number;
  /** The most memory the runner had at once, of all rounds: the container's own process, without cucumber and browser. */
  readonly runnerPeakMb: number;
  readonly versions: ShardResult['versions'];
}

export interface OverheadRound {
  readonly plain: PlainRun;
  readonly journey: Journey;
  /** The journey's time to that of cucumber-js by itself. */
  readonly ratio: number;
}

/** cucumber-js by itself. Wall clock, in milliseconds. */
export interface PlainRun {
  /** From its start to its exit. */
  readonly ms: number;
  /** Its run, as it says itself: without its own start and end. */
  readonly scenariosMs: number;
  /** From its start until the first hook of a scenario begins. */
  readonly toFirstStepMs: number;
}

export interface OverheadOptions {
  /** How long cucumber-js alone shall take, about. */
  readonly suiteMs: number;
  readonly rounds: number;
  /** Scenarios, instead of as many as fit `suiteMs`. */
  readonly scenarios?: number;
  /** Told what is being done. */
  readonly note: (words: string) => void;
}

const tryOut = 4;

/**
 * Compares the whole way from `/run-tests` to its last message, on the local world, with cucumber-js by itself: the same
 * suite, app and browser, in turn, so that a machine that becomes slower becomes so for both.
 *
 * @throws when the suite does not pass, or passes differently on the two ways
 */
export async function measureOverhead({ suiteMs, rounds, scenarios: given, note }: OverheadOptions): Promise<Overhead> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-bench-'));
  const suite = join(folder, 'suite');
  note('starting the local world');
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const world = await startWorld({ dir: join(folder, 'world'), port: 0, suite });
  try {
    const environment = { ...(await accountOf(folder)), BASE_URL: world.appUrl, CHROME_PATH: chrome.path };
    const plain = () => runPlain(suite, environment);
    const scenarios = given ?? (await fitting(suiteMs, suite, plain, note));
    note(`${scenarios} scenarios; first each way once with a few, to warm up`);
    await writeBrowserSuite(suite, Math.min(scenarios, tryOut));
    await plain();
    const { versions } = await runJourney(world);
    note('starting another local world four times');
    const worldStartMs = median(await worldStarts(folder, 3));
    await writeBrowserSuite(suite, scenarios);
    const measured: OverheadRound[] = [];
    for (let round = 1; round <= rounds; round += 1) measured.push(await measureRound(round));
    return {
      scenarios,
      rounds: measured,
      ratio: median(measured.map(({ ratio }) => ratio)),
      firstStepRatio: median(measured.map(({ plain: alone, journey }) => journey.toFirstStepMs / alone.toFirstStepMs)),
      worldStartMs,
      runnerPeakMb: Math.max(...measured.map(({ journey }) => journey.runner.peakMb)),
      versions,
    };

    async function measureRound(round: number): Promise<OverheadRound> {
      // Whoever goes first has the cooler machine: in turn.
      const isPlainFirst = round % 2 === 1;
      const before = isPlainFirst ? await plain() : undefined;
      const journey = await runJourney(world);
      const alone = before ?? (await plain());
      if (journey.passed !== scenarios) throw new Error(`${journey.passed} of ${scenarios} scenarios passed by /run-tests`);
      const ratio = journey.ms / alone.ms;
      note(`round ${round}: cucumber-js ${seconds(alone.ms)}, /run-tests ${seconds(journey.ms)}, ratio ${ratio.toFixed(3)}`);
      return { plain: alone, journey, ratio };
    }
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** How many scenarios make a suite as long as this, by what a few take. */
async function fitting(suiteMs: number, suite: string, plain: () => Promise<PlainRun>, note: (words: string) => void): Promise<number> {
  note('finding out how long a scenario takes');
  const took = async (scenarios: number) => {
    await writeBrowserSuite(suite, scenarios);
    return await plain();
  };
  await took(1);
  const few = 3 * tryOut;
  const { ms, scenariosMs } = await took(few);
  return Math.max(1, Math.round(((suiteMs - (ms - scenariosMs)) * few) / scenariosMs));
}

/** The account that the local world has made for its example app. */
async function accountOf(folder: string): Promise<Record<string, string>> {
  const { loginUsername = 'ada@example.com', loginPassword = '' } = JSON.parse(await readFile(join(folder, 'world/secrets.json'), 'utf8'));
  return { LOGIN_USERNAME: loginUsername, LOGIN_PASSWORD: loginPassword };
}

async function runPlain(suite: string, environment: Record<string, string>): Promise<PlainRun> {
  const program = join(suite, 'node_modules/@cucumber/cucumber/bin/cucumber.js');
  const startedAtMs = Date.now();
  const startedMs = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: suite, env: { ...process.env, ...environment } });
  const ms = performance.now() - startedMs;
  // The last line that it says: `0m 12.345s (0m 11.987s executing your code)`.
  const [, minutes, rest] = /^(\d+)m ?([\d.]+)s \(/m.exec(stdout) ?? [];
  const [, firstStepAt] = /first step at (\d+)$/m.exec(stdout) ?? [];
  if (rest === undefined || firstStepAt === undefined) throw new Error(`cucumber-js does not say when it was where: ${stdout.slice(-500)}`);
  const scenariosMs = Math.round((Number(minutes) * 60 + Number(rest)) * 1_000);
  return { ms, scenariosMs, toFirstStepMs: Number(firstStepAt) - startedAtMs };
}
