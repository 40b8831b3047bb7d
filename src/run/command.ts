import { code, cut, escapeText } from '../message/text.ts';
import { parseTimes, splitAtTimes } from '../schedule/times.ts';
import type { Catalogue, Environment } from './catalogue.ts';
import { closest } from './closest.ts';
import type { TypedErrand } from './errand.ts';
import { mostShards } from './plan.ts';
import { isGitRef, refMatches } from './ref.ts';
import { environmentOf, parseRunId } from './run-id.ts';
import { tagExpressionFault } from './tag-expression.ts';
import { unknownEnvironment } from './unknown-environment.ts';

/** What somebody asked us to run, before we looked whether it can be. */
export interface RunCommand {
  readonly environment: string;
  /** A Cucumber tag expression; when given it replaces the environment's default tags. */
  readonly tags?: string;
  /** A git ref of the suite. */
  readonly ref?: string;
  /** Number of Fargate tasks; `auto`: as many as are worth their start. */
  readonly shards?: number | 'auto';
  /** How often a failed scenario is tried again, 0 to 5. */
  readonly retry?: number;
  /** Feature files of the suite, without options or line numbers: `features/login.feature`. */
  readonly features: readonly string[];
}

/** What someone typed after `/run-tests`. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly command: RunCommand }
  /** Anything that is no run: it begins with a word that is no environment. */
  | { readonly kind: 'errand'; readonly errand: TypedErrand }
  /** `because` is a sentence for the person, with the way out. */
  | { readonly kind: 'refused'; readonly because: string };

/** Longest command we read; Slack's own limit is far above. */
export const maxCharacters = 2_000;
const maxFeatures = 50;
const keys = ['ref', 'shards', 'retry', 'feature', 'tags'] as const;
type Key = (typeof keys)[number];

/**
 * Reads what stands after `/run-tests`: `<environment> [tag expression] [key=value …]`.
 * Never throws; whatever is not understood is refused with the way out.
 */
export function parseCommand(text: string, catalogue: Catalogue): Command {
  const typed = asTyped(text);
  // As it came, too: it is kept as it came, in events and in buttons.
  if (Math.max(typed.length, text.trim().length) > maxCharacters)
    return refused(`That is too long for me: a command has at most ${maxCharacters} characters.`);
  const [name, ...rest] = words(typed);
  if (name === undefined || /^(?:-{1,2})?(?:help|h|\?)$/i.test(name)) return { kind: 'help' };
  const first = unquoted(name).toLowerCase();
  const environment = catalogue.get(first);
  if (environment !== undefined) return parseRest(environment, rest);
  // An environment may be called like one of them: it is meant then.
  if (Object.hasOwn(subcommands, first)) return subcommands[first as Subcommand](rest, catalogue);
  const near = closest(first, Object.keys(subcommands));
  return refused(
    near === undefined || closest(first, catalogue.keys()) !== undefined
      ? unknownEnvironment(unquoted(name), catalogue)
      : `There is no environment ${code(cut(unquoted(name), 60))}; did you mean \`/run-tests ${near}\`?`,
  );
}

type Subcommand = 'audit' | 'cancel' | 'history' | 'revoke-links' | 'schedule' | 'schedules' | 'settings';

/** What else one can type, by its first word: what that does with the others. */
const subcommands: Readonly<Record<Subcommand, (rest: readonly string[], catalogue: Catalogue) => Command>> = {
  audit: (rest, catalogue) => ofEnvironment('audit', rest, catalogue, (environment) => ({ kind: 'audit', ...environment })),
  cancel: parseCancel,
  history: (rest, catalogue) => ofEnvironment('history', rest, catalogue, (environment) => ({ kind: 'history', ...environment })),
  schedules: (rest, catalogue) => ofEnvironment('schedules', rest, catalogue, (environment) => ({ kind: 'schedules', ...environment })),
  'revoke-links': (rest, catalogue) =>
    ofEnvironment('revoke-links', rest, catalogue, ({ environment }) =>
      environment === undefined ? undefined : { kind: 'revoke-links', environment },
    ),
  schedule: parseSchedule,
  settings: (rest, catalogue) => ofEnvironment('settings', rest, catalogue, (environment) => ({ kind: 'settings', ...environment })),
};

