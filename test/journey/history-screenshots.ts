import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { aHistory, historyPageOf } from '../report/a-history.ts';

// Makes the pictures of the history in docs/images anew: npm run screenshots.

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
await mkdir(images, { recursive: true });
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  const page = await browser.newPage({ viewport: { width: 1180, height: 980 }, colorScheme: 'light', timezoneId: 'UTC', locale: 'en-GB' });
  await page.clock.setFixedTime(new Date('2026-11-23T10:00:00Z'));
  await page.setContent(historyPageOf(aHistory()));
  const take = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(images, `${name}.png`), animations: 'disabled', caret: 'hide' });
    console.log(`docs/images/${name}.png`);
  };
  await take('history');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('history-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 375, height: 720 });
  await take('history-phone');
} finally {
  await browser.close();
}
