import type { Out } from './edges.ts';
import { publicUrl, secrets } from './place.ts';

/** What stands between `<` and `>` in a text that Slack reads as mrkdwn, and may: the person who asked, where, and our own links. */
const ownForms: readonly RegExp[] = [
  // Whoever asks, in whatever way their id was spoiled; nobody asks as the victim.
  /^@(?!U0VICTIM99$)[UW][A-Z0-9]{2,20}$/,
  // Where was asked, in whatever way its id was spoiled, or reports: a channel's name pings nobody.
  /^#[CGD][A-Z0-9]{2,20}$/,
  /^!subteam\^S0TESTERS1$/,
  /^!date\^\d+\^/,
  new RegExp(`^${publicUrl.replaceAll('.', '\\.')}/[^|<>\\s]*(?:\\|[^<>]*)?$`),
  /^https:\/\/[a-z0-9.-]*console\.aws\.amazon\.com\/[^|<>\s]*(?:\|[^<>]*)?$/,
];

/** Texts that Slack reads as mrkdwn: those of blocks that say so, and the one of the message itself. */
function* mrkdwnOf(value: unknown, name = ''): Generator<string> {
  if (typeof value === 'string') {
    if (name === 'text') yield value;
    return;
  }
  if (Array.isArray(value)) {
    for (const one of value) yield* mrkdwnOf(one, name);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { type } = value as { readonly type?: unknown };
  // Nothing of these is read as markup.
  if (type === 'plain_text' || type === 'raw_text' || (type === 'text' && !('mrkdwn' in value))) return;
  for (const [field, one] of Object.entries(value)) yield* mrkdwnOf(one, field);
}

/** What is said to Slack and would ping somebody, link elsewhere, or be markup that is not ours. */
export function pingsIn(body: unknown): readonly string[] {
  return [...mrkdwnOf(body)].flatMap((text) =>
    [...text.matchAll(/<([^<>]*)(>|$|<)/g)]
      .filter(([, inside = '', end]) => end !== '>' || !ownForms.some((form) => form.test(inside)))
      .map(([all]) => `markup that is not ours went to Slack: ${all.slice(0, 100)}`),
  );
}

/** Markup that would run or load something in a page of ours. */
export function scriptsIn(html: string): readonly string[] {
  const planted = /<(?:script|img|svg)[^<>]{0,40}coldframe_fuzz|<script>coldframe_fuzz/g;
  // Within the data of Cucumber's own page `<` may stand as it is, as long as nothing ends the script.
  const bare = html.replace(/<script[^>]*>[\s\S]*?<\/script>/g, '');
  return [...bare.matchAll(planted)].map(([all]) => `markup of a suite stands in a page: ${all}`);
}

const longLived = [secrets.signing, secrets.bot, secrets.links, secrets.ci];
/** Good for whoever has them, for a while: as Slack writes them they may not be in a log. */
const shortLived = [`commands/T0FUZZ/1/${secrets.responseUrl}`, `actions/T0FUZZ/1/${secrets.responseUrl}`, secrets.triggerId];

export function secretsIn(what: string, text: string, isToLog: boolean): readonly string[] {
  const wanted = isToLog ? [...longLived, ...shortLived] : longLived;
  return wanted.filter((secret) => text.includes(secret)).map((secret) => `a secret is in ${what}: ${secret.slice(0, 8)}…`);
}

const ownKeys = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype].map((prototype) => ({
  prototype,
  names: Reflect.ownKeys(prototype).length,
}));

/** Whether all objects have something they did not have. */
function pollution(): readonly string[] {
  return ownKeys
    .filter(({ prototype, names }) => Reflect.ownKeys(prototype).length !== names)
    .map(({ prototype }) => `the prototype of ${prototype.constructor.name} has other fields than before`);
}

/** What is wrong with what came out, whichever door it was. */
export function wrongIn(out: Out): readonly string[] {
  const pages = out.written.filter((key) => key.startsWith('reports/') && key.endsWith('.html'));
  const textOf = (key: string) => Buffer.from(out.s3.objects.get(key)?.bytes ?? '').toString();
  return [
    ...pollution(),
    ...out.toSlack.flatMap(({ body }) => pingsIn(body)),
    ...out.toSlack.flatMap(({ to, body }) => secretsIn(to, JSON.stringify(body), false)),
    ...out.toSlack.flatMap(({ to, body }) => sizeOf(to, body)),
    ...out.logged.flatMap((line) => secretsIn('a log line', line, true)),
    ...pages.flatMap((key) => scriptsIn(textOf(key))),
    ...out.written
      .filter((key) => /(?:^|\/)\.{1,2}(?:\/|$)|__proto__|[^\x20-\x7e]/.test(key))
      .map((key) => `an odd key was written: ${key}`),
    ...out.logged.flatMap((line) => notOneLine(line)),
  ];
}

/** Slack's own limits: what is larger is refused, and nobody would be told. */
function sizeOf(to: string, body: unknown): readonly string[] {
  const { text = '', blocks = [] } = body as {
    readonly text?: string;
    readonly blocks?: readonly { readonly text?: { readonly text?: string } }[];
  };
  return [
    ...(text.length > 40_000 ? [`${to} has a text of ${text.length} characters`] : []),
    ...(blocks.length > 50 ? [`${to} has ${blocks.length} blocks`] : []),
    ...blocks.filter((block) => (block.text?.text?.length ?? 0) > 3_000).map(() => `${to} has a block of more than 3,000 characters`),
  ];
}

/** A fact is a line of JSON: what somebody wrote never looks like another one. */
function notOneLine(line: string): readonly string[] {
  if (!line.startsWith('{')) return [`something was printed that is no line of JSON: ${line.slice(0, 200)}`];
  return line.trimEnd().includes('\n') ? ['a log line has a line feed'] : [];
}

/** Nobody but who has signed starts anything, or writes anything; of who is known and may not, it is kept that they have asked. */
export function startedIn({ onBus, written, tasks }: Out, isKnown: boolean): readonly string[] {
  return [
    ...onBus.filter(({ type }) => !(isKnown && type === 'Asked In Vain')).map(({ type }) => `an unsigned request put "${type}" on the bus`),
    ...written.map((key) => `an unsigned request wrote ${key}`),
    ...[...tasks.keys()].map((arn) => `an unsigned request started ${arn}`),
  ];
}
