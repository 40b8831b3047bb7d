import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LogLevel, WebClient } from '@slack/web-api';
import { chromium, type Page } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { startSlack } from '../../src/local/slack/slack.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import { startWorld } from '../../src/local/world.ts';
import { plain, schedule } from './a-modal.ts';

// Makes the pictures in docs/images anew, from a fresh world: npm run screenshots.

const root = fileURLToPath(new URL('../../', import.meta.url));
const images = join(root, 'docs', 'images');
const wide = { width: 1180, height: 760 };
const narrow = { width: 375, height: 720 };

/** One scene after the other in a channel that fills up. */
async function takeAll(page: Page): Promise<void> {
  const message = (text: string | RegExp) => page.locator('#messages > .message').filter({ hasText: text }).last();
  const composer = page.locator('#composer-text');
  const button = (name: string | RegExp) => page.getByRole('button', { name });

  async function send(text: string): Promise<void> {
    await composer.fill(text);
    await composer.press('Enter');
    await composer.blur();
  }

  await composer.pressSequentially('/r');
  await page.getByRole('option', { name: /run-tests/ }).waitFor();
  await take(page, 'composer');

  await send('/run-tests local');
  await message(/running, [2-9] of/).waitFor();
  await take(page, 'running');
  await button('Cancel').click();
  await take(page, 'dialog');
  await page.keyboard.press('Escape');
  await message('local passed').waitFor();
  await page.locator('#channel-name').click();
  await take(page, 'finished');

  await send('/run-tests lokal');
  await message('did you mean').waitFor();
  await take(page, 'refusal');
  await message('did you mean').getByRole('button', { name: 'Dismiss' }).click();

  await send('/run-tests local @broken retry=0');
  const failed = message('local failed').getByRole('button', { name: /1 reply/ });
  await failed.waitFor();
  await page.setViewportSize({ ...wide, height: 945 });
  await take(page, 'channel-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'channel-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(wide);

  await failed.click();
  await page.getByRole('log', { name: 'Thread' }).locator('img:not(.emoji, .avatar)').waitFor();
  const reply = page.getByRole('complementary').getByRole('combobox');
  await reply.fill('There are no Terraform stacks on this account: I’ll ask the team.');
  await reply.press('Enter');
  await message('local failed')
    .getByRole('button', { name: /2 replies/ })
    .waitFor();
  await reply.blur();
  await take(page, 'thread');

  await button('Inspector').click();
  const inspector = page.getByRole('complementary');
  await inspector.getByLabel('Show', { exact: true }).selectOption({ index: 1 });
  await inspector.getByLabel('Only lines with').fill('task');
  const stopped = inspector.locator('.timeline li').filter({ hasText: 'ECS Task State Change matched', visible: true }).first();
  await stopped.locator('summary').click();
  await stopped.locator('.json').first().waitFor();
  await take(page, 'inspector');

  await button('Make trouble').click();
  await button('Fill the capacity').click();
  await page.locator('.armed li').waitFor();
  await send('/run-tests local @smoke');
  await message('not started yet').waitFor();
  await button('Throttle Slack').click();
  await page.locator('.armed li').waitFor();
  await page.locator('#trouble .intro').scrollIntoViewIfNeeded();
  await take(page, 'trouble');
  await button(/^Take back/).click();
  await button('Close').click();

  await page.setViewportSize(narrow);
  await message('local failed').scrollIntoViewIfNeeded();
  await page.locator('#log').evaluate((log) => log.scrollTo(0, 0));
  await message('local passed').evaluate((one) => one.scrollIntoView());
  await take(page, 'phone');
}

/** What an app may get wrong, and may open: a message that Slack refuses, and a modal with every kind of control. */
async function takeOthers(page: Page, folder: string): Promise<void> {
  const secrets = { signingSecret: 'a signing secret', botToken: 'xoxb-local' };
  await using ending = new AsyncDisposableStack();
  const api = () => new WebClient(secrets.botToken, { slackApiUrl: slack.url, logLevel: LogLevel.ERROR });
  const app = await serve(async ({ body }) => {
    const trigger = new URLSearchParams(body.toString()).get('trigger_id');
    if (trigger !== null) await api().views.open({ trigger_id: trigger, view: schedule });
    return { status: 200 };
  });
  ending.defer(() => app.stop());
  const slack = await startSlack({ ...secrets, dir: folder, journal: () => {}, appUrl: () => `${app.url}/slack/events`, limits: 'off' });
  ending.defer(() => slack.stop());
  await page.setViewportSize(wide);
  await page.goto(slack.pageUrl);
  const button = {
    type: 'button' as const,
    action_id: 'open',
    text: plain('Open the report of the run of this morning on staging, all 41 scenarios of it'),
  };
  const blocks = [{ type: 'actions' as const, elements: [button] }];
  await api()
    .chat.postMessage({ channel: 'C0UITESTS', text: 'staging passed', blocks })
    .catch(() => {
      // that it is refused is what the picture shows
    });
  await page.locator('.refusal').waitFor();
  await take(page, 'slack-refuses');
  await page.locator('#composer-text').fill('/run-tests');
  await page.locator('#composer-text').press('Enter');
  const modal = page.getByRole('dialog', { name: 'Schedule a run' });
  await modal.getByLabel('Name').fill('Every morning');
  await modal.getByLabel('Friday').check();
  await modal.getByRole('button', { name: 'Schedule' }).click();
  await modal.getByText('Please complete this required field.').waitFor();
  await take(page, 'modal');
}

async function take(page: Page, name: string): Promise<void> {
  // What fails here fails in somebody's folder: in a picture it is called as in the image of a task.
  await page.evaluate(`for (const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); nodes.nextNode(); )
    nodes.currentNode.data = nodes.currentNode.data.replaceAll(${JSON.stringify(root)}, '/suite/')`);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(images, `${name}.png`), animations: 'disabled', caret: 'hide' });
  console.log(`docs/images/${name}.png`);
}

const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
await mkdir(images, { recursive: true });
const dir = await mkdtemp(join(tmpdir(), 'coldframe-pictures-'));
const world = await startWorld({ dir, port: 0 });
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  // A slow machine's first cold start can take longer than Slack waits. That is true, but not what the pictures are about.
  await world.slack.command({ userId: 'U0LINUS', channelId: 'C0DEV', text: '/run-tests help' });
  const page = await browser.newPage({ viewport: wide, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(60_000);
  await page.goto(world.slack.pageUrl);
  await takeAll(page);
  await takeOthers(page, join(dir, 'modal'));
} finally {
  await browser.close();
  await world.stop();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
