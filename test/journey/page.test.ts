import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isEveryRow } from '../every-row.ts';
import { aChannel } from './a-channel.ts';
import { aChannelPage } from './a-page.ts';
import { parents, runOf } from './a-world.ts';

const timeout = 180_000;

const here = aChannel();
const open = (name: string) => here.channel.page.getByRole('button', { name, exact: true }).click();

describe('somebody new', { timeout }, () => {
  it('completes the command by keyboard, watches the run, and opens its report from the message', async () => {
    const { page, composer, message } = here.channel;
    await composer.pressSequentially('/r');
    await page.getByRole('option', { name: /\/run-tests/ }).waitFor();
    await here.channel.expectAccessible();
    await composer.press('Escape');
    await page.getByRole('option', { name: /\/run-tests/ }).waitFor({ state: 'hidden' });
    await composer.pressSequentially('un');
    await composer.press('Tab');
    expect(await composer.inputValue()).toBe('/run-tests ');
    expect(await page.locator('#composer .hint').textContent()).toContain('/run-tests ');
    await composer.pressSequentially('local @smoke');
    await composer.press('Enter');

    await message(/local · (starting|getting ready|running|finishing)/).waitFor();
    const ended = message('local passed · 1 scenario passed');
    await ended.waitFor();
    expect(await page.locator('#messages > .message').count()).toBe(1);
    const [report] = await Promise.all([page.context().waitForEvent('page'), ended.getByRole('link', { name: 'report' }).click()]);
    await report.locator('.scenario').waitFor();
    expect(await report.title()).toMatch(/^local passed · local-/);
    await report.close();
  });

  it.runIf(isEveryRow)('gets a run of its own for "Re-run all"', async () => {
    const { page, message } = here.channel;
    await message('local passed').getByRole('button', { name: 'Re-run all' }).click();
    await page.locator('#messages > .message').nth(1).filter({ hasText: 'local passed' }).waitFor();
  });

  it('is told alone of a typo, and can put that away', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests lokal');
    const answer = message('did you mean local?');
    await answer.getByText('Only visible to you').waitFor();
    await here.channel.expectAccessible();
    await here.become('Grace Hopper');
    await answer.waitFor({ state: 'detached' });
    await here.become('Ada Lovelace');
    await answer.getByRole('button', { name: 'Dismiss' }).click();
    await answer.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'release-crew' }).click();
    await page.getByRole('heading', { name: '#release-crew', exact: true }).waitFor();
  });
});

// Before the others: it is looked at as a whole, and it grows with everything that happens.
describe('the inspector', { timeout }, () => {
  it('shows requests, events with their rules, tasks and logs, by run, and no secret', async () => {
    const { page, message } = here.channel;
    await open('Inspector');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const line = (title: string | RegExp) => inspector.locator('.timeline li').filter({ hasText: title, visible: true }).first();
    await inspector.getByLabel('Only lines with').fill('command');
    await line('command /run-tests').click();
    const request = line('command /run-tests').locator('.json').first();
    expect(await request.textContent()).toContain('"command": "/run-tests"');
    expect(await request.textContent()).toContain('"response_url": "•••"');
    await inspector.getByLabel('Only lines with').fill('Run Requested');
    await line(/EventBridge: Run Requested matched by coldframe-local-/).waitFor();
    await here.channel.expectAccessible();
    await inspector.getByLabel('Only lines with').fill('');
    const passed = parents(here.world).findLast(({ text }) => text.startsWith('local passed'));
    await inspector.getByLabel('Show', { exact: true }).selectOption(runOf(passed));
    await inspector.getByRole('tab', { name: 'Timeline' }).press('ArrowRight');
    await inspector.locator('.processes summary:visible').first().click();
    await inspector
      .getByRole('log', { name: /Log of the task/ })
      .getByText('suite started')
      .waitFor();
    await here.channel.expectAccessible();
    await inspector.getByRole('tab', { name: 'Functions' }).click();
    await inspector.locator('.processes summary:visible').filter({ hasText: 'worker' }).click();
    await inspector.getByRole('log', { name: 'Log of the function worker' }).getByText('REPORT').first().waitFor();
    const ended = message('local passed');
    await ended.hover();
    await ended.getByRole('button', { name: 'Show as JSON' }).click();
    await inspector.locator('.message-json').getByText('"coldframe_run"').waitFor();
    await here.channel.expectAccessible();
  });
});

