import { describe, expect, it } from 'vitest';
import { isEveryRow } from '../every-row.ts';
import { aChannel } from './a-channel.ts';
import { parents } from './a-world.ts';

const timeout = 180_000;

const here = aChannel();

describe('the form', { timeout }, () => {
  it('says what is wrong below the field, and runs what is right, by keyboard alone', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests');
    const form = page.getByRole('dialog', { name: 'Run UI tests' });
    await form.getByText('Nothing has run here yet').waitFor();
    await here.channel.expectAccessible();
    await form.getByRole('combobox', { name: 'Scenarios' }).selectOption('own');
    const expression = form.getByRole('textbox', { name: 'Tag expression' });
    await expression.fill('@smoke and');
    await form.getByRole('button', { name: 'Run' }).press('Enter');
    await form.getByText('is not a tag expression').waitFor();
    expect(await expression.getAttribute('aria-invalid')).toBe('true');
    await here.channel.expectAccessible();

    await expression.fill('@smoke');
    await form.getByRole('button', { name: 'Run' }).press('Enter');
    await form.waitFor({ state: 'hidden' });
    await message('local passed · 1 scenario passed').waitFor();
  });

  it.runIf(isEveryRow)('knows the suite after its first run, and begins with what was asked for last', async () => {
    const { page, message } = here.channel;
    const more = message('local passed').getByRole('button', { name: 'Message actions' });
    await more.focus();
    await more.press('Enter');
    await page.getByRole('menuitem', { name: 'Run this again' }).press('Enter');
    const form = page.getByRole('dialog', { name: 'Run UI tests' });
    await form.getByText('That means all 1 scenario').waitFor();
    expect(await form.getByRole('combobox', { name: 'Scenarios' }).inputValue()).toBe('tag:@smoke');
    await form.getByRole('combobox', { name: 'Environment' }).selectOption('guarded');
    await form.getByText('guarded asks once more').waitFor();
    await form.getByRole('button', { name: 'Run' }).click();
    const question = page.getByRole('dialog', { name: 'Are you sure?' });
    await question.getByRole('button', { name: 'Run on guarded' }).click();
    await question.waitFor({ state: 'hidden' });
    await message('guarded passed').waitFor();

    await page.getByRole('button', { name: 'Shortcuts' }).click();
    await page.getByRole('menuitem', { name: 'Run UI tests' }).click();
    await form.waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'hidden' });
  });
});

describe('a run that a second person has to approve', { timeout }, () => {
  it.runIf(isEveryRow)('starts when somebody else has pressed Approve, and not before', async () => {
    const { page, type, message } = here.channel;
    await type('/run-tests release @smoke');
    const waiting = message('release · waiting for approval');
    await waiting.waitFor();
    await here.channel.expectAccessible();
    const approve = async () => {
      await waiting.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('dialog', { name: 'Approve this run?' }).getByRole('button', { name: 'Approve' }).click();
    };
    await approve();
    await message('somebody else has to approve it').waitFor();
    await here.become('Grace Hopper');
    await approve();
    await message('release passed').getByText('approved by @Grace Hopper').waitFor();
  });
});

describe('the bot that is spoken to', { timeout }, () => {
  it.runIf(isEveryRow)('runs what it is asked for in a thread, and says there where that is reported', async () => {
    const { page, message, type } = here.channel;
    await type('Is it still broken?');
    await message('Is it still broken?').getByRole('button', { name: 'Reply in thread' }).click();
    const reply = page.getByRole('complementary').getByRole('combobox');
    const before = parents(here.world).length;
    await reply.fill('@coldframe run local @smoke');
    await reply.press('Enter');
    await page.getByRole('log', { name: 'Thread' }).getByText('its own message').waitFor();
    await message('local passed').waitFor();
    expect(parents(here.world).length).toBe(before + 1);
    await reply.fill('@coldframe lokal');
    await reply.press('Enter');
    await page.getByRole('log', { name: 'Thread' }).getByText('did you mean local?').waitFor();
  });
});
