// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how osls and CloudFormation write their variables
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { serverlessFile } from '../../src/local/stack/serverless-file.ts';
import { ourStack, serverlessYml as ours, localPlace as place } from '../our-stack.ts';

const stack = ourStack();

describe('the stack of serverless.yml', () => {
  it('has these functions, and what calls them', () => {
    const shown = stack.functions.map(({ name, functionName, handler, memoryMb, timeoutS, routes, queues, asyncRetries, onFailure }) => ({
      ...{ name, functionName, handler, memoryMb, timeoutS, routes, queues, asyncRetries, onFailure: onFailure?.queueName },
    }));
    expect(shown).toEqual([
      {
        ...{ name: 'http', functionName: 'coldframe-local-http', handler: 'dist/http.handler', memoryMb: 1024, timeoutS: 10 },
        ...{
          routes: ['POST /slack/events', 'GET /reports/{proxy+}', 'POST /runs', 'GET /runs/{id}', 'POST /oidc/runs', 'GET /oidc/runs/{id}'],
          queues: [],
          asyncRetries: 2,
          onFailure: undefined,
        },
      },
      {
        ...{ name: 'worker', functionName: 'coldframe-local-worker', handler: 'dist/worker.handler', memoryMb: 512, timeoutS: 30 },
        queues: [{ queueName: 'coldframe-local-requests', batchSize: 1, reportsItemFailures: true }],
        ...{ routes: [], asyncRetries: 0, onFailure: undefined },
      },
      {
        ...{
          name: 'runStopped',
          functionName: 'coldframe-local-run-stopped',
          handler: 'dist/run-stopped.handler',
          memoryMb: 1536,
          timeoutS: 120,
        },
        ...{ routes: [], queues: [], asyncRetries: 2, onFailure: 'coldframe-local-undelivered' },
      },
      {
        ...{ name: 'sweep', functionName: 'coldframe-local-sweep', handler: 'dist/sweep.handler', memoryMb: 1536, timeoutS: 240 },
        ...{ routes: [], queues: [], asyncRetries: 0, onFailure: undefined },
      },
    ]);
  });

  it('has these rules and targets', () => {
    const progressOrStop = { deadLetters: { queueName: 'coldframe-local-undelivered' } };
    expect(stack.rules).toEqual([
      {
        ...{ name: 'coldframe-local-requests', bus: 'coldframe-local' },
        when: {
          kind: 'pattern',
          pattern: {
            source: ['coldframe.door', 'coldframe.scheduler'],
            'detail-type': [
              'Run Requested',
              'Cancel Requested',
              'Approval Given',
              'Asked In Vain',
              'Form Wanted',
              'Errand Requested',
              'Cold Starts Requested',
              'Cold Starts Due',
            ],
          },
        },
        targets: [
          {
            ...{ kind: 'queue', queueName: 'coldframe-local-requests', retry: { maxAgeS: 900, maxAttempts: 185 } },
            deadLetters: { queueName: 'coldframe-local-requests-dlq' },
          },
        ],
      },
      {
        ...{ name: 'coldframe-local-clock', bus: 'default' },
        when: { kind: 'every', periodMs: 300_000 },
        targets: [
          {
            ...{ kind: 'queue', queueName: 'coldframe-local-requests', retry: { maxAgeS: 240, maxAttempts: 3 } },
            input: '{"source":"coldframe.scheduler","detail-type":"Cold Starts Due","detail":{"version":1}}',
            deadLetters: { queueName: 'coldframe-local-requests-dlq' },
          },
        ],
      },
      {
        ...{ name: 'coldframe-local-progress', bus: 'default' },
        when: {
          kind: 'pattern',
          pattern: {
            ...{ source: ['aws.s3'], 'detail-type': ['Object Created'] },
            detail: { bucket: { name: ['coldframe-local-000000000000'] }, object: { key: [{ wildcard: 'state/*/progress.json' }] } },
          },
        },
        targets: [{ kind: 'function', name: 'worker', retry: { maxAgeS: 60, maxAttempts: 2 }, ...progressOrStop }],
      },
      {
        ...{ name: 'coldframe-local-stopped', bus: 'default' },
        when: {
          kind: 'pattern',
          pattern: {
            ...{ source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] },
            detail: {
              clusterArn: ['arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local'],
              lastStatus: ['DEPROVISIONING', 'STOPPED'],
            },
          },
        },
        targets: [{ kind: 'function', name: 'runStopped', retry: { maxAgeS: 3_600, maxAttempts: 100 }, ...progressOrStop }],
      },
      {
        ...{ name: 'coldframe-local-sweep', bus: 'default' },
        when: { kind: 'every', periodMs: 300_000 },
        targets: [{ kind: 'function', name: 'sweep', retry: { maxAgeS: 240, maxAttempts: 3 }, ...progressOrStop }],
      },
    ]);
  });

  it('has these queues', () => {
    expect(stack.queues).toEqual([
      {
        ...{ queueName: 'coldframe-local-requests', visibilityTimeoutS: 180 },
        redrive: { queueName: 'coldframe-local-requests-dlq', maxReceiveCount: 8 },
      },
      { queueName: 'coldframe-local-requests-dlq', visibilityTimeoutS: 30 },
      { queueName: 'coldframe-local-undelivered', visibilityTimeoutS: 30 },
    ]);
  });

  it('never hands out a request that may still be under way: six times the time of its function', () => {
    for (const { queues, timeoutS } of stack.functions) {
      for (const { queueName } of queues) {
        const queue = stack.queues.find((one) => one.queueName === queueName);
        expect(queue?.visibilityTimeoutS).toBeGreaterThanOrEqual(6 * timeoutS);
      }
    }
  });

  it('gives every function an environment that our configuration accepts', () => {
    const catalogue = '{"version":1,"environments":[]}';
    for (const { environment } of stack.functions) {
      // All that is left to complain about is the catalogue that we did not give it.
      expect(() => readConfig(environment, () => catalogue)).toThrow(/^Coldframe cannot start:\n- .*has no environment$/);
    }
    expect(stack.functions[0]?.environment).toEqual({
      COLDFRAME_STAGE: 'local',
      COLDFRAME_BUCKET: 'coldframe-local-000000000000',
      COLDFRAME_BUS: 'coldframe-local',
      COLDFRAME_CLUSTER: 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local',
      COLDFRAME_SUBNETS: 'subnet-subneta,subnet-subnetb',
      COLDFRAME_SECURITY_GROUPS: 'sg-tasksecuritygroup',
      COLDFRAME_ASSIGN_PUBLIC_IP: 'ENABLED',
      COLDFRAME_PUBLIC_URL: 'http://127.0.0.1:4000',
      COLDFRAME_TASK_LOG_GROUP: '/coldframe/local/tasks',
    });
  });

  it('of another stage shares no name with it', () => {
    const other = ourStack(ours, { ...place, stage: 'prod' });
    expect(JSON.stringify(other)).not.toContain('local');
  });
});

