import { describe, expect, it } from 'vitest';
import { readSchedules } from '../../src/app/schedule-store.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { parseHearing } from '../../src/run/stored.ts';
import { isEveryRow } from '../every-row.ts';
import { aChannel } from './a-channel.ts';
import { endOf, nextRun, parents } from './a-world.ts';

const timeout = 180_000;

const here = aChannel();

describe('somebody who plans ahead', { timeout }, () => {
  it.runIf(isEveryRow)('schedules a run in the channel, sees when it comes, and reads how the runs went on a page', async () => {
    const { type, message, page } = here.channel;
    await type('/run-tests schedule local @smoke weekdays 06:30 Europe/Berlin');
    await message('Scheduled: local tags=@smoke weekdays 06:30 Europe/Berlin').getByText('Next:').waitFor();
    const [schedule] = await readSchedules('local', here.world.store);
    const before = parents(here.world);
    await here.world.scheduler.run(schedule?.id ?? '', Math.floor(Date.now() / 60_000) * 60_000);
    const runId = await nextRun(here.world, before);
    expect((await endOf(here.world, runId)).kind).toBe('passed');
    await message('local passed').getByText(`the schedule ${schedule?.id}`).waitFor();

    await type('/run-tests history local');
    const strip = message('1 of 1 run passed, the last one passed');
    await strip.getByText('The last 1 run, the newest last: passed').waitFor();
    await here.channel.expectAccessible();
    const [history] = await Promise.all([page.context().waitForEvent('page'), strip.getByRole('button', { name: 'Open history' }).click()]);
    await history.getByRole('heading', { name: 'local: history' }).waitFor();
    await history.locator(`[id="${runId}"] a`).click();
    await history.getByRole('heading', { name: 'local passed' }).waitFor();
    await history.close();
  });

  it.runIf(isEveryRow)('finds all of it at Home, pauses the schedule there, and runs tests from there', async () => {
    const { page } = here.channel;
    await page.locator('#apps a').first().click();
    await page.getByRole('tab', { name: 'Home' }).click();
    const home = page.locator('#home');
    await home.getByText('1 of 1 run passed, the last one passed').waitFor();
    await home.getByText('None of the last runs was yours.').waitFor();
    await here.channel.expectAccessible();
    await home.getByRole('button', { name: 'Pause' }).press('Enter');
    await home.getByText('paused by').waitFor();
    expect(here.world.scheduler.names()).toEqual([]);
    await home.getByRole('button', { name: 'Run tests' }).press('Enter');
    await page.getByRole('dialog', { name: 'Run UI tests' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it.runIf(isEveryRow)('has the channel told of less, from their Home and by keyboard, and takes that back', async () => {
    const { page } = here.channel;
    await page.locator('#apps a').first().click();
    await page.getByRole('tab', { name: 'Home' }).click();
    const open = page.locator('#home').getByRole('button', { name: 'Settings' });
    const form = page.getByRole('dialog', { name: 'Settings' });
    await open.press('Enter');
    await form.getByText('is as coldframe.yml has it').waitFor();
    await here.channel.expectAccessible();
    await form.getByRole('combobox', { name: 'Runs that nobody in Slack asked for' }).selectOption('digest');
    const quiet = form.getByRole('textbox', { name: 'Quiet hours' });
    await quiet.fill('20:00');
    await quiet.press('Enter');
    await form.getByText('Quiet hours must be two times and a time zone').waitFor();
    expect(await quiet.getAttribute('aria-invalid')).toBe('true');
    await quiet.fill('20:00-07:00 Europe/Berlin');
    await quiet.press('Enter');
    await form.getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');

    await here.become('Grace Hopper');
    await page.getByRole('link', { name: 'ui-tests' }).click();
    await here.channel.type('/run-tests settings local');
    await form.getByText(/was changed by @Ada Lovelace .*: runs: every run → digest; quiet: never → 20:00-07:00 Europe\/Berlin/).waitFor();
    await here.channel.expectAccessible();
    await form.getByRole('button', { name: 'Reset to coldframe.yml' }).press('Enter');
    await page.getByRole('dialog', { name: 'Reset these settings?' }).getByRole('button', { name: 'Reset' }).press('Enter');
    await form.getByText('Reset: what').waitFor();
    const hearing = await here.world.store.get(environmentKeys('local').hearing, parseHearing);
    expect(hearing?.value.settings).toBeUndefined();
  });
});
