/**
 * Runs in a row, each with one random kill: `npm run soak -- --runs 50 [--seed 1] [--write]`. The same seed gives the same kills; at
 * which step they hit depends on the machine. `--write` puts what came of them into docs/benchmarks.md.
 *
 * Whatever is hit, each run must end in one message that tells the truth: nothing is called passed that did not pass, a stop
 * never looks like a failure, and nothing is left.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chance } from '../../../src/coldstart/chance.ts';
import { writeResults } from '../../../src/local/bench/benchmarks-file.ts';
import { machineAsText, thisMachine } from '../../../src/local/bench/machine.ts';
import type { OutcomeKind } from '../../../src/outcome/outcome.ts';
import { aSuite } from './a-suite.ts';
import { type ARun, type Attempt, type Ended, type EndingsWorld, openEndingsWorld } from './endings-world.ts';

const scenarios = 6;

/** With a real browser. Each scenario's last step tells the site that it has come so far: the truth we hold the message against. */
const files = aSuite(
  Object.fromEntries(
    Array.from({ length: scenarios }, (_, index) => [`number ${index + 1}`, ['I see the app', 'I look around', `I was at ${index + 1}`]]),
  ),
  `
  import { After, AfterAll, Before, BeforeAll } from '@cucumber/cucumber';
  import { chromium } from 'playwright-core';
  let browser;
  BeforeAll({ timeout: 60_000 }, async () => { browser = await chromium.launch({ executablePath: process.env.CHROME_PATH, chromiumSandbox: false, handleSIGTERM: false }); });
  Before(async function () { this.page = await browser.newPage(); });
  Given('I see the app', async function () { await this.page.goto(process.env.BASE_URL); });
  Given('I look around', async function () { await this.page.waitForTimeout(300); });
  Given('I was at {int}', async function (number) { if (await this.page.title() !== 'The app') throw new Error('this is another app'); await visit('/was-at-' + number); });
  After(async function () { await this.page?.close(); });
  AfterAll({ timeout: 60_000 }, async () => { await browser?.close(); });`,
);

/** Something that is done to a run, and what may come of it when it has hit. Too late or too early, the run passes. */
interface Kill {
  readonly name: string;
  readonly may: readonly OutcomeKind[];
  /** What there must be before the clock runs; absent: the task. */
  readonly when?: readonly RegExp[];
  /** It hits within this part of what is left of a run then; absent: at any moment of it. */
  readonly within?: number;
  /** False when there was nothing to hit. */
  readonly hit: (run: ARun, random: () => number) => Promise<boolean>;
  /** It ends the run from outside: what fails by that is no failure. */
  readonly isStop?: true;
}

const cucumber = /cucumber-child/;
const browser = /--user-data-dir=(?!.*--type=)/;
const helpers = /--type=/;

const signal =
  (command: RegExp, by: NodeJS.Signals): Kill['hit'] =>
  async (run) => {
    const pids = run.processes(command);
    return pids.map((pid) => send(pid, by)).includes(true);
  };

