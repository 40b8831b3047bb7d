import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { isEveryRow } from '../every-row.ts';

/** The browser of this machine. */
export async function aBrowser(): Promise<Browser> {
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  return await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
}

/** The channels' page in front of a person, and everything that went wrong on it. */
export interface ChannelPage {
  readonly page: Page;
  readonly composer: Locator;
  /** Console errors and warnings, exceptions, and requests to anywhere but this machine. */
  readonly trouble: readonly string[];
  /** A message of the channel that says this. */
  message(text: string | RegExp): Locator;
  /** Types into the composer, key by key, and sends it. */
  type(text: string): Promise<void>;
  /** Finds what axe calls serious or critical, in light and dark. */
  expectAccessible(): Promise<void>;
  close(): Promise<void>;
}

export async function aChannelPage(
  browser: Browser,
  url: string,
  viewport: { readonly width: number; readonly height: number } = { width: 1280, height: 800 },
): Promise<ChannelPage> {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  const page = await context.newPage();
  // A run takes as long as the machine needs; nothing here is measured.
  page.setDefaultTimeout(60_000);
  const trouble: string[] = [];
  page.on('console', (said) => {
    // A server that is stopped under the page is the test's own doing.
    if (/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(said.text())) return;
    if (said.type() === 'error' || said.type() === 'warning') trouble.push(`${said.type()}: ${said.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== '127.0.0.1' && protocol !== 'data:' && protocol !== 'blob:') trouble.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  const composer = page.getByRole('combobox', { name: 'Message or slash command' }).first();
  await composer.waitFor();

  let isDarkSeen = false;
  async function expectAccessible(): Promise<void> {
    // Colours are all that is different in the dark: of each test, only the first look is at them as well.
    if (isEveryRow || !isDarkSeen) {
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await barriers(page, "{ type: 'rule', values: ['color-contrast'] }"), 'dark').toEqual([]);
      isDarkSeen = true;
    }
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await barriers(page), 'light').toEqual([]);
  }

  return {
    page,
    composer,
    trouble,
    message: (text) => page.locator('#messages > .message').filter({ hasText: text }).last(),
    type: async (text) => {
      await composer.fill('');
      await composer.pressSequentially(text);
      await composer.press('Enter');
    },
    expectAccessible,
    close: () => context.close(),
  };
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The lines of a long timeline are all alike: what is true of the first ones, and of the open ones, is true of the others. */
const alike = '.timeline > li:nth-child(n + 31):not(:has([open]))';

/**
 * What axe finds that keeps people from reading: serious or critical. axe is put in from outside, once a page: our policy for scripts
 * lets no page load it. Only texts come back: to hand axe itself over, or all that it has looked at, takes a second each time. And
 * it looks at what is left out, too, so that is taken out meanwhile.
 */
export async function barriers(page: Page, rules = 'undefined'): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(`(() => { ${axe} })()`);
  const text = await page.evaluate(`(async () => {
    const places = [...document.querySelectorAll('${alike}')].map((line) => ({ line, mark: document.createComment('') }));
    for (const { line, mark } of places) line.replaceWith(mark);
    const { violations } = await axe.run(document, { resultTypes: ['violations'], runOnly: ${rules} });
    for (const { line, mark } of places) mark.replaceWith(line);
    return JSON.stringify(violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | ')));
  })()`);
  const found: readonly string[] = JSON.parse(String(text));
  return found;
}
