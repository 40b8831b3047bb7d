import * as v from 'valibot';
import type { Environment } from './catalogue.ts';
import { mostShards } from './plan.ts';
import { isGitRef } from './ref.ts';
import { tagExpressionFault } from './tag-expression.ts';

/** What each field of an environment may be. A message is what follows "`field`: " and ends with the way out. */

/** `"x"` as people wrote it, cut. */
export const quote = (value: unknown): string =>
  `\`${(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, 80)}\``;

type Received = { readonly input: unknown };

/** A rule whose sentence depends on the text: `fault` gives what is wrong with it. */
const sound = (fault: (text: string) => string | undefined) =>
  v.rawCheck<string>(({ dataset, addIssue }) => {
    const message = dataset.typed ? fault(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  });

const text = v.string(({ input }: Received) =>
  input === null ? 'has no value (a `#` begins a comment: put such text in quotes)' : `must be text: put ${quote(input)} in quotes`,
);

const truth = v.boolean(({ input }: Received) => `must be \`true\` or \`false\`, not ${quote(input)}`);

const count = (least: number, most: number) =>
  v.pipe(
    v.number(({ input }: Received) => `must be a number without quotes, not ${quote(input)}`),
    v.integer(({ input }: Received) => `must be a whole number, not ${quote(input)}`),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );

const slackId = (pattern: RegExp, what: string, where: string) =>
  v.pipe(
    text,
    v.regex(pattern, ({ input }: Received) => `${quote(input)} is not ${what}: ${where}`),
  );

const channel = slackId(
  /^[CG][A-Z0-9]{2,20}$/,
  'a channel id like `C0123ABCDEF`',
  "in Slack open the channel's details; the id is at the bottom",
);
const user = slackId(/^[UW][A-Z0-9]{2,20}$/, 'a user id like `U0123ABCDEF`', 'in Slack open the profile, then "Copy member ID"');
const userGroup = slackId(/^S[A-Z0-9]{2,20}$/, 'a user group id like `S0123ABCDEF`', 'in Slack open the group, then "Copy group ID"');
const mention = slackId(/^[UWS][A-Z0-9]{2,20}$/, 'a user or user group id', 'copy it from the profile or the group in Slack');

const listOf = <const Item extends v.GenericSchema<string>>(item: Item) =>
  v.pipe(
    v.array(item, ({ input }: Received) => `must be a list: \`[${typeof input === 'string' ? input : ''}]\``),
    v.maxLength(50, 'has at most 50 entries'),
    v.readonly(),
  );

/** Names may be 28 characters, so that a run's id, which begins with one, fits ECS's 64 of a client token. */
const name = v.pipe(
  text,
  v.regex(
    /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/,
    ({ input }: Received) => `${quote(input)} is not a name: use lower case letters, digits and \`-\`, beginning with a letter`,
  ),
  v.maxLength(28, 'a name has at most 28 characters'),
  v.notValue('help', '`help` is what people type to get help: choose another name'),
);

function urlFault(url: string): string | undefined {
  if (url === 'example') return undefined;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    return `${quote(url)} is not a URL: write it like \`https://staging.example.com\``;
  if (parsed.username !== '' || parsed.password !== '') return 'must not hold a user or password: put them below `secretsPath`';
  if (parsed.search !== '' || parsed.hash !== '') return 'is the base of every page: leave out `?` and `#` and what follows';
  if (parsed.protocol === 'http:' && !isLoopback(parsed))
    return `must begin with \`https://\` (only localhost may be plain http): \`https://${parsed.host}${parsed.pathname}\``;
  return undefined;
}

const quarantineFault = (expression: string): string | undefined =>
  // The empty expression means all scenarios: none could fail a run.
  expression.trim() === '' ? 'must name a tag, like `"@quarantine"`: leave it out for none' : tagExpressionFault(expression);

const refFault = (ref: string): string | undefined =>
  // What `git check-ref-format` allows, and `*`.
  isGitRef(ref.replaceAll('*', 'x')) ? undefined : `${quote(ref)} is not a pattern of git refs: write it like \`main\` or \`release/*\``;

function repositoryFault(repository: string): string | undefined {
  const url = URL.parse(repository);
  if (url === null || !/^https?:$/.test(url.protocol) || /[\s\\]/.test(repository))
    return `${quote(repository)} is not the address of a git repository: write it like \`https://github.com/example/ui-tests.git\``;
  if (url.username !== '' || url.password !== '') return 'must not hold a user or token: put them below `secretsPath`, as `GIT_TOKEN`';
  if (url.search !== '' || url.hash !== '') return 'is fetched as it is: leave out `?` and `#` and what follows';
  if (url.protocol === 'http:' && !isLoopback(url)) return `must begin with \`https://\`: \`https://${url.host}${url.pathname}\``;
  if (url.pathname.length < 2) return `${quote(repository)} names no repository: write it like \`https://github.com/example/ui-tests.git\``;
  return undefined;
}

/** Relative, below the repository, and nothing a shell or git would read as something else. */
function suitePathFault(path: string): string | undefined {
  const isBelow = /^[\p{L}\p{N}_.@ -]+(?:\/[\p{L}\p{N}_.@ -]+)*$/u.test(path);
  const parts = path.split('/');
  if (isBelow && !path.startsWith('-') && !parts.includes('..') && !parts.includes('.') && !parts.includes('.git')) return undefined;
  return `${quote(path)} is not a folder of the repository: write it like \`tests/ui\``;
}

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

function secretsPathFault(path: string): string | undefined {
  if (!/^(?:\/[A-Za-z0-9_.-]+){1,14}$/.test(path))
    return `${quote(path)} is not a path of SSM parameters: write it like \`/coldframe/prod/suite/staging\``;
  if (/^\/(?:aws|ssm)/i.test(path)) return `SSM keeps \`/aws\` and \`/ssm\` for itself: choose another path than ${quote(path)}`;
  // The suite gets every parameter directly below the path, and there lie Coldframe's own.
  if (/^\/coldframe(?:\/[^/]+)?$/.test(path))
    return `${quote(path)} would hand Coldframe's own Slack token to the suite: add \`/suite/<environment>\``;
  if (/^\/coldframe\/[^/]+\/ci(?:\/|$)/.test(path))
    return `${quote(path)} would hand the keys of CI to the suite: use \`/coldframe/<stage>/suite/<environment>\``;
  return undefined;
}

const second = 1_000;
const minute = 60 * second;

/** One rule for each field, for the values as we use them. */
export const environmentRules = {
  name,
  url: v.pipe(text, sound(urlFault), v.maxLength(1_000, 'has at most 1000 characters')),
  channel,
  users: listOf(user),
  userGroups: listOf(userGroup),
  channels: listOf(channel),
  confirm: truth,
  approval: count(1, 5),
  tags: v.pipe(text, sound(tagExpressionFault)),
  quarantine: v.pipe(text, sound(quarantineFault)),
  retry: count(0, 5),
  shards: v.union(
    [v.literal('auto'), count(1, mostShards)],
    ({ input }: Received) => `must be a number without quotes, or \`auto\`: as many as are worth their start; not ${quote(input)}`,
  ),
  together: listOf(
    v.pipe(
      text,
      v.regex(
        /^@[^\s()]{1,100}$/,
        ({ input }: Received) => `${quote(input)} is not a tag or a pattern of tags: write it like \`"@serial"\` or \`"@account-*"\``,
      ),
    ),
  ),
  limitMs: v.pipe(v.number(), v.integer(), v.minValue(minute, 'must be at least `1m`'), v.maxValue(360 * minute, 'must be at most `6h`')),
  scenarioLimitMs: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(second, 'must be at least `1s`'),
    v.maxValue(360 * minute, 'must be at most `6h`'),
  ),
  tasksAtOnce: count(1, 100),
  vcpu: v.picklist(
    [0.25, 0.5, 1, 2, 4, 8, 16],
    ({ input }: Received) => `Fargate has 0.25, 0.5, 1, 2, 4, 8 or 16 vCPUs, not ${quote(input)}`,
  ),
  memoryMb: count(512, 122_880),
  capacity: v.picklist(
    ['on-demand', 'spot'],
    ({ input }: Received) => `must be \`on-demand\`, or \`spot\`: cheaper, and AWS may take a task back in the middle, not ${quote(input)}`,
  ),
  profiles: listOf(
    v.pipe(
      text,
      v.regex(/^[\w.:-]{1,60}$/, ({ input }: Received) => `${quote(input)} is not the name of a profile: write it like \`ci\``),
    ),
  ),
  parallel: v.union(
    [v.literal('vcpu'), v.picklist(Array.from({ length: 32 }, (_, index) => index + 1))],
    ({ input }: Received) => `must be a whole number from 1 to 32, or \`vcpu\`: one for each of the task's vCPUs, not ${quote(input)}`,
  ),
  repository: v.pipe(text, sound(repositoryFault), v.maxLength(500, 'has at most 500 characters')),
  suitePath: v.pipe(text, sound(suitePathFault), v.maxLength(200, 'has at most 200 characters')),
  refs: listOf(v.pipe(text, sound(refFault), v.maxLength(200, 'has at most 200 characters'))),
  secretsPath: v.pipe(text, sound(secretsPathFault), v.maxLength(500, 'has at most 500 characters')),
  mentionOnFailure: listOf(mention),
};