/** A command that may name an environment. `errandOf` gives undefined when it must. */
function ofEnvironment(
  subcommand: Subcommand,
  rest: readonly string[],
  catalogue: Catalogue,
  errandOf: (named: { readonly environment?: string }) => TypedErrand | undefined,
): Command {
  const [name, ...more] = rest.map(unquoted);
  const environment = name === undefined ? undefined : catalogue.get(name.toLowerCase());
  if (name !== undefined && environment === undefined) return refused(unknownEnvironment(name, catalogue));
  const errand = errandOf(environment === undefined ? {} : { environment: environment.name });
  const like = `write it like \`/run-tests ${subcommand} ${[...catalogue.keys()][0]}\``;
  if (errand === undefined) return refused(`Of which environment? ${capital(like)}.`);
  return more.length === 0 ? { kind: 'errand', errand } : refused(`After the environment nothing may stand: ${like}.`);
}

/** `cancel [run or environment]` */
function parseCancel(rest: readonly string[], catalogue: Catalogue): Command {
  const [name = '', ...more] = rest.map(unquoted);
  const runId = parseRunId(name.toLowerCase());
  // An environment may be called as a run would be.
  if (runId === undefined || catalogue.has(name.toLowerCase()))
    return ofEnvironment('cancel', rest, catalogue, (environment) => ({ kind: 'on', ...environment }));
  if (more.length > 0) return refused('After the run nothing may stand: one at a time.');
  return { kind: 'errand', errand: { kind: 'cancel', environment: environmentOf(runId), runId } };
}

/** `schedule <environment> [tag expression] [key=value …] <times>` */
function parseSchedule(rest: readonly string[], catalogue: Catalogue): Command {
  const [name, ...more] = rest;
  const like = `write it like \`/run-tests schedule ${[...catalogue.keys()][0]} @smoke weekdays 06:30 Europe/Berlin\``;
  if (name === undefined) return refused(`What is to run, and when? ${capital(like)}.`);
  const environment = catalogue.get(unquoted(name).toLowerCase());
  if (environment === undefined) return refused(unknownEnvironment(unquoted(name), catalogue));
  const split = splitAtTimes(more);
  if (split === undefined) return refused(`When is it to run? ${capital(like)}.`);
  const run = parseRest(environment, split.before);
  if (run.kind !== 'run') return run;
  const times = parseTimes(split.times);
  return typeof times === 'string' ? refused(times) : { kind: 'errand', errand: { kind: 'schedule', command: run.command, times } };
}

function parseRest(environment: Environment, rest: readonly string[]): Command {
  const tagWords: string[] = [];
  const given = new Map<Key, string[]>();
  for (const word of rest) {
    const [, key, value] = /^(?:--)?([A-Za-z][\w-]*)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined) {
      // `--tags @smoke`, as one would write it for cucumber-js.
      if (word !== '--tags' && word !== '-t') tagWords.push(word);
      continue;
    }
    const known = knownKey(key);
    if (known === undefined) return refused(unknownKey(key));
    if (known !== 'feature' && given.has(known)) return refused(`\`${known}=\` stands there twice: say it once.`);
    given.set(known, [...(given.get(known) ?? []), unquoted(value)]);
  }
  const [tagsValue] = given.get('tags') ?? [];
  if (tagsValue !== undefined && tagWords.length > 0)
    return refused('There are two tag expressions: one in `tags=`, one without. Say it once.');
  const [ref] = given.get('ref') ?? [];
  const [retry] = given.get('retry') ?? [];
  const [shards] = given.get('shards') ?? [];
  return checkCommand(environment, {
    tags: tagsValue ?? unquoted(tagWords.join(' ')),
    features: given.get('feature') ?? [],
    ...(ref !== undefined && { ref }),
    ...(retry !== undefined && { retry }),
    ...(shards !== undefined && { shards }),
  });
}

/** What was asked for, each value as it was written; empty tags are none. */
export interface Wanted {
  readonly tags: string;
  readonly ref?: string;
  readonly retry?: string;
  readonly shards?: string;
  readonly features: readonly string[];
}

/** The command, when every part of it can be done on this environment. Never throws. */
export function checkCommand(environment: Environment, wanted: Wanted): Command {
  const { tags, ref } = wanted;
  const fault = tags === '' ? undefined : tagExpressionFault(tags);
  if (fault !== undefined) return refused(escapeText(`${capital(fault)}.`));
  const retry = wholeNumber('retry', wanted.retry, 0, 5);
  const shards = shardsIn(wanted.shards);
  const features = parseFeatures(wanted.features);
  const because =
    [retry, features].find((value) => typeof value === 'string') ?? (ref === undefined ? undefined : refRefusal(ref, environment));
  if (typeof shards === 'object') return refused(shards.because);
  if (typeof because === 'string') return refused(because);
  return {
    kind: 'run',
    command: {
      environment: environment.name,
      ...(tags !== '' && { tags }),
      ...(ref !== undefined && { ref }),
      ...(shards !== undefined && { shards }),
      ...(typeof retry === 'number' && { retry }),
      features: Array.isArray(features) ? features : [],
    },
  };
}

