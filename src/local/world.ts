import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import { findChrome } from '../../container/chrome.ts';
import { type Store, s3Store } from '../aws/store.ts';
import { catalogueToJson } from '../config.ts';
import type { Catalogue } from '../run/catalogue.ts';
import { build } from './build.ts';
import { type LocalEcs, startEcs } from './ecs/ecs.ts';
import type { TaskDefinition } from './ecs/task-definition.ts';
import { type EventBridge, startEventBridge } from './events/event-bridge.ts';
import { startExampleApp } from './example-app/example-app.ts';
import { startGateway } from './gateway/gateway.ts';
import { type Lambda, startLambda } from './lambda/lambda.ts';
import { type LocalLogs, startLogs } from './logs/logs.ts';
import { readCatalogue } from './read-catalogue.ts';
import { objectCreatedEvent } from './s3/object-created.ts';
import { startS3 } from './s3/s3.ts';
import { type Slack, startSlack } from './slack/slack.ts';
import { startEventSources } from './sqs/event-source.ts';
import { startSqs } from './sqs/sqs.ts';
import { startSsm } from './ssm/ssm.ts';
import { readStack } from './stack/read-stack.ts';
import { taskTemplates } from './stack/task-resources.ts';
import { lockFolder, onKeptPort } from './state-folder.ts';
import type { LocalServer } from './wire/http-server.ts';
import type { Journal, JournalEntry } from './wire/journal.ts';

const stage = 'local';
const account = '000000000000';
const region = 'eu-central-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const names = { bucket: `coldframe-${stage}-${account}`, cluster: `coldframe-${stage}`, taskLogGroup: `/coldframe/${stage}/tasks` };
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface WorldOptions {
  /** The folder that keeps everything: messages, objects, logs, secrets. */
  readonly dir: string;
  /** Of the channel's page; 0 takes a free one. */
  readonly port?: number;
  readonly onJournal?: Journal;
  /** Short pauses and no rate limits, for tests. */
  readonly isHurried?: boolean;
}

/** The whole product on this machine. */
export interface LocalWorld {
  readonly slack: Slack;
  readonly lambda: Lambda;
  readonly events: EventBridge;
  readonly ecs: LocalEcs;
  readonly logs: LocalLogs;
  readonly store: Store;
  readonly catalogue: Catalogue;
  /** The example app. */
  readonly appUrl: string;
  /** Our own endpoint. */
  readonly publicUrl: string;
  /** For AWS's own SDK clients: what the functions get. */
  readonly awsEnvironment: Readonly<Record<string, string>>;
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

const mostEntries = 10_000;

/**
 * Starts the local world: production's functions and clients, unchanged, on servers that speak Slack's and AWS's protocols.
 *
 * @throws with one clear sentence when there is no browser on this machine
 */
export async function startWorld({ dir: folder, port, onJournal, isHurried = false }: WorldOptions): Promise<LocalWorld> {
  const dir = resolve(folder);
  await using starting = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    starting.defer(() => server.stop());
    return server;
  };
  starting.defer(await lockFolder(dir));
  const entries: JournalEntry[] = [];
  let tasksStarted = 0;
  const changes = changeBell();
  const journal: Journal = (entry) => {
    entries.push(entry);
    if (entries.length > mostEntries) entries.splice(0, entries.length - mostEntries);
    onJournal?.(entry);
    changes.ring();
  };

  const [chrome] = await Promise.all([findChrome(), build({ outDir: join(dir, 'dist') })]);
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const secrets = await keptSecrets(join(dir, 'secrets.json'));
  const app = keep(await startExampleApp({ username: secrets.loginUsername, password: secrets.loginPassword }));
  const catalogue = withExampleApp(await readCatalogue(), app.url);
  await writeFile(join(dir, 'coldframe.json'), catalogueToJson(catalogue));

  const common = { account, region, journal, credentials: [credentials] };
  const s3 = keep(
    await startS3({
      dir: join(dir, 's3'),
      buckets: [names.bucket],
      writeOncePrefixes: ['claims/'],
      journal,
      credentials: [credentials],
      onObjectCreated: (object) => events.deliver(objectCreatedEvent(object, { account, region })),
    }),
  );
  const ssm = keep(await startSsm({ ...common, file: join(dir, 'ssm.json') }));
  const logs = keep(await startLogs({ ...common, dir: join(dir, 'logs') }));
  putSecrets(ssm, catalogue, secrets);

