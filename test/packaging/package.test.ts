import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../src/local/build.ts';
import { readCatalogue } from '../../src/local/read-catalogue.ts';
import { readStack } from '../../src/local/stack/read-stack.ts';
import { taskTemplates } from '../../src/local/stack/task-resources.ts';
import { deployedStack } from './deployed-stack.ts';
import { runNode } from './run-node.ts';
import { listOf, ofType, propertiesOf, resolveTemplate, statementsOf, type Template } from './template.ts';
import { zipNames } from './zip-names.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const catalogue = await readCatalogue();
const serverlessYml = readFileSync(join(root, 'serverless.yml'), 'utf8');
const place = { stage: 'local', account: '000000000000', region: 'eu-central-1', publicUrl: '<HttpApi.ApiEndpoint>' };

const reportAssets = ['icon', 'script', 'styles'].map((name) => `dist/report-assets/${name}`);

/** A folder of its own, so that nobody's dist is touched. */
const folder = mkdtempSync(join(tmpdir(), 'coldframe-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What `npx osls package` makes, with neither credentials nor a home. */
async function packageStage(stage: string): Promise<Template> {
  const osls = join(root, 'node_modules/osls/bin/serverless.js');
  await runNode(
    [osls, 'package', '--stage', stage, '--package', join(folder, stage)],
    { HOME: folder, PATH: join(root, 'node_modules/.bin') },
    folder,
  );
  return JSON.parse(readFileSync(join(folder, stage, 'cloudformation-template-update-stack.json'), 'utf8'));
}

let template: Template;
let prod: Template;
beforeAll(async () => {
  symlinkSync(join(root, 'src'), join(folder, 'src'));
  copyFileSync(join(root, 'serverless.yml'), join(folder, 'serverless.yml'));
  await build({ outDir: join(folder, 'dist') });
  template = resolveTemplate(await packageStage('local'));
  prod = resolveTemplate(await packageStage('prod'));
});

describe('the package', () => {
  it.each([
    ['http', ['dist/coldframe.json', 'dist/http.mjs']],
    ['worker', ['dist/coldframe.json', ...reportAssets, 'dist/worker.mjs']],
    ['runStopped', ['dist/coldframe.json', ...reportAssets, 'dist/run-stopped.mjs']],
    ['sweep', ['dist/coldframe.json', ...reportAssets, 'dist/sweep.mjs']],
  ])('gives %s its own bundle, the catalogue, what a report is made of if it writes one, and nothing else', (name, files) => {
    expect(zipNames(readFileSync(join(folder, 'local', `${name}.zip`))).toSorted()).toEqual(files);
  });

  it('runs on Node 24 on arm64', () => {
    const functions = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions.map(({ Runtime, Architectures }) => [Runtime, Architectures])).toEqual(functions.map(() => ['nodejs24.x', ['arm64']]));
  });

  it('leaves the example out of a real deployment', () => {
    const families = (of: Template) => ofType(of, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties.Family);
    expect(families(template)).toEqual(['coldframe-local-local', 'coldframe-local-staging', 'coldframe-local-production']);
    expect(families(prod)).toEqual(['coldframe-prod-staging', 'coldframe-prod-production']);
  });

  it('of one stage names nothing of another', () => {
    expect(JSON.stringify(prod)).not.toMatch(/coldframe[-/]local/);
  });

  it('keeps its secrets out of the template', () => {
    expect(JSON.stringify(template)).not.toMatch(/xox[bp]-|SecureString|\{\{resolve:/);
  });
});

describe('what the local world acts upon is what is deployed', () => {
  const byName = <T extends object>(things: readonly T[]): readonly T[] =>
    things.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

  it.each(['functions', 'rules', 'queues'] as const)('%s', (part) => {
    expect(byName<object>(readStack(serverlessYml, place)[part])).toEqual(byName<object>(deployedStack(template)[part]));
  });

  it('the task definitions', () => {
    const definitions = ofType(template, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties);
    expect(definitions).toMatchObject(
      taskTemplates(catalogue, 'local').map(({ family, cpu, memoryMb, stopTimeoutS, streamPrefix, variables }) => ({
        Family: family,
        Cpu: String(cpu),
        Memory: String(memoryMb),
        ContainerDefinitions: [
          {
            Name: 'suite',
            StopTimeout: stopTimeoutS,
            Environment: [
              { Name: 'COLDFRAME_SUITE', Value: '/suite' },
              ...Object.entries(variables).map(([Name, Value]) => ({ Name, Value })),
              { Name: 'COLDFRAME_BUCKET', Value: 'coldframe-local-000000000000' },
              { Name: 'AWS_REGION', Value: 'eu-central-1' },
            ],
            LogConfiguration: { Options: { 'awslogs-group': '/coldframe/local/tasks', 'awslogs-stream-prefix': streamPrefix } },
          },
        ],
      })),
    );
  });
});

describe('the permissions', () => {
  const allowed = () => statementsOf(template).filter(({ Effect }) => Effect === 'Allow');
  /** What each role may do, on what. */
  const grants = (role: string) =>
    allowed()
      .filter(({ where }) => where === role)
      .flatMap(({ Action, Resource }) => listOf(Action).flatMap((action) => listOf(Resource).map((resource) => `${action} ${resource}`)));

  it('of each function are its own role', () => {
    const roles = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Role);
    expect(roles).toEqual(['<HttpRole.Arn>', '<WorkerRole.Arn>', '<RunStoppedRole.Arn>', '<SweepRole.Arn>']);
    expect(
      ofType(template, 'AWS::IAM::Role')
        .map(([id]) => id)
        .toSorted(),
    ).toEqual([
      'HttpRole',
      'RunStoppedRole',
      'SweepRole',
      'TaskExecutionRole',
      'TaskRoleLocal',
      'TaskRoleProduction',
      'TaskRoleStaging',
      'WorkerRole',
    ]);
    expect(ofType(template, 'AWS::IAM::Role').some(([, { Properties }]) => 'ManagedPolicyArns' in Properties)).toBe(false);
  });

  it('name every action in full and never all resources, but for those that AWS cannot scope', () => {
    const wide = allowed().flatMap(({ where, Action, Resource }) =>
      listOf(Action)
        .filter((action) => action.includes('*') || listOf(Resource).includes('*'))
        .map((action) => `${where}: ${action}`),
    );
    expect(wide).toEqual([
      // A query has no ARN; what it may give was decided when it was started, on log groups that have one.
      'WorkerRole: logs:GetQueryResults',
      'WorkerRole: logs:StopQuery',
      // AWS checks ListTasks on "*" when it is not asked for one container instance; narrowed by the condition ecs:cluster.
      'SweepRole: ecs:ListTasks',
      // A token is for the whole registry.
      'TaskExecutionRole: ecr:GetAuthorizationToken',
    ]);
    expect(statementsOf(template).some((statement) => 'NotAction' in statement || 'NotResource' in statement)).toBe(false);
  });

  it('use a wildcard within a resource only where the last part is not known before', () => {
    const wild = new Set(
      allowed()
        .flatMap(({ Resource }) => listOf(Resource))
        .filter((resource) => resource !== '*' && resource.includes('*')),
    );
    const bucket = 'arn:aws:s3:::coldframe-local-000000000000';
    const ours = (service: string) => `arn:aws:${service}:eu-central-1:000000000000`;
    const environments = ['local', 'staging', 'production'];
    expect([...wild].toSorted()).toEqual(
      [
        // Functions whose names begin as coldframe.yml says, and the list of logs, which has no smaller resource.
        ...['log-group:*', 'log-group:/aws/lambda/coldframe-*', 'log-group:/aws/lambda/web/coldframe-*'].map(
          (name) => `${ours('logs')}:${name}`,
        ),
        // Keys below a prefix of our bucket.
        ...['claims', 'state', 'messages', 'reports', 'history'].map((prefix) => `${bucket}/${prefix}/*`),
        `${bucket}/messages/*/attachments/*`,
        ...environments.flatMap((name) => [
          `${bucket}/claims/${name}/runs/*/plan.json`,
          `${bucket}/claims/${name}/runs/${name}-task-*/plan.json`,
          `${bucket}/state/${name}/runs/*/shards/*/progress.json`,
          `${bucket}/state/${name}/runs/*/shards/*/result.json`,
          `${bucket}/messages/${name}/*`,
          // Any revision.
          `${ours('ecs')}:task-definition/coldframe-local-${name}:*`,
        ]),
        // Tasks of our cluster, streams of our log groups.
        `${ours('ecs')}:task/coldframe-local/*`,
        ...['http', 'worker', 'run-stopped', 'sweep'].map((name) => `${ours('logs')}:log-group:/aws/lambda/coldframe-local-${name}:*`),
        `${ours('logs')}:log-group:/coldframe/local/tasks:*`,
        `${ours('logs')}:log-group:/coldframe/local/tasks:log-stream:*`,
      ].toSorted(),
    );
  });

  it('of a suite reach nothing of another environment, no Slack, no event bus and no run that somebody asked for', () => {
    const bucket = 'arn:aws:s3:::coldframe-local-000000000000';
    expect(grants('TaskRoleStaging')).toEqual([
      `s3:GetObject ${bucket}/claims/staging/runs/*/plan.json`,
      `s3:PutObject ${bucket}/claims/staging/runs/staging-task-*/plan.json`,
      `s3:PutObject ${bucket}/state/staging/runs/*/shards/*/progress.json`,
      `s3:PutObject ${bucket}/state/staging/runs/*/shards/*/result.json`,
      `s3:PutObject ${bucket}/messages/staging/*`,
      `s3:GetObject ${bucket}/state/staging/runs/*/shards/*/result.json`,
      'ssm:GetParametersByPath arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/prod/suite/staging',
    ]);
    expect(grants('TaskRoleLocal').some((grant) => grant.startsWith('ssm:'))).toBe(false);
  });

  it('of the door: two secrets, one bus, one source, and to sign links', () => {
    const bucket = 'arn:aws:s3:::coldframe-local-000000000000';
    expect(grants('HttpRole')).toEqual([
      'logs:CreateLogStream arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/coldframe-local-http:*',
      'logs:PutLogEvents arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/coldframe-local-http:*',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/slack-signing-secret',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/link-secret',
      'events:PutEvents arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-local',
      `s3:GetObject ${bucket}/reports/*`,
      `s3:GetObject ${bucket}/messages/*/attachments/*`,
    ]);
    expect(allowed().find(({ Sid }) => Sid === 'HandRequestsOver')?.Condition).toEqual({
      'ForAllValues:StringEquals': { 'events:source': ['coldframe.door'] },
      Null: { 'events:source': 'false' },
    });
  });

  it.each(['WorkerRole', 'RunStoppedRole', 'SweepRole'])(
    'of %s start tasks of ours only, on our cluster only, with the roles that are theirs',
    (role) => {
      const conditionOf = (action: string) => allowed().filter(({ where, Action }) => where === role && listOf(Action).includes(action));
      const onOurCluster = { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local' } };
      for (const action of ['ecs:RunTask', 'ecs:StopTask', 'ecs:DescribeTasks']) {
        expect(conditionOf(action).map(({ Condition }) => Condition)).toEqual([onOurCluster]);
      }
      for (const { Condition } of conditionOf('iam:PassRole'))
        expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
      expect(
        conditionOf('iam:PassRole')
          .flatMap(({ Resource }) => listOf(Resource))
          .toSorted(),
      ).toEqual(['<TaskExecutionRole.Arn>', '<TaskRoleLocal.Arn>', '<TaskRoleProduction.Arn>', '<TaskRoleStaging.Arn>']);
    },
  );

  it('to assume a role of a task are for tasks of this account', () => {
    for (const [id, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
      const document = Properties.AssumeRolePolicyDocument as { readonly Statement: readonly unknown[] };
      const isTask = id.startsWith('Task');
      expect(document.Statement).toMatchObject([
        isTask
          ? {
              Principal: { Service: 'ecs-tasks.amazonaws.com' },
              Condition: {
                StringEquals: { 'aws:SourceAccount': '000000000000' },
                ArnLike: { 'aws:SourceArn': 'arn:aws:ecs:eu-central-1:000000000000:*' },
              },
            }
          : { Principal: { Service: 'lambda.amazonaws.com' } },
      ]);
    }
  });

  it('to send to a queue are for our own rules', () => {
    const rule = (name: string) => `arn:aws:events:eu-central-1:000000000000:rule/coldframe-local-${name}`;
    const policies = ofType(template, 'AWS::SQS::QueuePolicy').map(([id]) => allowed().filter(({ where }) => where === id));
    expect(policies.map(([statement]) => [statement?.Resource, statement?.Condition])).toEqual([
      [
        'arn:aws:sqs:eu-central-1:000000000000:coldframe-local-requests',
        { ArnEquals: { 'aws:SourceArn': ['<RequestsRule.Arn>', '<ClockRule.Arn>'] } },
      ],
      [
        'arn:aws:sqs:eu-central-1:000000000000:coldframe-local-requests-dlq',
        { ArnEquals: { 'aws:SourceArn': ['<RequestsRule.Arn>', '<ClockRule.Arn>'] } },
      ],
      [
        'arn:aws:sqs:eu-central-1:000000000000:coldframe-local-undelivered',
        { ArnEquals: { 'aws:SourceArn': [rule('progress'), rule('stopped'), rule('sweep')] } },
      ],
    ]);
  });
});

describe('the bucket', () => {
  it('is private, encrypted, and announces what is written', () => {
    expect(propertiesOf(template, 'Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it('denies what is not TLS, and a claim that does not ask whether it is the first', () => {
    const denied = statementsOf(template).filter(({ where }) => where === 'BucketPolicy');
    expect(denied).toMatchObject([
      { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Deny',
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::coldframe-local-000000000000/claims/*',
        Condition: { Null: { 's3:if-none-match': 'true' } },
      },
    ]);
  });

  it('keeps each prefix as long as its layout says, and the history for good', () => {
    const { Rules } = propertiesOf(template, 'Bucket').LifecycleConfiguration as {
      readonly Rules: readonly { readonly Prefix?: string; readonly ExpirationInDays?: number }[];
    };
    const days = Rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined).map(({ Prefix, ExpirationInDays }) => [
      Prefix,
      ExpirationInDays,
    ]);
    expect(days).toEqual([
      ['claims/', 90],
      ['state/', 90],
      ['messages/', 30],
      ['reports/', 30],
    ]);
  });
});

it('nobody can reach a task from outside', () => {
  expect(propertiesOf(template, 'TaskSecurityGroup').SecurityGroupIngress).toEqual([]);
});
