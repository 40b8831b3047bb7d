import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';
import type { ARun } from './endings-world.ts';

const waiting = aSuite({ first: ['all is well'], second: ['I wait for ever'], third: ['all is well'] });
const passing = aSuite({ first: ['I am seen'], second: ['all is well'] }, `Given('I am seen', async () => { await event(); });`);

/** Does this when the suite is in the middle of its second scenario, and what it did before is in the bucket. */
const inTheMiddle = (act: (run: ARun) => Promise<void> | void) => async (run: ARun) => {
  await run.visited('/event');
  await run.written(run.keys.chunk(1));
  run.event();
  await act(run);
};

/** What Fargate, S3 and people can do to a task. */
export const taskEndings: readonly Ending[] = [
  {
    name: 'cancelled',
    leftOut: '`test/journey/page.test.ts` presses the button',
    title: 'somebody cancels',
    files: waiting,
    act: inTheMiddle((run) => run.cancel()),
    kind: 'cancelled',
    says: ['cancelled', 'Ada', '1 passed, 2 not run'],
  },
  {
    name: 'cancelled-early',
    isEarly: true,
    title: 'somebody cancels before the container has started',
    files: waiting,
    act: async (run) => {
      run.event();
      await run.cancel();
    },
    kind: 'cancelled',
    says: ['cancelled', 'Ada'],
  },
  {
    name: 'stopped',
    leftOut: '`container.test.ts` asks one to stop',
    title: 'somebody stops the task in the AWS console',
    files: waiting,
    act: inTheMiddle((run) => run.stopTask('Task stopped by user')),
    kind: 'unfinished',
    says: ['Somebody stopped the task', '1 passed, 2 not run', 'second › Given I wait for ever'],
  },
  {
    name: 'stopped-early',
    isEarly: true,
    title: 'somebody stops the task before the container has started',
    files: waiting,
    act: async (run) => {
      run.event();
      await run.stopTask('Task stopped by user');
    },
    kind: 'not-started',
    says: ['did not start', 'Somebody stopped the task'],
  },
  {
    name: 'stopped-in-pre-flight',
    like: 'stopped',
    title: 'somebody stops the task while the container looks whether the environment answers and the browser starts',
    files: { ...waiting, 'browser.sh': '#!/bin/sh\nif [ "$1" = --version ]; then echo "Chromium 156.0.8078.79"; exit; fi\nsleep 1000\n' },
    variables: ({ folder }) => ({ CHROME_PATH: `${folder}/browser.sh` }),
    address: (site) => `${site}/silence`,
    act: async (run) => {
      await run.visited('/silence');
      await run.found(() => run.processes(/sleep 1000/)[0]);
      run.event();
      await run.stopTask('Task stopped by user');
    },
    kind: 'unfinished',
    says: ['Somebody stopped the task', 'nothing had run'],
  },
  {
    name: 'stopped-in-upload',
    leftOut: '`runner.test.ts` stops one whose bucket does not answer',
    title: 'somebody stops the task when the suite has passed and S3 does not answer; then S3 answers again',
    files: passing,
    act: async (run) => {
      await run.visited('/event');
      run.line.become('hung');
      await run.line.heard();
      run.event();
      await run.stopTask('Task stopped by user');
      run.line.become('open');
    },
    kind: 'passed',
    says: ['2 scenarios passed'],
  },
  {
    name: 'stopped-in-upload-lost',
    like: 'stopped',
    mostlyWaits: true,
    title: 'somebody stops the task when the suite has passed, and S3 never answers again',
    files: passing,
    act: async (run) => {
      await run.visited('/event');
      run.line.become('hung');
      await run.line.heard();
      run.event();
      await run.stopTask('Task stopped by user');
    },
    kind: 'unfinished',
    says: ['Somebody stopped the task'],
  },
  {
    name: 'spot',
    like: 'stopped',
    title: 'AWS takes Spot capacity back',
    files: waiting,
    act: inTheMiddle((run) => run.kill('spot')),
    kind: 'unfinished',
    says: ['Spot', 'Run it again', '1 passed, 2 not run'],
  },
  {
    name: 'killed',
    leftOut: '`promise.test.ts` kills a task in the middle',
    isKilled: true,
    title: 'the container is killed outright',
    files: waiting,
    act: inTheMiddle((run) => run.kill('sigkill')),
    kind: 'unfinished',
    says: ['SIGKILL', '1 passed, 2 not run', 'second › Given I wait for ever'],
  },
  {
    name: 'memory-full',
    leftOut: '`test/local/ecs.test.ts` has a task that takes too much',
    isKilled: true,
    title: 'the container runs out of memory (its limit is 512 MB)',
    files: aSuite(
      { first: ['all is well'], second: ['I take all memory'] },
      `Given('I take all memory', { timeout: -1 }, async () => { await event(); await visit('/held'); const kept = []; for (;;) { kept.push(Buffer.alloc(10_000_000, 1)); await new Promise((resolve) => setTimeout(resolve, 20)); } });`,
    ),
    environment: { memoryMb: 512 },
    act: inTheMiddle((run) => run.release()),
    kind: 'unfinished',
    says: ['ran out of memory', 'memoryMb', '1 passed, 1 not run'],
  },
  {
    name: 'hung',
    like: 'endless-loop',
    isKilled: true,
    title: 'the container hangs (`SIGSTOP`), and is told to stop; it is killed after the stop timeout, here 2 s',
    files: waiting,
    stopTimeoutS: 2,
    act: inTheMiddle(async (run) => {
      for (const pid of run.processes(/main\.mjs/)) process.kill(pid, 'SIGSTOP');
      await run.stopTask('Coldframe run is past its deadline');
    }),
    kind: 'timed-out',
    says: ['1 passed, 2 not run'],
  },
  {
    name: 's3-refuses',
    leftOut: '`runner.test.ts` has a bucket that refuses',
    title: 'S3 refuses everything for a while',
    files: aSuite(
      { first: ['all is well'], second: ['I wait until it is refused'], third: ['all is well'] },
      `
      Given('I wait until it is refused', { timeout: -1 }, async () => { await event(); await visit('/held'); });`,
    ),
    act: async (run) => {
      await run.visited('/event');
      run.line.become('refusing');
      await run.line.heard();
      await run.line.heard();
      run.line.become('open');
      run.release();
    },
    kind: 'passed',
    says: ['3 scenarios passed'],
  },
  {
    name: 's3-hangs',
    like: 's3-refuses',
    title: 'S3 does not answer for a while',
    files: aSuite(
      { first: ['all is well'], second: ['I wait until it hangs'], third: ['all is well'] },
      `
      Given('I wait until it hangs', { timeout: -1 }, async () => { await event(); await visit('/held'); });`,
    ),
    act: async (run) => {
      await run.visited('/event');
      run.line.become('hung');
      await run.line.heard();
      run.line.become('open');
      run.release();
    },
    kind: 'passed',
    says: ['3 scenarios passed'],
  },
  {
    name: 'not-told',
    like: 'killed',
    title: "the task definition lacks the container's settings",
    files: passing,
    variables: () => ({ COLDFRAME_SUITE: '' }),
    kind: 'unfinished',
    says: ['was not told what to do', 'COLDFRAME_SUITE is missing'],
  },
];
