import { type Browser, chromium } from 'playwright-core';

/**
 * A headless Chrome: the one `CHROME_PATH` names, which is set wherever Coldframe runs the suite, else what this machine has.
 *
 * @throws {Error} saying what to install when there is none
 */
export async function launchBrowser(env: NodeJS.ProcessEnv): Promise<Browser> {
  return chromium.launch({
    executablePath: env.CHROME_PATH || (await findInstalled()),
    headless: true,
    chromiumSandbox: false,
    // Playwright would close the browser at SIGTERM and let the suite go on: the scenarios that are still to come would
    // fail, and a run that was stopped would look like one that found bugs.
    handleSIGTERM: false,
    args: ['--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
  });
}

async function findInstalled(): Promise<string> {
  const { findChrome } = await import('../../container/chrome.ts');
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  return chrome.path;
}
