import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

const event = `const event = () => fetch(process.env.BASE_URL + '/event');`;

/** What a suite's own code can do to its run. */
export const suiteEndings: readonly Ending[] = [
  {
    name: 'passes',
    title: 'all is well',
    files: aSuite({ first: ['all is well'], second: ['all is well'] }),
    kind: 'passed',
    says: ['passes passed', '2 scenarios passed'],
  },
  {
    name: 'fails',
    title: 'a scenario fails',
    files: aSuite({ first: ['all is well'], second: ['it fails'] }),
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'this is wrong'],
  },
  {
    name: 'leaked-timer',
    title: 'a timer and a server are left open',
    files: aSuite(
      { first: ['I leave things open'] },
      `import { createServer } from 'node:http'; ${event}
      Given('I leave things open', async () => { await event(); setInterval(() => {}, 1000); createServer().listen(0); });`,
    ),
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'leaked-process',
    title: 'a process is left running, detached, with the output open',
    files: aSuite(
      { first: ['I leave a process'] },
      `import { spawn } from 'node:child_process'; ${event}
      Given('I leave a process', async () => { await event(); spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'inherit' }).unref(); });`,
    ),
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'exit-handler',
    title: 'an exit handler never ends, after the run is over',
    files: aSuite(
      { first: ['I never let go'] },
      `${event} Given('I never let go', async () => { await event(); process.on('exit', () => { for (;;); }); });`,
    ),
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'exit-0',
    title: 'a step calls `process.exit(0)`',
    files: aSuite(
      { first: ['all is well'], second: ['I exit'], third: ['all is well'] },
      `${event} Given('I exit', async () => { await event(); process.exit(0); });`,
    ),
    kind: 'unfinished',
    says: ['1 passed, 2 not run', 'exit code 0', 'process.exit()', 'second › Given I exit'],
  },
  {
    name: 'exit-3',
    title: 'a step calls `process.exit(3)`',
    files: aSuite(
      { first: ['all is well'], second: ['I exit'] },
      `${event} Given('I exit', async () => { await event(); process.exit(3); });`,
    ),
    kind: 'unfinished',
    says: ['exit code 3', 'process.exit()'],
  },
  {
    name: 'throws-on-load',
    title: 'support code throws while it is loaded',
    files: aSuite({ first: ['all is well'] }, `throw new Error('the database of steps is missing');`),
    kind: 'broken',
    says: ['the database of steps is missing'],
  },
  {
    name: 'syntax-error',
    title: 'support code has a syntax error',
    files: aSuite({ first: ['all is well'] }, `Given('x', () => {`),
    kind: 'broken',
    says: ['SyntaxError'],
  },
  {
    name: 'parse-error',
    title: 'a feature file does not parse',
    files: aSuite({ first: ['all is well'] }, '', { 'features/b.feature': 'Feature: b\n  Scenario: x\n    this is no step' }),
    kind: 'broken',
    says: ['features/b.feature', 'this is no step'],
  },
  {
    name: 'wrong-config',
    title: "the suite's configuration has an option that is none",
    files: aSuite({ first: ['all is well'] }, '', { 'cucumber.json': JSON.stringify({ default: { retry: 'often' } }) }),
    kind: 'broken',
    says: ['retry'],
  },
  {
    name: 'broken-config',
    title: "the suite's configuration is not JSON",
    files: aSuite({ first: ['all is well'] }, '', { 'cucumber.json': '{"default": ' }),
    kind: 'broken',
    says: ['cucumber.json'],
  },
  {
    name: 'worker-exits',
    title: 'a worker exits under `--parallel 2`',
    files: aSuite(
      { first: ['I exit'], second: ['all is well'] },
      `${event} Given('I exit', async () => { await event(); process.exit(0); });`,
      { 'cucumber.json': JSON.stringify({ default: { parallel: 2 } }) },
    ),
    kind: 'broken',
    says: ['exited unexpectedly'],
  },
  {
    name: 'plugin-throws',
    title: "the suite's plugin throws",
    files: aSuite({ first: ['all is well'] }, '', {
      'cucumber.json': JSON.stringify({ default: { plugin: ['./plugin.js'] } }),
      'plugin.js': `export default { type: 'plugin', coordinator: ({ on }) => on('message', (message) => { if (message.testCaseFinished) throw new Error('no more of this'); }) };`,
    }),
    kind: 'broken',
    says: ['no more of this'],
  },
  {
    name: 'endless-loop',
    title: 'a step never gives the processor back; the limit is 4 s',
    files: aSuite(
      { first: ['all is well'], second: ['I think for ever'] },
      `${event} Given('I think for ever', async () => { await event(); for (;;); });`,
    ),
    environment: { limitMs: 4_000 },
    kind: 'timed-out',
    says: ['timed out', 'second › Given I think for ever'],
  },
  {
    name: 'endless-wait',
    title: 'a step waits for ever; the limit is 4 s',
    files: aSuite({ first: ['all is well'], second: ['I wait for ever'] }),
    environment: { limitMs: 4_000 },
    kind: 'timed-out',
    says: ['timed out', 'second › Given I wait for ever'],
  },
  {
    name: 'output-flood',
    title: 'a step prints 300 MB',
    files: aSuite(
      { first: ['I print and print'] },
      `${event} const line = 'x'.repeat(999) + '\\n';
      Given('I print and print', { timeout: -1 }, async () => { await event(); for (let i = 0; i < 300; i += 1) await new Promise((resolve) => process.stdout.write(line.repeat(1000), resolve)); });`,
    ),
    environment: { memoryMb: 512 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'attachment-flood',
    title: 'a step attaches 300 MB',
    files: aSuite(
      { first: ['I attach and attach'] },
      `${event} import { randomBytes } from 'node:crypto';
      Given('I attach and attach', { timeout: -1 }, async function () { await event(); for (let i = 0; i < 300; i += 1) { this.attach(randomBytes(1_000_000), 'image/png'); await new Promise((r) => setImmediate(r)); } });`,
    ),
    environment: { memoryMb: 768 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'huge-attachment',
    title: 'a step attaches 200 MB at once',
    files: aSuite(
      { first: ['I attach much'] },
      `${event} Given('I attach much', { timeout: -1 }, async function () { await event(); this.attach(Buffer.alloc(200_000_000), 'video/mp4'); });`,
    ),
    environment: { memoryMb: 2_048 },
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'heap-full',
    title: "cucumber's process runs out of JavaScript memory",
    files: aSuite(
      { first: ['all is well'], second: ['I keep everything'] },
      `${event} Given('I keep everything', { timeout: -1 }, async () => { await event(); const kept = []; for (;;) kept.push(new Array(1e5).fill(0)); });`,
    ),
    variables: () => ({ NODE_OPTIONS: '--max-old-space-size=96' }),
    kind: 'unfinished',
    says: ['memory'],
  },
  {
    name: 'cucumber-killed',
    title: "cucumber's process is killed (`kill -9`)",
    files: aSuite({ first: ['all is well'], second: ['I wait for ever'] }),
    act: async (run) => {
      await run.visited('/event');
      for (const pid of run.processes(/cucumber-child/)) process.kill(pid, 'SIGKILL');
    },
    kind: 'unfinished',
    says: ['SIGKILL', 'second › Given I wait for ever'],
  },
  {
    name: 'before-all-fails',
    title: 'a BeforeAll hook fails',
    files: aSuite(
      { first: ['all is well'] },
      `import { BeforeAll } from '@cucumber/cucumber'; BeforeAll(() => { throw new Error('no seed data'); });`,
    ),
    kind: 'broken',
    says: ['BeforeAll', 'no seed data'],
  },
  {
    name: 'after-all-fails',
    title: 'an AfterAll hook fails',
    files: aSuite(
      { first: ['all is well'] },
      `import { AfterAll } from '@cucumber/cucumber'; AfterAll(() => { throw new Error('cannot tidy up'); });`,
    ),
    kind: 'broken',
    says: ['AfterAll', 'cannot tidy up'],
  },
  {
    name: 'after-all-hangs',
    title: 'an AfterAll hook never ends',
    files: aSuite(
      { first: ['all is well'] },
      `import { AfterAll } from '@cucumber/cucumber'; AfterAll({ timeout: -1 }, () => new Promise(() => setInterval(() => {}, 1000)));`,
    ),
    environment: { limitMs: 4_000 },
    kind: 'timed-out',
    says: ['AfterAll'],
  },
  {
    name: 'undefined-ambiguous-pending',
    title: 'steps are undefined, ambiguous and pending',
    files: aSuite(
      { first: ['nobody knows this'], second: ['it is said twice'], third: ['it is to come'] },
      `Given('it is said twice', () => {}); Given(/^it is said/, () => {}); Given('it is to come', () => 'pending');`,
    ),
    kind: 'failed',
    says: ['3 of 3 scenarios failed', 'undefined', 'ambiguous', 'pending'],
  },
  {
    name: 'empty-features',
    title: 'the features have no scenario',
    files: { ...aSuite({}), 'features/a.feature': 'Feature: nothing yet' },
    kind: 'empty',
    says: ['checked nothing', 'The suite has no scenario'],
  },
  {
    name: 'no-features',
    title: 'there is no folder `features`',
    files: { 'readme.md': 'nothing here' },
    kind: 'empty',
    says: ['The suite has no scenario'],
  },
  {
    name: 'no-such-tag',
    title: 'no scenario has the tag',
    files: aSuite({ first: ['all is well'] }),
    environment: { tags: '@smoke' },
    kind: 'empty',
    says: ['No scenario of the suite fits the tags', '@smoke'],
  },
  {
    name: 'all-skipped',
    title: 'every scenario is skipped',
    files: aSuite({ first: ['not today'], second: ['not today'] }, `Given('not today', () => 'skipped');`),
    kind: 'empty',
    says: ['Nothing was checked', '2 skipped'],
  },
  {
    name: 'late-rejection',
    title: 'an unhandled rejection comes late, between two scenarios',
    files: aSuite(
      { first: ['I promise too much'], second: ['all is well'], third: ['I wait for ever'] },
      `${event}
      Given('I promise too much', async () => { await event(); setTimeout(() => Promise.reject(new Error('nobody caught this')), 50); });
      import { Before } from '@cucumber/cucumber'; Before(() => { const until = Date.now() + 200; while (Date.now() < until); });`,
    ),
    environment: { limitMs: 8_000 },
    kind: 'unfinished',
    says: ['nobody caught this'],
  },
];
