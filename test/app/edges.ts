import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
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
import type { Catalogue } from '../../src/run/catalogue.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { once } from '../../src/slack/client-settings.ts';
import { slackSay } from '../../src/slack/say.ts';
import { catalogueOf } from '../catalogue.ts';

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

/** A client whose attempts are disturbed one by one, so that the SDK's own retries are part of what is tested. */
function disturbedS3(endpoint: string, faults: Faults): S3Client {
  const client = new S3Client({ region, credentials, endpoint });
  const trouble = (httpStatusCode: number, name: string) =>
    new S3ServiceException({
      name,
      message: 'disturbed',
      $fault: httpStatusCode < 500 ? 'client' : 'server',
      $metadata: { httpStatusCode },
    });
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = async (request, options) => {
    const what = faults.s3?.(request.method, request.path.replace(/^\/bucket\//, ''));
    const isConditional = 'if-match' in request.headers || 'if-none-match' in request.headers;
    if (what === 409 && isConditional) throw trouble(409, 'ConditionalRequestConflict');
    if (what === 500) throw trouble(500, 'InternalError');
    const answer = await handle(request, options);
    if (what === 'lost-answer') throw trouble(500, 'InternalError');
    return answer;
  };
  return client;
}

/**
 * The real workflows over the real SDK clients, on loopback servers: S3, Slack and an ECS whose tasks just wait to be
 * ended. Nothing delivers events: tests do, as often and in whatever order they like.
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
    writeOncePrefixes: ['claims/', 'audit/'],
    journal,
    onObjectCreated: () => {},
    credentials: [credentials],
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
      command: ['/bin/sleep', '1000000'],
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
    disturb: (call) => faults.ecs?.(call),
  });
  const aws = { region, credentials };
  const world: World = {
    catalogue,
    fargate: {
      cluster: 'coldframe-local',
      taskFamilyPrefix: `coldframe-${stage}`,
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      assignPublicIp: true,
    },
    store: s3Store(disturbedS3(s3.url, faults), 'bucket'),
    tasks: ecsTasks(new ECSClient({ ...aws, endpoint: ecs.url }), 'coldframe-local'),
    taskLog: taskLog(new CloudWatchLogsClient({ ...aws, endpoint: logs.url }), 'tasks'),
    say: slackSay(new WebClient('xoxb-test', { ...once, slackApiUrl: slack.url })),
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
