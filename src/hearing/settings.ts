import * as v from 'valibot';
import { type Daily, parseDaily } from './daily.ts';
import { parseQuiet, type Quiet } from './quiet.ts';

/** What a channel hears of the runs of an environment that nobody in Slack asked for: from most to least. */
export const hearable = ['every run', 'failures and recoveries', 'only changes', 'digest'] as const;
export type Hearable = (typeof hearable)[number];

/** Who hears of an environment's runs in a channel, and when nobody is to be disturbed. */
export interface HearSettings {
  readonly runs: Hearable;
  /** When the digest comes, also that of quiet hours if there is no end to them: `weekdays 09:00 Europe/Berlin`. */
  readonly digest: string;
  /** When nobody is pinged: `20:00-07:00 Europe/Berlin`; empty: never quiet. */
  readonly quiet: string;
  /** Whether the person who asked is told of every end, or only of those that are not green. */
  readonly asker: 'every end' | 'failures';
}

/** Chosen by the figures of docs/busy-day.md: a person would not mute it. */
export const usualHearing: HearSettings = { runs: 'only changes', digest: 'weekdays 09:00 UTC', quiet: '', asker: 'every end' };

const words = (like: string) => v.string(`must be text: write it like \`${like}\``);

/** A rule whose sentence is the parser's. */
const readBy = (parse: (text: string) => unknown) =>
  v.rawCheck<string>(({ dataset, addIssue }) => {
    const parsed = dataset.typed ? parse(dataset.value) : undefined;
    if (typeof parsed === 'string') addIssue({ message: parsed });
  });

const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `must be one of ${options.map((option) => `\`${option}\``).join(', ')}`);

/** One rule for each field: for coldframe.yml, for what the functions read, and for the settings that somebody changed in Slack. */
const hearRules = {
  runs: oneOf(hearable),
  digest: v.pipe(words('weekdays 09:00 Europe/Berlin'), v.maxLength(100), readBy(parseDaily)),
  quiet: v.pipe(
    words('20:00-07:00 Europe/Berlin'),
    v.maxLength(100),
    readBy((text) => (text === '' ? undefined : parseQuiet(text))),
  ),
  asker: oneOf(['every end', 'failures']),
};

/** As it is kept: every field is there. */
export const hearSchema: v.GenericSchema<unknown, HearSettings> = v.strictObject(hearRules);

/** The settings, or undefined for what is none. */
export function parseSettings(json: unknown): HearSettings | undefined {
  const parsed = v.safeParse(hearSchema, json);
  return parsed.success ? parsed.output : undefined;
}

/** Some of the settings, each right by itself. */
export const someSettingsSchema = v.strictObject({
  runs: v.exactOptional(hearRules.runs),
  digest: v.exactOptional(hearRules.digest),
  quiet: v.exactOptional(hearRules.quiet),
  asker: v.exactOptional(hearRules.asker),
});

/** What is wrong with each field, as what follows its name; empty when all are right. */
export function settingsFaults(given: unknown): Readonly<Partial<Record<keyof HearSettings, string>>> {
  const { issues = [] } = v.safeParse(someSettingsSchema, given);
  return Object.fromEntries(issues.map((issue) => [v.getDotPath(issue) ?? '', issue.message]));
}

/** As people write it: what is left out is as usual. */
export const writtenHear = {
  runs: v.optional(hearRules.runs, usualHearing.runs),
  digest: v.optional(hearRules.digest, usualHearing.digest),
  quiet: v.optional(hearRules.quiet, usualHearing.quiet),
  asker: v.optional(hearRules.asker, usualHearing.asker),
};

/** @throws for settings that were not checked */
export function digestOf({ digest }: HearSettings): Daily {
  const daily = parseDaily(digest);
  if (typeof daily === 'string') throw new Error(`the digest's time ${daily}`);
  return daily;
}

/** @returns undefined when it is never quiet. @throws for settings that were not checked */
export function quietOf({ quiet }: HearSettings): Quiet | undefined {
  const parsed = quiet === '' ? undefined : parseQuiet(quiet);
  if (typeof parsed === 'string') throw new Error(`the quiet hours ${parsed}`);
  return parsed;
}
