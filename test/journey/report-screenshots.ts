import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { reportKinds } from '../report/report-kinds.ts';
import { examplePage } from './a-shop-page.ts';

// Makes the pictures of the report in docs/images anew: npm run screenshots.

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const wide = { width: 1180, height: 760 };
const phone = { width: 375, height: 720 };

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(images, `${name}.png`), animations: 'disabled', caret: 'hide' });
  console.log(`docs/images/${name}.png`);
}

/** What a browser shows of a made-up shop, as a suite's screenshot. */
async function pictureOf(browser: Browser): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 640, height: 420 } });
  await page.setContent(examplePage);
  const bytes = await page.screenshot({ type: 'png' });
  await page.close();
  return `data:image/png;base64,${bytes.toString('base64')}`;
}

async function takeAll(browser: Browser): Promise<void> {
  const kinds = reportKinds(await pictureOf(browser));
  const page = await browser.newPage({ viewport: wide, colorScheme: 'light', reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-GB' });
  for (const [kind, html] of kinds) {
    await page.setContent(html);
    await take(page, `report-${kind}`);
  }
  await page.setContent(kinds.get('failed') ?? '');
  await page.locator('.cause a[href^="#s-"]').click();
  await page.locator('.scenario [aria-expanded=true]').waitFor();
  await take(page, 'report-scenario');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.evaluate('scrollTo(0, 0)');
  await take(page, 'report-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await take(page, 'report-phone');
}

const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
await mkdir(images, { recursive: true });
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  await takeAll(browser);
} finally {
  await browser.close();
}
