import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSchedules } from '../../src/app/schedule-store.ts';
import { aBrowser, aChannelPage, type ChannelPage } from './a-page.ts';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, endOf, nextRun, parents } from './a-world.ts';

const timeout = 180_000;

let world: AWorld;
let browser: Browser;
let channel: ChannelPage;

beforeAll(async () => {
  [world, browser] = await Promise.all([aPlainWorld(), aBrowser()]);
  channel = await aChannelPage(browser, world.slack.pageUrl);
}, timeout);
afterAll(async () => {
  await channel.close();
  await browser.close();
  await world.end();
}, timeout);

describe('somebody who plans ahead', { timeout }, () => {
  it('schedules a run in the channel, sees when it comes, and reads how the runs went on a page', async () => {
    const { type, message, page } = channel;
    await type('/run-tests schedule local @smoke weekdays 06:30 Europe/Berlin');
    await message('Scheduled: local tags=@smoke weekdays 06:30 Europe/Berlin').getByText('Next:').waitFor();
    const [schedule] = await readSchedules('local', world.store);
    const before = parents(world);
    await world.scheduler.run(schedule?.id ?? '', Math.floor(Date.now() / 60_000) * 60_000);
    const runId = await nextRun(world, before);
    expect((await endOf(world, runId)).kind).toBe('passed');
    await message('local passed').getByText(`the schedule ${schedule?.id}`).waitFor();

    await type('/run-tests history local');
    const strip = message('1 of 1 run passed, the last one passed');
    await strip.getByText('The last 1 run, the newest last: passed').waitFor();
    await channel.expectAccessible();
    const [history] = await Promise.all([page.context().waitForEvent('page'), strip.getByRole('button', { name: 'Open history' }).click()]);
    await history.getByRole('heading', { name: 'local: history' }).waitFor();
    await history.locator(`[id="${runId}"] a`).click();
    await history.getByRole('heading', { name: 'local passed' }).waitFor();
    await history.close();
  });

  it('finds all of it at Home, pauses the schedule there, and runs tests from there', async () => {
    const { page } = channel;
    await page.locator('#apps a').first().click();
    await page.getByRole('tab', { name: 'Home' }).click();
    const home = page.locator('#home');
    await home.getByText('1 of 1 run passed, the last one passed').waitFor();
    await home.getByText('None of the last runs was yours.').waitFor();
    await channel.expectAccessible();
    await home.getByRole('button', { name: 'Pause' }).press('Enter');
    await home.getByText('paused by').waitFor();
    expect(world.scheduler.names()).toEqual([]);
    await home.getByRole('button', { name: 'Run tests' }).press('Enter');
    await page.getByRole('dialog', { name: 'Run UI tests' }).waitFor();
    await page.keyboard.press('Escape');
    expect(channel.trouble).toEqual([]);
  });
});
