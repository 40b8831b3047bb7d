import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { RunShard } from '../../container/runner.ts';
import { readSettings } from '../../container/settings.ts';
import { patiently } from '../../src/aws/client-settings.ts';
import { s3Store } from '../../src/aws/store.ts';
import type { ContainerWorld } from './container-world.ts';

/** The runner in this process: for `runShard`, with limits of a test if one likes. */
export function inProcess(world: ContainerWorld, suite: string, runId: string, shard = 1): RunShard & { log: () => string } {
  const env = world.environment();
  const client = {
    ...patiently,
    region: env.AWS_REGION ?? '',
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
  };
  let log = '';
  return {
    settings: readSettings({ ...env, COLDFRAME_SUITE: suite, COLDFRAME_RUN: runId, COLDFRAME_SHARD: String(shard) }),
    store: s3Store(new S3Client({ ...client, endpoint: env.AWS_ENDPOINT_URL_S3 ?? '' }), env.COLDFRAME_BUCKET ?? ''),
    ssm: new SSMClient({ ...client, endpoint: env.AWS_ENDPOINT_URL_SSM ?? '' }),
    base: env,
    print: async (text) => {
      log += text;
    },
    stop: new AbortController().signal,
    log: () => log,
  };
}
