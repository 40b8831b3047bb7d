import { WebClient } from '@slack/web-api';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { isRecord } from '../../src/local/slack/json-shape.ts';
import type { Slack } from '../../src/local/slack/slack.ts';
import { isEveryRow } from '../every-row.ts';
import { aFolder, anApp, botToken, clientOf, errorOf } from '../local/a-slack.ts';
import { option, plain, schedule } from './a-modal.ts';
import { aBrowser, aChannelPage, type ChannelPage } from './a-page.ts';

let browser: Browser;
let slack: Slack;
let channel: ChannelPage;
/** What the app was told, oldest first. */
let heard: Readonly<Record<string, unknown>>[];

beforeAll(async () => {
  browser = await aBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  heard = [];
  ({ slack } = await anApp(async ({ body }) => {
    const form = new URLSearchParams(body.toString());
    const payload: unknown = JSON.parse(form.get('payload') ?? JSON.stringify({ type: 'command', trigger_id: form.get('trigger_id') }));
    if (!isRecord(payload)) return { status: 400 };
    heard.push(payload);
    return await react(payload);
  }));
  channel = await aChannelPage(browser, slack.pageUrl);
});
afterEach(async () => {
  await channel.close();
  expect(channel.trouble).toEqual([]);
});

const json = (value: unknown) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

async function react(payload: Readonly<Record<string, unknown>>) {
  const api = new WebClient(botToken, { slackApiUrl: slack.url });
  switch (payload.type) {
    case 'command':
      await api.views.open({ trigger_id: String(payload.trigger_id), view: schedule });
      return { status: 200 };
    case 'view_submission': {
      const values = JSON.stringify(isRecord(payload.view) ? payload.view.state : {});
      return values.includes('"nightly"')
        ? { status: 200 }
        : json({ response_action: 'errors', errors: { name: 'Only nightly is free.' } });
    }
    default:
      return { status: 200 };
  }
}

it('a modal asks for what is missing, shows what the app objects to, and sends all of it', async () => {
  const { page, type } = channel;
  await type('/run-tests');
  const modal = page.getByRole('dialog', { name: 'Schedule a run' });
  await modal.waitFor();
  await channel.expectAccessible();
  await modal.getByRole('button', { name: 'Schedule' }).click();
  await modal.getByText('Please complete this required field.').first().waitFor();
  expect(await modal.getByText('Please complete this required field.').count()).toBe(2);
  expect(await modal.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
  expect(heard.map((one) => one.type)).toEqual(['command']);
  await channel.expectAccessible();

  await modal.getByLabel('Name').fill('weekly');
  await modal.getByLabel('Environment').selectOption('production');
  await modal.getByLabel('Friday').check();
  await modal.getByLabel('thorough').check();
  await modal.getByLabel('Owner').selectOption({ label: 'Grace Hopper' });
  await modal.getByRole('button', { name: 'Schedule' }).click();
  await modal.getByText('Only nightly is free.').waitFor();
  await modal.getByLabel('Name').fill('nightly');
  await modal.getByLabel('Name').press('Enter');
  await modal.waitFor({ state: 'hidden' });
  expect(heard.at(-1)).toMatchObject({
    type: 'view_submission',
    view: {
      state: {
        values: {
          name: { typed: { value: 'nightly' } },
          where: { chosen: { selected_option: { value: 'production' } } },
          days: { ticked: { selected_options: [{ value: 'Friday' }] } },
          how: { one: { selected_option: { value: 'thorough' } } },
          owner: { person: { selected_user: 'U0GRACE' } },
        },
      },
    },
  });
});

it('buttons, overflow menus and selects of a message reach the app, by keyboard too', async () => {
  const { page, message } = channel;
  await clientOf(slack).chat.postMessage({
    channel: 'C0UITESTS',
    text: 'Choose',
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: 'Choose, <@U0ADA> :white_check_mark:' },
        accessory: {
          type: 'overflow',
          action_id: 'more',
          options: [option('Mute'), option('Delete')],
          confirm: { text: plain('Really?') },
        },
      },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'go', text: plain('Go'), value: 'now', style: 'primary' },
          { type: 'static_select', action_id: 'where', placeholder: plain('Where?'), options: [option('staging'), option('production')] },
        ],
      },
      { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }], [{ type: 'raw_text', text: 'b' }]] },
    ],
  });
  const asked = message('Choose');
  await asked.getByRole('button', { name: 'Go' }).click();
  await asked.getByLabel('Where?').selectOption('staging');
  await expect.poll(() => heard.length).toBe(2);
  await asked.getByRole('button', { name: 'More actions' }).press('Enter');
  await page.keyboard.press('ArrowDown');
  await channel.expectAccessible();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Are you sure?' });
  await question.getByRole('button', { name: 'Yes' }).click();
  await expect.poll(() => heard.length).toBe(3);
  expect(heard.flatMap(({ actions }) => actions)).toMatchObject([
    { action_id: 'go', value: 'now' },
    { action_id: 'where', selected_option: { value: 'staging' } },
    { action_id: 'more', selected_option: { value: 'Delete' } },
  ]);
  expect(await asked.locator('.emoji').getAttribute('alt')).toBe('✅');
  expect(await asked.locator('.mention.me').textContent()).toBe('@Ada Lovelace');
});

it.runIf(isEveryRow)('what Slack refuses is said loudly in the channel', async () => {
  const { page } = channel;
  const button = { type: 'button' as const, action_id: 'go', text: plain('x'.repeat(76)) };
  const error = await errorOf(
    clientOf(slack).chat.postMessage({ channel: 'C0UITESTS', text: 'too long', blocks: [{ type: 'actions', elements: [button] }] }),
  );
  expect(error.error).toBe('invalid_blocks');
  const note = page.locator('.refusal');
  await note.getByText('Slack refused chat.postMessage: invalid_blocks').waitFor();
  expect(await note.textContent()).toContain('must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]');
  await channel.expectAccessible();
  await page.reload();
  await note.waitFor();
});

