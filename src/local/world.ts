import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { findChrome } from '../../container/chrome.ts';
import { schedulerSource } from '../aws/bus.ts';
import { type Store, s3Store } from '../aws/store.ts';
import { catalogueToJson } from '../config.ts';
import type { Catalogue, Environment } from '../run/catalogue.ts';
import { type LocalAccount, startAccount } from './account/account.ts';
import { type EcsOptions, type LocalEcs, startEcs } from './ecs/ecs.ts';
import type { TaskDefinition } from './ecs/task-definition.ts';
import { type EventBridge, type EventBridgeOptions, startEventBridge } from './events/event-bridge.ts';
import { startExampleApp } from './example-app/example-app.ts';
import { startGateway } from './gateway/gateway.ts';
import { type IamUse, iamCall } from './iam/iam-call.ts';
import { newPermissions } from './iam/permissions.ts';
import { keptBuild } from './kept-build.ts';
import { type Lambda, type LambdaOptions, startLambda } from './lambda/lambda.ts';
import type { AppendLog } from './lambda/lambda-log.ts';
import { type LocalLogs, startLogs } from './logs/logs.ts';
import { streamArn } from './logs/logs-needs.ts';
import { type Issuer, startIssuer } from './oidc/issuer.ts';
import { readColdframeFile } from './read-catalogue.ts';
import { objectCreatedEvent } from './s3/object-created.ts';
import { type StartS3, startS3 } from './s3/s3.ts';
import { type LocalScheduler, startScheduler } from './scheduler/scheduler.ts';
import { type Slack, type SlackOptions, startSlack } from './slack/slack.ts';
import { readSlackApp } from './slack/slack-app.ts';
import type { OfferedCommand, Suggestion } from './slack/slack-page-state.ts';
import { startEventSources } from './sqs/event-source.ts';
import { type SqsOptions, startSqs } from './sqs/sqs.ts';
import { type LocalSsm, startSsm } from './ssm/ssm.ts';
import { roleArn } from './stack/cloudformation-names.ts';
import { readStack } from './stack/read-stack.ts';
import type { Stack } from './stack/stack.ts';
import { generatedParts, taskRoleId, taskTemplates } from './stack/task-resources.ts';
import { lockFolder, onKeptPort } from './state-folder.ts';
import type { LocalServer } from './wire/http-server.ts';
import type { Journal, JournalEntry } from './wire/journal.ts';
import type { Credentials } from './wire/sigv4.ts';
import { journalBook } from './workbench/journal-book.ts';
import { newTroubles, type Troubles } from './workbench/troubles.ts';
import { startWorkbench } from './workbench/workbench.ts';

const stage = 'local';
const account = '000000000000';
const region = 'eu-central-1';
/** The account's owner, who may do all: for AWS's own clients, from outside. */
const owner = { accessKeyId: 'local', secretAccessKey: 'local' };
/** Whoever looks on from outside: what it reads is not part of what happens, or each look would be a reason to look again. */
const observer = { accessKeyId: 'observer', secretAccessKey: 'observer' };
const names = { bucket: `coldframe-${stage}-${account}`, cluster: `coldframe-${stage}`, taskLogGroup: `/coldframe/${stage}/tasks` };
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A run is to last long enough that its progress can be watched, and its task be killed. */
const appDistanceMs = 450;

/** What a newcomer may try, each with what it shows. */
const suggestions: readonly Suggestion[] = [
  { text: '/run-tests local', shows: 'runs the example suite in a real browser' },
  { text: '/run-tests local @broken', shows: 'fails, with the step, the error and a screenshot' },
  { text: '/run-tests local @nothing', shows: 'checks nothing, and says so' },
  { text: '/run-tests guarded', shows: 'asks first, and does not ask everybody' },
  { text: '/run-tests lokal', shows: 'is a typo, and only you are told' },
  { text: '/coldstarts', shows: 'says how often these very functions started cold' },
];

