import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KnownBlock, ModalView } from '@slack/types';
import { LogLevel, WebClient } from '@slack/web-api';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { startSlack } from '../../src/local/slack/slack.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import type { Home } from '../../src/message/home.ts';
import { type Said, said, screenshotUrl, usual } from '../message/catalogue.ts';
import { galleryPage, gallerySize } from '../message/gallery-page.ts';
import { shopPicture } from './a-shop-page.ts';

// Makes docs/messages.md and its pictures anew: npm run gallery. With names, only their pictures.

const root = fileURLToPath(new URL('../../', import.meta.url));
const images = join(root, 'docs', 'images', 'messages');
const secrets = { signingSecret: 'a signing secret', botToken: 'xoxb-local' };
const channel = 'C0UITESTS';

async function takeAll(browser: Browser, dir: string, wanted: readonly Said[]): Promise<void> {
  await using ending = new AsyncDisposableStack();
  const picture = await shopPicture(browser);
  let modal: ModalView | undefined;
  const api = () => new WebClient(secrets.botToken, { slackApiUrl: slack.url, logLevel: LogLevel.ERROR });
  /** The app: it has a picture for whoever asks, and a modal for whoever types. */
  const app = await serve(async ({ url, body }) => {
    if (url.pathname === '/shot.png') return { status: 200, headers: { 'content-type': 'image/png' }, body: picture };
    const trigger = new URLSearchParams(body.toString()).get('trigger_id');
    if (trigger !== null && modal !== undefined) await api().views.open({ trigger_id: trigger, view: modal });
    return { status: 200 };
  });
  ending.defer(() => app.stop());
  const slack = await startSlack({ ...secrets, dir, journal: () => {}, appUrl: () => `${app.url}/slack/events`, limits: 'off' });
  ending.defer(() => slack.stop());
  const page = await browser.newPage({ viewport: { width: 960, height: 1_600 }, colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(slack.pageUrl);

  for (const { name, make } of wanted) {
    const shown = JSON.parse(JSON.stringify(make(gallerySize, usual)).replaceAll(screenshotUrl, `${app.url}/shot.png`)) as ReturnType<
      typeof make
    >;
    if ('text' in shown) await take(name, await posted(shown.text, shown.blocks));
    else if (shown.type === 'home') await take(name, await atHome(shown));
    else await takeModal(name, shown);
  }

  async function posted(text: string, blocks: readonly KnownBlock[]): Promise<Locator> {
    const { ts = '' } = await api().chat.postMessage({ channel, text, blocks: [...blocks] });
    const message = page.locator('#messages > .message').last();
    await page
      .locator(`#messages > .message`)
      .nth(slack.messages(channel).findIndex((one) => one.ts === ts))
      .waitFor();
    return message;
  }

  async function atHome({ type, blocks }: Home): Promise<Locator> {
    await api().views.publish({ user_id: 'U0ADA', view: { type, blocks: [...blocks] } });
    await page.getByRole('link', { name: 'Coldframe' }).click();
    await page.getByRole('tab', { name: 'Home' }).click();
    const home = page.locator('#home .body');
    await home.getByText('Environments').waitFor();
    return home;
  }

  async function takeModal(name: string, view: ModalView): Promise<void> {
    modal = view;
    const composer = page.locator('#composer-text');
    await composer.fill('/run-tests');
    await composer.press('Enter');
    const dialog = page.getByRole('dialog', { name: view.title.text });
    await dialog.waitFor();
    await take(name, dialog);
    await dialog
      .getByRole('button', { name: view.close?.text ?? 'Close', exact: true })
      .last()
      .click();
    await dialog.waitFor({ state: 'detached' });
  }

  async function take(name: string, one: Locator): Promise<void> {
    await one.scrollIntoViewIfNeeded();
    await one.locator('img').evaluateAll('(all) => Promise.all(all.map((one) => one.decode()))');
    await quiet(page);
    await one.screenshot({ path: join(images, `${name}.png`), animations: 'disabled', caret: 'hide' });
    console.log(`docs/images/messages/${name}.png`);
  }
}

/** Nothing is pointed at, and nothing has the focus. */
async function quiet(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement?.blur()');
}

const names = process.argv.slice(2);
const wanted = said.filter(({ name }) => names.length === 0 || names.includes(name));
const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
if (names.length === 0) await rm(images, { recursive: true, force: true });
await mkdir(images, { recursive: true });
const dir = await mkdtemp(join(tmpdir(), 'coldframe-gallery-'));
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  await takeAll(browser, dir, wanted);
  await writeFile(join(root, 'docs', 'messages.md'), galleryPage());
} finally {
  await browser.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
