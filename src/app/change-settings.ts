import { type Hearing, type Holding, holdingIn, stampOf, withSettings } from '../hearing/hearing.ts';
import { type HearSettings, usualHearing } from '../hearing/settings.ts';
import { noteView, settingsTitle } from '../message/form-loading.ts';
import {
  changeWords,
  fieldsIn,
  mostPlaces,
  overtakenWords,
  resetWords,
  type SettingsForm,
  savedWords,
  settingsFormView,
} from '../message/settings-form.ts';
import type { AuditCame } from '../run/audit.ts';
import type { Environment } from '../run/catalogue.ts';
import type { Errand, ErrandRequest } from '../run/errand.ts';
import { keyHash } from '../run/run-id.ts';
import { unknownEnvironment } from '../run/unknown-environment.ts';
import { changeHearing, readHearing } from './hearing-store.ts';
import { openTo, refusalFor } from './membership.ts';
import type { World } from './world.ts';

type Show = Extract<Errand, { kind: 'show-settings' }>;
type Save = Extract<Errand, { kind: 'change-settings' }>;
type Reset = Extract<Errand, { kind: 'reset-settings' }>;

/** What came of a change of settings, and what it was, for the audit log. */
export interface ChangedSettingsCame {
  readonly came: AuditCame;
  readonly text: string;
}

/** Makes an open modal the form of the settings. Whoever has closed it meanwhile gets nothing. Safe to repeat. */
export async function showSettings({ viewId, environment: name, place }: Show, request: ErrandRequest, world: World): Promise<void> {
  const { open, closed } = await openTo(request.userId, request.channel ?? '', world);
  const nearest = open.find(({ channel }) => channel === request.channel) ?? open[0];
  const environment = name === undefined ? nearest : open.find((one) => one.name === name);
  if (environment === undefined) {
    await show(viewId, noteView(whyNone(name, closed, world), settingsTitle), world);
    return;
  }
  const hearing = await readHearing(environment.name, world);
  const form = { ...formOf(environment, hearing, place ?? environment.channel, request), ...othersOf({ open, closed }) };
  await show(viewId, settingsFormView(form), world);
}

type Open = Awaited<ReturnType<typeof openTo>>;

/** Why there is nothing to change: of the one that was named, or of all. */
function whyNone(name: string | undefined, closed: Open['closed'], { catalogue }: World): string {
  if (name !== undefined) return closed.find((one) => one.name === name)?.because ?? unknownEnvironment(name, catalogue);
  const reasons = closed.slice(0, 5).map(({ because }) => because);
  return ['There is nowhere whose settings you could change from here.', ...reasons].join('\n');
}

const othersOf = ({ open, closed }: Open): Pick<SettingsForm, 'environments' | 'closed'> => ({
  environments: open.map(({ name }) => name),
  closed: closed.map(({ because }) => because),
});

const show = (viewId: string, view: Parameters<World['say']['updateView']>[1], { say }: World): Promise<boolean> =>
  say.updateView(viewId, view);

type OfOne = Omit<SettingsForm, 'environments' | 'closed'>;

function formOf(environment: Environment, hearing: Hearing, wanted: string, { channel }: ErrandRequest): OfOne {
  const written = environment.hear ?? usualHearing;
  const places = placesOf(environment, hearing, channel);
  const place = places.includes(wanted) ? wanted : environment.channel;
  return {
    ...{ environment: environment.name, place, places, home: environment.channel, written },
    holding: holdingIn(hearing, place, written),
    ...(hearing.lostAt !== undefined && { lostAt: hearing.lostAt }),
    ...(channel !== undefined && { channelId: channel }),
  };
}

/** The channels whose settings can be changed: the environment's own, the one where somebody stands, and those that were changed already. */
const placesOf = ({ channel: home }: Environment, { settings = {} }: Hearing, channel: string | undefined): readonly string[] =>
  [...new Set([home, ...(channel === undefined ? [] : [channel]), ...Object.keys(settings)])]
    // A message to one person is no channel.
    .filter((id) => /^[CG][A-Z0-9]{2,20}$/.test(id))
    .slice(0, mostPlaces);

/** So many channels have settings of their own, of one environment. */
const mostChanged = 50;

/** What a change found. */
type Found =
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'done'; readonly before: HearSettings; readonly after: HearSettings }
  | { readonly kind: 'overtaken'; readonly holding: Holding; readonly hearing: Hearing };

/**
 * Keeps what somebody has changed in a channel's settings, or resets them to coldframe.yml, and shows in the modal what came of it.
 * Nobody's change is overwritten by somebody who has not seen it. Harmless any number of times.
 */
