import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { StackFunction } from '../stack/stack.ts';
import { AwsFault, authorize, notOffered } from '../wire/aws-json.ts';
import { type Incoming, type LocalServer, type Outgoing, serve } from '../wire/http-server.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { ec2Answer, ec2Fault } from './ec2-xml.ts';

/** What there is in the account beside what runs: as much of it as `doctor` looks at. */
export interface AccountFacts {
  readonly subnets: readonly { readonly id: string; readonly hasWayOut: boolean }[];
  /** Absent: nobody has pushed one. */
  readonly image?: { readonly architecture: string } | undefined;
  /** vCPUs of all Fargate tasks at once, on demand and on Spot. */
  readonly fargateVcpus: number;
  readonly spotVcpus: number;
  readonly concurrentExecutions: number;
  /** Functions whose concurrency is reserved, by name. */
  readonly reserved: Readonly<Record<string, number>>;
}

export interface AccountOptions {
  readonly stage: string;
  readonly functions: readonly StackFunction[];
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly credentials: readonly Credentials[];
}

/** Lambda's, ECR's, EC2's and Service Quotas' answers about the account. */
export interface LocalAccount {
  /** For AWS_ENDPOINT_URL_LAMBDA and so on: one server speaks for all four. */
  readonly environment: Readonly<Record<string, string>>;
  /** Changes what there is from now on; gives what was there before. */
  change(facts: Partial<AccountFacts>): AccountFacts;
  stop(): Promise<void>;
}

/** An account in which all is well, until somebody changes it. */
export async function startAccount({ stage, functions, extraEnvironment, credentials }: AccountOptions): Promise<LocalAccount> {
  const subnetIds = new Set(functions.flatMap(({ environment }) => environment.COLDFRAME_SUBNETS?.split(',') ?? []));
  let facts: AccountFacts = {
    subnets: [...subnetIds].map((id) => ({ id, hasWayOut: true })),
    image: { architecture: 'amd64' },
    fargateVcpus: 64,
    spotVcpus: 64,
    concurrentExecutions: 1_000,
    reserved: {},
  };
  const server: LocalServer = await serve((request) => {
    const path = request.url.pathname;
    if (path.startsWith('/layers/')) return configurationOf(path.slice('/layers/'.length));
    const target = String(request.headers['x-amz-target'] ?? '');
    try {
      if (target.startsWith('AmazonEC2ContainerRegistry')) return asked(request, 'ecr', () => ecr(target, parse(request)));
      if (target.startsWith('ServiceQuotas')) return asked(request, 'servicequotas', () => quotas(target, parse(request)));
      if (path !== '/') return asked(request, 'lambda', () => lambda(path));
      authorize(request, 'ec2', credentials);
      return ec2Answer(new URLSearchParams(request.body.toString()), facts.subnets);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return path === '/' && target === '' ? ec2Fault(error) : failed(error);
    }
  });

  function asked(request: Incoming, service: string, answer: () => unknown): Outgoing {
    authorize(request, service, credentials);
    return json(200, answer());
  }

  function lambda(path: string): unknown {
    if (path.endsWith('/account-settings') || path.endsWith('/account-settings/')) {
      const reserved = Object.values(facts.reserved).reduce((sum, count) => sum + count, 0);
      const { concurrentExecutions } = facts;
      return {
        AccountLimit: { ConcurrentExecutions: concurrentExecutions, UnreservedConcurrentExecutions: concurrentExecutions - reserved },
      };
    }
    const [, name = '', what = ''] = /\/functions\/([^/]+)\/(configuration|concurrency)$/.exec(path) ?? [];
    const found = functions.find(({ functionName }) => functionName === name);
    if (what === '') throw notOffered(`Lambda's ${path}`);
    if (found === undefined) throw new AwsFault('ResourceNotFoundException', `Function not found: ${name}`, 404);
    if (what === 'configuration') return { FunctionName: name, Environment: { Variables: { ...found.environment, ...extraEnvironment } } };
    const reserved = facts.reserved[name];
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  }

  function ecr(target: string, input: unknown): unknown {
    const operation = target.split('.')[1];
    const { repositoryName } = v.parse(v.looseObject({ repositoryName: v.string() }), input);
    if (repositoryName !== `coldframe-${stage}`)
      throw new AwsFault('RepositoryNotFoundException', `The repository with name '${repositoryName}' does not exist in the registry`);
    const { image } = facts;
    switch (operation) {
      case 'BatchGetImage': {
        if (image === undefined) return { images: [], failures: [{ failureCode: 'ImageNotFound', imageId: { imageTag: 'latest' } }] };
        const imageManifest = manifestOf(image.architecture);
        return {
          images: [{ repositoryName, imageId: { imageTag: 'latest', imageDigest: digestOf(imageManifest) }, imageManifest }],
          failures: [],
        };
      }
      case 'GetDownloadUrlForLayer':
        return { downloadUrl: `${server.url}/layers/${image?.architecture ?? ''}` };
      default:
        throw notOffered(`ecr:${operation}`);
    }
  }

  function quotas(target: string, input: unknown): unknown {
    const operation = target.split('.')[1];
    if (operation !== 'GetServiceQuota') throw notOffered(`servicequotas:${operation}`);
    const { QuotaCode } = v.parse(v.looseObject({ QuotaCode: v.string() }), input);
    const [kind, Value] = vcpuQuotas(facts)[QuotaCode] ?? [];
    if (kind === undefined) throw new AwsFault('NoSuchResourceException', 'The request failed because the specified quota does not exist.');
    return { Quota: { ServiceCode: 'fargate', QuotaCode, QuotaName: `Fargate ${kind} vCPU resource count`, Value } };
  }

  return {
    environment: Object.fromEntries(['LAMBDA', 'ECR', 'EC2', 'SERVICE_QUOTAS'].map((name) => [`AWS_ENDPOINT_URL_${name}`, server.url])),
    change: (change) => {
      const before = facts;
      facts = { ...facts, ...change };
      return before;
    },
    stop: server.stop,
  };
}

const vcpuQuotas = ({ fargateVcpus, spotVcpus }: AccountFacts): Readonly<Record<string, readonly [string, number]>> => ({
  'L-3032A538': ['On-Demand', fargateVcpus],
  'L-36FBB829': ['Spot', spotVcpus],
});

const configuration = (architecture: string): string => JSON.stringify({ architecture, os: 'linux' });

/** An image's configuration is a blob like its layers: found by its digest. */
const configurationOf = (architecture: string): Outgoing => ({ status: 200, body: configuration(architecture) });

const manifestOf = (architecture: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(configuration(architecture)), size: 1 },
    layers: [],
  });

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function parse(request: Incoming): unknown {
  return JSON.parse(request.body.toString('utf8'));
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Outgoing {
  const type = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

const failed = ({ type, message, status }: AwsFault): Outgoing =>
  json(status, { __type: type, Type: 'User', message, Message: message }, { 'x-amzn-errortype': type });