describe('what the local world does not understand is said loudly, with its place', () => {
  const changed = (from: string | RegExp, to: string): string => {
    const text = ours.replace(from, to);
    if (text === ours) throw new Error(`serverless.yml has no ${from}`);
    return text;
  };

  it.each([
    [
      'a setting of a function',
      changed('    timeout: 10\n', '    timeout: 10\n    snapStart: true\n'),
      /^serverless\.yml:\d+: functions\.http\.snapStart: is a setting the local world does not know/,
    ],
    [
      'a kind of event',
      changed('      - httpApi: POST /slack/events', '      - sns: topic'),
      /functions\.http\.events\[0\]\.sns: `sns` is a kind of event we do not read/,
    ],
    [
      'a setting of an event',
      changed('          batchSize: 1\n', '          batchSize: 1\n          filterPatterns: []\n'),
      /events\[0\]\.sqs\.filterPatterns: is a setting/,
    ],
    [
      'a setting of a rule',
      changed('          EventBusName: !Ref Bus\n', '          EventBusName: !Ref Bus\n          RoleArn: x\n'),
      /resources\[\d\]\.Resources\.RequestsRule\.Properties\.RoleArn: is a setting/,
    ],
    [
      'a setting of a queue',
      changed('          VisibilityTimeout: 180\n', '          VisibilityTimeout: 180\n          FifoQueue: true\n'),
      /RequestQueue\.Properties\.FifoQueue: is a setting/,
    ],
    [
      'a section of the provider',
      changed('  versionFunctions: false\n', '  versionFunctions: false\n  vpc: {}\n'),
      /provider\.vpc: is a setting/,
    ],
    ['a section', changed('service: coldframe', 'service: coldframe\nplugins: []'), /serverless\.yml:\d+: plugins: is a setting/],
    [
      'a variable',
      changed('COLDFRAME_STAGE: ${sls:stage}', 'COLDFRAME_STAGE: ${env:STAGE}'),
      /provider\.environment\.COLDFRAME_STAGE: \$\{env:STAGE\} is a variable we do not resolve/,
    ],
    [
      'a variable that leads nowhere',
      changed('COLDFRAME_STAGE: ${sls:stage}', 'COLDFRAME_STAGE: ${self:custom.stage}'),
      /\$\{self:custom\.stage\} leads nowhere/,
    ],
    [
      'an intrinsic function',
      changed('COLDFRAME_BUS: !Ref Bus', 'COLDFRAME_BUS: !ImportValue bus'),
      /COLDFRAME_BUS: !ImportValue is a function we do not resolve/,
    ],
    [
      'a resource that is not there',
      changed('COLDFRAME_BUS: !Ref Bus', 'COLDFRAME_BUS: !Ref Buss'),
      /COLDFRAME_BUS: there is no resource `Buss`/,
    ],
    [
      'an attribute',
      changed('COLDFRAME_BUS: !Ref Bus', 'COLDFRAME_BUS: !GetAtt Bus.Policy'),
      /COLDFRAME_BUS: `Bus` is a AWS::Events::EventBus, whose Policy we do not know/,
    ],
    [
      'a name that CloudFormation would choose',
      changed(
        'EventBus\n        Properties:\n          Name: coldframe-${sls:stage}\n',
        'EventBus\n        Properties:\n          Description: ours\n',
      ),
      /`Bus` has no Name: we cannot know/,
    ],
    ['a schedule', changed('rate(5 minutes)', 'cron(0 4 * * ? *)'), /schedule: must be a rate like `rate\(5 minutes\)`/],
    ['a route', changed('POST /slack/events', '/slack/events'), /must be a route like `POST \/slack\/events`/],
    ['a number that is text', changed('memorySize: 512', 'memorySize: big'), /functions\.worker\.memorySize: must be a number, not "big"/],
    [
      'a target that is no queue',
      changed('Arn: !GetAtt RequestQueue.Arn\n              RetryPolicy', 'Arn: !GetAtt Bus.Arn\n              RetryPolicy'),
      /must be the ARN of a queue/,
    ],
    ['a missing name', changed('    name: coldframe-${sls:stage}-worker\n', ''), /functions\.worker: has no `name`/],
    ['broken YAML', `${ours}\n  - [`, /^serverless\.yml:\d+: /],
  ])('%s', (_, text, message) => expect(() => ourStack(text)).toThrow(message));
});

