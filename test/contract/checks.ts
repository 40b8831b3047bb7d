import { CloudWatchLogsClient, CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsCall, eventBridge, ssm as ssmService } from '../../src/aws/aws-call.ts';
import { eventBus } from '../../src/aws/bus.ts';
import { patiently } from '../../src/aws/client-settings.ts';
import { logInsights } from '../../src/aws/log-insights.ts';
import { readSecrets } from '../../src/aws/secrets.ts';
import { s3Store } from '../../src/aws/store.ts';
import { readTask } from '../../src/aws/task-event.ts';
import { taskLog } from '../../src/aws/task-log.ts';
import { ecsTasks } from '../../src/aws/tasks.ts';
import type { Catalogue } from '../../src/run/catalogue.ts';
import { planRun } from '../../src/run/plan.ts';
import { propertiesOf, type Template } from '../packaging/template.ts';
import { differentAnswers } from '../simulation/same-answers.ts';

export interface Checked {
  readonly kind: 'held' | 'cannot be seen' | 'broken';
  readonly claim: string;
  readonly because?: string;
}

export interface ContractOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly template: Template;
  readonly catalogue: Catalogue;
  /** Some that are there. */
  readonly network: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
}

interface Check {
  readonly claim: string;
  /** True when it holds; a text when it does not. */
  readonly look: () => Promise<true | string>;
  /** Why an emulator may be excused; AWS itself may not. */
  readonly excuse?: string;
  /** Whether it was seen to be the emulator's fault; absent: it cannot be anything else. */
  readonly isTheirs?: () => boolean;
}

/** Every claim about AWS that src/aws relies on and that can be tried from outside, in the order in which one builds upon the other. */
export async function* contractChecks(options: ContractOptions): AsyncGenerator<Checked> {
  for (const { claim, look, excuse, isTheirs = () => true } of [
    ...bucketChecks(options),
    ...taskChecks(options),
    ...otherChecks(options),
  ]) {
    const said = await look().catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)));
    if (said === true) yield { kind: 'held', claim };
    else
      yield excuse === undefined || !isTheirs()
        ? { kind: 'broken', claim, because: said }
        : { kind: 'cannot be seen', claim, because: `${excuse} (${said})` };
  }
}

const clientOf = ({ endpoint, region }: ContractOptions) => ({
  ...patiently,
  endpoint,
  region,
  credentials: { accessKeyId: 'contract', secretAccessKey: 'contract' },
});

/** The template's name for something, and a word of our own, so that one may ask the same emulator twice. */
const run = Date.now().toString(36);
const named = (name: unknown): string => `${String(name)}-${run}`;

const same = (found: unknown, wanted: unknown): true | string => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  return one === other || `found ${one}, wanted ${other}`;
};

function bucketChecks(options: ContractOptions): readonly Check[] {
  const bucket = named(propertiesOf(options.template, 'Bucket').BucketName);
  const client = new S3Client({ ...clientOf(options), forcePathStyle: true });
  const store = s3Store(client, bucket);
  const taken = takenIfMatch(client);
  const json = (value: unknown) => value;
  return [
    {
      claim: "the template's bucket can be made",
      look: async () => {
        const made = client.send(
          new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
        );
        // The answer to the first try may have been lost.
        await made.catch((error: unknown) => {
          if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
        });
        return true;
      },
    },
    {
      claim: 'a claim is written once: the second is told so, and the first stands',
      look: async () => {
        const claims = [await store.create('claims/a', { by: 1 }), await store.create('claims/a', { by: 2 })];
        return same([claims, (await store.get('claims/a', json))?.value], [[true, false], { by: 1 }]);
      },
    },
    {
      claim: "the simulation's S3 answers as this one does, to three hundred questions",
      look: async () => {
        const different = await differentAnswers(client, { bucket, prefix: 'simulation/', seed: 1, steps: 300 });
        return different.length === 0 || different.slice(0, 5).join('; ');
      },
    },
    {
      claim: 'of fifty claims at once one wins',
      look: async () => {
        const claims = await Promise.all(Array.from({ length: 50 }, (_, by) => store.create('claims/race', { by })));
        return same(claims.filter(Boolean).length, 1);
      },
    },
    {
      claim: 'of ten changes at once none is lost (compare and swap)',
      look: async () => {
        const count = (now: unknown) => ({ n: typeof now === 'object' && now !== null && 'n' in now ? Number(now.n) + 1 : 1 });
        await Promise.all(Array.from({ length: 10 }, () => store.update('state/count', json, count)));
        return same((await store.get('state/count', json))?.value, { n: 10 });
      },
      excuse: 'it took two writes with the same If-Match: moto compares and writes in two steps, between which another request may come',
      isTheirs: () => new Set(taken).size < taken.length,
    },
    {
      claim: 'what is not there is nothing, not an error',
      look: async () => same([await store.get('state/none', json), await store.has('state/none')], [undefined, false]),
    },
    {
      claim: 'a list gives the keys and the folders below a prefix',
      look: async () => {
        await store.put('state/staging/runs/a/run.json', '{}', 'application/json');
        return same(
          [await Array.fromAsync(store.list('state/')), await Array.fromAsync(store.folders('state/'))],
          [['state/count', 'state/staging/runs/a/run.json'], ['staging']],
        );
      },
    },
    {
      claim: 'a presigned address reads the object without any key',
      look: async () => {
        await store.put('reports/a', 'a report', 'text/html');
        return same(await (await fetch(await store.presign('reports/a', 60))).text(), 'a report');
      },
    },
  ];
}

