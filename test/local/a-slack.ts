import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { isRecord } from '../../src/local/slack/json-shape.ts';
import { type Slack, type SlackOptions, startSlack } from '../../src/local/slack/slack.ts';
import { type Incoming, type Outgoing, serve } from '../../src/local/wire/http-server.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';

export const signingSecret = 'a signing secret';
export const botToken = 'xoxb-local';

/** Slack's errors of a call: what its promise was rejected with. */
export const errorOf = (call: Promise<unknown>): Promise<Readonly<Record<string, unknown>>> =>
  call.then(
    (answer) => Promise.reject(new Error(`Slack took it: ${JSON.stringify(answer)}`)),
    (error: unknown) => (error instanceof Error && 'data' in error && isRecord(error.data) ? error.data : Promise.reject(error)),
  );

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => LogLevel.ERROR, setName() {} };

/** A client that neither waits nor tries again, nor writes what it refuses on the terminal. */
export const clientOf = (slack: Slack, options: ConstructorParameters<typeof WebClient>[1] = {}, token = botToken): WebClient =>
  new WebClient(token, { slackApiUrl: slack.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger: silent, ...options });

/** A folder that is gone after the test. */
export async function aFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-slack-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A local Slack for one test, with nothing on the app's side unless `appUrl` is given. */
export async function aSlack(options: Partial<SlackOptions> = {}): Promise<Slack> {
  const slack = await startSlack({
    dir: options.dir ?? (await aFolder()),
    journal: () => {},
    signingSecret,
    botToken,
    appUrl: () => 'http://127.0.0.1:1/slack/events',
    limits: 'off',
    ...options,
  });
  onTestFinished(() => slack.stop());
  return slack;
}

/** An app that keeps what it was sent and answers as told, with the Slack that calls it. */
export async function anApp(
  answer: (request: Incoming) => Promise<Outgoing> | Outgoing = () => ({ status: 200 }),
  options: Partial<SlackOptions> = {},
) {
  const requests: Incoming[] = [];
  const entries: JournalEntry[] = [];
  const app = await serve((request) => {
    requests.push(request);
    return answer(request);
  });
  onTestFinished(() => app.stop());
  const slack = await aSlack({ appUrl: () => `${app.url}/slack/events`, journal: (entry) => entries.push(entry), ...options });
  return { slack, requests, entries };
}
