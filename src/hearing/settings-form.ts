import * as v from 'valibot';
import { heldIn } from '../run/form.ts';
import { type HearSettings, settingsFaults } from './settings.ts';

/** The fields of the form of the settings. A block's id is the field's name, `:`, and what it was made for. */
export const settingsFields = ['runs', 'digest', 'quiet', 'asker'] as const satisfies readonly (keyof HearSettings)[];

/** For what the form was made; it comes back with the form. */
export interface Made {
  readonly environment: string;
  /** The channel whose settings they are: its Slack id. */
  readonly place: string;
  /** What it shows (`stampOf`); absent: what coldframe.yml says. */
  readonly seen?: string;
  /** Where it was opened; absent: nowhere in particular. */
  readonly channelId?: string;
}

/** What Slack keeps of a field goes by this id: made anew for something else, the field holds what we say. */
export const settingsBlock = (field: keyof HearSettings | 'place', { environment, place, seen = '' }: Made): string =>
  field === 'place' ? `place:${environment}` : `${field}:${environment}:${place}:${seen}`;

const short = v.pipe(v.string(), v.maxLength(100));
const channelId = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9]{2,20}$/));
const made = v.object({
  environment: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,27}$/)),
  place: channelId,
  seen: v.exactOptional(short),
  channelId: v.exactOptional(channelId),
});

/** What somebody has filled in. */
export interface FilledSettings {
  readonly made: Made;
  /** The environment and the channel that are chosen now: of another one, the form does not show the settings yet. */
  readonly environment: string;
  readonly place: string;
  /** What the fields hold that there are. */
  readonly given: Partial<HearSettings>;
  /** What is wrong with them, by block. */
  readonly faults: Readonly<Record<string, string>>;
}

/** What the form of the settings holds; undefined when that is none of ours. */
export function parseSettingsForm(metadata: string, values: unknown): FilledSettings | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), made), metadata);
  const held = heldIn(values);
  if (!parsed.success || held === undefined) return undefined;
  const of = parsed.output;
  const chosen = (id: string) => held.get(id)?.selected_option?.value;
  const given = Object.fromEntries(
    settingsFields.flatMap((field) => {
      const value = held.get(settingsBlock(field, of));
      // An empty field has no value: that is never quiet, and no time at all.
      return value === undefined ? [] : [[field, value.selected_option?.value ?? value.value?.trim() ?? '']];
    }),
  );
  const wrong = Object.entries(settingsFaults(given)).map(([field, because]) => [
    settingsBlock(field as keyof HearSettings, of),
    because ?? '',
  ]);
  const environment = chosen('environment') ?? of.environment;
  // A channel that was offered for another environment is none of this one's.
  const place = chosen(settingsBlock('place', of));
  return {
    made: of,
    environment,
    place: v.is(channelId, place) ? place : of.place,
    given: given as Partial<HearSettings>,
    faults: Object.fromEntries(wrong),
  };
}
