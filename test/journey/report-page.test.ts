import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Envelope } from '@cucumber/messages';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { renderReport } from '../../src/app/report.ts';
import { readReportAssets } from '../../src/app/report-assets.ts';
import { mergeShards } from '../../src/outcome/merge.ts';
import { readStream, recorded, recordedShards } from '../outcome/streams.ts';

const onePixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const assets = await readReportAssets();
let html = '';
let browser: Browser;
let server: Server;

beforeAll(async () => {
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  await browser.close();
  server.close();
});

/** Opens the report of these messages and gives what it shows, and everything that went wrong or was asked for. */
async function open(envelopes: readonly Envelope[]) {
  const fetchAttachment = async () => onePixel;
  const report = {
    title: 'local-1 on local',
    assets,
    fetchAttachment,
    linkTo: (name: string) => `https://bot.invalid/${name}`,
  };
  html = (await Array.fromAsync(renderReport(envelopes, report))).join('');
  const page = await browser.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('dialog', (dialog) => trouble.push(`dialog: ${dialog.message()}`));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) trouble.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  await page.locator('#report').waitFor();
  return { page, trouble };
}

const stream = (name: string): string => recorded.get(name) ?? '';

it.each([...recorded.keys()])('shows what there is of %s, alone and without an error', async (name) => {
  const { page, trouble } = await open(readStream([stream(name)]));
  expect(await page.title()).toBe('local-1 on local: Cucumber report');
  expect(trouble).toEqual([]);
  await page.close();
});

it('shows shards as one run, each scenario once, also when one of them was cut off', async () => {
  const shards = [...recordedShards].filter(([name]) => name.startsWith('everything')).map(([, text]) => readStream([text]));
  for (const length of [undefined, 60]) {
    const parts = shards.map((shard, index) => () => (index === 2 ? shard.slice(0, length) : shard));
    const { page, trouble } = await open(await Array.fromAsync(mergeShards(parts)));
    const shown = await page.locator('#report').innerText();
    for (const name of ['Feature: Shop', 'A visitor buys one thing', 'A visitor pays with a wrong card'])
      expect(shown.split(name)).toHaveLength(2);
    expect(trouble).toEqual([]);
    await page.close();
  }
});

it('shows a failure with its error and its screenshot', async () => {
  const { page, trouble } = await open(
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
  const attack = `</script><script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>x</a>`;
  const text = stream('everything')
    .replaceAll('A visitor pays with a wrong card', attack)
    .replaceAll('the shop is empty', attack)
    .replaceAll('console: 404 /favicon.ico', attack);
  const { page, trouble } = await open(readStream([text]));
  expect(await page.locator('#report').textContent()).toContain('<img src=x onerror=alert(2)>');
  expect(trouble).toEqual([]);
  await page.close();
});