/** The ETag of each write on condition (If-Match) that was taken. S3 takes one for each ETag, and refuses the others. */
function takenIfMatch(client: S3Client): readonly string[] {
  const taken: string[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      if ('IfMatch' in args.input && typeof args.input.IfMatch === 'string') taken.push(args.input.IfMatch);
      return answer;
    },
    { step: 'initialize' },
  );
  return taken;
}

function taskChecks(options: ContractOptions): readonly Check[] {
  const { template, catalogue } = options;
  const client = new ECSClient(clientOf(options));
  const cluster = named(propertiesOf(template, 'Cluster').ClusterName);
  const tasks = ecsTasks(client, cluster);
  const environment = catalogue.get('staging');
  if (environment === undefined) throw new Error('coldframe.yml has no environment `staging`: the contract is tried with it');
  const fargate = { cluster, taskFamilyPrefix: 'coldframe-local', ...options.network, assignPublicIp: true };
  const plan = planRun(
    {
      version: 1,
      key: run,
      askedAt: new Date().toISOString(),
      asker: { kind: 'slack', userId: 'U0' },
      command: { environment: 'staging', features: [] },
      text: '',
    },
    environment,
    fargate,
  );
  const [parameters] = plan.tasks;
  if (parameters === undefined) throw new Error('the plan has no task');
  let taskArn = '';
  const described = async () => (await tasks.describe([taskArn])).map(readTask)[0];
  return [
    {
      claim: "the template's cluster and the task definition of staging can be made",
      look: async () => {
        await client.send(new CreateClusterCommand({ clusterName: cluster }));
        await client.send(new RegisterTaskDefinitionCommand(asInput(propertiesOf(template, 'TaskDefinitionStaging'))));
        return true;
      },
    },
    {
      claim: "a plan's task starts, and says which run and shard it is",
      look: async () => {
        const start = await tasks.run(parameters);
        if (start.kind === 'refused') return `refused: ${JSON.stringify(start.stop)}`;
        taskArn = start.taskArn;
        const task = await described();
        return same([task?.run, task?.shard, task?.family, task?.isStopped], [plan.runId, 1, 'coldframe-local-staging', false]);
      },
    },
    {
      claim: 'the same plan again gives the same task',
      look: async () => {
        const again = await tasks.run(parameters);
        return again.kind === 'started' ? same(again.taskArn, taskArn) : `refused: ${JSON.stringify(again.stop)}`;
      },
      excuse: 'moto does not look at clientToken',
    },
    {
      claim: "the sweeper finds the family's tasks",
      look: async () => (await tasks.listFamily('coldframe-local-staging')).includes(taskArn) || 'it is not among them',
    },
    {
      claim: 'a task that nobody knows is left out, not an error',
      look: async () => same(await tasks.describe([taskArn.replace(/[^/]+$/, '0'.repeat(32))]), []),
    },
    {
      claim: 'a task stops, with the reason we gave',
      look: async () => {
        await tasks.stop(taskArn, 'Coldframe run was cancelled');
        const task = await described();
        return same([task?.isStopped, task?.stop.stoppedReason], [true, 'Coldframe run was cancelled']);
      },
    },
    {
      claim: 'a task that has stopped has a stop code and a growing version',
      look: async () => {
        const task = await described();
        return (task?.stop.stopCode !== undefined && task.version > 0) || `stop code ${task?.stop.stopCode}, version ${task?.version}`;
      },
      excuse: 'moto keeps neither',
    },
    { claim: 'a stop of a stopped task is no error', look: async () => tasks.stop(taskArn, 'again').then(() => true as const) },
  ];
}

