import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type ColdStartSettings, coldStartsJson, toldClashes } from './coldstart/settings.ts';
import { ownersSchema } from './hearing/owners.ts';
import { hearSchema } from './hearing/settings.ts';
import type { Catalogue, Environment } from './run/catalogue.ts';
import { type CiSettings, ciClashes, ciSchema } from './run/ci.ts';
import { clashes, environmentRules as rules } from './run/environment-rules.ts';

/** What a function of ours must know of the place it runs in. */
export interface Config {
  readonly stage: string;
  readonly bucket: string;
  readonly bus: string;
  /** Name or ARN. */
  readonly cluster: string;
  /** An environment's task definition family is this, `-` and its name. */
  readonly taskFamilyPrefix: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  /** Our own endpoint, for links, without a slash at the end. */
  readonly publicUrl: string;
  readonly taskLogGroup: string;
  /** Absent: Slack itself. */
  readonly slackApiUrl?: string;
  /** Names of the SSM parameters that hold our secrets; no secret itself is ever in here. */
  readonly parameters: { readonly signingSecret: string; readonly botToken: string; readonly linkSecret: string };
  /** The secret of CI's key `merges` is the SSM parameter of this name, `/` and `merges`. */
  readonly ciKeysPath: string;
  readonly catalogue: Catalogue;
  /** Absent: coldframe.yml says nothing of cold starts. */
  readonly coldStarts?: ColdStartSettings;
  /** Absent: no CI may ask for runs. */
  readonly ci?: CiSettings;
}

/** Where schedules are, and where they lead. */
export interface SchedulePlace {
  /** The stack's own group: it goes with the stack, and takes them with it. */
  readonly group: string;
  /** ARN of our bus. */
  readonly busArn: string;
  /** By which the scheduler may put events there. */
  readonly roleArn: string;
  /** ARN of the queue for what it could not put there. */
  readonly deadLetterArn: string;
}

/** Something wrong in a configuration file, with the way out. */
export interface Complaint {
  readonly file: string;
  /** Counted from 1; absent in JSON, which a machine wrote. */
  readonly line?: number;
  /** `environments.staging.retry`; empty for the file as a whole. */
  readonly field: string;
  readonly message: string;
}

export type ParsedCatalogue =
  | { readonly kind: 'catalogue'; readonly catalogue: Catalogue; readonly coldStarts?: ColdStartSettings; readonly ci?: CiSettings }
  | { readonly kind: 'invalid'; readonly complaints: readonly Complaint[] };

/** `coldframe.yml:12: environments.staging.retry: must be at most 5`. */
export function complaintText({ file, line, field, message }: Complaint): string {
  return [line === undefined ? file : `${file}:${line}`, field, message].filter((part) => part !== '').join(': ');
}

const environmentJson: v.GenericSchema<unknown, Environment> = v.strictObject({
  name: rules.name,
  url: rules.url,
  channel: rules.channel,
  allow: v.strictObject({ users: rules.users, userGroups: rules.userGroups, channels: rules.channels }),
  confirm: rules.confirm,
  approval: v.exactOptional(rules.approval),
  tags: rules.tags,
  quarantine: v.exactOptional(rules.quarantine),
  retry: rules.retry,
  shards: rules.shards,
  together: v.exactOptional(rules.together),
  limitMs: rules.limitMs,
  scenarioLimitMs: v.exactOptional(rules.scenarioLimitMs),
  tasksAtOnce: rules.tasksAtOnce,
  vcpu: v.exactOptional(rules.vcpu),
  memoryMb: v.exactOptional(rules.memoryMb),
  capacity: v.exactOptional(rules.capacity),
  profiles: v.exactOptional(rules.profiles),
  parallel: v.exactOptional(rules.parallel),
  suite: v.exactOptional(v.strictObject({ repository: rules.repository, path: v.exactOptional(rules.suitePath) })),
  refs: rules.refs,
  secretsPath: v.exactOptional(rules.secretsPath),
  mentionOnFailure: rules.mentionOnFailure,
  owners: v.exactOptional(ownersSchema),
  hear: v.exactOptional(hearSchema),
});

