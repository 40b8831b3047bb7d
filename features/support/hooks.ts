import { randomUUID } from 'node:crypto';
import {
  After,
  AfterAll,
  Before,
  BeforeAll,
  type ITestCaseHookParameter,
  Status,
  setDefaultTimeout,
  setWorldConstructor,
} from '@cucumber/cucumber';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { watch } from './evidence.ts';
import { type StartedApp, startExampleApp } from './example-app.ts';
import { type AppUnderTest, readAppUnderTest, readLimits } from './settings.ts';
import { within } from './within.ts';
import { SuiteWorld } from './world.ts';

const limits = readLimits(process.env);
setDefaultTimeout(limits.stepMs);
setWorldConstructor(SuiteWorld);

/** Starting and ending a browser, on a machine that has others to start. */
const browserLimitMs = 60_000;
const closeLimitMs = 5_000;

/** The app knows devices by a cookie. The run is one device: it is not new to the app with every scenario. */
const device = randomUUID();

// One of each for a run, or for each of its workers with --parallel.
let exampleApp: StartedApp | undefined;
let app: AppUnderTest | undefined;
let browser: Browser | undefined;

BeforeAll({ timeout: browserLimitMs }, async () => {
  app = readAppUnderTest(process.env);
  if (app === undefined) app = exampleApp = await startExampleApp();
  browser = await launchBrowser(process.env);
});

Before(async function (this: SuiteWorld) {
  if (app === undefined || browser === undefined) throw new Error('the app or the browser did not start; see BeforeAll');
  const context = await browser.newContext({ baseURL: app.url, viewport: { width: 1280, height: 720 } });
  context.setDefaultTimeout(limits.waitMs);
  context.setDefaultNavigationTimeout(limits.pageMs);
  await context.addCookies([{ name: 'device', value: device, url: app.url }]);
  const evidence = watch(context, [app.account.password]);
  this.opened = { context, page: await context.newPage(), evidence, account: app.account };
});

After(async function (this: SuiteWorld, { result }: ITestCaseHookParameter) {
  if (this.opened === undefined) return;
  const { context, evidence } = this.opened;
  const isWell = result?.status === Status.PASSED || result?.status === Status.SKIPPED;
  if (!isWell)
    await evidence.attach((content, how) => (typeof content === 'string' ? this.attach(content, how) : this.attach(content, how)));
  // Now and then a context hangs when it is closed, most with a Chromium that is newer or older than Playwright's own.
  // That is not the app's fault, so the scenario does not fail for it.
  const closing = await within(closeLimitMs, context.close());
  if (closing.kind === 'late') this.log(`The browser context did not close within ${closeLimitMs / 1000} s; it ends with the browser.`);
});

AfterAll({ timeout: browserLimitMs }, async () => {
  await browser?.close();
  await exampleApp?.stop();
});