describe('the forms we resolve', () => {
  const resolved = (written: string): unknown => {
    const text = `a: ${written}\nb: { c: text, d: [1, x] }\nresources:\n  - Resources:\n      Q: { Type: "AWS::SQS::Queue", Properties: { QueueName: "q-\${sls:stage}" } }`;
    const file = serverlessFile(text, place);
    return file.entries()[0]?.[1].value();
  };

  it.each([
    ['${sls:stage}', 'local'],
    ["x-${opt:stage, 'dev'}-y", 'x-local-y'],
    ["${opt:region, 'us-east-1'}", 'eu-central-1'],
    ['${self:b}', { c: 'text', d: [1, 'x'] }],
    ['"${self:b.c}!"', 'text!'],
    ['!GetAtt Q.Arn', 'arn:aws:sqs:eu-central-1:000000000000:q-local'],
    ['!Ref AWS::Region', 'eu-central-1'],
    [
      '!Sub "arn:${AWS::Partition}:x:${AWS::AccountId}:${Q.Arn}/${sls:stage}"',
      'arn:aws:x:000000000000:arn:aws:sqs:eu-central-1:000000000000:q-local/local',
    ],
    ['!Join ["-", [a, !Ref AWS::Region, "${sls:stage}"]]', 'a-eu-central-1-local'],
    ['{ wildcard: x }', { wildcard: 'x' }],
  ])('%s', (written, value) => expect(resolved(written)).toEqual(value));

  it.each([
    '!Sub "${Nowhere}"',
    '!Join [",", x]',
    '!Join [1, [a]]',
    '"${self:b}!"',
    '"${self:b.${sls:stage}}"',
    '*anchor',
    '!Ref [a]',
    '{ Ref: Q }',
    '{ Fn::Sub: x }',
  ])('but not %s', (written) => {
    expect(() => resolved(written)).toThrow(/^serverless\.yml/);
  });
});
