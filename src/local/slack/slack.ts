import { join } from 'node:path';
import { type Answer, type Incoming, type Outgoing, serve } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import { type Disturb, type Limits, slackApi } from './slack-api.ts';
import { readSlackApp } from './slack-app.ts';
import { type SlackClient, slackClient } from './slack-client.ts';
import { slackFiles } from './slack-files.ts';
import type { SlackMessage } from './slack-message.ts';
import type { SlackWorld } from './slack-method.ts';
import { slackPage } from './slack-page.ts';
import type { OfferedCommand, Suggestion } from './slack-page-state.ts';
import { newRefusals } from './slack-refusals.ts';
import type { RefusedBlocks } from './slack-refused-blocks.ts';
import { newResponseUrls } from './slack-response-urls.ts';
import { openSlackState, type SlackChange } from './slack-state.ts';
import { newTriggers } from './slack-triggers.ts';
import { newViews, type Views } from './slack-views.ts';
import { nameIn, type Workspace } from './slack-workspace.ts';

export interface SlackOptions {
  /** Where the workspace and its messages are kept. */
  readonly dir: string;
  /** Absent: a free one. */
  readonly port?: number;
  readonly journal: Journal;
  readonly signingSecret: string;
  readonly botToken: string;
  /** Where the app takes Slack's requests, path included; asked at each request. */
  readonly appUrl: () => string;
  readonly disturb?: Disturb | undefined;
  readonly limits?: Limits;
  /** Kinds of blocks that it refuses, though it knows them. Absent: none. */
  readonly refuses?: RefusedBlocks | undefined;
  /** What the app was granted; absent: what its manifest (slack-app.yml) asks for. */
  readonly scopes?: readonly string[];
  /** What the composer offers; absent: the manifest's commands. */
  readonly commands?: readonly OfferedCommand[];
  /** What the page offers a newcomer to try. */
  readonly suggestions?: readonly Suggestion[];
  /** Answers what the page asks below `/workbench/`: what is behind the messages. Absent: the page has no workbench. */
  readonly workbench?: (request: Incoming) => Promise<Outgoing> | Outgoing;
  readonly nowMs?: () => number;
}

/** The local Slack: its Web API, its page, and people who use it. */
export interface Slack extends SlackClient {
  /** Base of the Web API: `http://127.0.0.1:PORT/api/`. */
  readonly url: string;
  readonly pageUrl: string;
  /** Answers a request without a network in between. */
  readonly answer: Answer;
  readonly workspace: Workspace;
  readonly views: Views;
  /** What was said in a channel, oldest first, answers that only one person sees included. */
  messages(channel: string): readonly SlackMessage[];
  /** The name behind an id, without `@` or `#`. */
  nameOf(id: string): string | undefined;
  /** Calls the listener for every change from now on; returns what ends that. */
  onChange(listener: (change: SlackChange) => void): () => void;
  stop(): Promise<void>;
}

/** Starts the local Slack on loopback. */
export async function startSlack({
  dir,
  port,
  journal,
  signingSecret,
  botToken,
  appUrl,
  disturb,
  limits = 'slack',
  refuses,
  scopes,
  commands,
  suggestions = [],
  workbench,
  nowMs = Date.now,
}: SlackOptions): Promise<Slack> {
  const app = await readSlackApp();
  const state = await openSlackState(dir, nowMs);
  const views = newViews();
  const triggers = newTriggers(state.workspace, nowMs);
  const refusals = newRefusals(nowMs);
  const files = slackFiles(join(dir, 'files'), state.workspace.team.id, nowMs);
  const world: SlackWorld = { state, files, views, triggers, refusals, scopes: scopes ?? app.scopes, url: () => server.url };
  const responseUrls = newResponseUrls({ state, refusals, nowMs, refuses });
  const client = slackClient({ world, responseUrls, journal, signingSecret, appUrl, nowMs, events: app.events });
  const api = slackApi({ world, botToken, limits, journal, disturb, refuses, nowMs });
  const page = slackPage({
    state,
    files,
    views,
    refusals,
    client,
    commands: commands ?? app.commands,
    suggestions,
    shortcuts: app.shortcuts,
    workbench,
  });

  async function answer(request: Incoming): Promise<Outgoing> {
    if (request.url.pathname.startsWith('/api/')) return api(request);
    const uploaded = files.receive(request);
    if (uploaded !== undefined) {
      const { status, body: response } = uploaded;
      journal({ at: nowMs(), source: 'slack', name: 'upload', request: `${request.body.length} bytes`, response, status });
      return uploaded;
    }
    const answered = responseUrls.receive(request);
    if (answered === undefined) return page(request);
    const { status, body } = answered;
    journal({ at: nowMs(), source: 'slack', name: 'response_url', request: request.body.toString(), response: body, status });
    return answered;
  }

  const server = await serve(answer, port);
  return {
    ...client,
    url: `${server.url}/api/`,
    pageUrl: `${server.url}/`,
    answer,
    workspace: state.workspace,
    views,
    messages: state.messages,
    nameOf: (id) => nameIn(state.workspace, id),
    onChange: state.onChange,
    stop: server.stop,
  };
}
