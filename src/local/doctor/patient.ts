import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SSMClient } from '@aws-sdk/client-ssm';
import { patiently } from '../../aws/client-settings.ts';
import type { ColdStartSettings } from '../../coldstart/settings.ts';
import { type Place, readPlace } from '../../config.ts';
import type { Catalogue } from '../../run/catalogue.ts';
import type { CiSettings } from '../../run/ci.ts';

/** The deployment that is looked at, and what it is held against. */
export interface Patient {
  readonly stage: string;
  /** What its functions were told of their place. */
  readonly config: Place;
  readonly functionNames: readonly string[];
  /** What coldframe.yml says here. */
  readonly catalogue: Catalogue;
  readonly coldStarts?: ColdStartSettings | undefined;
  readonly ci?: CiSettings | undefined;
  /** What slack-app.yml asks for here. */
  readonly scopes: readonly string[];
  readonly aws: AwsClients;
  readonly nowMs: () => number;
  /** How long the synthetic request may be on its way. */
  readonly patienceMs: number;
}

/** AWS's clients with the credentials of whoever asks, as any AWS tool finds them. */
export const awsClients = () => ({
  lambda: new LambdaClient(patiently),
  ssm: new SSMClient(patiently),
  ecr: new ECRClient(patiently),
  ec2: new EC2Client(patiently),
  quotas: new ServiceQuotasClient(patiently),
  logs: new CloudWatchLogsClient(patiently),
  events: new EventBridgeClient(patiently),
});

export type AwsClients = ReturnType<typeof awsClients>;

export type Deployed =
  | { readonly kind: 'deployed'; readonly config: Place; readonly functionNames: readonly string[] }
  | { readonly kind: 'absent'; readonly missing: readonly string[] };

const doors = ['http', 'worker', 'run-stopped', 'sweep'];

/**
 * What is deployed as this stage, as its functions know it.
 *
 * @throws when AWS does not let us look, and for a function whose environment is not ours
 */
export async function readDeployment(stage: string, { lambda }: Pick<AwsClients, 'lambda'>): Promise<Deployed> {
  const functionNames = doors.map((door) => `coldframe-${stage}-${door}`);
  const found = await Promise.all(functionNames.map((name) => environmentOf(name, lambda)));
  const missing = functionNames.filter((_, index) => found[index] === undefined);
  const worker = found[doors.indexOf('worker')];
  if (missing.length > 0 || worker === undefined) return { kind: 'absent', missing };
  return { kind: 'deployed', config: readPlace(worker), functionNames };
}

async function environmentOf(name: string, lambda: LambdaClient): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    return Environment?.Variables ?? {};
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