const catalogueJson = v.strictObject({
  version: v.literal(1, 'was written by another version of Coldframe: run `npm run build` again'),
  environments: v.pipe(v.array(environmentJson), v.minLength(1, 'has no environment')),
  coldStarts: v.exactOptional(coldStartsJson),
  ci: v.exactOptional(ciSchema),
});

/** The catalogue as the functions read it: JSON, so that a cold start needs no YAML parser. */
export function catalogueToJson(catalogue: Catalogue, coldStarts?: ColdStartSettings, ci?: CiSettings): string {
  return JSON.stringify({ version: 1, environments: [...catalogue.values()], coldStarts, ci });
}

/** The catalogue out of `catalogueToJson`'s text. It is validated again: what counts is what the function was given. */
export function parseCatalogueJson(text: string, file: string): ParsedCatalogue {
  const invalid = (complaints: readonly Omit<Complaint, 'file'>[]): ParsedCatalogue => ({
    kind: 'invalid',
    complaints: complaints.map((complaint) => ({ file, ...complaint })),
  });
  const json = parseJson(text);
  if (json.kind === 'broken') return invalid([{ field: '', message: `is not JSON (${json.because}): run \`npm run build\` again` }]);
  const parsed = v.safeParse(catalogueJson, json.value);
  if (!parsed.success) return invalid(parsed.issues.map((issue) => ({ field: v.getDotPath(issue) ?? '', message: issue.message })));
  const { environments, version: _, ...others } = parsed.output;
  const { coldStarts, ci } = others;
  const catalogue = new Map(environments.map((environment) => [environment.name, environment]));
  if (catalogue.size < environments.length)
    return invalid([{ field: 'environments', message: 'has a name twice: run `npm run build` again' }]);
  const found = [
    ...clashes(environments).map(({ path, message }) => ({ field: `environments.${path.join('.')}`, message })),
    ...(coldStarts === undefined ? [] : toldClashes(coldStarts)).map(({ path, message }) => ({
      field: `coldStarts.${path.join('.')}`,
      message,
    })),
    ...(ci === undefined ? [] : ciClashes(ci, [...catalogue.keys()])).map(({ path, message }) => ({
      field: ['ci', ...path].join('.'),
      message,
    })),
  ];
  return found.length === 0 ? { kind: 'catalogue', catalogue, ...others } : invalid(found);
}

type Env = Readonly<Record<string, string | undefined>>;

/** A function's place alone, without what coldframe.yml says. */
export type Place = Omit<Config, 'catalogue' | 'coldStarts' | 'ci'>;

/**
 * Everything a function of ours must know, out of its environment variables and the catalogue beside its bundle.
 *
 * @throws naming every variable that is missing or wrong, and every complaint about the catalogue, all at once
 */