/** A contradiction between fields, or between environments. `path` leads to the field that should change. */
export interface Clash {
  readonly path: readonly [environment: string, field: string];
  readonly message: string;
}

/** What is wrong with environments whose fields are right one by one. */
export function clashes(environments: readonly Environment[]): readonly Clash[] {
  return [
    ...environments.flatMap(sizeClash),
    ...environments.flatMap(shardsClash),
    ...environments.flatMap((environment, index) => secretsClash(environment, environments.slice(0, index))),
  ];
}

/** The memory sizes that Fargate offers for a number of vCPUs, in MB: from, to, step. */
const fargateMemory: Readonly<Record<number, readonly [number, number, number]>> = {
  0.25: [512, 2_048, 512],
  0.5: [1_024, 4_096, 1_024],
  1: [2_048, 8_192, 1_024],
  2: [4_096, 16_384, 1_024],
  4: [8_192, 30_720, 1_024],
  8: [16_384, 61_440, 4_096],
  16: [32_768, 122_880, 8_192],
};

function sizeClash({ name, vcpu = 2, memoryMb = 4_096 }: Environment): readonly Clash[] {
  const [from, to, step] = fargateMemory[vcpu] ?? [0, 0, 1];
  // 0.25 vCPU is the one with a hole: 512, 1024 and 2048.
  const isOffered = memoryMb >= from && memoryMb <= to && memoryMb % step === 0 && !(vcpu === 0.25 && memoryMb === 1_536);
  if (isOffered) return [];
  const message = `Fargate has no task of ${vcpu} vCPU and ${memoryMb} MB: with ${vcpu} vCPU take ${from} to ${to} in steps of ${step}`;
  return [{ path: [name, 'memoryMb'], message }];
}

function shardsClash({ name, shards, tasksAtOnce }: Environment): readonly Clash[] {
  if (shards === 'auto' || shards <= tasksAtOnce) return [];
  const message = `must be at least as many as \`shards\` (${shards}): a run needs all of its tasks at once`;
  return [{ path: [name, 'tasksAtOnce'], message }];
}

/** A branch of the suite that runs on one environment must reach no secret of another. */
function secretsClash({ name, secretsPath }: Environment, others: readonly Environment[]): readonly Clash[] {
  if (secretsPath === undefined) return [];
  const other = others.find(
    (one) => one.secretsPath !== undefined && (isWithin(secretsPath, one.secretsPath) || isWithin(one.secretsPath, secretsPath)),
  );
  if (other === undefined) return [];
  const message = `overlaps with that of \`${other.name}\` (\`${other.secretsPath}\`): give each environment a path of its own, so that none can read another's secrets`;
  return [{ path: [name, 'secretsPath'], message }];
}

const isWithin = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);
