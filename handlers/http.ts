import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { atHome } from '../src/app/at-home.ts';
import { errorText, jsonLog as log } from '../src/app/log.ts';
import { logReceived } from '../src/app/received.ts';
import { pressButton, typeColdStarts, typeCommand } from '../src/app/slack-door.ts';
import type { DoorWorld } from '../src/app/world.ts';
import { readAccount } from '../src/aws/account.ts';
import { awsCall, eventBridge, ssm as ssmService } from '../src/aws/aws-call.ts';
import { eventBus } from '../src/aws/bus.ts';
import { quickly } from '../src/aws/client-settings.ts';
import { readSecrets } from '../src/aws/secrets.ts';
import { readConfig } from '../src/config.ts';
import { slackCall } from '../src/slack/call.ts';
import { answerCommand, coldStartsCommand, command, type Typed } from '../src/slack/command.ts';
import type { Interaction } from '../src/slack/interaction.ts';
import { readRequest, type SlackRequest } from '../src/slack/request.ts';
import { kept } from './kept.ts';
import { once } from './once.ts';
import { text } from './text-answer.ts';

type Genuine = Exclude<SlackRequest, { kind: 'rejected' }>;
type Answer = APIGatewayProxyStructuredResultV2;

const config = readConfig(process.env);
const account = readAccount(process.env);
const ssm = awsCall(ssmService, { account, patience: quickly });
const bus = eventBus(awsCall(eventBridge, { account, patience: quickly, isOpenedAhead: true }), config.bus);
const opened = kept(open);
type Opened = Awaited<ReturnType<typeof open>>;

async function open() {
  const { signingSecret, linkSecret, botToken } = config.parameters;
  const [secret, link, token] = await readSecrets(ssm, [signingSecret, linkSecret, botToken]);
  const slack: DoorWorld['slack'] = (method, args) => slackCall({ token, apiUrl: config.slackApiUrl }, method, args);
  const door: DoorWorld = { catalogue: config.catalogue, coldStarts: config.coldStarts, bus, slack, log };
  return {
    signingSecret: secret,
    door,
    listening: {
      [command]: (typed: Typed) => typeCommand(typed, door),
      [coldStartsCommand]: (typed: Typed) => typeColdStarts(typed, door),
    },
    linkKey: { stage: config.stage, secret: link, publicUrl: config.publicUrl },
    // What a slash command does not need is loaded by the first request that does: here, and below.
    toBolt: once(async () =>
      (await import('./bolt.ts')).boltDoor(secret, {
        onButton: (pressed) => pressButton(pressed, door),
        log: (level, said) => log(level, 'bolt spoke', { text: said }),
      }),
    ),
  };
}

const toForms = once(async () => (await import('./forms.ts')).formDoor);
const toBucket = once(async () => (await import('./bucket-door.ts')).bucketDoor(config, { account, ssm, bus, log }));

// The secrets are fetched while the runtime fetches its first event. Should that fail, the event tries again, and says why.
opened().catch(() => {});

/** The HTTP API: Slack's requests, those of a CI, and the links in our messages. */
export async function handler(event: APIGatewayProxyEventV2): Promise<Answer> {
  // A foreign event must not end as a 404 that counts as success: thrown, it is retried and kept.
  if (event?.requestContext?.http === undefined) throw new Error('this is not a request of an HTTP API (payload version 2.0)');
  try {
    return await answer(event, await opened());
  } catch (error) {
    log('error', 'request failed', { path: event.rawPath, because: errorText(error), next: 'nothing was started; see the reason' });
    return text(500, 'Coldframe could not handle this request. Nothing was started.');
  }
}

async function answer(event: APIGatewayProxyEventV2, opened: Opened): Promise<Answer> {
  const { signingSecret, linkKey } = opened;
  if (/^\/reports\/|^(?:\/oidc)?\/runs(?:\/|$)/.test(event.rawPath)) return await (await toBucket()).answer(event, linkKey);
  const request = readRequest(event, signingSecret, Date.now());
  if (request.kind === 'rejected') {
    log('warn', 'request rejected', { status: request.status, because: request.because });
    return text(request.status, request.because);
  }
  // Only now: what nobody signed could be anything, at any length.
  logReceived({ function: 'http', stage: config.stage }, event, log);
  const answered = await answerSlack(request, event, opened);
  // Since API Gateway got it, so that a cold start counts: Slack waits three seconds in all.
  log('info', 'request answered', { status: answered.statusCode, tookMs: Date.now() - event.requestContext.timeEpoch });
  return answered;
}

async function answerSlack(request: Genuine, event: APIGatewayProxyEventV2, { door, listening, toBolt }: Opened): Promise<Answer> {
  switch (request.kind) {
    case 'ssl-check':
      return text(200, '');
    case 'command':
      return json(await answerCommand(request.typed, listening));
    case 'interaction':
      return await answerInteraction(request.interaction, door);
    case 'for-bolt':
      return await (await toBolt())(event);
  }
}

async function answerInteraction(done: Interaction, door: DoorWorld): Promise<Answer> {
  if (done.kind !== 'home-opened' && done.kind !== 'pressed-at-home') return json(await (await toForms())(done, door));
  await atHome(done, door);
  return text(200, '');
}

/** Nothing says that it was heard. */
const json = (said: object | undefined): Answer =>
  said === undefined ? text(200, '') : { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(said) };