  const serverless = await readFile(join(root, 'serverless.yml'), 'utf8');
  const stackAt = (publicUrl: string) => readStack(serverless, { stage, account, region, publicUrl });
  const { functions } = stackAt('http://127.0.0.1');
  const invoke = (name: string, event: unknown) => lambda.invoke(name, event);
  const gateway: LocalServer = keep(
    await onKeptPort(dir, 'gateway', (gatewayPort) => startGateway({ functions, invoke, journal, port: gatewayPort })),
  );
  const stack = stackAt(gateway.url);
  const slack: Slack = keep(
    await startSlack({
      dir: join(dir, 'slack'),
      ...(port !== undefined && { port }),
      journal,
      signingSecret: secrets.signingSecret,
      botToken: secrets.botToken,
      appUrl: () => `${gateway.url}/slack/events`,
      limits: isHurried ? 'off' : 'slack',
      commands: [
        {
          command: '/run-tests',
          usageHint: '<environment> [tag expression] [key=value …]',
          description: 'Run the UI tests and report here',
        },
      ],
    }),
  );
  const sqs = startSqs({ queues: stack.queues, dir: join(dir, 'sqs'), journal });
  const events: EventBridge = keep(
    await startEventBridge({
      ...common,
      rules: stack.rules,
      invokeAsync: (name, event) => lambda.invokeAsync(name, event),
      sendMessage: (queueName, body) => void sqs.sendMessage(queueName, body),
    }),
  );
  // Tasks of a world that was killed are reported as soon as ECS starts: by then somebody must be there to hear it.
  const { promise: isUp, resolve: up } = Promise.withResolvers<void>();
  const endpoints = { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_SSM: ssm.url, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url };
  const awsEnvironment = {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const ecs = keep(
    await startEcs({
      ...common,
      dir: join(dir, 'ecs'),
      cluster: names.cluster,
      taskDefinitions: taskDefinitions(catalogue, join(dir, 'dist')),
      deliver: async (event) => {
        await isUp;
        if (event.detail.lastStatus === 'PROVISIONING') tasksStarted += 1;
        events.deliver(event);
      },
      appendLog: logs.append,
      taskEnvironment: () => ({ ...awsEnvironment, ...endpoints, CHROME_PATH: chrome.path }),
      ...(isHurried && { timings: { provisionMs: 1, pullMs: 1, activateMs: 1, deprovisionMs: 1 } }),
    }),
  );
  const functionEnvironment = { ...endpoints, AWS_ENDPOINT_URL_ECS: ecs.url, AWS_ENDPOINT_URL_EVENTBRIDGE: events.url };
  const lambda: Lambda = startLambda({
    functions: stack.functions,
    root: dir,
    region,
    account,
    credentials,
    appendLog: logs.append,
    sendToQueue: (queueName, body) => void sqs.sendMessage(queueName, body),
    journal,
    extraEnvironment: { ...functionEnvironment, COLDFRAME_SLACK_API_URL: slack.url, COLDFRAME_CATALOGUE: join(dir, 'coldframe.json') },
    // On AWS a minute and two: here somebody is waiting.
    asyncRetryDelaysMs: isHurried ? [20, 20] : [1_000, 2_000],
  });
  const sources = startEventSources({ stack, sqs, invoke: (name, event) => lambda.invokeInTurn(name, event), journal, region, account });
  // A batch under way ends with its function.
  starting.defer(async () => void (await Promise.all([sources.stop(), lambda.stop()])));
  up();
  slack.onChange(changes.ring);

  const running = starting.move();
  return {
    slack,
    lambda,
    events,
    ecs,
    logs,
    store: s3Store(new S3Client({ endpoint: s3.url, region, credentials }), names.bucket),
    catalogue,
    appUrl: app.url,
    publicUrl: gateway.url,
    awsEnvironment: { ...awsEnvironment, ...functionEnvironment },
    journal: () => entries,
    pathOf: (key) => s3.pathOf(names.bucket, key),
    tasksStarted: () => tasksStarted,
    nextChange: changes.next,
    // What was started last, and asks the others, goes first.
    stop: () => running.disposeAsync(),
  };
}

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

/** The catalogue with the example app's address where it says `example`. */
function withExampleApp(catalogue: Catalogue, url: string): Catalogue {
  return new Map(
    [...catalogue].map(([name, environment]) => {
      if (environment.url !== 'example') return [name, environment];
      return [name, { ...environment, url, secretsPath: environment.secretsPath ?? `/coldframe/${stage}/suite/${name}` }];
    }),
  );
}

/** What Fargate would run: the container's bundle, with this folder as its suite. */
function taskDefinitions(catalogue: Catalogue, dist: string): readonly TaskDefinition[] {
  return taskTemplates(catalogue, stage).map(({ family, cpu, memoryMb, containerName, stopTimeoutS, streamPrefix, variables }) => ({
    family,
    revision: 1,
    cpu,
    memoryMb,
    containerName,
    command: [process.execPath, join(dist, 'container', 'main.mjs')],
    cwd: root,
    environment: { ...variables, COLDFRAME_BUCKET: names.bucket, COLDFRAME_SUITE: root },
    logGroup: names.taskLogGroup,
    streamPrefix,
    stopTimeoutS,
  }));
}
