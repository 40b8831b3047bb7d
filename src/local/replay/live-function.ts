import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { endpointsIn } from '../../aws/account.ts';
import { awsCall, ssm } from '../../aws/aws-call.ts';
import { patiently } from '../../aws/client-settings.ts';
import { readSecrets } from '../../aws/secrets.ts';
import { keptBuild } from '../kept-build.ts';
import { type Lambda, startLambda } from '../lambda/lambda.ts';
import { printLines } from './print-lines.ts';

export interface LiveFunction {
  readonly lambda: Lambda;
  readonly signingSecret: string;
  readonly ciSecret?: string | undefined;
  stop(): Promise<void>;
}

export interface OpenLive {
  /** Its key in serverless.yml: `runStopped`. */
  readonly name: string;
  readonly stage: string;
  readonly region?: string | undefined;
  readonly inspectPort?: number | undefined;
  /** The id of the CI's key whose secret is needed. */
  readonly ciKey?: string | undefined;
}

/**
 * This folder's code of a function, on this machine, with the environment of the deployed one and the credentials of whoever asks.
 *
 * @throws when AWS knows no such function
 */
export async function openLive({ name, stage, region: asked, inspectPort, ciKey }: OpenLive): Promise<LiveFunction> {
  const region = asked ?? process.env.AWS_REGION ?? 'eu-central-1';
  const client = new LambdaClient({ ...patiently, region });
  const functionName = `coldframe-${stage}-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const deployed = await client.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const names = [`/coldframe/${stage}/slack-signing-secret`, ...(ciKey === undefined ? [] : [`/coldframe/${stage}/ci/${ciKey}`])];
  const credentials = await client.config.credentials();
  const account = { region, credentials, endpoints: endpointsIn(process.env) };
  const [signingSecret = '', ciSecret] = await readSecrets(awsCall(ssm, { account, patience: patiently }), names);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-live-'));
  await keptBuild(join(dir, 'dist'));
  const lambda = startLambda({
    functions: [
      {
        name,
        functionName,
        role: deployed.Role ?? '',
        handler: deployed.Handler ?? '',
        memoryMb: deployed.MemorySize ?? 512,
        timeoutS: deployed.Timeout ?? 30,
        environment: deployed.Environment?.Variables ?? {},
        routes: [],
        queues: [],
        asyncRetries: 0,
        asyncMaxAgeS: 60,
      },
    ],
    root: dir,
    region,
    credentialsOf: () => ({ accessKeyId, secretAccessKey }),
    extraEnvironment: sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken },
    appendLog: (_group, _stream, lines) => printLines(lines),
    journal: () => {},
    inspectPort,
  });
  return {
    lambda,
    signingSecret,
    ciSecret,
    stop: async () => {
      await lambda.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
