import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import serverless from 'serverless-http';
import { type Listeners, slackApp } from '../src/slack/app.ts';
import { mediaType, rawBody } from '../src/slack/request.ts';

/** Bolt behind serverless-http: a verified event of our Slack endpoint in, the answer to Slack out. Loaded when it is first needed. */
export function boltDoor(signingSecret: string, listeners: Listeners) {
  const toApp = serverless(slackApp(signingSecret, listeners), {
    provider: 'aws',
    request: (request: { rawBody?: Buffer; headers: Record<string, string | undefined> }, event: APIGatewayProxyEventV2) => {
      // Bolt verifies the very bytes that came, whatever API Gateway made of them, and knows no type with a charset.
      request.rawBody = rawBody(event);
      request.headers['content-type'] = mediaType(event);
    },
  });

  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const answered = (await toApp(event, {})) as APIGatewayProxyStructuredResultV2;
    // Express's own header must not be switched off earlier: where no header was set before, Node does not remember those
    // that Bolt gives to `writeHead`, and serverless-http would lose the content type of the answer.
    const { 'x-powered-by': _, ...headers } = answered.headers ?? {};
    return { ...answered, headers };
  };
}