const kills: readonly Kill[] = [
  { name: 'container SIGKILL', may: ['unfinished', 'not-started'], isStop: true, hit: async (run) => tried(() => run.kill('sigkill')) },
  {
    name: 'container SIGTERM (StopTask)',
    may: ['unfinished', 'not-started'],
    isStop: true,
    hit: async (run) => run.stopTask('soak').then(() => true),
  },
  { name: 'container SIGTERM (Spot)', may: ['unfinished', 'not-started'], isStop: true, hit: async (run) => tried(() => run.kill('spot')) },
  { name: 'container SIGTERM (cancel)', may: ['cancelled'], isStop: true, hit: async (run) => run.cancel().then(() => true) },
  {
    name: 'container SIGSTOP, then StopTask',
    may: ['unfinished', 'not-started'],
    isStop: true,
    hit: async (run, random) => {
      await signal(/main\.mjs/, 'SIGSTOP')(run, random);
      await pause(random() * 1_000);
      await run.stopTask('soak');
      return true;
    },
  },
  { name: 'cucumber SIGKILL', may: ['unfinished'], when: [cucumber], hit: signal(cucumber, 'SIGKILL') },
  { name: 'cucumber SIGTERM', may: ['unfinished'], when: [cucumber], hit: signal(cucumber, 'SIGTERM') },
  { name: 'cucumber SIGSTOP', may: ['timed-out'], when: [cucumber], hit: signal(cucumber, 'SIGSTOP') },
  { name: 'browser SIGKILL', may: ['failed', 'broken'], when: [cucumber, browser], hit: signal(browser, 'SIGKILL') },
  { name: 'browser SIGTERM', may: ['failed', 'broken'], when: [cucumber, browser], hit: signal(browser, 'SIGTERM') },
  { name: 'browser SIGSTOP', may: ['failed', 'broken', 'timed-out'], when: [cucumber, browser], hit: signal(browser, 'SIGSTOP') },
  { name: 'browser of the pre-flight SIGKILL', may: ['broken'], when: [browser], within: 0.1, hit: signal(browser, 'SIGKILL') },
  {
    name: 'one of its helpers SIGKILL',
    may: ['failed', 'broken', 'timed-out', 'unfinished'],
    when: [cucumber, helpers],
    hit: async (run, random) => {
      const pids = run.processes(helpers);
      const pid = pids[Math.floor(random() * pids.length)];
      return pid !== undefined && send(pid, 'SIGKILL');
    },
  },
];

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } },
});
const count = whole('runs', values.runs);
const seed = whole('seed', values.seed);

/** What came of one kill. */
interface Soaked {
  readonly kill: string;
  readonly hit: boolean;
  readonly kind: OutcomeKind;
  /** From the kill, or from the start where nothing was hit, to the last message. */
  readonly tookMs: number;
  readonly isRight: boolean;
}

const startedAtMs = Date.now();
const machine = machineAsText(thisMachine());
const world = await openEndingsWorld();
const soaked: Soaked[] = [];
try {
  const pace = await untouched(world);
  for (let number = 1; number <= count; number += 1) soaked.push(await soak(world, number, pace));
} finally {
  await world.stop();
}
const summary = asText(soaked);
console.log(`\n${summary}`);
if (values.write) await writeResults('soak', `${new Date(startedAtMs).toISOString()}, ${machine}\n${summary}`);
process.exitCode = soaked.every(({ isRight }) => isRight) ? 0 : 1;

/** Kill by kill: how often it hit, what its runs came to, and how long the channel waited for it at most. */
function asText(all: readonly Soaked[]): string {
  const rows = kills.flatMap(({ name }) => {
    const mine = all.filter(({ kill }) => kill === name);
    if (mine.length === 0) return [];
    const kinds = Object.entries(Object.groupBy(mine, ({ kind }) => kind)).map(([kind, runs]) => `${runs.length} ${kind}`);
    const slowest = Math.max(...mine.filter(({ hit }) => hit).map(({ tookMs }) => tookMs), 0);
    const hits = mine.filter(({ hit }) => hit).length;
    const waited = hits === 0 ? '' : `${(slowest / 1_000).toFixed(1)} s`;
    return [
      `${name.padEnd(34)} ${String(mine.length).padStart(4)} ${String(hits).padStart(4)}  ${waited.padStart(7)}  ${kinds.join(', ')}`,
    ];
  });
  const wrong = all.filter(({ isRight }) => !isRight).length;
  return [
    `${all.length} runs, seed ${seed}, in ${Math.round((Date.now() - startedAtMs) / 60_000)} minutes: ${all.length - wrong} ended right and left nothing over, ${wrong} did not`,
    '',
    `${'kill'.padEnd(34)} runs hits  slowest  came to`,
    ...rows,
  ].join('\n');
}

/** How a run goes on this machine that nothing happens to: where it is busy, all moments and limits are later. */
interface Pace {
  readonly runMs: number;
  /** Of that, from the first moment of the suite's browser. */
  readonly suiteMs: number;
}

