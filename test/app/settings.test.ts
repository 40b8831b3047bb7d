import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readHearing } from '../../src/app/hearing-store.ts';
import { nothingHeard } from '../../src/hearing/hearing.ts';
import { usualHearing } from '../../src/hearing/settings.ts';
import { readAudit } from '../../src/local/remote/audit-command.ts';
import { placedElements, stateOf } from '../../src/local/slack/slack-action.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { catalogueOf } from '../catalogue.ts';
import { startApp } from './an-app.ts';

const written = { ...usualHearing, quiet: '20:00-07:00 Europe/Berlin' };
const allow = { users: [], userGroups: [], channels: [] };
const catalogue = catalogueOf(
  { name: 'staging', hear: written },
  { name: 'quality', allow: { ...allow, userGroups: ['S0QA'] } },
  { name: 'release', channel: 'C0DEV', allow: { ...allow, users: ['U0LINUS'] } },
);
const [ada, grace] = ['U0ADA', 'U0GRACE'] as const;

let app: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  app = await startApp(catalogue);
});
afterAll(async () => await app.stop());
beforeEach(async () => {
  for (const person of [ada, grace]) app.edges.slack.views.close(person, 'all');
  app.handed.splice(0);
  await app.world.store.put(environmentKeys('staging').hearing, JSON.stringify(nothingHeard), 'application/json');
});

const type = (userId: string, text: string, channelId = 'C0UITESTS') =>
  app.edges.slack.command({ userId, channelId, text: `/run-tests ${text}` });

/** The modal that a person has in front of them. */
function modal(userId: string) {
  const open = app.edges.slack.views.stack(userId).at(-1);
  if (open === undefined) throw new Error(`${userId} has no modal open`);
  const placed = placedElements(open.view.blocks);
  const values = stateOf(placed);
  /** The action of a field, as `block id/action id`. */
  const field = (action: string): string => {
    const [block] = Object.entries(values).find(([, of]) => action in of) ?? [];
    if (block === undefined) throw new Error(`there is no ${action}: ${Object.keys(values)}`);
    return `${block}/${action}`;
  };
  return {
    viewId: open.id,
    text: JSON.stringify(open.view.blocks),
    isForm: open.view.callback_id === 'settings_form',
    has: (action: string) => placed.some(({ element }) => element.action_id === action),
    values,
    field,
  };
}

async function open(userId: string, text = 'settings staging', channelId?: string) {
  await type(userId, text, channelId);
  await app.work();
  return modal(userId);
}

/** Fills in and saves; what Slack got from the door. */
async function save(userId: string, filled: Readonly<Record<string, string>>) {
  const { viewId, field } = modal(userId);
  const choices = Object.fromEntries(Object.entries(filled).map(([action, value]) => [field(action), value]));
  return await app.edges.slack.submitView({ userId, viewId, choices });
}

async function saved(userId: string, filled: Readonly<Record<string, string>>): Promise<string> {
  expect(await save(userId, filled)).toMatchObject({ kind: 'taken' });
  expect(modal(userId).text).toContain('Being saved');
  await app.work();
  return modal(userId).text;
}

async function reset(userId: string): Promise<string> {
  await app.edges.slack.press({ userId, viewId: modal(userId).viewId, actionId: 'reset_settings' });
  await app.work();
  return modal(userId).text;
}

const kept = async () => (await readHearing('staging', app.world)).settings;
const audited = async (deed: string) =>
  (await readAudit(app.world.store, ''))
    .filter((entry) => entry.deed === deed)
    .map(({ by, environment, text, came }) => ({ by, environment, text, came }));

