import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { WebClient } from '@slack/web-api';
import { jsonLog } from '../src/app/log.ts';
import type { World } from '../src/app/world.ts';
import { readAccount } from '../src/aws/account.ts';
import { awsCall, ssm } from '../src/aws/aws-call.ts';
import { patiently } from '../src/aws/client-settings.ts';
import { readSecrets } from '../src/aws/secrets.ts';
import { s3Store } from '../src/aws/store.ts';
import { taskLog } from '../src/aws/task-log.ts';
import { ecsTasks } from '../src/aws/tasks.ts';
import type { Config } from '../src/config.ts';
import { once } from '../src/slack/client-settings.ts';
import { slackSay } from '../src/slack/say.ts';

/** What the worker, run-stopped and the sweeper share: the real world behind the workflows. */
export async function runWorld(config: Config): Promise<World> {
  const { botToken, linkSecret } = config.parameters;
  const account = readAccount(process.env);
  const client = { ...patiently, credentials: account.credentials };
  const [token, secret] = await readSecrets(awsCall(ssm, { account, patience: patiently }), [botToken, linkSecret]);
  const slack = new WebClient(token, { ...once, ...(config.slackApiUrl !== undefined && { slackApiUrl: config.slackApiUrl }) });
  return {
    catalogue: config.catalogue,
    coldStarts: config.coldStarts,
    fargate: config,
    store: s3Store(new S3Client(client), config.bucket),
    tasks: ecsTasks(new ECSClient(client), config.cluster),
    taskLog: taskLog(new CloudWatchLogsClient(client), config.taskLogGroup),
    say: slackSay(slack),
    linkKey: { stage: config.stage, secret, publicUrl: config.publicUrl },
    nowMs: Date.now,
    newOwner: randomUUID,
    log: jsonLog,
  };
}
