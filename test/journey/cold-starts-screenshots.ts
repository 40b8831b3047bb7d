import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { type LocalWorld, startWorld } from '../../src/local/world.ts';
import { type Shop, writeQuietLog, writeShopLogs } from './shop-logs.ts';

// Makes the pictures of /coldstarts in docs/images anew, from a fresh world with two days of logs: npm run screenshots.

const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const wide = { width: 1100, height: 1_500 };

const shops: readonly Shop[] = [
  ...[150, 60, 40, 28, 22, 16, 12, 10].map((perHour, index) => ({
    name: `coldframe-shop-${['api', 'export', 'billing', 'search', 'mail', 'audit', 'report', 'import'][index]}`,
    perHour,
    initMs: 260 + 25 * index,
  })),
  { name: 'coldframe-one-api', perHour: 120, initMs: 280 },
  { name: 'coldframe-long-payments-by-direct-debit', perHour: 60, initMs: 420 },
  { name: 'coldframe-long-invoices-for-wholesalers', perHour: 12, initMs: 640 },
  { name: 'coldframe-long-stock-of-all-warehouses', perHour: 5, initMs: 910 },
  ...Array.from({ length: 200 }, (_, index) => ({
    name: `coldframe-many-worker-${index + 1}`,
    perHour: 60 / (index + 1) + 0.1,
    initMs: 240 + (index % 17) * 30,
  })),
];

async function ask(page: Page, text: string, answer: string | RegExp) {
  const composer = page.locator('#composer-text');
  await composer.fill(text);
  await composer.press('Enter');
  await composer.blur();
  const message = page.locator('#messages > .message').filter({ hasText: answer }).last();
  await message.waitFor();
  return message;
}

async function take(page: Page, name: string, text: string, answer: string | RegExp): Promise<void> {
  const message = await ask(page, text, answer);
  await message.scrollIntoViewIfNeeded();
  await page.mouse.move(0, 0);
  await message.locator('img').evaluateAll('(all) => Promise.all(all.map((one) => one.decode()))');
  await message.screenshot({ path: join(images, `${name}.png`), animations: 'disabled', caret: 'hide' });
  console.log(`docs/images/${name}.png`);
}

async function takeAll(page: Page, world: LocalWorld): Promise<void> {
  await take(page, 'cold-starts-picture', '/coldstarts coldframe-long-*', /invocations started cold.*coldframe-long/s);
  await take(page, 'cold-starts-1', '/coldstarts coldframe-one-api', /invocations started cold.*coldframe-one-api/s);
  await take(page, 'cold-starts-8', '/coldstarts coldframe-shop-*', /invocations started cold.*coldframe-shop-api/s);
  await take(page, 'cold-starts-200', '/coldstarts coldframe-many-*', /invocations started cold.*coldframe-many/s);
  await take(page, 'cold-starts-none', '/coldstarts coldframe-shop-ap', 'did you mean');
  await take(page, 'cold-starts-no-data', '/coldstarts coldframe-quiet', 'No invocation of 1 function');
  const url = pageUrlOf(world);
  if (url === '') return;
  await page.setViewportSize({ width: 1_280, height: 900 });
  await page.goto(url);
  await page.screenshot({ path: join(images, 'cold-starts-page.png'), fullPage: true });
  console.log('docs/images/cold-starts-page.png');
}

/** The link behind the button of the answer about the shop. */
function pageUrlOf({ slack }: LocalWorld): string {
  const answers = slack.messages('C0UITESTS').filter(({ blocks }) => JSON.stringify(blocks ?? []).includes('coldframe-shop-api'));
  return /"url":"(https?:[^"]+\/reports\/[^"]+)"/.exec(JSON.stringify(answers.at(-1)?.blocks ?? []))?.[1] ?? '';
}

const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
await mkdir(images, { recursive: true });
const dir = await mkdtemp(join(tmpdir(), 'coldframe-pictures-'));
await writeShopLogs(dir, shops, Date.now());
await writeQuietLog(dir, 'coldframe-quiet', Date.now());
const world = await startWorld({ dir, port: 0, isHurried: true });
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  const page = await browser.newPage({ viewport: wide, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(120_000);
  await page.goto(world.slack.pageUrl);
  await takeAll(page, world);
} finally {
  await browser.close();
  await world.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
