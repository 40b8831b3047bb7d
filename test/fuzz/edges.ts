import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { ResourceNotFoundException, SchedulerClient } from '@aws-sdk/client-scheduler';
import { WebClient } from '@slack/web-api';
import { serve } from '../../src/local/wire/http-server.ts';
import { type MemoryS3, memoryS3, type S3Input } from '../simulation/memory-s3.ts';
import { ciKey, secrets, stage } from './place.ts';

/** What came out of the doors, and where. */
export interface Out {
  /** Bodies that Slack got. */
  readonly toSlack: { readonly to: string; readonly body: unknown }[];
  /** Events on our own bus. */
  readonly onBus: { readonly source: string; readonly type: string; readonly detail: string }[];
  /** Lines of the functions' logs. */
  readonly logged: string[];
  readonly tasks: Map<string, object>;
  /** Names of the schedules that the scheduler knows. */
  readonly schedules: Set<string>;
  readonly s3: MemoryS3;
  /** Keys that our functions wrote. */
  readonly written: string[];
  /** The last lines of a task's log. */
  lastLines: readonly string[];
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}

const fresh = (): Out => ({
  toSlack: [],
  onBus: [],
  logged: [],
  tasks: new Map(),
  schedules: new Set(),
  s3: memoryS3(),
  written: [],
  lastLines: [],
});

let out = fresh();

/** A world in which nothing has happened yet. */
export function newOut(): Out {
  out = fresh();
  return out;
}

const parameters = new Map<string, string>([
  [`/coldframe/${stage}/slack-signing-secret`, secrets.signing],
  [`/coldframe/${stage}/slack-bot-token`, secrets.bot],
  [`/coldframe/${stage}/link-secret`, secrets.links],
  [`/coldframe/${stage}/ci/${ciKey}`, secrets.ci],
]);

function answerSsm({ Names: names }: { readonly Names: readonly string[] }): object {
  return { Parameters: names.flatMap((Name) => (parameters.has(Name) ? [{ Name, Value: parameters.get(Name) }] : [])) };
}

function answerS3({ constructor: { name }, input }: Command): object {
  if (name === 'PutObjectCommand') out.written.push(String(input.Key));
  return out.s3.answer(name, input as S3Input);
}

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

function answerBus({ Entries: entries }: { readonly Entries: readonly Entry[] }): object {
  for (const { Source, DetailType, Detail } of entries) out.onBus.push({ source: Source, type: DetailType, detail: Detail });
  return { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: String(index) })) };
}

const arnOf = (number: number) => `arn:aws:ecs:eu-central-1:000000000000:task/coldframe-fuzz/${String(number).padStart(32, '0')}`;

function answerEcs({ constructor: { name }, input }: Command): object {
  switch (name) {
    case 'RunTaskCommand': {
      const { taskDefinition, startedBy, overrides } = input;
      const task = {
        taskArn: arnOf(out.tasks.size + 1),
        taskDefinitionArn: `arn:aws:ecs:eu-central-1:000000000000:task-definition/${taskDefinition}:1`,
        lastStatus: 'RUNNING',
        desiredStatus: 'RUNNING',
        createdAt: new Date(),
        ...{ startedBy, overrides },
      };
      out.tasks.set(task.taskArn, task);
      return { tasks: [task], failures: [] };
    }
    case 'DescribeTasksCommand':
      return { tasks: (input.tasks as readonly string[]).flatMap((arn) => out.tasks.get(arn) ?? []) };
    case 'ListTasksCommand':
      return { taskArns: [...out.tasks.keys()] };
    default:
      return {};
  }
}

/** @throws {ResourceNotFoundException} for a schedule that there is none to change or remove */
function answerScheduler({ constructor: { name }, input }: Command): object {
  const schedule = String(input.Name);
  const isThere = name === 'CreateScheduleCommand' || out.schedules.has(schedule);
  if (!isThere) throw new ResourceNotFoundException({ Message: `Schedule ${schedule} does not exist.`, message: '', $metadata: {} });
  if (name === 'DeleteScheduleCommand') out.schedules.delete(schedule);
  else out.schedules.add(schedule);
  return {};
}

