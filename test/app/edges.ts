import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, type CloudWatchLogsClientConfig } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { WebClient } from '@slack/web-api';
import type { World } from '../../src/app/world.ts';
import { s3Store } from '../../src/aws/store.ts';
import { taskLog } from '../../src/aws/task-log.ts';
import { ecsTasks } from '../../src/aws/tasks.ts';
import { startEcs } from '../../src/local/ecs/ecs.ts';
import type { EcsCall, EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import type { TaskStateChange } from '../../src/local/ecs/task-events.ts';
import { startLogs } from '../../src/local/logs/logs.ts';
import { type S3Disturbance, startS3 } from '../../src/local/s3/s3.ts';
import { startSlack } from '../../src/local/slack/slack.ts';
import type { Disturb } from '../../src/local/slack/slack-api.ts';
import type { Answer } from '../../src/local/wire/http-server.ts';
import type { Catalogue } from '../../src/run/catalogue.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { once } from '../../src/slack/client-settings.ts';
import { slackSay } from '../../src/slack/say.ts';
import { catalogueOf } from '../catalogue.ts';
import { startIdleProcess } from './idle-process.ts';
import { fetchFrom, handlerFor } from './in-process.ts';
import { memoryObjects } from './memory-objects.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-central-1';
const stage = 'local';

/** Faults, to be set and cleared by a test. */
export interface Faults {
  slack?: Disturb | undefined;
  ecs?: ((call: EcsCall) => EcsDisturbance | undefined) | undefined;
  /** Asked for every attempt of the SDK. */
  s3?: ((method: string, key: string) => S3Disturbance | undefined) | undefined;
}

/** A client of a server in this process, which tries again as often as it always does, without its pauses. */
function clientOf<Client extends { readonly config: { retryStrategy: () => Promise<object> } }>(
  Client: new (config: ClientConfig) => Client,
  { url, answer }: { readonly url: string; readonly answer: Answer },
): Client {
  const client = new Client({ region, credentials, endpoint: url, requestHandler: handlerFor(answer), cacheMiddleware: true });
  const strategyOf = client.config.retryStrategy;
  client.config.retryStrategy = async () =>
    Object.assign(await strategyOf(), { retryBackoffStrategy: { setDelayBase() {}, computeNextBackoffDelay: () => 0 } });
  return client;
}

type ClientConfig = Pick<
  S3ClientConfig & ECSClientConfig & CloudWatchLogsClientConfig,
  'region' | 'credentials' | 'endpoint' | 'requestHandler' | 'cacheMiddleware'
>;

const methodOf = (operation: string) => (operation === 'PutObject' ? 'PUT' : operation === 'HeadObject' ? 'HEAD' : 'GET');

const atOnce = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * The real workflows over the real SDK clients, on the local servers: S3 (in memory), Slack and an ECS whose tasks just wait to be
 * ended. What the clients send is what goes over a wire, but no wire is between: it would take most of the time.
 * Nothing delivers events: tests do, as often and in whatever order they like.
 */
export async function startEdges({
  catalogue = catalogueOf({ name: 'local' }),
  appUrl = () => 'http://127.0.0.1:9/',
}: {
  catalogue?: Catalogue;
  appUrl?: () => string;
} = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-edges-'));
  const journal = () => {};
  const faults: Faults = {};
  const events: TaskStateChange[] = [];
  const clock = { offsetMs: 0 };
  const nowMs = () => Date.now() + clock.offsetMs;
  const s3 = await startS3({
    dir: join(dir, 's3'),
    buckets: ['bucket'],
    objectsOf: memoryObjects,
    writeOncePrefixes: ['claims/', 'audit/'],
    journal,
    onObjectCreated: () => {},
    credentials: [credentials],
    disturb: ({ operation, key }) => faults.s3?.(methodOf(operation), key),
  });
  const logs = await startLogs({ dir: join(dir, 'logs'), account: '000000000000', region, journal, credentials: [credentials] });
  const slack = await startSlack({
    dir: join(dir, 'slack'),
    journal,
    signingSecret: 'signing',
    botToken: 'xoxb-test',
    appUrl,
    limits: 'off',
    disturb: (method, args) => faults.slack?.(method, args),
    nowMs,
  });
  const ecs = await startEcs({
    cluster: 'coldframe-local',
    dir: join(dir, 'ecs'),
    journal,
    credentials: [credentials],
    taskDefinitions: [...catalogue.keys()].map((environment) => ({
      family: `coldframe-${stage}-${environment}`,
      revision: 1,
      cpu: 256,
      memoryMb: 512,
      containerName: 'suite',
      command: [],
      cwd: dir,
      environment: {},
      logGroup: 'tasks',
      streamPrefix: environment,
      stopTimeoutS: 2,
    })),
    deliver: (event) => void events.push(event),
    appendLog: logs.append,
    taskEnvironment: () => ({}),
    timings: { provisionMs: 0, pullMs: 0, activateMs: 0, deprovisionMs: 0 },
    startProcess: startIdleProcess,
    disturb: (call) => faults.ecs?.(call),
  });
  const world: World = {
    catalogue,
    fargate: {
      cluster: 'coldframe-local',
      taskFamilyPrefix: `coldframe-${stage}`,
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      assignPublicIp: true,
    },
    store: s3Store(clientOf(S3Client, s3), 'bucket', atOnce),
    tasks: ecsTasks(clientOf(ECSClient, ecs), 'coldframe-local'),
    taskLog: taskLog(clientOf(CloudWatchLogsClient, logs), 'tasks'),
    say: slackSay(new WebClient('xoxb-test', { ...once, slackApiUrl: slack.url, fetch: fetchFrom(slack.answer) })),
    linkKey: { stage, secret: 'a secret for links', publicUrl: 'https://bot.example.com' },
    nowMs,
    newOwner: randomUUID,
    log: () => {},
  };
  return {
    world,
    slack,
    logs,
    ecs,
    events,
    faults,
    /** What the channel shows: the bot's own messages, without replies and private answers. */
    parents: (channel = 'C0UITESTS') =>
      slack.messages(channel).filter((message) => message.threadTs === undefined && message.onlyFor === undefined),
    replies: (channel = 'C0UITESTS') => slack.messages(channel).filter((message) => message.threadTs !== undefined),
    /** Lets time pass for the workflows and for Slack; the other servers keep their own. */
    pass: (durationMs: number) => {
      clock.offsetMs += durationMs;
    },
    stop: async () => {
      await ecs.stop();
      await slack.stop();
      await s3.stop();
      await logs.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export type Edges = Awaited<ReturnType<typeof startEdges>>;

/** A request as the door hands it over. */
export const requestOf = (fields: Partial<RunRequest> = {}): RunRequest => ({
  version: 1,
  key: `command:${randomUUID()}`,
  askedAt: new Date().toISOString(),
  asker: { kind: 'slack', userId: 'U0ADA' },
  command: { environment: 'local', features: [] },
  text: `/run-tests local ${randomUUID()}`,
  channel: 'C0UITESTS',
  // Most tests start several runs of the same words.
  beside: true,
  ...fields,
});