/** What AWS and Slack do to every call and event, before any trouble that was ordered at the workbench. */
export interface WorldFaults {
  readonly slack?: SlackOptions['disturb'];
  readonly ecs?: EcsOptions['disturb'];
  readonly events?: EventBridgeOptions['disturb'];
  readonly s3?: StartS3['disturb'];
  readonly queues?: SqsOptions['visibilityMs'];
}

export interface WorldOptions {
  /** The suite that tasks run. Absent: this folder's example. */
  readonly suite?: string;
  /** Beside those of coldframe.yml. */
  readonly environments?: readonly Environment[];
  /** The program that tasks run instead of the container. */
  readonly container?: string;
  /** The browser of the tasks. Absent: this machine's. */
  readonly browser?: string;
  /** The folder that keeps everything: messages, objects, logs, secrets. */
  readonly dir: string;
  /** Of the channel's page; 0 takes a free one. */
  readonly port?: number;
  readonly onJournal?: Journal;
  /** Short pauses and no rate limits, for tests. */
  readonly isHurried?: boolean;
  /** `watched` lets pass what a role's policies in serverless.yml do not allow, for whoever wants to see all of it. */
  readonly permissions?: 'enforced' | 'watched';
  readonly faults?: WorldFaults;
  /** How often the sweeper comes. Absent: as often as serverless.yml says. */
  readonly sweepEveryMs?: number;
}

const chromeOf = (browser: string | undefined) => findChrome(browser === undefined ? {} : { env: { CHROME_PATH: browser } });

