import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCatalogue } from '../../src/local/read-catalogue.ts';
import { taskTemplates } from '../../src/local/stack/task-resources.ts';
import { isEveryRow } from '../every-row.ts';
import { localPlace, ourStack, serverlessYml } from '../our-stack.ts';
import { deployedStack } from './deployed-stack.ts';
import { type Packaged, packaged } from './packaged.ts';
import { unscoped } from './permissions/waivers.ts';
import { listOf, ofType, propertiesOf, statementsOf, type Template } from './template.ts';
import { zipNames } from './zip-names.ts';

const catalogue = await readCatalogue();
const place = { ...localPlace, publicUrl: '<HttpApi.ApiEndpoint>' };

const reportAssets = ['history-script', 'history-styles', 'icon', 'page-script', 'page-styles', 'script', 'styles'].map(
  (name) => `dist/report-assets/${name}`,
);

let local: Packaged;
let template: Template;
let prod: Template | undefined;
beforeAll(async () => {
  local = await packaged('local');
  template = local.template;
  // To package takes osls seconds.
  if (isEveryRow) prod = (await packaged('prod')).template;
}, 600_000);

describe('the package', () => {
  it.each([
    [
      'http',
      ['dist/coldframe.json', 'dist/http-later/bolt.mjs', 'dist/http-later/bucket-door.mjs', 'dist/http-later/forms.mjs', 'dist/http.mjs'],
    ],
    ['worker', ['dist/coldframe.json', ...reportAssets, 'dist/worker.mjs']],
    ['runStopped', ['dist/coldframe.json', ...reportAssets, 'dist/run-stopped.mjs']],
    ['sweep', ['dist/coldframe.json', ...reportAssets, 'dist/sweep.mjs']],
  ])('gives %s its own bundle, the catalogue, what a report is made of if it writes one, and nothing else', (name, files) => {
    expect(zipNames(readFileSync(join(local.folder, `${name}.zip`))).toSorted()).toEqual(files);
  });

  it.runIf(isEveryRow)(
    'is the same for every stage, byte for byte: what was tried on one is what another gets, and an unchanged function is not replaced',
    async () => {
      // Built twice, each in a folder of its own.
      const other = await packaged('prod');
      for (const name of ['http', 'worker', 'runStopped', 'sweep'])
        expect(readFileSync(join(local.folder, `${name}.zip`)).equals(readFileSync(join(other.folder, `${name}.zip`))), name).toBe(true);
    },
  );

  it('runs on Node 24 on arm64', () => {
    const functions = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions.map(({ Runtime, Architectures }) => [Runtime, Architectures])).toEqual(functions.map(() => ['nodejs24.x', ['arm64']]));
  });

  it.runIf(isEveryRow)('leaves the example out of a real deployment', () => {
    const families = (of: Template) => ofType(of, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties.Family);
    expect(families(template)).toEqual(['coldframe-local-local', 'coldframe-local-staging', 'coldframe-local-production']);
    expect(prod && families(prod)).toEqual(['coldframe-prod-staging', 'coldframe-prod-production']);
  });

  it.runIf(isEveryRow)('of one stage names nothing of another', () => {
    expect(JSON.stringify(prod)).not.toMatch(/coldframe[-/]local/);
  });

  it('keeps its secrets out of the template', () => {
    expect(JSON.stringify(template)).not.toMatch(/xox[bp]-|SecureString|\{\{resolve:/);
  });
});

describe('what the local world acts upon is what is deployed', () => {
  const byName = <T extends object>(things: readonly T[]): readonly T[] =>
    things.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

  it.each(['functions', 'rules', 'queues', 'roles'] as const)('%s', (part) => {
    expect(byName<object>(ourStack(serverlessYml, place)[part])).toEqual(byName<object>(deployedStack(template)[part]));
  });

  it('the task definitions', () => {
    const definitions = ofType(template, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties);
    expect(definitions).toMatchObject(
      taskTemplates(catalogue, 'local').map(({ family, cpu, memoryMb, stopTimeoutS, streamPrefix, variables, tags }) => ({
        Family: family,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
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
    expect(roles).toEqual([
      'arn:aws:iam::000000000000:role/HttpRole',
      'arn:aws:iam::000000000000:role/WorkerRole',
      'arn:aws:iam::000000000000:role/RunStoppedRole',
      'arn:aws:iam::000000000000:role/SweepRole',
    ]);
    expect(
      ofType(template, 'AWS::IAM::Role')
        .map(([id]) => id)
        .toSorted(),
    ).toEqual([
      'HttpRole',
      'RunStoppedRole',
      'ScheduleRole',
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
    expect(wide.toSorted()).toEqual(unscoped.map(({ role, action }) => `${role}: ${action}`).toSorted());
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
        ...['claims', 'state', 'messages', 'reports', 'history', 'audit'].map((prefix) => `${bucket}/${prefix}/*`),
        `${bucket}/messages/*/attachments/*`,
        `${bucket}/history/*/history.html`,
        `${bucket}/history/*/links.json`,
        // What a CI asked for, and its keys, of which coldframe.yml has the names.
        // Schedules of our group.
        `${ours('scheduler')}:schedule/coldframe-local/*`,
        `${bucket}/claims/_http/*`,
        `${ours('ssm')}:parameter/coldframe/local/ci/*`,
        ...environments.flatMap((name) => [
          `${bucket}/claims/${name}/runs/*/deal.json`,
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
      `s3:GetObject ${bucket}/claims/staging/runs/*/deal.json`,
      `s3:PutObject ${bucket}/claims/staging/runs/staging-task-*/plan.json`,
      `s3:PutObject ${bucket}/state/staging/runs/*/shards/*/progress.json`,
      `s3:PutObject ${bucket}/state/staging/runs/*/shards/*/result.json`,
      `s3:PutObject ${bucket}/messages/staging/*`,
      `s3:GetObject ${bucket}/state/staging/runs/*/shards/*/result.json`,
      'ssm:GetParametersByPath arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/prod/suite/staging',
    ]);
    expect(grants('TaskRoleLocal').some((grant) => grant.startsWith('ssm:'))).toBe(false);
  });

  it("of the door: three secrets and those of CI, one bus, one source, to claim a CI's request, to read runs, and to sign links", () => {
    const bucket = 'arn:aws:s3:::coldframe-local-000000000000';
    expect(grants('HttpRole')).toEqual([
      'logs:CreateLogStream arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/coldframe-local-http:*',
      'logs:PutLogEvents arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/coldframe-local-http:*',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/slack-bot-token',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/slack-signing-secret',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/link-secret',
      'ssm:GetParameters arn:aws:ssm:eu-central-1:000000000000:parameter/coldframe/local/ci/*',
      `s3:PutObject ${bucket}/claims/_http/*`,
      `s3:GetObject ${bucket}/claims/*`,
      `s3:GetObject ${bucket}/state/*`,
      `s3:ListBucket ${bucket}`,
      'events:PutEvents arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-local',
      `s3:GetObject ${bucket}/reports/*`,
      `s3:GetObject ${bucket}/messages/*/attachments/*`,
      `s3:GetObject ${bucket}/history/*/history.html`,
      `s3:GetObject ${bucket}/history/*/links.json`,
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
      for (const action of ['ecs:StopTask', 'ecs:DescribeTasks']) {
        for (const { Condition } of conditionOf(action)) expect(Condition).toEqual(onOurCluster);
      }
      expect(conditionOf('ecs:RunTask').map(({ Condition }) => Condition)).toEqual([
        {
          ...onOurCluster,
          StringNotEqualsIfExists: { 'ecs:enable-execute-command': 'true' },
          NumericLessThanEqualsIfExists: { 'ecs:task-cpu': '2048', 'ecs:task-memory': '4096' },
        },
      ]);
      expect(conditionOf('ecs:TagResource').map(({ Condition }) => Condition)).toEqual([
        { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
      ]);
      const passed = conditionOf('iam:PassRole').map(({ Resource, Condition }) => ({
        roles: listOf(Resource),
        to: (Condition as { readonly StringEquals: Readonly<Record<string, string>> }).StringEquals['iam:PassedToService'],
      }));
      const scheduler = { roles: ['arn:aws:iam::000000000000:role/ScheduleRole'], to: 'scheduler.amazonaws.com' };
      expect(passed.filter(({ to }) => to !== 'ecs-tasks.amazonaws.com')).toEqual(role === 'WorkerRole' ? [scheduler] : []);
      expect(
        passed
          .filter(({ to }) => to === 'ecs-tasks.amazonaws.com')
          .flatMap(({ roles }) => roles)
          .toSorted(),
      ).toEqual([
        'arn:aws:iam::000000000000:role/TaskExecutionRole',
        'arn:aws:iam::000000000000:role/TaskRoleLocal',
        'arn:aws:iam::000000000000:role/TaskRoleProduction',
        'arn:aws:iam::000000000000:role/TaskRoleStaging',
      ]);
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
          : id === 'ScheduleRole'
            ? {
                Principal: { Service: 'scheduler.amazonaws.com' },
                Condition: { StringEquals: { 'aws:SourceAccount': '000000000000', 'aws:SourceArn': '<ScheduleGroup.Arn>' } },
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

  it('denies what is not TLS, and a claim or an entry of the audit log that does not ask whether it is the first', () => {
    const denied = statementsOf(template).filter(({ where }) => where === 'BucketPolicy');
    expect(denied).toMatchObject([
      { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Deny',
        Action: 's3:PutObject',
        Resource: ['claims', 'audit'].map((prefix) => `arn:aws:s3:::coldframe-local-000000000000/${prefix}/*`),
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
      ['audit/', 400],
      ['messages/', 30],
      ['reports/', 30],
    ]);
  });
});

it('nobody can reach a task from outside', () => {
  expect(propertiesOf(template, 'TaskSecurityGroup').SecurityGroupIngress).toEqual([]);
});
