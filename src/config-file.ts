import * as v from 'valibot';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';
import { type ColdStartSettings, coldStartRules, toldClashes, toldRules, usualAskAboveGb } from './coldstart/settings.ts';
import type { Complaint, ParsedCatalogue } from './config.ts';
import { ownersSchema } from './hearing/owners.ts';
import { writtenHear } from './hearing/settings.ts';
import type { Environment } from './run/catalogue.ts';
import { type CiSettings, ciClashes, ciSchema } from './run/ci.ts';
import { closest } from './run/closest.ts';
import { clashes, quote, environmentRules as rules } from './run/environment-rules.ts';

/** A longer file was not written by a person. */
const maxCharacters = 200_000;

/**
 * The catalogue out of coldframe.yml, or every complaint about it at once. Never throws, whatever the text.
 *
 * This is the build's: the functions read the JSON made of it (config.ts) and never load a YAML parser.
 */
export function parseCatalogue(text: string, file: string): ParsedCatalogue {
  const reader = catalogueReader(text);
  const { environments, coldStarts, ci } = reader.read();
  const complaints = reader.complaints.toSorted((a, b) => a.line - b.line).map((complaint) => ({ file, ...complaint }));
  if (complaints.length > 0) return { kind: 'invalid', complaints };
  const catalogue = new Map(environments.map((environment) => [environment.name, environment]));
  return { kind: 'catalogue', catalogue, ...(coldStarts !== undefined && { coldStarts }), ...(ci !== undefined && { ci }) };
}

/** What stands in the file, as far as it is right. */
interface Read {
  readonly environments: readonly Environment[];
  readonly coldStarts?: ColdStartSettings | undefined;
  readonly ci?: CiSettings | undefined;
}

/** `20m`, `90s`, `1h30m` in milliseconds. */
const writtenDuration = v.pipe(
  v.union([v.string(), v.number()], 'must be a duration like `20m`'),
  v.rawTransform<string | number, number>(({ dataset, addIssue, NEVER }) => {
    const written = String(dataset.value).trim();
    const [, hours, minutes, seconds] = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(written) ?? [];
    const parts = [hours, minutes, seconds].map((part) => (part === undefined ? undefined : Number(part)));
    if (parts.some((part) => part !== undefined)) {
      const [h = 0, m = 0, s = 0] = parts;
      return ((h * 60 + m) * 60 + s) * 1_000;
    }
    const isBare = /^\d{1,6}$/.test(written);
    addIssue({
      message: isBare
        ? `needs a unit: \`${written}m\` or \`${written}s\``
        : `${quote(dataset.value)} is not a duration: write it like \`20m\`, \`90s\` or \`1h30m\``,
    });
    return NEVER;
  }),
);

