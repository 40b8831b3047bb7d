import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import serverless from 'serverless-http';
import { errorText, jsonLog as log } from '../src/app/log.ts';
import { openLink } from '../src/app/open-link.ts';
import { logReceived } from '../src/app/received.ts';
import { pressButton, typeColdStarts, typeCommand } from '../src/app/slack-door.ts';
import { eventBus } from '../src/aws/bus.ts';
import { quickly } from '../src/aws/client-settings.ts';
import { readSecrets } from '../src/aws/secrets.ts';
import { s3Store } from '../src/aws/store.ts';
import { readConfig } from '../src/config.ts';
import { slackApp } from '../src/slack/app.ts';
import { checkRequest, mediaType, rawBody } from '../src/slack/request.ts';
import { ciDoor } from './ci.ts';
import { kept } from './kept.ts';

const config = readConfig(process.env);
const bus = eventBus(new EventBridgeClient(quickly), config.bus);
const store = s3Store(new S3Client(quickly), config.bucket);
const ssm = new SSMClient(quickly);
const ci = ciDoor(config, ssm);
const door = { catalogue: config.catalogue, coldStarts: config.coldStarts, bus, log };

const opened = kept(open);

async function open() {
  const { signingSecret, linkSecret } = config.parameters;
  const [secret, link] = await readSecrets(ssm, [signingSecret, linkSecret]);
  const app = slackApp(secret, {
    onCommand: (typed) => typeCommand(typed, door),
    onColdStarts: (typed) => typeColdStarts(typed, door),
    onButton: (pressed) => pressButton(pressed, door),
    log: (level, text) => log(level, 'bolt spoke', { text }),
  });
  const toApp = serverless(app, {
    provider: 'aws',
    request: (request: { rawBody?: Buffer; headers: Record<string, string | undefined> }, event: APIGatewayProxyEventV2) => {
      // Bolt verifies the very bytes that came, whatever API Gateway made of them, and knows no type with a charset.
      request.rawBody = rawBody(event);
      request.headers['content-type'] = mediaType(event);
    },
  });
  return { signingSecret: secret, toApp, linkKey: { stage: config.stage, secret: link, publicUrl: config.publicUrl } };
}

/** The HTTP API: Slack's requests, those of a CI, and the links in our messages. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  // A foreign event must not end as a 404 that counts as success: thrown, it is retried and kept.
  if (event?.requestContext?.http === undefined) throw new Error('this is not a request of an HTTP API (payload version 2.0)');
  try {
    return await answer(event, await opened());
  } catch (error) {
    log('error', 'request failed', { path: event.rawPath, because: errorText(error), next: 'nothing was started; see the reason' });
    return text(500, 'Coldframe could not handle this request. Nothing was started.');
  }
}

async function answer(event: APIGatewayProxyEventV2, { signingSecret, toApp, linkKey }: Awaited<ReturnType<typeof open>>) {
  if (event.rawPath.startsWith('/reports/')) {
    const address = await openLink(event.rawPath, event.queryStringParameters?.s ?? '', { store, linkKey });
    if (address === undefined) return text(404, 'This link leads nowhere: it was cut off or altered, or what it led to has expired.');
    logReceived({ function: 'http', stage: config.stage }, event, log);
    return { statusCode: 302, headers: { location: address, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } };
  }
  if (/^(?:\/oidc)?\/runs(?:\/|$)/.test(event.rawPath))
    return await ci.answer(event, { catalogue: config.catalogue, store, bus, linkKey, nowMs: Date.now, log });
  const rejection = checkRequest(event, signingSecret, Date.now());
  if (rejection !== undefined) {
    log('warn', 'request rejected', { status: rejection.status, because: rejection.because });
    return text(rejection.status, rejection.because);
  }
  // Only now: what nobody signed could be anything, at any length.
  logReceived({ function: 'http', stage: config.stage }, event, log);
  const answered = (await toApp(event, {})) as APIGatewayProxyStructuredResultV2;
  // Express's own header must not be switched off earlier: where no header was set before, Node does not remember those
  // that Bolt gives to `writeHead`, and serverless-http would lose the content type of the answer.
  const { 'x-powered-by': _, ...headers } = answered.headers ?? {};
  // Since API Gateway got it, so that a cold start counts: Slack waits three seconds in all.
  log('info', 'request answered', { status: answered.statusCode, tookMs: Date.now() - event.requestContext.timeEpoch });
  return { ...answered, headers };
}

const text = (statusCode: number, body: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});