describe('a run that does not end well', { timeout }, () => {
  it('shows its step, its error and its screenshot, and is talked about in its thread', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests local @fails retry=0');
    const failed = message('local failed · 1 of 1 scenario failed');
    await failed.getByText('this is wrong').first().waitFor();
    const [report] = await Promise.all([page.context().waitForEvent('page'), failed.getByRole('link', { name: 'fails' }).click()]);
    // The picture comes from our endpoint, which leads to the bucket: the page's policy must let both.
    const shown = report.locator('.scenario .files img');
    await shown.waitFor();
    // Not `waitForFunction`: what it evaluates again, when the picture takes its time, is against the page's policy.
    expect(
      await shown.evaluate((image: { decode(): Promise<void>; readonly naturalWidth: number }) =>
        image.decode().then(() => image.naturalWidth),
      ),
    ).toBeGreaterThan(100);
    await report.close();

    await failed.getByRole('button', { name: /1 reply/ }).click();
    const thread = page.getByRole('log', { name: 'Thread' });
    await thread.getByText('local failed: 1 of 1 scenario failed').waitFor();
    await thread.locator('.picture').click();
    const picture = page.getByRole('dialog').locator('img');
    await picture.waitFor();
    await page.waitForFunction("document.querySelector('#lightbox-image').naturalWidth > 100");
    await here.channel.expectAccessible();
    await page.keyboard.press('Escape');

    expect(await thread.locator('.mention.me').first().textContent()).toBe('@Ada Lovelace');
    const reply = page.getByRole('complementary').getByRole('combobox');
    await reply.pressSequentially('/run-tests local');
    await reply.press('Enter');
    await page.getByText('/run-tests is not supported in threads').waitFor();
    // What could not be sent is still there.
    expect(await reply.inputValue()).toBe('/run-tests local');
    await reply.fill('');
    await reply.pressSequentially('I am on it');
    await reply.press('Enter');
    await thread.getByText('I am on it').waitFor();
    await failed.getByRole('button', { name: /2 replies/ }).waitFor();
    await here.channel.expectAccessible();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'hidden' });
  });

  it.runIf(isEveryRow)('has what failed in it run again, and nothing else, by its button', async () => {
    const { page, message } = here.channel;
    const messages = page.locator('#messages > .message');
    const before = await messages.count();
    const failed = message('local failed · 1 of 1 scenario failed');
    const runId = /local-\d{8}-\d{4}-\w+/.exec((await failed.textContent()) ?? '')?.[0];
    await failed.getByRole('button', { name: 'Re-run failed (1)' }).click();
    const again = messages.nth(before).filter({ hasText: 'local failed · 1 of 1 scenario failed' });
    await again.waitFor();
    expect(await again.textContent()).toContain(`again the 1 that failed in ${runId}`);
  });

  it('is cancelled by its button, after a question', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests local @waits');
    const cancel = message(/local · (starting|getting ready|running)/).getByRole('button', { name: 'Cancel' });
    await cancel.click();
    const question = page.getByRole('dialog', { name: 'Cancel this run?' });
    await question.getByRole('button', { name: 'Let it run' }).click();
    await cancel.click();
    await question.getByRole('button', { name: 'Cancel the run' }).click();
    const ended = message('local cancelled');
    await ended.waitFor();
    expect(await ended.textContent()).toContain('by @Ada Lovelace');
  });
});

describe('several people', { timeout }, () => {
  it('see what they may, are asked first, and are refused by name', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests guarded @smoke');
    const question = page.getByRole('dialog', { name: 'Are you sure?' });
    await question.getByText('Run the tests on guarded?').waitFor();
    await here.channel.expectAccessible();
    await page.keyboard.press('Escape');
    await here.become('Linus Torvalds');
    await page.getByRole('link', { name: 'release-crew' }).waitFor({ state: 'detached' });
    await question.waitFor({ state: 'hidden' });
    await type('/run-tests guarded @smoke');
    await question.getByRole('button', { name: 'Run on guarded' }).click();
    await message(/may run|not in|only/i)
      .getByText('Only visible to you')
      .waitFor();
    expect(parents(here.world).some(({ text }) => text.startsWith('guarded'))).toBe(false);
    await here.become('Ada Lovelace');
    await type('/run-tests guarded @smoke');
    await question.getByRole('button', { name: 'Run on guarded' }).click();
    await message('guarded passed').waitFor();
  });

  it.runIf(isEveryRow)('find what is new for them marked, and lose the mark by reading', async () => {
    const { page } = here.channel;
    await here.become('Grace Hopper');
    await page.getByRole('link', { name: 'dev' }).click();
    here.world.slack.say({ userId: 'U0ADA', channelId: 'C0UITESTS', text: 'Anybody there?' });
    const link = page.getByRole('link', { name: /ui-tests/ });
    await page.locator('#nav a.unread').waitFor();
    expect(await link.textContent()).toContain('unread');
    await link.click();
    await page.locator('.divider.new').waitFor();
    await page.locator('#nav a.unread').waitFor({ state: 'detached' });
  });
});