it('the Home tab shows what the app publishes, as it changes', async () => {
  const { page } = channel;
  await page.getByRole('link', { name: 'Coldframe' }).click();
  await page.getByRole('tab', { name: 'Home' }).click();
  await page.getByText('Coldframe has not published a Home for you yet.').waitFor();
  const publish = (text: string) =>
    clientOf(slack).views.publish({ user_id: 'U0ADA', view: { type: 'home', blocks: [{ type: 'header', text: plain(text) }] } });
  await publish('Your runs');
  await page.getByRole('heading', { name: 'Your runs' }).waitFor();
  await publish('No runs');
  await page.getByRole('heading', { name: 'No runs' }).waitFor();
  await channel.expectAccessible();
});

it.runIf(isEveryRow)('takes nothing before it knows whom it would be from, and then shows what was asked for meanwhile', async () => {
  const { page, composer } = channel;
  const { promise: isTime, resolve: go } = Promise.withResolvers<void>();
  await page.route('**/page/events?*', async (route) => {
    await isTime;
    await route.continue();
  });
  await page.reload();
  expect(await composer.isDisabled()).toBe(true);
  await page.evaluate("location.hash = '#C0DEV'");
  go();
  await page.getByRole('heading', { name: '#dev', exact: true }).waitFor();
  await expect.poll(() => composer.isEnabled()).toBe(true);
});

it('a chart has a bar for each value, and is read as a table', async () => {
  const { message } = channel;
  const categories = ['http', 'worker'];
  const data = [
    { label: 'http', value: 8 },
    { label: 'worker', value: 2 },
  ];
  const chart = { type: 'bar', series: [{ name: 'cold', data }], axis_config: { categories } };
  // @slack/types 3.2.0 does not know this block yet.
  const block: unknown = { type: 'data_visualization', title: 'Calls that started cold, %', chart };
  await clientOf(slack).apiCall('chat.postMessage', { channel: 'C0UITESTS', text: 'Cold starts', blocks: [block] });
  const bars = message('Calls that started cold').locator('.bar');
  await bars.first().waitFor();
  const [longer = 0, shorter = 0] = await bars.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  expect(longer / shorter).toBeCloseTo(4, 1);
  expect(await message('Calls that started cold').getByRole('row').allTextContents()).toEqual(['http8', 'worker2']);
  await channel.expectAccessible();
});

it('a channel of hundreds of messages shows its end at once, and all of it when asked', async () => {
  const { page, composer, type } = channel;
  const say = (text: string) => slack.say({ userId: 'U0GRACE', channelId: 'C0DEV', text });
  for (let n = 1; n <= 400; n += 1) say(`Message ${n} of many`);
  await page.getByRole('link', { name: /dev/ }).click();
  const last = (text: string) => page.locator('#messages > .message:last-child').filter({ hasText: text });
  await last('Message 400 of many').waitFor();
  expect(await page.locator('#messages > .message').count()).toBe(200);
  await page.getByRole('button', { name: 'Show 200 earlier messages' }).click();
  await page.getByText('This is the beginning of #dev').waitFor();
  await expect.poll(() => page.locator('#messages > .message').count()).toBe(400);

  await page.getByText('Message 1 of many', { exact: true }).scrollIntoViewIfNeeded();
  say('Something new');
  const jump = page.getByRole('button', { name: 'New below' });
  await jump.click();
  await jump.waitFor({ state: 'hidden' });
  await page.waitForFunction("document.querySelector('#messages').lastElementChild.getBoundingClientRect().bottom <= innerHeight");

  await page.getByText('Message 1 of many', { exact: true }).scrollIntoViewIfNeeded();
  await type('I have read it all');
  await last('I have read it all').waitFor();
  await page.waitForFunction("document.querySelector('#messages').lastElementChild.getBoundingClientRect().bottom <= innerHeight");
  await composer.press('ArrowUp');
  await expect.poll(() => composer.inputValue()).toBe('I have read it all');
  await page.getByRole('link', { name: /ui-tests/ }).click();
  await expect.poll(() => composer.inputValue()).toBe('');
  await page.getByRole('link', { name: /dev/ }).click();
  await expect.poll(() => composer.inputValue()).toBe('I have read it all');
});

it.runIf(isEveryRow)('a Slack that is started again finds its messages, and the page finds it', async () => {
  const { page, message, composer, type } = channel;
  const dir = await aFolder();
  const first = await anApp(undefined, { dir });
  const { ts = '' } = await clientOf(first.slack).chat.postMessage({ channel: 'C0UITESTS', text: 'Before the end' });
  const { port } = new URL(first.slack.pageUrl);
  await page.goto(first.slack.pageUrl);
  await message('Before the end').hover();
  await message('Before the end').getByRole('button', { name: 'Reply in thread' }).click();
  await first.slack.stop();
  await page.getByText('The local Slack does not answer').waitFor();
  await type('Is anybody there?');
  await expect.poll(() => composer.inputValue()).toBe('Is anybody there?');
  const second = await anApp(undefined, { dir, port: Number(port) });
  await clientOf(second.slack).chat.postMessage({ channel: 'C0UITESTS', text: 'Behind its back', thread_ts: ts });
  await page.getByRole('log', { name: 'Thread' }).getByText('Behind its back').waitFor();
  await clientOf(second.slack).chat.postMessage({ channel: 'C0UITESTS', text: 'After the beginning' });
  await message('After the beginning').waitFor();
  await message('Before the end').waitFor();
});