/** An environment as people write it: the rules of its values, and what holds when a field is left out. */
const writtenAllow = {
  users: v.optional(rules.users, []),
  userGroups: v.optional(rules.userGroups, []),
  channels: v.optional(rules.channels, []),
};
const writtenSuite = { repository: rules.repository, path: v.exactOptional(rules.suitePath) };
const writtenEnvironment = {
  url: rules.url,
  channel: rules.channel,
  allow: v.optional(v.object(writtenAllow), {}),
  confirm: v.optional(rules.confirm, false),
  approval: v.exactOptional(rules.approval),
  tags: v.optional(rules.tags, ''),
  quarantine: v.exactOptional(rules.quarantine),
  retry: v.optional(rules.retry, 0),
  shards: v.optional(rules.shards, 1),
  together: v.exactOptional(rules.together),
  limit: v.optional(v.pipe(writtenDuration, rules.limitMs), '30m'),
  scenarioLimit: v.exactOptional(v.pipe(writtenDuration, rules.scenarioLimitMs)),
  tasksAtOnce: v.exactOptional(rules.tasksAtOnce),
  vcpu: v.optional(rules.vcpu, 2),
  memoryMb: v.optional(rules.memoryMb, 4_096),
  capacity: v.exactOptional(rules.capacity),
  profiles: v.exactOptional(rules.profiles),
  parallel: v.exactOptional(rules.parallel),
  suite: v.exactOptional(v.object(writtenSuite, isMissing)),
  refs: v.optional(rules.refs, []),
  secretsPath: v.exactOptional(rules.secretsPath),
  mentionOnFailure: v.optional(rules.mentionOnFailure, []),
  owners: v.exactOptional(ownersSchema),
  hear: v.exactOptional(v.object(writtenHear)),
};
/** Fields that must be there, and what they are for. */
const required: Readonly<Record<string, string>> = {
  url: 'add the address under test, like `https://staging.example.com`',
  channel: 'add the id of the Slack channel where runs are reported that nobody asked for in a channel',
  functions: 'add the beginnings of the names of functions that may be looked at, like `[orders-]`',
  repository: 'add the address of the git repository, like `https://github.com/example/ui-tests.git`',
};
function isMissing({ expected }: { readonly expected: string | null }): string {
  return `is missing: ${required[String(expected).replaceAll('"', '')] ?? 'add it'}`;
}
const environmentSchema = v.object(writtenEnvironment, isMissing);
const writtenTold = {
  functions: v.optional(toldRules.functions, []),
  digest: v.exactOptional(toldRules.digest),
  alert: v.optional(toldRules.alert, false),
};
const writtenColdStarts = v.object(
  {
    functions: coldStartRules.functions,
    allow: v.optional(v.object(writtenAllow), {}),
    askAboveGb: v.optional(coldStartRules.askAboveGb, usualAskAboveGb),
    channels: v.optional(v.record(rules.channel, v.object(writtenTold)), {}),
  },
  isMissing,
);
/** The fields that are mappings themselves, and what may be in them. */
const mappings: ReadonlyMap<string, readonly string[]> = new Map([
  ['allow', Object.keys(writtenAllow)],
  ['suite', Object.keys(writtenSuite)],
  ['hear', Object.keys(writtenHear)],
]);

type MapNode = YAMLMap.Parsed<ParsedNode, ParsedNode | null>;
interface Field {
  readonly key: string;
  readonly line: number;
  readonly value: ParsedNode | null;
}