describe('making trouble', { timeout }, () => {
  it.runIf(isEveryRow)('kills the task, and the message says so', async () => {
    const { page, type, message } = here.channel;
    await open('Make trouble');
    await page.getByRole('heading', { name: 'Kill the running task' }).waitFor();
    await open('Kill it');
    await page.getByText('No task is running: start a run first').first().waitFor();
    // Not what was asked for a moment ago: within ten seconds, that would be the same run.
    await type('/run-tests local @waits retry=2');
    await message(/local · (getting ready|running)/).waitFor();
    await open('Kill it');
    const ended = message('local did not finish');
    await ended.waitFor();
    await page.locator('.struck').getByText('Kill the running task').waitFor();
    await here.channel.expectAccessible();
  });

  it.runIf(isEveryRow)('fills the capacity: the run has not started yet, with the reason and what comes next', async () => {
    const { page, type, message } = here.channel;
    await open('Make trouble');
    await open('Fill the capacity');
    await page.locator('.armed').getByText('Fargate is full').waitFor();
    await type('/run-tests local @smoke');
    await message('local · not started yet')
      .getByText(/capacity.*Trying again \(2 of 3\)/i)
      .first()
      .waitFor();
    await page.getByText('Nothing is about to go wrong.').waitFor();
  });

  it.runIf(isEveryRow)('expires the token: Slack hears nothing until it is restored and the sweeper comes', async () => {
    const { page, type, message } = here.channel;
    const count = parents(here.world).length;
    await open('Make trouble');
    await open('Expire the token');
    await page.locator('.armed').getByText('The bot’s token expires').waitFor();
    await type('/run-tests local @smoke retry=0');
    await page.locator('.struck li').nth(1).waitFor();
    expect(parents(here.world)).toHaveLength(count);
    await page.getByRole('button', { name: /Take back: The bot/ }).click();
    await page.getByText('Nothing is about to go wrong.').waitFor();
    await open('Sweep now');
    await message('local passed').waitFor();
  });
});

describe('on a phone', { timeout }, () => {
  it('nothing is wider than the screen, and channels and panels open and close', async () => {
    const phone = await aChannelPage(here.browser, here.world.slack.pageUrl, { width: 375, height: 740 });
    const { page } = phone;
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await overflow()).toBe(0);
    await page.getByRole('button', { name: 'Channels' }).click();
    await page.getByRole('link', { name: 'dev' }).click();
    await page.getByRole('heading', { name: '#dev', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make trouble' }).click();
    await page.getByRole('heading', { name: 'Kill the running task' }).waitFor();
    expect(await overflow()).toBe(0);
    await phone.expectAccessible();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('complementary').waitFor({ state: 'hidden' });
    expect(phone.trouble).toEqual([]);
    await phone.close();
  });
});

describe('the inspector of all that has happened', { timeout }, () => {
  it('gives away none of the secrets of this here.world, wherever they went', async () => {
    const secrets: readonly string[] = Object.values(JSON.parse(await readFile(join(here.world.dir, 'secrets.json'), 'utf8')));
    const get = async (path: string) => await (await fetch(new URL(path, here.world.slack.pageUrl))).text();
    const entries: string[] = [];
    const seen = new Map<string, number>();
    for (const [n, { source, name }] of here.world.journal().entries()) {
      const times = (seen.get(`${source} ${name}`) ?? 0) + 1;
      seen.set(`${source} ${name}`, times);
      // Ten of a kind, unless all are asked for.
      if (isEveryRow || times <= 10) entries.push(await get(`/workbench/entry?n=${n}`));
    }
    const groups = ['/coldframe/local/tasks', '/aws/lambda/coldframe-local-http', '/aws/lambda/coldframe-local-worker'];
    const logs = await Promise.all(groups.map((group) => get(`/workbench/log?${new URLSearchParams({ group })}`)));
    const messages = await Promise.all(parents(here.world).map(({ ts }) => get(`/page/message?channel=C0UITESTS&ts=${ts}`)));
    const shown = [...entries, ...logs, ...messages].join('\n');
    expect(entries.length).toBeGreaterThan(100);
    // Who logs in is no secret; what is random here is.
    for (const secret of secrets.filter((one) => !one.includes('@'))) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/[?&](?:s|X-Amz-Signature)=[\w-]|\/(?:commands|actions)\/T\w+\/\d|v0=[0-9a-f]{20}|xoxb-\w/);
  });
});