export async function changeSettings(errand: Save | Reset, request: ErrandRequest, world: World): Promise<ChangedSettingsCame> {
  const { environment: name, place, viewId } = errand;
  const environment = world.catalogue.get(name);
  const text = (what: string) => `<#${place}> ${what}`;
  const asked = errand.kind === 'reset-settings' ? 'reset' : JSON.stringify(errand.settings);
  const because =
    environment === undefined
      ? unknownEnvironment(name, world.catalogue)
      : await refusalFor(environment, request.userId, request.channel ?? '', world);
  const refuse = async (why: string): Promise<ChangedSettingsCame> => {
    await tell(viewId, `Nothing is changed: ${why}`, request, world);
    return { came: { kind: 'refused', because: why }, text: text(asked) };
  };
  if (environment === undefined || because !== undefined) return await refuse(because ?? '');
  const found = await keep(errand, environment, request, world);
  if (found.kind === 'refused') return await refuse(found.because);
  const written = environment.hear ?? usualHearing;
  if (found.kind === 'overtaken') {
    const note = overtakenWords(found.holding, written);
    const given = errand.kind === 'change-settings' ? errand.settings : undefined;
    const others = othersOf(await openTo(request.userId, request.channel ?? '', world));
    const form = { ...formOf(environment, found.hearing, place, request), ...others, note, given };
    if (!(await show(viewId, settingsFormView(form), world))) await whisper(note, request, world);
    return { came: { kind: 'refused', because: 'somebody else has changed them meanwhile' }, text: text(asked) };
  }
  const words = changeWords(found.before, found.after);
  await tell(viewId, errand.kind === 'reset-settings' ? resetWords(name, place) : savedWords(name, place, words), request, world);
  world.log('info', 'settings changed', { environment: name, channel: place, by: request.userId, kind: errand.kind });
  return { came: { kind: 'done' }, text: text(`${errand.kind === 'reset-settings' ? 'reset: ' : ''}${words || 'nothing to change'}`) };
}

async function keep(errand: Save | Reset, environment: Environment, request: ErrandRequest, world: World): Promise<Found> {
  const { place, seen } = errand;
  const { userId: by, askedAt: at, channel } = request;
  const change = keyHash(request.key).slice(0, 16);
  const written = environment.hear ?? usualHearing;
  let found: Found | undefined;
  await changeHearing(environment.name, world, (now) => {
    const holding = holdingIn(now, place, written);
    const before = holding.settings;
    if (!placesOf(environment, now, channel).includes(place)) {
      found = {
        kind: 'refused',
        because: `nothing of *${environment.name}* is told there: type \`/run-tests settings ${environment.name}\` in the channel.`,
      };
      return now;
    }
    const after = errand.kind === 'reset-settings' ? written : changed(before, errand, environment);
    found = { kind: 'done', before, after };
    // Delivered again, it has worked already; and what nobody has changed is reset.
    if (holding.kind === 'changed' && holding.change === change) {
      found = { kind: 'done', before: written, after: before };
      return now;
    }
    if (holding.kind === 'written' && changeWords(written, after) === '') return now;
    if (seen !== stampOf(holding)) {
      found = { kind: 'overtaken', holding, hearing: now };
      return now;
    }
    if (changeWords(written, after) === '') return withSettings(now, place, undefined);
    if (holding.kind === 'changed' && changeWords(before, after) === '') return now;
    if (holding.kind === 'written' && Object.keys(now.settings ?? {}).length >= mostChanged) {
      found = {
        kind: 'refused',
        because: `${mostChanged} channels have settings of their own for *${environment.name}* already: reset some of them.`,
      };
      return now;
    }
    return withSettings(now, place, { settings: after, by, at, change });
  });
  if (found === undefined) throw new Error(`the settings of ${environment.name} in ${place} were neither kept nor refused`);
  return found;
}

/** The settings with what was filled in, in the fields that mean something there. */
function changed(before: HearSettings, { place, settings }: Save, { channel }: Environment): HearSettings {
  const given = fieldsIn(place, channel).flatMap((field) => (settings[field] === undefined ? [] : [[field, settings[field]]]));
  return { ...before, ...Object.fromEntries(given) };
}

/** In the modal; to the person alone, if they have closed it. */
async function tell(viewId: string, words: string, request: ErrandRequest, world: World): Promise<void> {
  if (!(await show(viewId, noteView(words, settingsTitle), world))) await whisper(words, request, world);
}

async function whisper(words: string, { userId, channel }: ErrandRequest, { say, log }: World): Promise<void> {
  const message = { text: words, blocks: [] };
  if (!(await say.whisper({ channel, userId }, message))) log('warn', 'answer lost', { by: userId, because: 'Slack does not take it' });
}
