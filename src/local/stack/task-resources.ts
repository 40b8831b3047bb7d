import { stagePattern } from '../../config.ts';
import type { Catalogue, Environment } from '../../run/catalogue.ts';
import { usualOidc } from '../../run/ci.ts';
import { defaultSuitePlan, suiteContainer, taskFamily } from '../../run/plan.ts';
import type { ColdframeFile } from '../read-catalogue.ts';
import { logArns } from './function-logs.ts';

/** What an environment's Fargate tasks are: the same for CloudFormation and for the local ECS. */
export interface TaskTemplate {
  readonly environment: string;
  readonly family: string;
  readonly containerName: string;
  /** CPU units, 1024 for one vCPU. */
  readonly cpu: number;
  readonly memoryMb: number;
  /** Between SIGTERM and SIGKILL: time to upload what there is of a report. */
  readonly stopTimeoutS: number;
  /** A stream of the tasks' log group is called `<prefix>/<container>/<task id>`. */
  readonly streamPrefix: string;
  /** Environment variables but COLDFRAME_BUCKET, which only the stack knows. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the bill can be divided by, beside the stack's own tags. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Fargate's longest. */
const stopTimeoutS = 120;

/** One template for each environment of the catalogue, those with the example app only on the stage `local`: nowhere else is it served. */
export function taskTemplates(catalogue: Catalogue, stage: string): readonly TaskTemplate[] {
  return [...catalogue.values()]
    .filter(({ url }) => url !== 'example' || stage === 'local')
    .map((environment) => ({
      environment: environment.name,
      family: taskFamily({ taskFamilyPrefix: `coldframe-${stage}` }, environment.name),
      containerName: suiteContainer,
      cpu: (environment.vcpu ?? 2) * 1_024,
      memoryMb: environment.memoryMb ?? 4_096,
      stopTimeoutS,
      streamPrefix: environment.name,
      variables: {
        COLDFRAME_STAGE: stage,
        COLDFRAME_ENVIRONMENT: environment.name,
        COLDFRAME_DEFAULTS: JSON.stringify(defaultSuitePlan(environment)),
      },
      tags: { environment: environment.name },
    }));
}

/** What serverless.yml takes from coldframe.yml: the tasks' resources, and what its policies say of them and of the logs that may be read. */
export function generatedParts({ catalogue, coldStarts, ci }: ColdframeFile, stage: string) {
  if (!stagePattern.test(stage))
    throw new Error(`\`${stage}\` is no name for a stage: use at most 20 lower case letters, digits and \`-\``);
  const templates = taskTemplates(catalogue, stage);
  if (templates.length === 0) throw new Error('coldframe.yml has no environment to deploy: `url: example` is served by `npm start` only');
  return {
    resources: {
      Resources: Object.fromEntries(
        templates.flatMap((template) => [
          [taskRoleId(template.environment), taskRole(template, catalogue.get(template.environment))],
          [logicalId('TaskDefinition', template.environment), taskDefinition(template)],
        ]),
      ),
    },
    /** Any revision: a run that was planned before a deploy may still start after it. */
    taskDefinitionArns: templates.map(({ family }) => arn('ecs', `task-definition/${family}:*`)),
    taskRoleArns: templates.map(({ environment }) => ({ 'Fn::GetAtt': [taskRoleId(environment), 'Arn'] })),
    /** A policy's numbers are texts. */
    mostCpu: String(Math.max(...templates.map(({ cpu }) => cpu))),
    mostMemory: String(Math.max(...templates.map(({ memoryMb }) => memoryMb))),
    functionLogArns: logArns(coldStarts),
    // The authorizer is always there: without `ci.oidc` whoever it lets pass may do nothing.
    oidcIssuer: (ci?.oidc ?? usualOidc).issuer,
    oidcAudience: [(ci?.oidc ?? usualOidc).audience],
  };
}

/** @throws for half a network: nothing would notice it before the first run */
export function checkNetwork({ vpc, subnets }: { readonly vpc: string; readonly subnets: string }): void {
  if (vpc === '' && subnets !== '') throw new Error('subnets without their VPC: add --param="vpc=vpc-…"');
  if (vpc !== '' && !/^subnet-\w+(,subnet-\w+)*$/.test(subnets))
    throw new Error('a VPC without the subnets that tasks are to run in: add --param="subnets=subnet-…,subnet-…"');
}

/** Where a task may write, on the task's own disk: container/Dockerfile declares the same paths. Everything else is read-only. */
const writable = [
  { volume: 'tmp', path: '/tmp' },
  { volume: 'home', path: '/home/node' },
];

function taskDefinition({ family, containerName, cpu, memoryMb, stopTimeoutS, streamPrefix, environment, variables, tags }: TaskTemplate) {
  return {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      Family: family,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      Cpu: String(cpu),
      Memory: String(memoryMb),
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
      ExecutionRoleArn: { 'Fn::GetAtt': ['TaskExecutionRole', 'Arn'] },
      TaskRoleArn: { 'Fn::GetAtt': [taskRoleId(environment), 'Arn'] },
      Volumes: writable.map(({ volume }) => ({ Name: volume })),
      ContainerDefinitions: [
        {
          Name: containerName,
          Image: { 'Fn::Sub': `\${SuiteRepository.RepositoryUri}:latest` },
          Essential: true,
          // The image says so too; here, whatever the image says.
          User: 'node',
          // All that the task has, said as the container's own limit.
          Memory: memoryMb,
          StopTimeout: stopTimeoutS,
          // Reaps what a browser leaves behind and passes SIGTERM on.
          LinuxParameters: { InitProcessEnabled: true },
          ReadonlyRootFilesystem: true,
          MountPoints: writable.map(({ volume, path }) => ({ SourceVolume: volume, ContainerPath: path, ReadOnly: false })),
          Environment: [
            { Name: 'COLDFRAME_SUITE', Value: '/suite' },
            ...Object.entries(variables).map(([Name, Value]) => ({ Name, Value })),
            { Name: 'COLDFRAME_BUCKET', Value: { Ref: 'Bucket' } },
            { Name: 'AWS_REGION', Value: { Ref: 'AWS::Region' } },
          ],
          LogConfiguration: {
            LogDriver: 'awslogs',
            Options: {
              'awslogs-group': { Ref: 'TaskLogGroup' },
              'awslogs-region': { Ref: 'AWS::Region' },
              'awslogs-stream-prefix': streamPrefix,
            },
          },
        },
      ],
    },
  };
}