function answerLogs({ constructor: { name } }: Command): object {
  switch (name) {
    case 'DescribeLogGroupsCommand':
      return { logGroups: [{ logGroupName: '/aws/lambda/shop-api', storedBytes: 1_000, creationTime: 0 }] };
    case 'StartQueryCommand':
      return { queryId: 'query-1' };
    case 'GetQueryResultsCommand':
      return { status: 'Complete', statistics: { bytesScanned: 10, recordsMatched: 0 }, results: [] };
    case 'GetLogEventsCommand':
      return { events: out.lastLines.map((message) => ({ message })) };
    default:
      return {};
  }
}

let saidSoFar = 0;

function answerSlack(method: string, args: Readonly<Record<string, unknown>>): object {
  switch (method) {
    case 'views.open':
    case 'views.update':
      out.toSlack.push({ to: method, body: args });
      return { ok: true, view: { id: 'V0FUZZ' } };
    case 'chat.postEphemeral':
    case 'chat.postMessage':
    case 'chat.update':
      out.toSlack.push({ to: method, body: args });
      saidSoFar += 1;
      return { ok: true, channel: args.channel, ts: args.ts ?? `1764000000.${String(saidSoFar).padStart(6, '0')}` };
    case 'usergroups.users.list':
      return { ok: true, users: ['U0ADA12345'] };
    case 'files.getUploadURLExternal':
      return { ok: true, upload_url: 'https://files.slack.com/upload', file_id: 'F0PICTURE1' };
    default:
      return { ok: true, messages: [] };
  }
}

/** What is sent without a client of its own: calls of the door, answers by Slack's response_url, and pictures. */
async function answerFetch(address: string | URL | Request, { body }: RequestInit = {}): Promise<Response> {
  const [, method] = /^https:\/\/slack\.com\/api\/([\w.]+)$/.exec(String(address)) ?? [];
  if (method !== undefined) return Response.json(answerSlack(method, JSON.parse(String(body))));
  if (typeof body === 'string') out.toSlack.push({ to: 'response_url', body: JSON.parse(body) });
  return new Response('{"ok":true}', { status: String(address) === '' ? 400 : 200 });
}

/** SSM and EventBridge, which our functions call without a client of the SDK. */
async function serveCalls(): Promise<void> {
  const { url } = await serve(({ headers, body }) => {
    const [, operation] = String(headers['x-amz-target']).split('.');
    const answer = operation === 'PutEvents' ? answerBus : answerSsm;
    return { status: 200, body: JSON.stringify(answer(JSON.parse(body.toString()))) };
  });
  Object.assign(process.env, { AWS_ENDPOINT_URL_SSM: url, AWS_ENDPOINT_URL_EVENTBRIDGE: url });
}

/** Puts the edges in the place of what the SDKs' clients send, in all of this process, and listens to what the functions log. */
export async function setEdges(): Promise<void> {
  const send = (prototype: object, answer: (command: Command) => object) =>
    Object.assign(prototype, { send: async (command: Command) => answer(command) });
  send(S3Client.prototype, answerS3);
  await serveCalls();
  send(ECSClient.prototype, answerEcs);
  send(SchedulerClient.prototype, answerScheduler);
  send(CloudWatchLogsClient.prototype, answerLogs);
  Object.assign(WebClient.prototype, {
    apiCall: async (method: string, args: Readonly<Record<string, unknown>> = {}) => answerSlack(method, args),
  });
  globalThis.fetch = answerFetch as typeof fetch;
  hurry();
  const listen = (chunk: string | Uint8Array): boolean => {
    out.logged.push(String(chunk));
    return true;
  };
  process.stdout.write = listen as typeof process.stdout.write;
  process.stderr.write = listen as typeof process.stderr.write;
}

const haste = 100;

/** Who waits on purpose (Bolt for a listener's answer, a workflow for a query) waits a hundredth of the time. */
function hurry(): void {
  const { setTimeout: wait } = globalThis;
  const quick = (act: (...args: readonly unknown[]) => void, delayMs = 0, ...args: readonly unknown[]) =>
    wait(() => act(...args), delayMs / haste);
  globalThis.setTimeout = Object.assign(quick, wait) as unknown as typeof setTimeout;
  const { setTimeout: pause } = timers;
  timers.setTimeout = ((delayMs = 0, ...rest: []) => pause(delayMs / haste, ...rest)) as typeof pause;
  syncBuiltinESMExports();
}