/** What one would type after `/run-tests` for this command. */
export function commandText({ environment, tags, ref, shards, retry, features }: RunCommand): string {
  const parts = [
    environment,
    tags !== undefined && `tags=${quoted(tags)}`,
    ...features.map((feature) => `feature=${quoted(feature)}`),
    ref !== undefined && `ref=${ref}`,
    shards !== undefined && `shards=${shards}`,
    retry !== undefined && `retry=${retry}`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

const quoted = (text: string): string => (/^[^\s"']+$/.test(text) ? text : text.includes('"') ? `'${text}'` : `"${text}"`);

/** Keys as people write them: `tag=`, `features=`, `Retries=`. */
function knownKey(typed: string): Key | undefined {
  const key = typed.toLowerCase();
  return keys.find((one) => one === key || `${one}s` === key || one === `${key}s`) ?? (key === 'retries' ? 'retry' : undefined);
}

const refused = (because: string): Command => ({ kind: 'refused', because });

/** Slack's clients, and people's keyboards, make typographic what was meant plainly. */
function asTyped(text: string): string {
  return text
    .replace(/[“”„‟«»″]/g, '"')
    .replace(/[‘’‚‛′]/g, "'")
    .replace(/[—―]/g, '--')
    .replace(/[–‒‐‑−]/g, '-')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .replace(/[\u200b-\u200f\u2060\ufeff\u202a-\u202e]/g, '')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .trim();
}

/** Splits at spaces, but not within quotes: `feature="a b.feature"` is one word. */
const words = (text: string): readonly string[] => text.match(/(?:"[^"]*"|'[^']*'|[^\s"']+|["'])+/g) ?? [];

const unquoted = (text: string): string => /^(["'`])(.*)\1$/s.exec(text)?.[2] ?? text;

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

function unknownKey(key: string): string {
  const near = closest(key, keys);
  const shown = code(`${cut(key, 40)}=`);
  if (near !== undefined) return `I don't know ${shown}; did you mean \`${near}=\`?`;
  return `I don't know ${shown}. I know ${keys.map((one) => `\`${one}=\``).join(', ')}.`;
}

/** The number, undefined when none was given, or the sentence that says what is wrong. */
function wholeNumber(key: Key, value: string | undefined, least: number, most: number): number | undefined | string {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d{1,4}$/.test(value) && number >= least && number <= most) return number;
  return `\`${key}=\` takes a whole number from ${least} to ${most}, not ${code(cut(value, 40))}.`;
}

/** The number, `auto`, undefined when none was given, or the sentence that says what is wrong. */
function shardsIn(value: string | undefined): number | 'auto' | undefined | { readonly because: string } {
  if (value?.toLowerCase() === 'auto') return 'auto';
  const shards = wholeNumber('shards', value, 1, mostShards);
  return typeof shards === 'string' ? { because: shards.replace(', not', ', or `auto`, not') } : shards;
}

/** Whether this can be a feature file of a suite: relative, below it, without options or line numbers. */
export const isFeature = (path: string): boolean =>
  /^(?!-|\/)[^\p{Cc}\\:]{1,300}\.feature(?:\.md)?$/u.test(path) && !path.split('/').includes('..');

/** The feature files, or the sentence that says what is wrong. */
function parseFeatures(values: readonly string[]): readonly string[] | string {
  const features = values.flatMap((value) => value.split(',')).map((feature) => feature.trim().replace(/^\.\//, ''));
  if (features.length > maxFeatures) return `At most ${maxFeatures} features fit into a command: use a tag instead.`;
  const bad = features.find((feature) => !isFeature(feature));
  if (bad === undefined) return [...new Set(features)];
  return `${code(cut(bad, 80))} is not a feature file of the suite: write it like \`feature=features/login.feature\`.`;
}

function refRefusal(ref: string, { name, refs, suite }: Environment): string | undefined {
  if (refs.length === 0)
    return `*${name}* runs the suite that is baked into its image: leave out \`ref=\`, or allow refs in coldframe.yml.`;
  if (!isGitRef(ref)) return `${code(cut(ref, 80))} cannot be the name of a git ref: write it like \`ref=main\`.`;
  if (!refMatches(ref, refs)) {
    return `*${name}* takes only these refs: ${refs.map((one) => `\`${one}\``).join(', ')}, not ${code(cut(ref, 80))}.`;
  }
  if (suite !== undefined) return undefined;
  return `coldframe.yml does not say where the suite of *${name}* comes from (\`suite.repository\`): leave out \`ref=\`, and the suite in the image is run.`;
}