function otherChecks(options: ContractOptions): readonly Check[] {
  const { template } = options;
  const logs = new CloudWatchLogsClient(clientOf(options));
  const events = new EventBridgeClient(clientOf(options));
  const ssm = new SSMClient(clientOf(options));
  const { endpoint, region, credentials } = clientOf(options);
  const ours = { account: { region, credentials, endpoints: { AWS_ENDPOINT_URL: endpoint } }, patience: patiently };
  const ourBus = (name: string) => eventBus(awsCall(eventBridge, ours), name);
  const bus = named(propertiesOf(template, 'Bus').Name);
  const group = named(propertiesOf(template, 'TaskLogGroup').LogGroupName);
  const functionGroup = `/aws/lambda/coldframe-${run}-http`;
  const insights = logInsights(logs);
  const now = Date.now();
  const write = async (logGroupName: string, logStreamName: string, lines: readonly string[]) => {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await logs.send(
      new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: lines.map((message) => ({ message, timestamp: now })) }),
    );
  };
  return [
    {
      claim: 'a request is handed over to the bus',
      look: async () => {
        await events.send(new CreateEventBusCommand({ Name: bus }));
        await ourBus(bus).put(aRequest(now));
        return true;
      },
    },
    {
      claim: 'a bus that is not there is an error',
      look: async () => {
        const lost = ourBus(named('nowhere')).put(aRequest(now));
        return lost.then(
          () => 'it was taken',
          () => true as const,
        );
      },
    },
    {
      claim: "the last lines of a task's log are read",
      look: async () => {
        await write(group, 'staging/suite/abc', ['one', 'two']);
        return same(await taskLog(logs, group).lastLines('staging', 'arn:aws:ecs:eu-central-1:0:task/c/abc'), ['one', 'two']);
      },
    },
    {
      claim: 'the log of a task that wrote nothing is empty, not an error',
      look: async () => same(await taskLog(logs, group).lastLines('staging', 'arn:aws:ecs:eu-central-1:0:task/c/none'), []),
    },
    {
      claim: 'the logs of functions are found by their prefix',
      look: async () => {
        await write(functionGroup, 'a', ['REPORT RequestId: 1\tDuration: 2.00 ms', 'a line of the function itself']);
        return same(
          (await insights.logsOf(`coldframe-${run}`)).map((log) => log.group),
          [functionGroup],
        );
      },
    },
    {
      claim: "Logs Insights gives Lambda's own lines and no others",
      look: async () => {
        const asked = await insights.ask([functionGroup], now - 60_000, now + 60_000);
        if (asked.kind !== 'started') return JSON.stringify(asked);
        await insights.look(asked.queryId);
        const lines = await Array.fromAsync(insights.lines(asked.queryId));
        return same(
          lines.map(({ message }) => message.split('\t')[0]),
          ['REPORT RequestId: 1'],
        );
      },
      excuse: "moto's Logs Insights does not filter",
    },
    {
      claim: 'secrets are read, decrypted',
      look: async () => {
        await ssm.send(new PutParameterCommand({ Name: `/coldframe/${run}/slack-bot-token`, Value: 'a secret', Type: 'SecureString' }));
        return same(await readSecrets(awsCall(ssmService, ours), [`/coldframe/${run}/slack-bot-token`]), ['a secret']);
      },
    },
    {
      claim: 'ECS tells EventBridge of every change of a task',
      look: async () => 'no rule can be asked from here',
      excuse: 'moto emits no ECS events: npm start and the journeys show them',
    },
    {
      claim: 'S3 tells EventBridge of every object',
      look: async () => 'no rule can be asked from here',
      excuse: 'not to be seen without a target: npm start and the journeys show it',
    },
  ];
}

/** CloudFormation's `ContainerDefinitions` as the API has it, `containerDefinitions`. */
function asInput(properties: Readonly<Record<string, unknown>>): RegisterTaskDefinitionCommandInput {
  return lower(properties) as RegisterTaskDefinitionCommandInput;
}

function lower(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lower);
  if (typeof value !== 'object' || value === null) return value;
  // A log driver's options are a map of the driver's own, not CloudFormation's.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.includes('-') ? key : key.charAt(0).toLowerCase() + key.slice(1), lower(item)]),
  );
}

/** Any request will do: what is looked at is whether the bus takes it. */
const aRequest = (nowMs: number) =>
  ({
    detailType: 'Cancel Requested',
    detail: {
      version: 1,
      environment: 'staging',
      runId: 'x',
      askedAt: new Date(nowMs).toISOString(),
      asker: { kind: 'slack', userId: 'U0' },
    },
  }) as const;