/** What the suite of one environment may do. Its code may come from a branch: it reaches nothing of another environment, and no event bus. */
function taskRole({ environment }: TaskTemplate, { secretsPath }: Pick<Environment, 'secretsPath'> = {}) {
  const object = (key: string) => ({ 'Fn::Sub': `\${Bucket.Arn}/${key}` });
  const shard = `state/${environment}/runs/*/shards/*`;
  const statements = [
    {
      Sid: 'ReadThePlan',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [object(`claims/${environment}/runs/*/plan.json`), object(`claims/${environment}/runs/*/deal.json`)],
    },
    {
      // A task that nobody asked for plans its own run; a run's plan that somebody asked for it can never write.
      Sid: 'PlanARunOfItsOwn',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [object(`claims/${environment}/runs/${environment}-task-*/plan.json`)],
    },
    {
      Sid: 'SayHowItGoes',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [object(`${shard}/progress.json`), object(`${shard}/result.json`), object(`messages/${environment}/*`)],
    },
    {
      // The SDK repeats a write whose answer was lost, and S3 refuses the second: whose the first was stands in the object.
      Sid: 'FindItsOwnResult',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [object(`${shard}/result.json`)],
    },
    ...(secretsPath === undefined
      ? []
      : [
          {
            Sid: 'ReadItsSecrets',
            Effect: 'Allow',
            Action: ['ssm:GetParametersByPath'],
            // AWS checks the path that was asked for, not the parameters below it.
            Resource: [arn('ssm', `parameter${secretsPath}`)],
          },
        ]),
  ];
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: `Coldframe: what a test run on ${environment} may do`,
      AssumeRolePolicyDocument: tasksMayAssume,
      Policies: [{ PolicyName: 'suite', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

/** ECS may assume it for tasks of this account and region, not for somebody else's. */
const tasksMayAssume = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnLike: { 'aws:SourceArn': arn('ecs', '*') } },
    },
  ],
};

function arn(service: string, resource: string) {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}` };
}

export const taskRoleId = (environment: string) => logicalId('TaskRole', environment);

/** CloudFormation's ids know only letters and digits. Names are lower case, so that `Dash` can come from nothing but `-`. */
const logicalId = (prefix: string, environment: string): string =>
  prefix +
  environment
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('Dash');
