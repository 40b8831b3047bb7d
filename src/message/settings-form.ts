import type { InputBlock, KnownBlock, ModalView, PlainTextOption, RadioButtons } from '@slack/types';
import { type Holding, stampOf } from '../hearing/hearing.ts';
import type { HearSettings } from '../hearing/settings.ts';
import { type Made, settingsBlock, settingsFields } from '../hearing/settings-form.ts';
import { buttonRow, context, section } from './blocks.ts';
import { buttons } from './buttons.ts';
import { plain, settingsTitle, views } from './form-loading.ts';
import { cut, escapeText, oneLine, unmarked } from './text.ts';

/** Slack's limits: of a menu's options, and of radio buttons. */
const mostOptions = 100;
export const mostPlaces = 10;
const mostClosed = 5;

/** Everything that the form of the settings is made of. */
export interface SettingsForm {
  /** Those whose settings this person may change, by name. */
  readonly environments: readonly string[];
  readonly environment: string;
  /** The channel whose settings they are, and all that there are for this environment: Slack ids. */
  readonly place: string;
  readonly places: readonly string[];
  /** Where runs of the environment are told that nobody in Slack asked for. */
  readonly home: string;
  /** What coldframe.yml says. */
  readonly written: HearSettings;
  readonly holding: Holding;
  /** What somebody has filled in already, that is not what holds. */
  readonly given?: Partial<HearSettings> | undefined;
  /** ISO 8601: then what had been changed was lost. */
  readonly lostAt?: string | undefined;
  /** What has come of the last button: mrkdwn of ours. */
  readonly note?: string | undefined;
  /** Why they may not change those of the others, with who may. */
  readonly closed: readonly string[];
  /** Where it was opened; absent: nowhere in particular. */
  readonly channelId?: string | undefined;
}

const names: Readonly<Record<keyof HearSettings, string>> = {
  runs: 'Runs that nobody in Slack asked for',
  digest: 'Time of the digest',
  quiet: 'Quiet hours',
  asker: 'Whoever asked for a run is told of',
};
const runsWords: Readonly<Record<HearSettings['runs'], string>> = {
  'every run': 'Every run',
  'failures and recoveries': 'Failures and recoveries',
  'only changes': 'Only changes: newly failing, fixed',
  digest: 'A digest instead of messages',
};
const askerWords: Readonly<Record<HearSettings['asker'], string>> = {
  'every end': 'Every end, also a green one',
  failures: 'Ends that are not green',
};
const help: Readonly<Record<keyof HearSettings, string>> = {
  runs: 'Those of schedules, of a CI, and of tasks started by hand.',
  digest: 'Like: weekdays 09:00 Europe/Berlin, daily 09:00 UTC, monday 09:00 UTC.',
  quiet:
    'Nobody is pinged then; for what still fails, when they end. Like: 20:00-07:00 Europe/Berlin, or with weekends after it. Empty: never.',
  asker: 'In the thread, as to edit a message tells nobody.',
};

/** What stands in a field, as the form has it. */
function valueWords(field: keyof HearSettings, settings: HearSettings): string {
  switch (field) {
    case 'runs':
      return settings.runs;
    case 'asker':
      return settings.asker;
    case 'digest':
      return oneLine(settings.digest);
    case 'quiet':
      return settings.quiet === '' ? 'never' : oneLine(settings.quiet);
  }
}

const shortNames: Readonly<Record<keyof HearSettings, string>> = {
  runs: 'runs',
  digest: 'digest',
  quiet: 'quiet',
  asker: 'asker',
};

/** What differs between two settings, in the words of coldframe.yml: `runs: only changes → digest`; empty: nothing. mrkdwn. */
export function changeWords(before: HearSettings, after: HearSettings): string {
  const changed = settingsFields.filter((field) => before[field] !== after[field]);
  return changed.map((field) => escapeText(`${shortNames[field]}: ${valueWords(field, before)} → ${valueWords(field, after)}`)).join('; ');
}

/** The fields that mean something there: what nobody in Slack asked for is told in one channel only. */
export const fieldsIn = (place: string, home: string): readonly (keyof HearSettings)[] =>
  place === home ? settingsFields : ['quiet', 'asker'];

/** What a channel hears of an environment's runs: what holds, whose word that is, and what to change. */
export function settingsFormView(form: SettingsForm): ModalView {
  const { environment, place, holding, given, note, lostAt, closed, channelId } = form;
  const seen = stampOf(holding);
  const made: Made = { environment, place, ...(seen !== undefined && { seen }), ...(channelId !== undefined && { channelId }) };
  const shown = { ...holding.settings, ...given };
  return {
    type: 'modal',
    callback_id: views.settings,
    private_metadata: JSON.stringify(made),
    title: settingsTitle,
    submit: plain('Save'),
    close: plain('Cancel'),
    blocks: [
      ...(note === undefined ? [] : [section(note)]),
      ...(lostAt === undefined
        ? []
        : [section(`⚠️ What had been changed and muted here could not be read ${slackTime(lostAt)}, and is gone.`)]),
      environmentPart(form),
      ...placePart(form, made),
      section(stateWords(form)),
      ...fieldsIn(place, form.home).map((field) => fieldPart(field, { form, made, shown })),
      ...resetPart(form),
      context('Who may run, and so change this, and who owns what and is pinged: that stands in coldframe.yml alone.'),
      ...(closed.length === 0
        ? []
        : [context(`Those of the others are not yours to change from here. ${closed.slice(0, mostClosed).join(' ')}`)]),
    ],
  };
}

