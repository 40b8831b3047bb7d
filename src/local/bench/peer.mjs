/**
 * What our door is compared with: the same command and the same button, as the documentation of Bolt and of serverless-http has it, with
 * the AWS SDK's clients, loaded from node_modules. It is spared what Bolt would do beside that: it has no token, so no `auth.test`.
 */
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import bolt from '@slack/bolt';
import serverless from 'serverless-http';

// Made beside the copy of this that the bench starts.
const { readSigningSecret } = await import(new URL('signing-secret.mjs', import.meta.url));

const events = new EventBridgeClient({});
export const clients = [events, new ECSClient({}), new S3Client({})];

const receiver = new bolt.ExpressReceiver({
  signingSecret: await readSigningSecret(),
  endpoints: '/slack/events',
  processBeforeResponse: true,
});
const app = new bolt.App({ receiver, authorize: async () => ({}), processBeforeResponse: true });

const handOver = (detail) =>
  events.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: process.env.COLDFRAME_BUS, Source: 'coldframe.door', DetailType: 'Run Requested', Detail: JSON.stringify(detail) },
      ],
    }),
  );

app.command('/run-tests', async ({ command, ack }) => {
  await handOver({ text: command.text, userId: command.user_id });
  await ack();
});

app.action('run_again', async ({ action, body, ack }) => {
  await handOver({ text: action.value, userId: body.user.id });
  await ack();
});

export const handler = serverless(receiver.app);