async function untouched({ run, chrome }: EndingsWorld): Promise<Pace> {
  let suiteAtMs = 0;
  const ended = await run({
    name: 'soak-0',
    files,
    environment: { limitMs: 300_000 },
    variables: () => ({ CHROME_PATH: chrome }),
    isEarly: true,
    act: async (aRun) => {
      aRun.event();
      await isThere(aRun, [cucumber, browser]);
      suiteAtMs = Date.now();
    },
  });
  if (ended.outcome.kind !== 'passed' || ended.left.length > 0)
    throw new Error(`a run that nothing happens to is called ${ended.outcome.kind} and leaves ${ended.left.join(', ')}:\n${ended.message}`);
  console.log(`a run that nothing happens to takes ${(ended.tookMs / 1_000).toFixed(1)} s`);
  return { runMs: ended.tookMs, suiteMs: Date.now() - suiteAtMs };
}

/** Settles when each of the processes is there, or the run has ended before. */
async function isThere(run: ARun, commands: readonly RegExp[]): Promise<void> {
  while (!run.hasEnded() && !commands.every((command) => run.processes(command).length > 0)) await pause(20);
}

/** One run and its kill; says how it went. */
async function soak({ run, chrome }: EndingsWorld, number: number, { runMs, suiteMs }: Pace): Promise<Soaked> {
  const random = chance(seed * 1_000 + number);
  const kill = kills[Math.floor(random() * kills.length)];
  if (kill === undefined) throw new Error('there is always one');
  const { when = [], within = 1 } = kill;
  const afterMs = Math.floor(random() * within * (when.length === 0 ? runMs : suiteMs));
  const attempt: Attempt & { hit: boolean } = {
    name: `soak-${number}`,
    files,
    hit: false,
    environment: { limitMs: Math.round(4 * runMs) },
    variables: () => ({ CHROME_PATH: chrome }),
    stopTimeoutS: 8,
    isEarly: true,
    act: async (aRun) => {
      await isThere(aRun, when);
      await pause(afterMs);
      if (aRun.hasEnded()) return;
      aRun.event();
      attempt.hit = await kill.hit(aRun, random);
    },
  };
  const ended = await run(attempt);
  const wrong = faults(ended, kill, attempt.hit);
  const moment = `${(afterMs / 1_000).toFixed(2)} s`.padStart(7);
  const how = `${ended.outcome.kind}${attempt.hit ? '' : ' (nothing was hit)'}`;
  console.log(
    `${String(number).padStart(3)}  ${kill.name.padEnd(34)} at ${moment}  ${how.padEnd(32)} after ${(ended.tookMs / 1_000).toFixed(1)} s  ${wrong.length === 0 ? 'ok' : 'WRONG'}`,
  );
  for (const fault of wrong) console.log(`     ${fault}`);
  if (wrong.length > 0) console.log(`${ended.message.replace(/^/gm, '     | ')}`);
  return { kill: kill.name, hit: attempt.hit, kind: ended.outcome.kind, tookMs: ended.tookMs, isRight: wrong.length === 0 };
}

/** What of an end is not as it should be. */
function faults({ outcome, messages, visits, left, result }: Ended, { may, isStop }: Kill, hit: boolean): readonly string[] {
  const done = visits.filter((path) => path.startsWith('/was-at-')).length;
  const counts = 'counts' in outcome ? outcome.counts : undefined;
  const failures = 'failures' in outcome ? outcome.failures : [];
  return [
    ...(messages === 1 ? [] : [`the channel has ${messages} messages of it`]),
    ...(outcome.kind !== 'passed' || done === scenarios ? [] : [`it is called passed, and ${done} of ${scenarios} scenarios were done`]),
    ...(counts === undefined || counts.passed <= done ? [] : [`${counts.passed} are called passed, and ${done} were done`]),
    ...(outcome.kind === 'passed' || (hit && may.includes(outcome.kind)) ? [] : [`it is called ${outcome.kind}`]),
    ...(isStop && failures.length > 0 ? [`the stop looks like ${failures.length} failures`] : []),
    // A container that was killed outright has said nothing, and what it left went with it.
    ...(result === undefined ? left.filter((what) => what.startsWith('afterwards')) : left).map((what) => `left: ${what}`),
  ];
}

function send(pid: number, by: NodeJS.Signals): boolean {
  return tried(() => process.kill(pid, by));
}

/** Whether it could be done: what is to be hit may just have gone. */
function tried(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    // gone
    return false;
  }
}

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`--${name} takes a whole number, not ${text}`);
}