export function readConfig(env: Env, readFile: (path: string) => string = (path) => readFileSync(path, 'utf8')): Config {
  const { place, faults } = placeIn(env);
  const parsed = readCatalogue(env.COLDFRAME_CATALOGUE || catalogueBesideBundle, readFile);
  if (parsed.kind === 'invalid') faults.push(...parsed.complaints.map(complaintText));
  if (parsed.kind === 'invalid' || faults.length > 0)
    throw new Error(`Coldframe cannot start:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
  // The example app is served by the local world only: elsewhere nobody is offered what could not start.
  const catalogue = new Map([...parsed.catalogue].filter(([, { url }]) => url !== 'example'));
  const { coldStarts, ci } = parsed;
  return { ...place, catalogue, ...(coldStarts !== undefined && { coldStarts }), ...(ci !== undefined && { ci }) };
}

/**
 * Where a deployed function is, out of its environment variables.
 *
 * @throws naming every variable that is missing or wrong
 */
export function readPlace(env: Env): Place {
  const { place, faults } = placeIn(env);
  if (faults.length > 0) throw new Error(`This is no function of ours:\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
  return place;
}

function placeIn(env: Env): { readonly place: Place; readonly faults: string[] } {
  const faults: string[] = [];
  const read = (name: string, pattern: RegExp, like: string): string => {
    const value = env[name] ?? '';
    if (value === '') faults.push(`${name} is missing: set it to ${like}`);
    else if (!pattern.test(value)) faults.push(`${name} is ${JSON.stringify(value)}: it must be ${like}`);
    return value;
  };
  const readOptional = (name: string, pattern: RegExp, like: string): string | undefined =>
    env[name] ? read(name, pattern, like) : undefined;

  const stage = read('COLDFRAME_STAGE', stagePattern, 'the stage, like prod');
  const slackApiUrl = readOptional('COLDFRAME_SLACK_API_URL', /^https?:\/\/\S+$/, 'a URL');
  const assignPublicIp = readOptional('COLDFRAME_ASSIGN_PUBLIC_IP', /^(?:ENABLED|DISABLED)$/, 'ENABLED or DISABLED') ?? 'ENABLED';
  const place: Place = {
    stage,
    bucket: read('COLDFRAME_BUCKET', /^[a-z0-9][a-z0-9.-]{2,62}$/, 'the name of our bucket'),
    bus: read('COLDFRAME_BUS', /^[A-Za-z0-9._/:-]+$/, 'the name of our event bus'),
    cluster: read('COLDFRAME_CLUSTER', /^[A-Za-z0-9_/:-]+$/, 'the name or ARN of our ECS cluster'),
    taskFamilyPrefix: `coldframe-${stage}`,
    subnets: read('COLDFRAME_SUBNETS', idList, 'subnet ids, separated by commas').split(','),
    securityGroups: read('COLDFRAME_SECURITY_GROUPS', idList, 'security group ids, separated by commas').split(','),
    assignPublicIp: assignPublicIp === 'ENABLED',
    publicUrl: read('COLDFRAME_PUBLIC_URL', /^https?:\/\/\S+$/, 'the address of our HTTP API').replace(/\/+$/, ''),
    taskLogGroup: read('COLDFRAME_TASK_LOG_GROUP', /^[A-Za-z0-9._/#-]+$/, "the name of the tasks' log group"),
    ...(slackApiUrl !== undefined && { slackApiUrl }),
    parameters: secretParameters(stage),
    ciKeysPath: `/coldframe/${stage}/ci`,
  };
  return { place, faults };
}

/**
 * Where our schedules are, out of the worker's environment variables.
 *
 * @throws naming every variable that is missing
 */
export function readSchedulePlace(env: Env): SchedulePlace {
  const names = {
    group: 'COLDFRAME_SCHEDULE_GROUP',
    busArn: 'COLDFRAME_SCHEDULE_BUS',
    roleArn: 'COLDFRAME_SCHEDULE_ROLE',
    deadLetterArn: 'COLDFRAME_SCHEDULE_DEAD_LETTERS',
  };
  const missing = Object.values(names).filter((name) => !env[name]);
  if (missing.length > 0)
    throw new Error(`Nothing can be scheduled here: ${missing.join(', ')} missing (serverless.yml, functions.worker)`);
  const read = (name: string): string => env[name] ?? '';
  return { group: read(names.group), busArn: read(names.busArn), roleArn: read(names.roleArn), deadLetterArn: read(names.deadLetterArn) };
}

/** What a stage may be called: it is part of a bucket's name and of an ECS family's. */
export const stagePattern = /^[a-z][a-z0-9-]{0,19}$/;

const idList = /^[A-Za-z0-9-]+(?:,[A-Za-z0-9-]+)*$/;

/** Names of the SSM parameters of a stage that hold our secrets. */
const secretParameters = (stage: string): Config['parameters'] => ({
  signingSecret: `/coldframe/${stage}/slack-signing-secret`,
  botToken: `/coldframe/${stage}/slack-bot-token`,
  linkSecret: `/coldframe/${stage}/link-secret`,
});

const catalogueBesideBundle = fileURLToPath(new URL('coldframe.json', import.meta.url));

function readCatalogue(path: string, readFile: (path: string) => string): ParsedCatalogue {
  try {
    return parseCatalogueJson(readFile(path), path);
  } catch (error) {
    const message = `cannot be read (${said(error)}): run \`npm run build\`, or set COLDFRAME_CATALOGUE to where coldframe.json is`;
    return { kind: 'invalid', complaints: [{ file: path, field: '', message }] };
  }
}

function parseJson(text: string): { kind: 'json'; value: unknown } | { kind: 'broken'; because: string } {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    return { kind: 'broken', because: said(error) };
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