describe('the settings of a channel', () => {
  it('are shown as coldframe.yml has them, at first as a modal that says to wait', async () => {
    await type(ada, 'settings');
    expect(modal(ada).text).toContain('One moment');
    await app.work();
    const { isForm, text, has, values, field } = modal(ada);
    expect(isForm).toBe(true);
    expect(text).toContain('What <#C0UITESTS> hears of *staging* is as coldframe.yml has it.');
    expect(text).toContain('that stands in coldframe.yml alone');
    expect(has('reset_settings')).toBe(false);
    const [quiet = '', digest = ''] = ['quiet', 'digest'].map((action) => field(action).replace(/\/\w+$/, ''));
    expect([values[quiet], values[digest]]).toMatchObject([{ quiet: { value: written.quiet } }, { digest: { value: written.digest } }]);
  });

  it('are saved with who and when, shown so to the next, heard by the audit log, and reset', async () => {
    await open(ada);
    const text = await saved(ada, { runs: 'digest', digest: 'monday 08:30 Europe/Berlin', quiet: '' });
    const words =
      'runs: only changes → digest; digest: weekdays 09:00 UTC → monday 08:30 Europe/Berlin; quiet: 20:00-07:00 Europe/Berlin → never';
    expect(text).toContain(words);
    const settings = { runs: 'digest', digest: 'monday 08:30 Europe/Berlin', quiet: '', asker: 'every end' };
    expect(await kept()).toEqual({ C0UITESTS: { settings, by: ada, at: expect.any(String), change: expect.any(String) } });
    expect(await audited('change-settings')).toMatchObject([
      { by: { kind: 'slack', userId: ada }, environment: 'staging', text: `<#C0UITESTS> ${words}`, came: { kind: 'done' } },
    ]);
    const ofGrace = await open(grace);
    expect(ofGrace.text).toMatch(/was changed by <@U0ADA> <!date\^\d+\^/);
    expect(ofGrace.text).toContain('In coldframe.yml: 20:00-07:00 Europe/Berlin.');
    expect(await reset(grace)).toContain('is as coldframe.yml has it');
    expect(await kept()).toBeUndefined();
    expect(await audited('reset-settings')).toMatchObject([
      { by: { userId: grace }, text: expect.stringContaining('reset: runs: digest → only changes') },
    ]);
    expect(app.edges.slack.messages('C0UITESTS')).toEqual([]);
  });

  it('that come to what coldframe.yml says are no change of it', async () => {
    await open(ada);
    expect(await saved(ada, {})).toContain('There was nothing to change');
    expect(await kept()).toBeUndefined();
    await open(ada);
    await saved(ada, { asker: 'failures' });
    await open(ada);
    await saved(ada, { asker: 'every end' });
    expect(await kept()).toBeUndefined();
  });

  it.each([
    [{ quiet: '20:00' }, ['quiet'], 'Quiet hours must be two times and a time zone'],
    [{ quiet: '20:00-07:00 Europe/Berin' }, ['quiet'], 'did you mean Europe/Berlin?'],
    [{ digest: 'noon' }, ['digest'], 'Time of the digest must be days, a time and a time zone'],
    [{ quiet: 'x', digest: 'weekdays 09:00 Mars' }, ['digest', 'quiet'], 'names no time zone'],
  ])('with %j are said to be wrong below the field, and nothing is saved', async (filled, fields, because) => {
    await open(ada);
    const came = await save(ada, filled);
    const errors = 'errors' in came ? (came.errors ?? {}) : {};
    expect(
      Object.keys(errors)
        .map((block) => block.split(':')[0])
        .toSorted(),
    ).toEqual(fields);
    expect(Object.values(errors).join(' ')).toContain(because);
    expect(Object.values(errors).join(' ')).not.toMatch(/[`*]|&(?:amp|lt|gt);/);
    expect(app.handed).toEqual([]);
    expect(modal(ada).isForm).toBe(true);
  });

  it('of another channel are the two that mean something there, and leave the others alone', async () => {
    await open(ada, 'settings staging', 'C0DEV');
    const { viewId, field } = modal(ada);
    await app.edges.slack.press({ userId: ada, viewId, actionId: 'place', value: 'C0DEV', choices: { [field('quiet')]: '' } });
    expect(await save(ada, { place: 'C0DEV' })).toMatchObject({ errors: { environment: expect.stringContaining('One moment') } });
    await app.work();
    const { text, has } = modal(ada);
    expect(text).toContain('What <#C0DEV> hears of *staging*');
    expect(['runs', 'digest', 'quiet', 'asker'].map(has)).toEqual([false, false, true, true]);
    await saved(ada, { asker: 'failures' });
    expect(await kept()).toMatchObject({ C0DEV: { settings: { ...written, asker: 'failures' } } });
  });

  it('of another environment are shown when that is chosen', async () => {
    await open(ada);
    await app.edges.slack.press({ userId: ada, viewId: modal(ada).viewId, actionId: 'environment', value: 'quality' });
    await app.work();
    expect(modal(ada).text).toContain('What <#C0UITESTS> hears of *quality* is as coldframe.yml has it.');
  });
});

describe('two people who change the same settings', () => {
  it('do not overwrite each other unseen: who comes second is shown what the first has done, and keeps their words', async () => {
    await open(ada);
    await open(grace);
    await saved(ada, { runs: 'every run' });
    const text = await saved(grace, { quiet: '18:00-08:00 UTC' });
    expect(text).toContain('Not saved: <@U0ADA> has changed these settings');
    expect(text).toContain('runs: only changes → every run');
    expect(text).toContain('18:00-08:00 UTC');
    expect(await kept()).toMatchObject({ C0UITESTS: { by: ada } });
    await saved(grace, {});
    // All that Grace had in front of her, seen what Ada did.
    expect(await kept()).toMatchObject({ C0UITESTS: { by: grace, settings: { runs: 'only changes', quiet: '18:00-08:00 UTC' } } });
  });

  it('are told so, too, when the first has reset them', async () => {
    await open(ada);
    await saved(ada, { runs: 'every run' });
    await open(ada);
    await open(grace);
    await reset(ada);
    expect(await saved(grace, { asker: 'failures' })).toContain('Somebody has reset these settings');
    expect(await kept()).toBeUndefined();
    await open(grace);
    await open(ada);
    await saved(grace, { asker: 'failures' });
    expect(await saved(ada, { runs: 'digest' })).toContain('Not saved');
  });

  it('and save at the very same time: one of them is kept, the other one is told', async () => {
    await open(ada);
    await open(grace);
    await save(ada, { runs: 'every run' });
    await save(grace, { runs: 'digest' });
    const [first, second] = app.handed.splice(0).map((request) => [request]);
    await Promise.all([first, second].map((requests) => app.work(1, requests)));
    const said = [modal(ada).text, modal(grace).text];
    expect(said.filter((text) => text.includes('Saved.'))).toHaveLength(1);
    expect(said.filter((text) => text.includes('Not saved'))).toHaveLength(1);
  });

  it('are no two when one save is delivered twice', async () => {
    await open(ada);
    await save(ada, { runs: 'every run' });
    await app.work(2);
    expect(modal(ada).text).toContain('Saved.');
    await open(ada);
    await app.edges.slack.press({ userId: ada, viewId: modal(ada).viewId, actionId: 'reset_settings' });
    await app.work(2);
    expect(modal(ada).text).toContain('Reset:');
    expect(await kept()).toBeUndefined();
  });
});

describe('who may not run somewhere', () => {
  it('is shown who may, and is offered what they may change', async () => {
    const { isForm, text } = await open(ada, 'settings release');
    expect([isForm, text]).toEqual([false, expect.stringContaining('You may not run tests on *release*. <@U0LINUS> may')]);
    expect((await open(grace, 'settings quality')).text).toContain('<!subteam^S0QA> may');
    expect((await open(ada)).text).toContain('quality');
    const ofGrace = await open(grace);
    expect(ofGrace.text).toContain('You may not run tests on *quality*.');
  });

  it('changes nothing, though the form was open before', async () => {
    await open(grace);
    await app.edges.slack.press({ userId: grace, viewId: modal(grace).viewId, actionId: 'environment', value: 'staging' });
    await app.work();
    await save(grace, { runs: 'digest' });
    const [request] = app.handed.splice(0);
    if (request?.errand.kind !== 'change-settings') throw new Error('nothing was handed over');
    await app.work(1, [{ ...request, errand: { ...request.errand, environment: 'quality' } }]);
    expect(modal(grace).text).toContain('Nothing is changed: You may not run tests on *quality*.');
    expect((await readHearing('quality', app.world)).settings).toBeUndefined();
    // Both were asked for in one moment: their order says nothing.
    const ofQuality = (await audited('change-settings')).filter(({ environment }) => environment === 'quality');
    expect(ofQuality).toMatchObject([{ came: { kind: 'refused' } }]);
  });
});

describe('settings whose modal is gone', () => {
  it('are saved, and what came of it is told to the person alone', async () => {
    await open(ada);
    await save(ada, { runs: 'digest' });
    app.edges.slack.views.close(ada, 'all');
    await app.work();
    expect(await kept()).toMatchObject({ C0UITESTS: { by: ada } });
    expect(app.edges.slack.messages('C0UITESTS').at(-1)).toMatchObject({ onlyFor: ada, text: expect.stringContaining('Saved.') });
  });
});

describe('settings that are damaged', () => {
  it('are said to be, and saved anew or reset', async () => {
    const damaged = {
      ...nothingHeard,
      lostAt: '2026-11-27T09:00:00.000Z',
      settings: { C0UITESTS: { settings: {}, by: 'U0EVE', at: 'never' } },
    };
    await app.world.store.put(environmentKeys('staging').hearing, JSON.stringify(damaged), 'application/json');
    const { text, has } = await open(ada);
    expect(text).toContain('cannot be read: coldframe.yml holds');
    expect(text).toContain('is gone');
    expect(has('reset_settings')).toBe(true);
    await saved(ada, { asker: 'failures' });
    expect(await readHearing('staging', app.world)).toEqual({
      ...nothingHeard,
      settings: { C0UITESTS: { settings: { ...written, asker: 'failures' }, by: ada, at: expect.any(String), change: expect.any(String) } },
    });
  });
});

describe('the Home', () => {
  it('opens the settings, too', async () => {
    await app.edges.slack.openHome(ada);
    await app.work();
    const home = app.edges.slack.views.home(ada);
    await app.edges.slack.press({ userId: ada, viewId: home?.id ?? '', actionId: 'open_settings' });
    await app.work();
    expect(modal(ada).isForm).toBe(true);
  });
});
