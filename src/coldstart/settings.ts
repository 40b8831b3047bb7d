import * as v from 'valibot';
import { quote, environmentRules as rules } from '../run/environment-rules.ts';
import { parseWeekly } from './weekly.ts';

/** What coldframe.yml says of `/coldstarts`. Without it the command is not offered. */
export interface ColdStartSettings {
  /** Only functions whose names begin with one of these may be looked at; the worker's permissions follow from it. */
  readonly functions: readonly string[];
  /** Who may ask. An empty list forbids nobody. */
  readonly allow: { readonly users: readonly string[]; readonly userGroups: readonly string[]; readonly channels: readonly string[] };
  /** A query that would look at more than this is asked about first. */
  readonly askAboveGb: number;
  /** Who is told unasked. */
  readonly channels: readonly ToldChannel[];
}

/** A channel that is told of cold starts though nobody asks. */
export interface ToldChannel {
  readonly channel: string;
  /** Names or prefixes (`orders-*`); empty: all that may be looked at. */
  readonly functions: readonly string[];
  /** When it gets its weekly digest: `monday 09:00 Europe/Berlin`. Absent: it gets none. */
  readonly digest?: string;
  /** Whether it is told of a jump within hours. */
  readonly alert: boolean;
}

/** Each field's rule, for the YAML that people write and the JSON that functions read. */
export const coldStartRules = {
  functions: v.pipe(
    v.array(
      v.pipe(
        v.string('must be a list of prefixes, like `[orders-]`'),
        v.regex(
          /^[A-Za-z0-9_][A-Za-z0-9_-]{1,139}$/,
          ({ input }) =>
            `${quote(input)} is not the beginning of a function's name: at least two letters, digits, \`-\` or \`_\`, and no \`*\``,
        ),
      ),
      'must be a list of prefixes, like `[orders-]`',
    ),
    v.minLength(1, 'names no prefix: write at least one, like `[orders-]`'),
    v.maxLength(20, 'has at most 20 entries'),
    v.readonly(),
  ),
  users: rules.users,
  userGroups: rules.userGroups,
  channels: rules.channels,
  askAboveGb: v.pipe(
    v.number(({ input }) => `must be a number without quotes, not ${quote(input)}`),
    v.minValue(0, 'must be at least 0'),
    v.maxValue(1_000_000, 'must be at most 1000000'),
  ),
};

/** The same for a channel that is told unasked. */
export const toldRules = {
  functions: v.pipe(
    v.array(
      v.pipe(
        v.string('must be a list of names or prefixes, like `[orders-*]`'),
        v.regex(
          /^[A-Za-z0-9_][A-Za-z0-9_-]{0,139}\*?$/,
          ({ input }) => `${quote(input)} is neither a function's name nor the beginning of one, like \`orders-*\``,
        ),
      ),
      'must be a list of names or prefixes, like `[orders-*]`',
    ),
    v.maxLength(20, 'has at most 20 entries'),
    v.readonly(),
  ),
  digest: v.pipe(
    v.string(({ input }) => `must be text like \`monday 09:00 Europe/Berlin\`, not ${quote(input)}`),
    v.rawCheck<string>(({ dataset, addIssue }) => {
      const parsed = dataset.typed ? parseWeekly(dataset.value) : undefined;
      if (parsed?.kind === 'refused') addIssue({ message: `${quote(dataset.value)} ${parsed.because}` });
    }),
  ),
  alert: v.boolean(({ input }) => `must be \`true\` or \`false\`, not ${quote(input)}`),
};

/** What is wrong with settings whose fields are right one by one; `path` leads to the field that should change. */
export function toldClashes({
  functions,
  channels,
}: ColdStartSettings): readonly { readonly path: readonly string[]; readonly message: string }[] {
  return channels.flatMap(({ channel, functions: words, digest, alert }) => {
    // They become a command, and its length has an end.
    const isLong = words.join(' ').length > 900;
    const outside = words.find((word) => !functions.some((prefix) => word.startsWith(prefix)));
    return [
      ...(outside === undefined
        ? []
        : [
            {
              path: ['channels', channel, 'functions'],
              message: `${quote(outside)} may not be looked at: it begins with none of \`coldStarts.functions\` (${functions.map(quote).join(', ')})`,
            },
          ]),
      ...(isLong ? [{ path: ['channels', channel, 'functions'], message: 'are too long together: use prefixes, like `orders-*`' }] : []),
      ...(digest === undefined && !alert
        ? [
            {
              path: ['channels', channel],
              message: 'would never be told anything: add `digest: monday 09:00 Europe/Berlin` or `alert: true`',
            },
          ]
        : []),
    ];
  });
}

/** `askAboveGb` when nothing is said: half a dollar. */
export const usualAskAboveGb = 100;

/** The settings as the functions read them. */
export const coldStartsJson: v.GenericSchema<unknown, ColdStartSettings> = v.strictObject({
  functions: coldStartRules.functions,
  allow: v.strictObject({ users: rules.users, userGroups: rules.userGroups, channels: rules.channels }),
  askAboveGb: coldStartRules.askAboveGb,
  channels: v.pipe(
    v.array(
      v.strictObject({
        channel: rules.channel,
        functions: toldRules.functions,
        // Its zone was looked up when coldframe.yml was read, and is when a digest is due: that loads the world's calendars, 13 ms of a cold start.
        digest: v.exactOptional(v.string()),
        alert: toldRules.alert,
      }),
    ),
    v.readonly(),
  ),
});

/** Why somebody may not ask here, or which user groups must be asked first; undefined when they may. */
export type MayAsk =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'members-only'; readonly userGroups: readonly string[]; readonly because: string };

/** Whether a person may ask about cold starts in this channel. */
export function mayAsk({ allow }: ColdStartSettings, userId: string, channelId: string): MayAsk {
  if (allow.channels.length > 0 && !allow.channels.includes(channelId))
    return { kind: 'refused', because: `\`/coldstarts\` is answered in ${allow.channels.map((id) => `<#${id}>`).join(' or ')}, not here.` };
  const isOpen = allow.users.length === 0 && allow.userGroups.length === 0;
  if (isOpen || allow.users.includes(userId)) return { kind: 'allowed' };
  const who = [...allow.userGroups.map((id) => `<!subteam^${id}>`), ...allow.users.map((id) => `<@${id}>`)].join(', ');
  const because = `You may not ask about cold starts. ${who} may: ask one of them, or have yourself added in coldframe.yml.`;
  return allow.userGroups.length > 0 ? { kind: 'members-only', userGroups: allow.userGroups, because } : { kind: 'refused', because };
}
