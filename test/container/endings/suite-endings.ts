import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

/** What a suite's own code can do to its process. */
export const suiteEndings: readonly Ending[] = [
  {
    name: 'leaked-timer',
    like: 'leaked-process',
    title: 'a timer and a server are left open',
    files: aSuite(
      { first: ['I leave things open'] },
      `import { createServer } from 'node:http'; 
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
      `import { spawn } from 'node:child_process'; 
      Given('I leave a process', async () => { await event(); spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'inherit' }).unref(); });`,
    ),
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'unmarked-process',
    like: 'cucumber-killed',
    title: 'the task is stopped while a detached process is on that got none of the environment variables',
    files: aSuite(
      { first: ['I start a process', 'I wait for ever'] },
      `import { spawn } from 'node:child_process';
      Given('I start a process', () => { spawn('/bin/sh', ['-c', 'sleep 1000; true'], { detached: true, env: {}, stdio: 'ignore' }).unref(); });`,
    ),
    act: async (run) => {
      await run.visited('/event');
      run.event();
      await run.stopTask('Task stopped by user');
    },
    kind: 'unfinished',
    says: ['Somebody stopped the task', '1 not run'],
  },
  {
    name: 'report-unwritable',
    like: 'throws-on-load',
    title: "the suite's own formatter cannot write its file",
    files: aSuite({ first: ['all is well'] }, '', {
      'cucumber.json': JSON.stringify({ default: { format: ['html:features/a.feature/report.html'] } }),
    }),
    kind: 'broken',
    says: ['1 passed', 'A formatter of the suite could not write its file', 'ENOTDIR'],
  },
  {
    name: 'exit-handler',
    like: 'leaked-process',
    mostlyWaits: true,
    title: 'an exit handler never ends, after the run is over',
    files: aSuite({ first: ['I never let go'] }, `Given('I never let go', async () => { await event(); process.on('exit', block); });`),
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'exit-0',
    leftOut: '`verdict.test.ts` has one that was recorded',
    title: 'a step calls `process.exit(0)`',
    files: aSuite(
      { first: ['all is well'], second: ['I exit'], third: ['all is well'] },
      `Given('I exit', async () => { await event(); process.exit(0); });`,
    ),
    kind: 'unfinished',
    says: ['1 passed, 2 not run', 'exit code 0', 'process.exit()', 'second › Given I exit'],
  },
  {
    name: 'exit-3',
    like: 'exit-0',
    title: 'a step calls `process.exit(3)`',
    files: aSuite({ first: ['all is well'], second: ['I exit'] }, `Given('I exit', async () => { await event(); process.exit(3); });`),
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
    like: 'throws-on-load',
    title: 'support code has a syntax error',
    files: aSuite({ first: ['all is well'] }, `Given('x', () => {`),
    kind: 'broken',
    says: ['SyntaxError', 'steps.js:10'],
  },
  {
    name: 'wrong-config',
    like: 'throws-on-load',
    title: "the suite's configuration has an option that is none",
    files: aSuite({ first: ['all is well'] }, '', { 'cucumber.json': JSON.stringify({ default: { retry: 'often' } }) }),
    kind: 'broken',
    says: ['retry'],
  },
  {
    name: 'broken-config',
    like: 'throws-on-load',
    title: "the suite's configuration is not JSON",
    files: aSuite({ first: ['all is well'] }, '', { 'cucumber.json': '{"default": ' }),
    kind: 'broken',
    says: ['cucumber.json'],
  },
  {
    name: 'no-such-profile',
    like: 'throws-on-load',
    title: 'the environment asks for a profile that the suite does not have',
    files: aSuite({ first: ['all is well'] }, '', { 'cucumber.json': JSON.stringify({ default: {} }) }),
    environment: { profiles: ['nightly'] },
    kind: 'broken',
    says: ['nightly', 'profiles in coldframe.yml'],
  },
  {
    name: 'no-such-feature',
    like: 'throws-on-load',
    title: 'the command asks for a feature file that the suite does not have',
    files: aSuite({ first: ['all is well'] }),
    features: ['features/b.feature'],
    kind: 'broken',
    says: ['The suite has no feature file features/b.feature', 'It has features/a.feature', 'feature= in the command'],
  },
  {
    name: 'worker-exits',
    like: 'throws-on-load',
    title: 'a worker exits under `--parallel 2`',
    files: aSuite({ first: ['I exit'], second: ['all is well'] }, `Given('I exit', async () => { await event(); process.exit(0); });`, {
      'cucumber.json': JSON.stringify({ default: { parallel: 2 } }),
    }),
    kind: 'broken',
    says: ['exited unexpectedly'],
  },
  {
    name: 'plugin-throws',
    like: 'before-all-fails',
    title: "the suite's plugin throws",
    files: aSuite({ first: ['all is well'] }, '', {
      'cucumber.json': JSON.stringify({ default: { plugin: ['./plugin.js'] } }),
      'plugin.js': `export default { type: 'plugin', coordinator: ({ on }) => on('message', (message) => { if (message.testCaseFinished) throw new Error('no more of this'); }) };`,
    }),
    kind: 'broken',
    says: ['no more of this'],
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
    name: 'clock-ahead',
    like: 'passes',
    title: 'a step sets the clock to the year 2099 (`Date.now = …`, fake timers) and leaves it there',
    files: aSuite(
      { first: ['it is 2099'], second: ['all is well'] },
      `Given('it is 2099', async () => { await event(); Date.now = () => 4_070_908_800_000; });`,
    ),
    kind: 'passed',
    says: ['2 scenarios passed', / · \d+ m?s · /],
  },
  {
    name: 'clock-behind',
    leftOut: '`true-time.test.ts` holds what it is about',
    title: 'a step sets the clock to the year 2020, under `scenarioLimit`, and the scenario goes on',
    files: aSuite(
      { first: ['it is 2020', 'I take my time', 'I take my time', 'it fails'], second: ['all is well'] },
      `const { setTimeout } = globalThis;
      Given('it is 2020', async () => { await event(); Date.now = () => 1_577_836_800_000; });
      Given('I take my time', async () => { await new Promise((resolve) => setTimeout(resolve, 500)); });`,
    ),
    environment: { scenarioLimitMs: 40_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'this is wrong', / · \d+ m?s\n/],
  },
  {
    name: 'crash',
    like: 'cucumber-killed',
    title: 'a step lets the process crash',
    files: aSuite({ first: ['all is well'], second: ['I crash'] }, `Given('I crash', async () => { await event(); process.abort(); });`),
    kind: 'unfinished',
    says: ['by SIGABRT', 'It crashed', 'steps.js:10', 'second › Given I crash'],
  },
  {
    name: 'sigterm-by-itself',
    like: 'cucumber-killed',
    title: 'a step ends every process called node (`pkill`)',
    files: aSuite(
      { first: ['all is well'], second: ['I end all'] },
      `Given('I end all', { timeout: -1 }, async () => { await event(); process.kill(process.pid, 'SIGTERM'); await forEver(); });`,
    ),
    kind: 'unfinished',
    says: ['by SIGTERM', 'pkill', 'second › Given I end all'],
  },
  {
    name: 'late-rejection',
    like: 'fails',
    title: 'an unhandled rejection comes late, while another scenario is on',
    files: aSuite(
      { first: ['I promise too much'], second: ['all is well'], third: ['I wait for ever'] },
      `
      Given('I promise too much', async () => { await event(); setTimeout(() => Promise.reject(new Error('nobody caught this')), 50); });`,
    ),
    environment: { limitMs: 20_000 },
    kind: 'failed',
    says: ['nobody caught this', '1 of 3 scenarios failed'],
  },
  {
    name: 'uncaught-on-load',
    like: 'throws-on-load',
    title: 'an error that nobody catches, while the support code is loaded',
    files: aSuite({ first: ['all is well'] }, `setTimeout(() => { throw new Error('nobody caught this'); }, 0);`, {
      'features/z.js': `await new Promise((resolve) => setTimeout(resolve, 500));`,
    }),
    kind: 'broken',
    says: ['before the first scenario', 'nobody caught this'],
  },
  {
    name: 'uncaught',
    like: 'cucumber-killed',
    title: 'an error that nobody catches, while no step of its thread is on',
    files: aSuite(
      { first: ['all is well'], second: ['I shout'], third: ['all is well'] },
      `import { isMainThread } from 'node:worker_threads';
      const channel = new BroadcastChannel('shout');
      channel.unref();
      if (isMainThread) channel.onmessage = () => { throw new Error('nobody caught this'); };
      Given('I shout', async () => { await event(); channel.postMessage('!'); await new Promise((resolve) => setTimeout(resolve, 4_000)); });`,
      { 'cucumber.json': JSON.stringify({ default: { parallel: 2 } }) },
    ),
    kind: 'unfinished',
    says: ["An error that nobody caught ended the suite's process", 'nobody caught this'],
  },
];
