import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

const variables = ({ chrome }: { readonly chrome: string }) => ({ CHROME_PATH: chrome });

import type { ARun } from './endings-world.ts';

/** A suite with a browser, as most have one. */
const withBrowser = (scenarios: Readonly<Record<string, readonly string[]>>, { closes = true, code = '', looksForMs = 60_000 } = {}) =>
  aSuite(
    scenarios,
    `
  import { AfterAll, BeforeAll } from '@cucumber/cucumber';
  import { chromium } from 'playwright-core';
  let page;
  let browser;
  BeforeAll({ timeout: 60_000 }, async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROME_PATH, chromiumSandbox: false });
    page = await browser.newPage();
  });
  Given('I see the app', async () => { await page.goto(process.env.BASE_URL); });
  Given('I look for what is not there', { timeout: ${looksForMs} }, async () => {
    await event();
    await page.waitForSelector('#nothing', { timeout: 90_000 });
  });
  ${code}
  ${closes ? 'AfterAll({ timeout: 60_000 }, async () => { await browser.close(); });' : ''}`,
  );

/** As docs/suite.md says. */
const evidence = `
  import { After, Before } from '@cucumber/cucumber';
  import { watch } from '${new URL('../../../features/support/evidence.ts', import.meta.url).href}';
  Before(function () { this.evidence = watch(page.context(), []); });
  After({ timeout: 10_000 }, async function ({ result }) {
    if (result.status !== 'PASSED') await this.evidence.attach((content, how) => this.attach(content, how));
  });`;

const signalTo = (command: RegExp, signal: NodeJS.Signals) => async (run: ARun) => {
  await run.visited('/event');
  run.event();
  for (const pid of run.processes(command)) process.kill(pid, signal);
};
/** The browser itself; its helpers are told by their type what they are. */
const browserItself = /--user-data-dir=(?!.*--type=)/;

/** What a browser can do to a run. */
export const browserEndings: readonly Ending[] = [
  {
    name: 'browser-left-open',
    like: 'leaked-process',
    title: 'the browser is never closed',
    files: withBrowser({ first: ['I see the app'] }, { closes: false }),
    variables,
    kind: 'passed',
    says: ['1 scenario passed'],
  },
  {
    name: 'browser-killed',
    title: 'the browser is killed under a step',
    files: withBrowser({ first: ['I see the app', 'I look for what is not there'], second: ['all is well'] }),
    variables,
    act: signalTo(browserItself, 'SIGKILL'),
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'has been closed'],
  },
  {
    name: 'page-killed',
    like: 'browser-killed',
    title: "the page's process is killed under a step",
    files: withBrowser({ first: ['I see the app', 'I look for what is not there'], second: ['all is well'] }),
    variables,
    act: signalTo(/--type=renderer/, 'SIGKILL'),
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'crashed'],
  },
  {
    name: 'browser-hung',
    like: 'browser-killed',
    title: 'the browser hangs under a step (`SIGSTOP`)',
    files: withBrowser(
      { first: ['I see the app', 'I look for what is not there'], second: ['all is well'] },
      { closes: false, looksForMs: 5_000 },
    ),
    variables,
    act: signalTo(/--user-data-dir=/, 'SIGSTOP'),
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'timed out'],
  },
  {
    name: 'browser-hung-close',
    like: 'after-all-hangs',
    mostlyWaits: true,
    title: 'the browser hangs, and AfterAll waits for it to close; the limit is 20 s',
    files: withBrowser({ first: ['I see the app', 'I look for what is not there'], second: ['all is well'] }, { looksForMs: 5_000 }),
    variables,
    isLimitAfterEvent: true,
    environment: { limitMs: 20_000 },
    act: signalTo(/--user-data-dir=/, 'SIGSTOP'),
    kind: 'timed-out',
    says: ['1 passed, 1 failed', 'AfterAll'],
  },
  {
    name: 'browser-stopped',
    like: 'stopped',
    title: 'the task is stopped while the browser is on',
    files: withBrowser({ first: ['I see the app', 'I look for what is not there'], second: ['all is well'] }),
    variables,
    act: async (run) => {
      await run.visited('/event');
      run.event();
      await run.stopTask('somebody tidied up');
    },
    kind: 'unfinished',
    says: ['2 not run', 'The task was stopped: somebody tidied up', 'first › Given I look for what is not there'],
  },
  {
    name: 'browser-evidence',
    like: 'scenario-limit',
    title: 'a scenario takes longer than `scenarioLimit`, here 5 s, and the After hook takes its evidence with our helpers',
    files: withBrowser({ first: ['I see the app', 'I wait for ever'], second: ['all is well'] }, { code: evidence }),
    variables,
    environment: { scenarioLimitMs: 5_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'longer than 5 s, its limit', '[image: Screenshot'],
  },
];
