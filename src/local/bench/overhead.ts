import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findChrome } from '../../../container/chrome.ts';
import { readResult, readRun } from '../../app/run-store.ts';
import type { Outcome } from '../../outcome/outcome.ts';
import { runKeys } from '../../run/keys.ts';
import { parseRunId, type RunId } from '../../run/run-id.ts';
import { nothingSaid } from '../../run/said.ts';
import { parseSaid } from '../../run/stored.ts';
import { type LocalWorld, startWorld } from '../world.ts';
import { writeBrowserSuite } from './browser-suite.ts';

/** What `npm run bench -- overhead` found out. Times are wall clock, in milliseconds. */
export interface Overhead {
  readonly scenarios: number;
  readonly rounds: readonly OverheadRound[];
  /** The median of the rounds' ratios. */
  readonly ratio: number;
  /** The most memory the runner had at once, of all rounds: the container's own process, without cucumber and browser. */
  readonly runnerPeakMb: number;
  readonly versions: { readonly node: string; readonly cucumber: string; readonly browser: string };
}

export interface OverheadRound {
  /** cucumber-js by itself, from its start to its exit. */
  readonly plainMs: number;
  /** From the command in Slack to the message that Slack has confirmed as the run's end. */
  readonly journeyMs: number;
  readonly ratio: number;
  /** The journey's parts: until the container runs, the container, and from its end to the message. */
  readonly untilContainerMs: number;
  readonly containerMs: number;
  readonly afterContainerMs: number;
  readonly runnerPeakMb: number;
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

const command = '/run-tests local tags="not @nothing" retry=0';
const asker = { userId: 'U0ADA', channelId: 'C0UITESTS' };
const tryOut = 4;
const watchEveryMs = 100;

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
    const first = await runJourney(world);
    await writeBrowserSuite(suite, scenarios);
    const measured: OverheadRound[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const plainMs = await plain();
      const journey = await runJourney(world);
      if (journey.passed !== scenarios) throw new Error(`${journey.passed} of ${scenarios} scenarios passed by /run-tests`);
      const ratio = journey.journeyMs / plainMs;
      note(`round ${round}: cucumber-js ${seconds(plainMs)}, /run-tests ${seconds(journey.journeyMs)}, ratio ${ratio.toFixed(3)}`);
      const { passed: _, versions: __, ...times } = journey;
      measured.push({ plainMs, ratio, ...times });
    }
    const { cucumber = '', browser = '', node } = first.versions;
    return {
      scenarios,
      rounds: measured,
      ratio: median(measured.map(({ ratio }) => ratio)),
      runnerPeakMb: Math.max(...measured.map(({ runnerPeakMb }) => runnerPeakMb)),
      versions: { node, cucumber, browser },
    };
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** How many scenarios make a suite as long as this: two short ones tell what each costs. */
async function fitting(suiteMs: number, suite: string, plain: () => Promise<number>, note: (words: string) => void): Promise<number> {
  note('finding out how long a scenario takes');
  const took = async (scenarios: number) => {
    await writeBrowserSuite(suite, scenarios);
    return await plain();
  };
  await took(1);
  const short = await took(tryOut);
  const eachMs = ((await took(3 * tryOut)) - short) / (2 * tryOut);
  return Math.max(1, Math.round((suiteMs - (short - tryOut * eachMs)) / eachMs));
}

/** The account that the local world has made for its example app. */
async function accountOf(folder: string): Promise<Record<string, string>> {
  const { loginUsername = 'ada@example.com', loginPassword = '' } = JSON.parse(await readFile(join(folder, 'world/secrets.json'), 'utf8'));
  return { LOGIN_USERNAME: loginUsername, LOGIN_PASSWORD: loginPassword };
}

async function runPlain(suite: string, environment: Record<string, string>): Promise<number> {
  const program = join(suite, 'node_modules/@cucumber/cucumber/bin/cucumber.js');
  const startedMs = performance.now();
  await promisify(execFile)(process.execPath, [program], { cwd: suite, env: { ...process.env, ...environment } });
  return performance.now() - startedMs;
}

interface Journey extends Omit<OverheadRound, 'plainMs' | 'ratio'> {
  readonly passed: number;
  readonly versions: { readonly node: string; readonly cucumber?: string; readonly browser?: string };
}

async function runJourney(world: LocalWorld): Promise<Journey> {
  const known = new Set(world.slack.messages(asker.channelId).map(({ ts }) => ts));
  const startedMs = performance.now();
  const startedAtMs = Date.now();
  const said = await world.slack.command({ ...asker, text: command });
  if (said.message !== undefined) throw new Error(`the command was refused: ${said.message.text}`);
  const runId = await next(world, () => {
    const mine = world.slack.messages(asker.channelId).find(({ ts, metadata }) => !known.has(ts) && metadata !== undefined);
    return parseRunId(String(mine?.metadata?.event_payload.run_id));
  });
  const memory = watchMemory(runId);
  const outcome = await next(world, () => shownEnd(world, runId)).finally(memory.stop);
  const journeyMs = performance.now() - startedMs;
  const endedAtMs = Date.now();
  const result = await readResult(world.store, { environment: 'local', runId }, 1);
  if (outcome.kind !== 'passed' || result === undefined) throw new Error(`/run-tests ended as ${JSON.stringify(outcome).slice(0, 1_000)}`);
  await world.lambda.settled();
  return {
    journeyMs,
    untilContainerMs: Date.parse(result.startedAt) - startedAtMs,
    containerMs: Date.parse(result.endedAt) - Date.parse(result.startedAt),
    afterContainerMs: endedAtMs - Date.parse(result.endedAt),
    runnerPeakMb: memory.peakMb(),
    passed: outcome.counts.passed,
    versions: result.versions,
  };
}

/** The run's outcome, once Slack has confirmed the message that tells it. */
async function shownEnd(world: LocalWorld, runId: RunId): Promise<Outcome | undefined> {
  const run = await readRun(world.store, { environment: 'local', runId });
  if (run?.phase.kind !== 'finished') return undefined;
  const said = (await world.store.get(runKeys('local', runId).said, parseSaid))?.value ?? nothingSaid;
  return said.confirmed?.revision === run.revision ? run.phase.outcome : undefined;
}

/** Looks again whenever something has happened in the world. */
async function next<T>(world: LocalWorld, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const changed = world.nextChange();
    const found = await look();
    if (found !== undefined) return found;
    await changed;
  }
}

/** Follows the memory of the container's main process: the one that was told this run and is the bundle itself. */
function watchMemory(runId: RunId): { stop(): void; peakMb(): number } {
  let peakKb = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid) && isContainer(pid, runId)) peakKb = Math.max(peakKb, peakOf(pid));
  }, watchEveryMs);
  return { stop: () => clearInterval(timer), peakMb: () => Math.round(peakKb / 1_024) };
}

const isContainer = (pid: string, runId: RunId): boolean =>
  proc(pid, 'cmdline').includes('container/main.mjs') && proc(pid, 'environ').includes(`COLDFRAME_RUN=${runId}\0`);

const peakOf = (pid: string): number => Number(/VmHWM:\s*(\d+) kB/.exec(proc(pid, 'status'))?.[1] ?? 0);

function proc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // it has just ended, or is not ours
    return '';
  }
}
