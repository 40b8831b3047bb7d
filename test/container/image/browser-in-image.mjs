// Runs within the image, given to its node on stdin: starts the browser that CHROME_PATH names through the suite's own
// playwright-core, and prints as JSON how long that takes and what memory it keeps. In an image without Playwright it fails.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire('/suite/package.json')('playwright-core');
const options = {
  executablePath: process.env.CHROME_PATH,
  args: ['--headless', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
};
const page = 'data:text/html,<!doctype html><title>a page</title><h1>A page</h1><button>Press</button>';

const tries = [];
for (let n = 0; n < 6; n += 1) tries.push(await tryOnce());
const [first, ...others] = tries;
const median = (name) => others.map((one) => one[name]).toSorted((a, b) => a - b)[Math.floor(others.length / 2)];
const result = {
  version: first.version,
  firstLaunchMs: first.launchMs,
  launchMs: median('launchMs'),
  pageMs: median('pageMs'),
  memoryMb: median('memoryMb'),
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function tryOnce() {
  const startedMs = performance.now();
  const browser = await chromium.launch(options);
  const launchedMs = performance.now();
  const tab = await browser.newPage();
  await tab.goto(page);
  await tab.click('button');
  await tab.screenshot();
  const shownMs = performance.now();
  const memoryMb = browserMemoryMb();
  await browser.close();
  return { version: browser.version(), launchMs: Math.round(launchedMs - startedMs), pageMs: Math.round(shownMs - launchedMs), memoryMb };
}

/** What its processes keep, pages they share counted once. */
function browserMemoryMb() {
  let kb = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!/chrom/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0])) continue;
      kb += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it has ended meanwhile
    }
  }
  return Math.round(kb / 1024);
}