const option = (value: string, text: string): PlainTextOption => ({ text: plain(text), value });

const slackTime = (at: string): string =>
  `<!date^${Math.round(Date.parse(at) / 1_000)}^{date_short_pretty} {time}|${at.slice(0, 16).replace('T', ' ')} UTC>`;

function environmentPart({ environment, environments }: SettingsForm): InputBlock {
  const options = [...new Set([environment, ...environments])].slice(0, mostOptions).map((name) => option(name, name));
  return {
    type: 'input',
    block_id: 'environment',
    label: plain('Environment'),
    dispatch_action: true,
    element: { type: 'static_select', action_id: 'environment', options, initial_option: option(environment, environment) },
  };
}

/** A choice of channels, if there are several. Only such a button can name one as its readers know it. */
function placePart({ place, places, home }: SettingsForm, made: Made): readonly InputBlock[] {
  const shown = [...new Set([place, home, ...places])].slice(0, mostPlaces);
  if (shown.length === 1) return [];
  const channelOption = (id: string): RadioButtons['options'][number] => ({
    text: { type: 'mrkdwn', text: `<#${id}>` },
    value: id,
    description: plain(id === home ? 'where all is told that nobody in Slack asked for' : 'only what people ask for there'),
  });
  const options = shown.toSorted((a, b) => Number(b === home) - Number(a === home)).map(channelOption);
  return [
    {
      type: 'input',
      block_id: settingsBlock('place', made),
      label: plain('Channel'),
      dispatch_action: true,
      element: { type: 'radio_buttons', action_id: 'place', options, initial_option: channelOption(place) },
    },
  ];
}

/** Whose word it is that holds. */
function stateWords({ place, environment, holding, written }: SettingsForm): string {
  const what = `What <#${place}> hears of *${environment}*`;
  switch (holding.kind) {
    case 'written':
      return `${what} is as coldframe.yml has it.`;
    case 'changed':
      return `${what} was changed by <@${escapeText(holding.by)}> ${slackTime(holding.at)}: ${changeWords(written, holding.settings) || 'as coldframe.yml has it by now'}.`;
    case 'damaged':
      return `⚠️ ${what} was changed, but what is kept of that cannot be read: coldframe.yml holds until it is saved anew, or reset.`;
  }
}

function fieldPart(
  field: keyof HearSettings,
  { form: { written }, made, shown }: { readonly form: SettingsForm; readonly made: Made; readonly shown: HearSettings },
): InputBlock {
  const menu = <Value extends string>(words: Readonly<Record<Value, string>>, chosen: Value): InputBlock['element'] => {
    const options = Object.entries<string>(words).map(([value, text]) => option(value, text));
    return { type: 'static_select', action_id: field, options, initial_option: option(chosen, words[chosen]) };
  };
  const text = (value: string): InputBlock['element'] => ({
    type: 'plain_text_input',
    action_id: field,
    max_length: 100,
    ...(value !== '' && { initial_value: cut(value, 100) }),
  });
  const element = field === 'runs' ? menu(runsWords, shown.runs) : field === 'asker' ? menu(askerWords, shown.asker) : text(shown[field]);
  return {
    type: 'input',
    block_id: settingsBlock(field, made),
    label: plain(names[field]),
    ...(field === 'quiet' && { optional: true }),
    hint: plain(`${help[field]} In coldframe.yml: ${valueWords(field, written)}.`),
    element,
  };
}

function resetPart({ holding }: SettingsForm): readonly KnownBlock[] {
  if (holding.kind === 'written') return [];
  return buttonRow({
    type: 'button',
    action_id: buttons.resetSettings,
    text: plain('Reset to coldframe.yml'),
    value: 'reset',
    confirm: {
      title: plain('Reset these settings?'),
      text: plain('What coldframe.yml says holds again in this channel.'),
      confirm: plain('Reset'),
      deny: plain('Keep them'),
    },
  });
}

/** What is wrong, below the fields: a sentence each, as plain as a modal shows it. */
export const settingsErrors = (faults: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(faults).map(([block, because]) => {
      const field = settingsFields.find((one) => block.startsWith(`${one}:`));
      return [block, cut(unmarked(field === undefined ? because : `${names[field]} ${because}.`), 1_000)];
    }),
  );

/** They are kept. */
export const savedWords = (environment: string, place: string, change: string): string =>
  change === ''
    ? `There was nothing to change: what <#${place}> hears of *${environment}* is as it was.`
    : `Saved. What <#${place}> hears of *${environment}* from now on: ${change}.\n\`/run-tests settings ${environment}\` shows it, with your name and the time, and resets it.`;

export const resetWords = (environment: string, place: string): string =>
  `Reset: what <#${place}> hears of *${environment}* is as coldframe.yml has it.`;

/** Somebody else was faster; what this person has filled in stands in the form still. */
export function overtakenWords(holding: Holding, written: HearSettings): string {
  const what =
    holding.kind === 'changed'
      ? `<@${escapeText(holding.by)}> has changed these settings ${slackTime(holding.at)}: ${changeWords(written, holding.settings) || 'as coldframe.yml has it'}`
      : 'Somebody has reset these settings to coldframe.yml';
  return `⚠️ Not saved: ${what}, while you had them open. What you filled in still stands here; Save puts it in the place of that.`;
}