/** The whole product on this machine. */
export interface LocalWorld {
  readonly slack: Slack;
  readonly lambda: Lambda;
  readonly events: EventBridge;
  readonly scheduler: LocalScheduler;
  readonly ecs: LocalEcs;
  readonly logs: LocalLogs;
  readonly ssm: LocalSsm;
  /** What there is in the account beside what runs. */
  readonly account: LocalAccount;
  /** One function, hosted once more: in this world, with settings of its own. */
  hostOf(name: string, settings: Partial<LambdaOptions>): Lambda;
  /** For whoever looks on: what is read here does not appear in the journal. */
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** The example app. */
  readonly appUrl: string;
  /** Our own endpoint. */
  readonly publicUrl: string;
  /** For AWS's own SDK clients, with all permissions. */
  readonly awsEnvironment: Readonly<Record<string, string>>;
  /** Every call to AWS that needed a permission, by the role that made it; each once. */
  readonly uses: () => readonly IamUse[];
  /** The CI's provider of tokens. */
  readonly issuer: Issuer;
  /** What is to go wrong next. */
  readonly troubles: Troubles;
  /** Everything that happened since the start, oldest first; the last ten thousand. */
  readonly journal: () => readonly JournalEntry[];
  /** The file that holds an object's bytes. */
  pathOf(key: string): string;
  /** How many tasks were started since the world was. */
  tasksStarted(): number;
  /** Resolves at the next thing that happens. */
  nextChange(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the local world: production's functions and clients, unchanged, on servers that speak Slack's and AWS's protocols.
 *
 * @throws with one clear sentence when there is no browser on this machine
 */
export async function startWorld({
  dir: folder,
  port,
  onJournal,
  isHurried = false,
  suite = root,
  container,
  environments = [],
  faults = {},
  sweepEveryMs,
  ...options
}: WorldOptions): Promise<LocalWorld> {
  const dir = resolve(folder);
  await using starting = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    starting.defer(() => server.stop());
    return server;
  };
  starting.defer(await lockFolder(dir));
  const book = journalBook();
  const troubles = newTroubles();
  let tasksStarted = 0;
  const changes = changeBell();
  const journal: Journal = (entry) => {
    if (entry.caller === observer.accessKeyId) return;
    book.add(entry);
    onJournal?.(entry);
    changes.ring();
  };

  const [chrome] = await Promise.all([chromeOf(options.browser), keptBuild(join(dir, 'dist'))]);
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const secrets = await keptSecrets(join(dir, 'secrets.json'));
  const app = keep(
    await startExampleApp({
      username: secrets.loginUsername,
      password: secrets.loginPassword,
      distanceMs: isHurried ? 0 : appDistanceMs,
    }),
  );
  const file = await readColdframeFile();
  const more = environments.map((environment) => [environment.name, environment] as const);
  const catalogue = withExampleApp(new Map([...withGuarded(file.catalogue), ...more]), app.url);
  await writeFile(join(dir, 'coldframe.json'), catalogueToJson(catalogue, file.coldStarts, file.ci));

  const serverless = await readFile(join(root, 'serverless.yml'), 'utf8');
  const parts = generatedParts({ ...file, catalogue }, stage);
  const stackAt = (publicUrl: string) => readStack(serverless, { stage, account, region, publicUrl }, parts);
  const { functions, roles } = stackAt('http://127.0.0.1');
  const permissions = newPermissions({ roles, account, isEnforced: options.permissions !== 'watched' });
  const { permit } = permissions;
  const common = { account, region, journal, credentials: [owner, ...permissions.credentials], permit };
  const s3 = keep(
    await startS3({
      dir: join(dir, 's3'),
      buckets: [names.bucket],
      writeOncePrefixes: ['claims/', 'audit/'],
      journal,
      credentials: [...common.credentials, observer],
      permit,
      // Whoever looks on sees what is there.
      disturb: (call) => (call.caller === observer.accessKeyId ? undefined : faults.s3?.(call)),
      onObjectCreated: (object) => events.deliver(objectCreatedEvent(object, { account, region })),
    }),
  );
  const ssm = keep(await startSsm({ ...common, file: join(dir, 'ssm.json') }));
  const logs = keep(await startLogs({ ...common, dir: join(dir, 'logs') }));
  putSecrets(ssm, catalogue, secrets);
  for (const id of Object.keys(file.ci?.keys ?? {})) ssm.putSecret(`/coldframe/${stage}/ci/${id}`, secrets.ciKey);

  const issuer = keep(await startIssuer({ issuer: parts.oidcIssuer, audience: parts.oidcAudience.join() }));
  const invoke = (name: string, event: unknown) => lambda.invoke(name, event);
  const gateway: LocalServer = keep(
    await onKeptPort(dir, 'gateway', (gatewayPort) => startGateway({ functions, invoke, journal, port: gatewayPort, keysOf: issuer.keys })),
  );
  const stack = stackAt(gateway.url);
  const slackApp = await readSlackApp();
  const slack: Slack = keep(
    await startSlack({
      dir: join(dir, 'slack'),
      ...(port !== undefined && { port }),
      journal,
      signingSecret: secrets.signingSecret,
      botToken: secrets.botToken,
      appUrl: () => `${gateway.url}/slack/events`,
      limits: isHurried ? 'off' : 'slack',
      disturb: (method, args) => faults.slack?.(method, args) ?? troubles.disturbSlack(method, args),
      commands: withLocal(slackApp.commands),
      suggestions,
      workbench: (request) => workbench.answer(request),
    }),
  );
  const sqs = startSqs({ queues: stack.queues, dir: join(dir, 'sqs'), journal, ...(faults.queues && { visibilityMs: faults.queues }) });
  const events: EventBridge = keep(
    await startEventBridge({
      ...common,
      rules: sweepEveryMs === undefined ? stack.rules : withSweeps(stack, sweepEveryMs),
      invokeAsync: (name, event) => lambda.invokeAsync(name, event),
      sendMessage: (queueName, body) => void sqs.sendMessage(queueName, body),
      disturb: (event, target) => {
        const what = faults.events?.(event, target) ?? 'deliver';
        return what === 'deliver' ? troubles.disturbEvents(event) : what;
      },
    }),
  );
  const scheduler = keep(
    await startScheduler({
      ...common,
      file: join(dir, 'scheduler.json'),
      groups: [`coldframe-${stage}`],
      put: async ({ roleArn: role, busArn, source, detailType, detail }) => {
        const bus = new EventBridgeClient({ endpoint: events.url, region, credentials: permissions.credentialsOf(roleOfArn(role)) });
        const entry = { EventBusName: busArn, Source: source, DetailType: detailType, Detail: detail };
        const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
        if (Entries[0]?.EventId === undefined) throw new Error(`${Entries[0]?.ErrorCode}: ${Entries[0]?.ErrorMessage}`);
      },
    }),
  );
  const appendLog: AppendLog = (group, stream, lines) => {
    logs.append(group, stream, lines);
    workbench.logged(group, stream, lines);
  };
  /** What AWS writes for a function or a task, with a role's permission; without it, nothing is written, as on AWS. */
  const asRole = (role: string): AppendLog => {
    return (group, stream, lines) => {
      const needs = logWriting.map((action) => iamCall(action, streamArn({ region, account }, group, stream)));
      const denial = permit(role, needs);
      if (denial === undefined) return appendLog(group, stream, lines);
      journal({ at: Date.now(), source: 'logs', name: 'PutLogEvents', caller: role, response: denial, status: 400 });
    };
  };
  // Tasks of a world that was killed are reported as soon as ECS starts: by then somebody must be there to hear it.
  const { promise: isUp, resolve: up } = Promise.withResolvers<void>();
  const endpoints = { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_SSM: ssm.url, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url };
  const ecs = keep(
    await startEcs({
      ...common,
      dir: join(dir, 'ecs'),
      cluster: names.cluster,
      taskDefinitions: taskDefinitions(catalogue, container ?? join(dir, 'dist', 'container', 'main.mjs'), suite),
      deliver: async (event) => {
        await isUp;
        if (event.detail.lastStatus === 'PROVISIONING') tasksStarted += 1;
        events.deliver(event);
      },
      appendLog: asRole('TaskExecutionRole'),
      disturb: (call) => faults.ecs?.(call) ?? troubles.disturbEcs(call),
      taskEnvironment: ({ taskRoleArn = '' }) => ({
        ...keyEnvironment(permissions.credentialsOf(roleOfArn(taskRoleArn))),
        ...endpoints,
        CHROME_PATH: chrome.path,
        // Whoever gave us a place for what Node has compiled means all that we start.
        ...(process.env.NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
      }),
      ...(isHurried && { timings: { provisionMs: 1, pullMs: 1, activateMs: 1, deprovisionMs: 1 } }),
    }),
  );
  const functionEnvironment = {
    ...endpoints,
    AWS_ENDPOINT_URL_ECS: ecs.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
    AWS_ENDPOINT_URL_SCHEDULER: scheduler.url,
  };
  const hosting: LambdaOptions = {
    functions: stack.functions,
    root: dir,
    region,
    account,
    credentialsOf: ({ role }) => permissions.credentialsOf(role),
    appendLog: (group, stream, lines) => asRole(roleOfLog(stack, group))(group, stream, lines),
    sendToQueue: (queueName, body, { role }) => {
      const denial = permit(role, [iamCall('sqs:SendMessage', queueArn(queueName))]);
      if (denial !== undefined) throw new Error(denial);
      sqs.sendMessage(queueName, body);
    },
    journal,
    extraEnvironment: { ...functionEnvironment, COLDFRAME_SLACK_API_URL: slack.url, COLDFRAME_CATALOGUE: join(dir, 'coldframe.json') },
    // On AWS a minute and two: here somebody is waiting.
    asyncRetryDelaysMs: isHurried ? [20, 20] : [1_000, 2_000],
  };
  const lambda: Lambda = startLambda(hosting);
  const { extraEnvironment = {} } = hosting;
  const accountServer = keep(await startAccount({ stage, functions: stack.functions, extraEnvironment, credentials: common.credentials }));
  const workbench = startWorkbench({
    book,
    troubles,
    ecs,
    lambda,
    functions: stack.functions,
    logs,
    sweep: () => events.tick(sweeperOf(stack)),
    digest: () => void sqs.sendMessage(clockQueueOf(stack), dueNow()),
    secrets: Object.values(secrets),
  });
  const sources = startEventSources({
    stack,
    sqs,
    permit,
    invoke: (name, event) => lambda.invokeInTurn(name, event),
    journal,
    region,
    account,
  });
  // A batch under way ends with its function.
  starting.defer(async () => void (await Promise.all([sources.stop(), lambda.stop()])));
  up();
  slack.onChange(changes.ring);

  const running = starting.move();
  return {
    slack,
    lambda,
    events,
    scheduler,
    ecs,
    logs,
    ssm,
    account: accountServer,
    hostOf: (name, settings) =>
      startLambda({
        ...hosting,
        functions: stack.functions.filter((one) => one.name === name),
        ...settings,
        extraEnvironment: { ...extraEnvironment, ...settings.extraEnvironment },
      }),
    store: s3Store(new S3Client({ endpoint: s3.url, region, credentials: observer }), names.bucket),
    catalogue,
    issuer,
    appUrl: app.url,
    publicUrl: gateway.url,
    awsEnvironment: { AWS_REGION: region, ...keyEnvironment(owner), ...functionEnvironment, ...accountServer.environment },
    uses: permissions.uses,
    troubles,
    journal: book.entries,
    pathOf: (key) => s3.pathOf(names.bucket, key),
    tasksStarted: () => tasksStarted,
    nextChange: changes.next,
    // What was started last, and asks the others, goes first.
    stop: () => running.disposeAsync(),
  };
}

const logWriting = ['logs:CreateLogStream', 'logs:PutLogEvents'];

const queueArn = (name: string): string => `arn:aws:sqs:${region}:${account}:${name}`;

const keyEnvironment = ({ accessKeyId, secretAccessKey }: Credentials) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

const roleOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** The role of the function that writes this log. @throws when there is none */
function roleOfLog({ functions }: Stack, group: string): string {
  const writer = functions.find(({ functionName }) => group === `/aws/lambda/${functionName}`);
  if (writer === undefined) throw new Error(`no function of the stack writes the log ${group}`);
  return writer.role;
}

/** The rule that calls the sweeper. */
function sweeperOf({ rules }: Stack): string {
  const rule = rules.find(
    ({ when, targets }) => when.kind === 'every' && targets.some((target) => target.kind === 'function' && target.name === 'sweep'),
  );
  if (rule === undefined) throw new Error('serverless.yml has no schedule that calls the function `sweep`');
  return rule.name;
}

/** The rules, with a sweeper that comes so often. */
function withSweeps(stack: Stack, periodMs: number): Stack['rules'] {
  const sweeper = sweeperOf(stack);
  return stack.rules.map((rule) => (rule.name === sweeper ? { ...rule, when: { kind: 'every', periodMs } } : rule));
}

/** The queue that hears of the clock. */
function clockQueueOf({ rules }: Stack): string {
  const [target] = rules.flatMap(({ targets }) => targets.filter((one) => one.kind === 'queue' && one.input !== undefined));
  if (target?.kind !== 'queue') throw new Error('serverless.yml has no schedule that tells a queue the time');
  return target.queueName;
}

/** What the clock says when every digest is to be made now (docs/coldstarts.md). */
const dueNow = (): string =>
  JSON.stringify({
    source: schedulerSource,
    'detail-type': 'Cold Starts Due',
    detail: { version: 1, now: new Date().toISOString() },
  });

/** Somebody may wait for the next thing to happen. */
function changeBell() {
  let waiting: (() => void)[] = [];
  return {
    ring: (): void => {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    next: (): Promise<void> => new Promise((wake) => waiting.push(wake)),
  };
}

interface Secrets {
  readonly signingSecret: string;
  readonly botToken: string;
  readonly linkSecret: string;
  /** Of every key of CI. */
  readonly ciKey: string;
  readonly loginUsername: string;
  readonly loginPassword: string;
}

/** The local world's own secrets: made at the first start, kept for the next. */
async function keptSecrets(file: string): Promise<Secrets> {
  const random = () => randomBytes(16).toString('hex');
  const made: Secrets = {
    signingSecret: random(),
    botToken: `xoxb-local-${random()}`,
    linkSecret: random(),
    ciKey: random(),
    loginUsername: 'ada@example.com',
    loginPassword: random(),
  };
  try {
    const kept: Partial<Secrets> = JSON.parse(await readFile(file, 'utf8'));
    return { ...made, ...kept };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw new Error(`${file} cannot be read: delete it to start anew`, { cause: error });
    await writeFile(file, JSON.stringify(made), { mode: 0o600 });
    return made;
  }
}

function putSecrets(ssm: { putSecret(name: string, value: string): void }, catalogue: Catalogue, secrets: Secrets): void {
  ssm.putSecret(`/coldframe/${stage}/slack-signing-secret`, secrets.signingSecret);
  ssm.putSecret(`/coldframe/${stage}/slack-bot-token`, secrets.botToken);
  ssm.putSecret(`/coldframe/${stage}/link-secret`, secrets.linkSecret);
  for (const { secretsPath } of catalogue.values()) {
    if (secretsPath === undefined) continue;
    ssm.putSecret(`${secretsPath}/LOGIN_USERNAME`, secrets.loginUsername);
    ssm.putSecret(`${secretsPath}/LOGIN_PASSWORD`, secrets.loginPassword);
  }
}

/** The manifest's commands, with an environment in their hints that is there. */
const withLocal = (commands: readonly OfferedCommand[]): readonly OfferedCommand[] =>
  commands.map((command) => ({ ...command, usageHint: command.usageHint.replace(/^staging\b/, 'local') }));

/** The catalogue with two environments more, on which confirmations, permissions and approvals can be tried. */
function withGuarded(catalogue: Catalogue): Catalogue {
  const local = catalogue.get('local');
  if (local === undefined || catalogue.has('guarded')) return catalogue;
  const allow = { ...local.allow, userGroups: ['S0QA'] };
  return new Map([
    ...catalogue,
    ['guarded', { ...local, name: 'guarded', allow, confirm: true, mentionOnFailure: ['S0QA'] }],
    ['release', { ...local, name: 'release', approval: 2 }],
  ]);
}

/** The catalogue with the example app's address where it says `example`. */
function withExampleApp(catalogue: Catalogue, url: string): Catalogue {
  return new Map(
    [...catalogue].map(([name, environment]) => {
      if (environment.url !== 'example') return [name, environment];
      return [name, { ...environment, url, secretsPath: environment.secretsPath ?? `/coldframe/${stage}/suite/${name}` }];
    }),
  );
}

/** What Fargate would run: the container's bundle, with a suite. */
function taskDefinitions(catalogue: Catalogue, container: string, suite: string): readonly TaskDefinition[] {
  return taskTemplates(catalogue, stage).map(
    ({ environment, family, cpu, memoryMb, containerName, stopTimeoutS, streamPrefix, variables, tags }) => ({
      family,
      revision: 1,
      cpu,
      memoryMb,
      containerName,
      command: [process.execPath, container],
      cwd: root,
      environment: { ...variables, COLDFRAME_BUCKET: names.bucket, COLDFRAME_SUITE: suite },
      logGroup: names.taskLogGroup,
      streamPrefix,
      stopTimeoutS,
      taskRoleArn: roleArn(account, taskRoleId(environment)),
      executionRoleArn: roleArn(account, 'TaskExecutionRole'),
      tags,
    }),
  );
}