function catalogueReader(text: string) {
  const complaints: (Omit<Complaint, 'file'> & { readonly line: number })[] = [];
  const lineCounter = new LineCounter();
  /** Line of each field, by its path. */
  const lines = new Map<string, number>();

  const complain = (line: number, field: string, message: string): void => void complaints.push({ line, field, message });
  const lineAt = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
  const lineOf = (node: ParsedNode | null): number => (node === null ? 1 : lineAt(node.range[0]));

  function read(): Read {
    if (text.length > maxCharacters) {
      complain(1, '', `has ${text.length} characters; at most ${maxCharacters} are read`);
      return { environments: [] };
    }
    const root = readRoot();
    if (root === undefined) return { environments: [] };
    const top = fields(root, '', ['environments', 'coldStarts', 'ci']);
    const coldStarts = top.find(({ key }) => key === 'coldStarts');
    const ci = top.find(({ key }) => key === 'ci');
    const environments = readEnvironments(top);
    // An environment that is not right is there all the same.
    const names = [...lines.keys()].flatMap((field) => /^environments\.([^.]+)$/.exec(field)?.[1] ?? []);
    return { environments, coldStarts: coldStarts && readColdStarts(coldStarts), ci: ci && readCi(ci, names) };
  }

  function readCi({ key: path, line, value }: Field, names: readonly string[]): CiSettings | undefined {
    const before = complaints.length;
    const written = tree(value, path, line);
    if (complaints.length > before) return undefined;
    const parsed = v.safeParse(ciSchema, written);
    const clashing = parsed.success ? ciClashes(parsed.output, names) : [];
    const found = parsed.success ? clashing : parsed.issues.map((issue) => ({ path: [v.getDotPath(issue) ?? ''], message: issue.message }));
    for (const { path: below, message } of found) {
      const field = [path, ...below].filter((part) => part !== '').join('.');
      complain(nearestLine(field), field, message);
    }
    return parsed.success && clashing.length === 0 ? parsed.output : undefined;
  }

  function readEnvironments(top: readonly Field[]): readonly Environment[] {
    const list = top.find(({ key }) => key === 'environments');
    if (list === undefined) {
      if (complaints.length === 0) complain(1, 'environments', `is missing: ${firstSteps}`);
      return [];
    }
    if (!isMap(list.value) || list.value.items.length === 0) {
      complain(list.line, 'environments', `must be a mapping from names to environments: ${firstSteps}`);
      return [];
    }
    const environments = fields(list.value, 'environments', undefined).flatMap(readEnvironment);
    for (const { path, message } of clashes(environments)) {
      const field = ['environments', ...path].join('.');
      complain(nearestLine(field), field, message);
    }
    return environments;
  }

  function readColdStarts({ key: path, line, value }: Field): ColdStartSettings | undefined {
    if (!isMap(value)) {
      complain(line, path, 'must be a mapping with at least `functions`: prefixes of the functions that may be looked at');
      return undefined;
    }
    const before = complaints.length;
    const parsed = v.safeParse(writtenColdStarts, readFields(value, path, Object.keys(writtenColdStarts.entries)));
    if (complaints.length > before) return undefined;
    for (const issue of parsed.issues ?? []) {
      const field = `${path}.${v.getDotPath(issue) ?? ''}`;
      complain(nearestLine(field), field, issue.message);
    }
    if (!parsed.success) return undefined;
    const channels = Object.entries(parsed.output.channels).map(([channel, told]) => ({ channel, ...told }));
    const settings = { ...parsed.output, channels };
    for (const clash of toldClashes(settings)) {
      const field = [path, ...clash.path].join('.');
      complain(nearestLine(field), field, clash.message);
    }
    return complaints.length > before ? undefined : settings;
  }

  /** The channels that are told unasked, by their ids. */
  function readTold(value: ParsedNode | null, path: string, line: number): Readonly<Record<string, unknown>> {
    if (!isMap(value)) {
      complain(line, path, 'must be a mapping from channel ids to what they are told: `C0123ABCDEF: { alert: true }`');
      return {};
    }
    const told = fields(value, path, undefined).flatMap(({ key, line: at, value: one }): [string, unknown][] => {
      if (isMap(one)) return [[key, readFields(one, `${path}.${key}`, Object.keys(writtenTold))]];
      complain(
        at,
        `${path}.${key}`,
        `must be a mapping of ${Object.keys(writtenTold)
          .map((name) => `\`${name}\``)
          .join(', ')}`,
      );
      return [];
    });
    return Object.fromEntries(told);
  }

  /** The file's mapping; undefined, after complaints, when YAML itself is broken. */
  function readRoot(): MapNode | undefined {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
    for (const fault of [...document.errors, ...document.warnings]) {
      complain(lineAt(fault.pos[0]), '', yamlFault(fault.code, fault.message));
    }
    if (complaints.length > 0) return undefined;
    if (isMap(document.contents)) return document.contents;
    complain(
      1,
      '',
      document.contents === null || isEmpty(document.contents) ? `is empty: ${firstSteps}` : `must be a mapping: ${firstSteps}`,
    );
    return undefined;
  }

  /** The entries of a mapping, each key once, after complaints about all that may not be there. `known` undefined: any name. */
  function fields(node: MapNode, path: string, known: readonly string[] | undefined): readonly Field[] {
    const found = new Map<string, Field>();
    for (const pair of node.items) {
      const line = lineOf(pair.key);
      const key = isScalar(pair.key) && pair.key.value !== null ? String(pair.key.value) : undefined;
      const field = [path, key ?? ''].filter((part) => part !== '').join('.');
      const earlier = key === undefined ? undefined : found.get(key);
      if (key === undefined) complain(line, path, 'has an entry whose key is not a word');
      else if (earlier !== undefined) complain(line, field, `is written twice, first on line ${earlier.line}: keep one`);
      else if (known !== undefined && !known.includes(key)) complain(line, field, unknownField(key, known));
      else {
        found.set(key, { key, line, value: pair.value });
        lines.set(field, line);
      }
    }
    return [...found.values()];
  }

  function readEnvironment({ key: name, line, value }: Field): readonly Environment[] {
    const path = `environments.${name}`;
    for (const { message } of v.safeParse(rules.name, name).issues ?? []) complain(line, path, message);
    if (!isMap(value)) {
      complain(line, path, 'must be a mapping with at least `url` and `channel`');
      return [];
    }
    const before = complaints.length;
    const written = readFields(value, path, Object.keys(writtenEnvironment));
    const parsed = v.safeParse(environmentSchema, written);
    for (const issue of parsed.issues ?? []) {
      const field = `${path}.${v.getDotPath(issue) ?? ''}`;
      const isReported = complaints
        .slice(before)
        .some((complaint) => complaint.field === field || (complaint.field !== path && field.startsWith(`${complaint.field}.`)));
      if (!isReported) complain(nearestLine(field), field, issue.message);
    }
    if (!parsed.success || complaints.length > before) return [];
    const { limit, scenarioLimit, tasksAtOnce = parsed.output.shards, ...same } = parsed.output;
    if (tasksAtOnce === 'auto') {
      complain(
        nearestLine(`${path}.shards`),
        `${path}.tasksAtOnce`,
        'is missing: with `shards: auto` say how many tasks a run may have at most',
      );
      return [];
    }
    return [{ name, ...same, limitMs: limit, ...(scenarioLimit !== undefined && { scenarioLimitMs: scenarioLimit }), tasksAtOnce }];
  }

  /** The known fields as plain values. */
  function readFields(node: MapNode, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    const entries = fields(node, path, known).map(({ key, line, value }): [string, unknown] => {
      const field = `${path}.${key}`;
      if (field === 'coldStarts.channels') return [key, readTold(value, field, line)];
      if (/^environments\.[^.]+\.owners$/.test(field)) return [key, tree(value, field, line)];
      const within = path.split('.').length === 2 || path === 'coldStarts' ? mappings.get(key) : undefined;
      if (within === undefined) return [key, plain(value, field, line)];
      if (isMap(value)) return [key, readFields(value, field, within)];
      complain(line, field, `must be a mapping of ${within.map((name) => `\`${name}\``).join(', ')}`);
      return [key, {}];
    });
    return Object.fromEntries(entries);
  }

  /** A scalar, or a list of scalars. Aliases are refused: what looks like one value here would change with another. */
  function plain(node: ParsedNode | null, field: string, line: number): unknown {
    if (node === null) return null;
    if (isScalar(node)) return node.value;
    if (isAlias(node)) return complain(line, field, 'is an alias (`*name`): write the value out, or in quotes if it begins with `*`');
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const itemLine = isPair(item) ? line : lineOf(item);
        lines.set(`${field}.${index}`, itemLine);
        return isScalar(item) ? item.value : isAlias(item) ? plain(item, `${field}.${index}`, itemLine) : {};
      });
    }
    return {};
  }

  /** A value with everything below it. */
  function tree(node: ParsedNode | null, path: string, line: number): unknown {
    if (isMap(node)) {
      const entries = fields(node, path, undefined);
      return Object.fromEntries(entries.map(({ key, line: at, value }) => [key, tree(value, `${path}.${key}`, at)]));
    }
    if (!isSeq(node)) return plain(node, path, line);
    return node.items.map((item, index) => {
      if (isPair(item)) return complain(line, path, 'has an entry that is no value: write it like `[staging]`');
      lines.set(`${path}.${index}`, lineOf(item));
      return tree(item, `${path}.${index}`, lineOf(item));
    });
  }

  /** The line of a field, or of the nearest one around it that is written. */
  function nearestLine(field: string): number {
    const line = lines.get(field);
    if (line !== undefined || !field.includes('.')) return line ?? 1;
    return nearestLine(field.slice(0, field.lastIndexOf('.')));
  }

  return { read, complaints };
}

const firstSteps = 'write `environments:` and below it, indented, a name with `url` and `channel`';

const isEmpty = (node: ParsedNode): boolean => isScalar(node) && node.value === null;

function unknownField(key: string, known: readonly string[]): string {
  const near = closest(key, known);
  return `is not a field we know: ${near === undefined ? `there are ${known.map((name) => `\`${name}\``).join(', ')}` : `did you mean \`${near}\`?`}`;
}

/** YAML's own complaints, with the way out where people commonly need one. */
function yamlFault(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'is indented with a tab: use spaces';
    case 'BAD_SCALAR_START':
      return `${message}: put the value in quotes, like \`tags: "@smoke"\``;
    case 'BAD_ALIAS':
      return `${message}: put a value that begins with \`*\` in quotes`;
    case 'MULTIPLE_DOCS':
      return 'holds a second document: remove the line `---`';
    case 'TAG_RESOLVE_FAILED':
      return `${message}: put a value that begins with \`!\` in quotes`;
    case 'RESOURCE_EXHAUSTION':
      return 'is nested too deeply';
    default:
      return message;
  }
}
