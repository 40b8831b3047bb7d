import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { S3Client } from '@aws-sdk/client-s3';
import { ErrorCode, type WebClient } from '@slack/web-api';
import type { EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import type { Fate, Life } from './life.ts';
import { NoAnswer } from './life.ts';
import type { MemoryEcs } from './memory-ecs.ts';
import type { MemoryS3, S3Input } from './memory-s3.ts';
import { type MemorySlack, type SlackArguments, slackTrouble } from './memory-slack.ts';

/** What may go wrong with one attempt of a call: an error instead of it, or what becomes of it on its way. */
export interface Weather {
  s3(command: string, input: S3Input): { readonly fate?: Fate; readonly error?: Error };
  ecs(command: string): { readonly fate?: Fate; readonly error?: Error; readonly disturbance?: EcsDisturbance };
  slack(method: string, args: SlackArguments): { readonly fate?: Fate; readonly error?: Error };
  /** Of Slack's response_url. */
  answer(): { readonly fate?: Fate; readonly status: number };
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

const mostAttempts = 3;

/** The SDK tries again what was not answered, and what the other side could not do: up to three times, with a pause. */
async function withRetries(life: Life, attempt: () => Promise<object>): Promise<object> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const isTheirs = error instanceof NoAnswer || (error instanceof Error && '$fault' in error && error.$fault === 'server');
      const isThrottled = error instanceof Error && error.name === 'ThrottlingException';
      if (!(isTheirs || isThrottled) || attempts === mostAttempts) throw error;
      await life.rest(100 * 2 ** attempts);
    }
  }
}

const failing = (error: Error | undefined): (() => never) | undefined =>
  error &&
  (() => {
    throw error;
  });

/** The SDKs' clients for one invocation: what it asks may be lost, late or refused, and it may die over any of it. */
export function clientsFor(
  life: Life,
  {
    s3,
    ecs,
    slack,
    weather,
    lastLines,
    tookMs,
    onPost,
  }: {
    s3: MemoryS3;
    ecs: MemoryEcs;
    slack: MemorySlack;
    weather: Weather;
    lastLines: () => readonly string[] /** What takes longer than the rest. */;
    tookMs: { readonly runTask: () => number; readonly slack: () => number };
    /** Somebody sets about to post. */
    onPost: (args: SlackArguments) => void;
  },
) {
  const s3Client = {
    send: ({ constructor: { name }, input }: Command) =>
      withRetries(life, () => {
        const { fate, error } = weather.s3(name, input as S3Input);
        return life.call<object>(failing(error) ?? (() => s3.answer(name, input as S3Input)), fate);
      }),
  };
  const ecsClient = {
    send: ({ constructor: { name }, input }: Command) =>
      withRetries(life, () => {
        const { fate, error, disturbance } = weather.ecs(name);
        // To start a task takes ECS a while: time for somebody to cancel it.
        const startsMs = name === 'RunTaskCommand' ? tookMs.runTask() : undefined;
        return life.call<object>(failing(error) ?? (() => ecs.answer(name, input, disturbance)), fate, startsMs);
      }),
  };
  const logsClient = {
    send: () => life.call(() => ({ events: lastLines().map((message) => ({ message })) })),
  };
  /** Our Slack client tries once. */
  const method = (name: string) => async (args: SlackArguments) => {
    const { fate, error } = weather.slack(name, args);
    if (name === 'chat.postMessage') onPost(args);
    try {
      return await life.call<object>(failing(error) ?? (() => slack.answer(name, args)), fate, tookMs.slack());
    } catch (problem) {
      if (!(problem instanceof NoAnswer)) throw problem;
      throw slackTrouble(ErrorCode.RequestError, { original: problem.message });
    }
  };
  const slackClient = {
    chat: {
      postMessage: method('chat.postMessage'),
      update: method('chat.update'),
      delete: method('chat.delete'),
      getPermalink: method('chat.getPermalink'),
    },
    conversations: { history: method('conversations.history'), replies: method('conversations.replies') },
    usergroups: { users: { list: method('usergroups.users.list') } },
  };
  return {
    s3: s3Client as unknown as S3Client,
    ecs: ecsClient as unknown as ECSClient,
    logs: logsClient as unknown as CloudWatchLogsClient,
    slack: slackClient as unknown as WebClient,
  };
}
