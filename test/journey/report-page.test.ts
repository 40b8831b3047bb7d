import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Envelope } from '@cucumber/messages';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/app/report.ts';
import { readReportAssets } from '../../src/app/report-assets.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { mergedStream, readStream, recorded, recordedShards } from '../outcome/streams.ts';
import { aHistory, aMute, historyPageOf } from '../report/a-history.ts';
import { aSuite, assertion } from '../report/a-suite.ts';
import { pageOf } from '../report/pages.ts';
import { aBrowser, barriers } from './a-page.ts';

const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const assets = await readReportAssets();
let html = '';
let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await aBrowser();
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  await browser.close();
  server.close();
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** Opens a page and gives it, and everything that went wrong or was asked for. */
async function show(content: string, fragment = '') {
  html = content;
  const page = await browser.newPage({ viewport: { width: 1100, height: 800 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(10_000);
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('dialog', (dialog) => trouble.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    const url = request.url().replace(/#.*/, '');
    if (url !== address() && !url.startsWith('data:')) trouble.push(`request: ${url}`);
  });
  await page.goto(`${address()}${fragment}`);
  return { page, trouble };
}

/** Opens Cucumber's own report of these messages. */
async function openCucumbers(envelopes: readonly Envelope[]) {
  const fetchAttachment = async () => onePixel;
  const report = {
    title: 'local-1 on local',
    assets,
    fetchAttachment,
    linkTo: (name: string) => `https://bot.invalid/${name}`,
  };
  const shown = await show((await Array.fromAsync(renderReport(envelopes, report))).join(''));
  await shown.page.locator('#report').waitFor();
  return shown;
}

const stream = (name: string): string => recorded.get(name) ?? '';

const attack = `</script><script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>`;
const attacked = (): readonly Envelope[] =>
  readStream([
    stream('everything')
      .replaceAll('A visitor pays with a wrong card', attack)
      .replaceAll('the shop is empty', attack)
      .replaceAll('console: 404 /favicon.ico', attack),
  ]);

describe("Cucumber's own report", () => {
  it.each(someOf(['everything', 'parallel', 'stopped', 'parse-error'], 2))(
    'shows what there is of %s, alone and without an error',
    async (name) => {
      const { page, trouble } = await openCucumbers(readStream([stream(name)]));
      expect(await page.title()).toBe('local-1 on local: Cucumber report');
      expect(trouble).toEqual([]);
      await page.close();
    },
  );

  it('shows shards as one run, each scenario once, also when one of them was cut off', async () => {
    const shards = [...recordedShards].filter(([name]) => name.startsWith('everything')).map(([, text]) => readStream([text]));
    const parts = shards.map((shard, index) => (index === 2 ? shard.slice(0, 60) : shard));
    const { page, trouble } = await openCucumbers(await mergedStream(parts));
    const shown = await page.locator('#report').innerText();
    for (const name of ['Feature: Shop', 'A visitor buys one thing', 'A visitor pays with a wrong card'])
      expect(shown.split(name)).toHaveLength(2);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('shows a failure with its error and its screenshot', async () => {
    const { page, trouble } = await openCucumbers(
      readStream([stream('everything').replaceAll('"body":"iVBORw0KGgo="', '"body":"","url":"attachments/shot.png"')]),
    );
    await page.getByText('Expected values to be strictly deep-equal').first().waitFor();
    await page.getByText('2 hooks').nth(2).click();
    await page.locator('summary', { hasText: 'shot.png' }).click();
    await page.locator('img').waitFor();
    await page.waitForFunction("document.querySelector('img').naturalWidth === 1");
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('runs nothing that stands in a name, an error or an attachment', async () => {
    const { page, trouble } = await openCucumbers(attacked());
    expect(await page.locator('#report').textContent()).toContain('<img src=x onerror=alert(2)>');
    expect(trouble).toEqual([]);
    await page.close();
  });
});

const nodeCount = (page: Page): Promise<number> => page.evaluate("document.querySelectorAll('*').length");
const shop = () =>
  aSuite({
    features: 6,
    scenarios: 41,
    fateOf: (number) => (number === 17 || number === 25 ? 'fails' : number === 30 ? 'is flaky' : number === 31 ? 'is undefined' : 'passes'),
    errorOf: () => assertion,
  });

describe('our report', () => {
  it('runs nothing that stands in a name, an error or an attachment, and asks for nothing', async () => {
    const { page, trouble } = await show(pageOf(attacked()).html);
    await page.getByRole('button', { name: '<img src=x onerror=alert(2)>' }).first().click();
    expect(await page.locator('.scenario .body').textContent()).toContain('<img src=x onerror=alert(2)>');
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('can be read by everybody: light, dark, on a phone, with a scenario open', async () => {
    const { page, trouble } = await show(pageOf(shop()).html);
    await page.locator('.cause a[href^="#s-"]').first().click();
    await page.locator('.scenario .body').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 375, height: 720 });
    expect(await barriers(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('shows what is chosen: by kind, words, feature and tag, and all of it again', async () => {
    const { page } = await show(pageOf(shop()).html);
    const shown = () => page.locator('.scenario').count();
    expect(await shown()).toBeGreaterThan(30);
    await page.getByRole('checkbox', { name: /failed/ }).check();
    await expect.poll(shown).toBe(2);
    await page.getByRole('checkbox', { name: /flaky/ }).check();
    await expect.poll(shown).toBe(3);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('body').press('/');
    await page.keyboard.type('invoice login.feature');
    await expect.poll(() => page.locator('#found').textContent()).toMatch(/^[1-3] of 41 scenarios$/);
    await page.locator('#search').fill('');
    await page.locator('#tag').selectOption('@smoke');
    await page.locator('#feature').selectOption('0');
    await expect.poll(shown).toBe(2);
    await page.getByRole('link', { name: '2 failed' }).click();
    // Two were shown before, too: what tells is which two.
    await expect.poll(() => page.locator('.scenario.of-failed').count()).toBe(2);
    expect(await shown()).toBe(2);
    await page.close();
  });

  it('is read by keyboard alone: a scenario opens and closes, and keeps the focus', async () => {
    const { page } = await show(pageOf(shop()).html);
    await page.locator('.scenario button').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.scenario .steps li').count()).toBe(5);
    await page.keyboard.press('Enter');
    expect(await page.locator('.scenario .body').count()).toBe(0);
    expect(await page.evaluate("document.activeElement.closest('.scenario') !== null")).toBe(true);
    await page.close();
  });

  it('of 10,000 scenarios is small in the browser, wherever one looks, and a link leads to the one it names', async () => {
    const { html: big, page: made } = pageOf(
      aSuite({ features: 500, scenarios: 10_000, fateOf: (number) => (number % 50 === 7 ? 'fails' : 'passes') }),
    );
    const last = made.scenarios.all[9_990]?.row;
    const startedAt = performance.now();
    const { page, trouble } = await show(big);
    await page.locator('.feature').first().waitFor();
    console.log(
      `10,000 scenarios: ${(big.length / 1024 / 1024).toFixed(1)} MB, open after ${Math.round(performance.now() - startedAt)} ms`,
    );
    expect(await nodeCount(page)).toBeLessThan(4_000);
    await page.getByRole('button', { name: 'Expand all' }).click();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.locator('.scenario').last().waitFor();
    expect(await nodeCount(page)).toBeLessThan(5_000);
    await page.goto(`${address()}#${last?.anchor}`);
    const found = page.locator(`.scenario[id="${last?.anchor}"]`);
    await found.locator('.steps').waitFor();
    await expect.poll(() => page.evaluate(`document.getElementById('${last?.anchor}').getBoundingClientRect().top`)).toBeLessThan(300);
    expect(await found.locator('button').first().getAttribute('aria-expanded')).toBe('true');
    expect(trouble).toEqual([]);
    await page.close();
  });

  it.runIf(isEveryRow)(
    'opened at a link shows its scenario even where a filter would hide it, and again when the link is followed again',
    async () => {
      const { html: content, page: made } = pageOf(shop());
      const anchor = made.scenarios.all[3]?.row.anchor ?? '';
      const { page } = await show(content, `#${anchor}`);
      await page.locator(`.scenario[id="${anchor}"] .steps`).waitFor();
      await page.getByRole('checkbox', { name: /failed/ }).check();
      await page.locator(`.scenario[id="${anchor}"]`).waitFor({ state: 'detached' });
      await page.evaluate(`location.hash = ''`);
      await page.evaluate(`location.hash = ${JSON.stringify(anchor)}`);
      await page.locator(`.scenario[id="${anchor}"] .steps`).waitFor();
      await page.close();
    },
  );

  it.runIf(isEveryRow)('prints what failed, open', async () => {
    const { page } = await show(pageOf(shop()).html);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('.scenario .steps').count()).toBe(3);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('.scenario .steps').count()).toBe(0);
    await page.close();
  });

  it('says without scripts what came of the run, and why', async () => {
    html = pageOf(shop()).html;
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(address());
    const text = await page.locator('main').innerText();
    for (const word of ['2 failed', 'Expected values to be strictly deep-equal', 'There is no step definition', 'switched off here'])
      expect(text).toContain(word);
    await context.close();
  });
});

describe("the page of an environment's last runs", () => {
  it('can be read by everybody: light, dark, on a phone, with a mute, and asks for nothing', async () => {
    const { page, trouble } = await show(historyPageOf(aHistory(), { mutes: [aMute] }));
    await page.getByRole('heading', { name: 'Muted' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 375, height: 720 });
    expect(await barriers(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(trouble).toEqual([]);
    await page.close();
  });
});
