import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Log } from '../src/app/log.ts';
import { openLink } from '../src/app/open-link.ts';
import { logReceived } from '../src/app/received.ts';
import type { AwsAccount } from '../src/aws/account.ts';
import type { AwsCall } from '../src/aws/aws-call.ts';
import type { Bus } from '../src/aws/bus.ts';
import { quickly } from '../src/aws/client-settings.ts';
import { s3Store } from '../src/aws/store.ts';
import type { Config } from '../src/config.ts';
import type { LinkKey } from '../src/run/link.ts';
import { ciDoor } from './ci.ts';
import { text } from './text-answer.ts';

interface BucketWorld {
  readonly account: AwsAccount;
  readonly ssm: AwsCall;
  readonly bus: Bus;
  readonly log: Log;
}

/** The routes that need the bucket: the links in our messages, and those of a CI. Loaded when one is first asked for. */
export function bucketDoor(config: Config, { account, ssm, bus, log }: BucketWorld) {
  const { catalogue, stage } = config;
  const store = s3Store(new S3Client({ ...quickly, credentials: account.credentials }), config.bucket);
  const ci = ciDoor(config, ssm);

  async function answer(event: APIGatewayProxyEventV2, linkKey: LinkKey): Promise<APIGatewayProxyStructuredResultV2> {
    if (!event.rawPath.startsWith('/reports/')) return await ci.answer(event, { catalogue, store, bus, linkKey, nowMs: Date.now, log });
    const opened = await openLink(event.rawPath, event.queryStringParameters?.s ?? '', { store, linkKey });
    if (opened.kind === 'revoked')
      return text(
        410,
        `The links of ${opened.environment} were revoked, this one among them. Type /run-tests history ${opened.environment} in Slack for new ones.`,
      );
    if (opened.kind === 'gone') return text(404, 'This link leads nowhere: it was cut off or altered, or what it led to has expired.');
    logReceived({ function: 'http', stage }, event, log);
    return { statusCode: 302, headers: { location: opened.address, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } };
  }

  return { answer };
}
