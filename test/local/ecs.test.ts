import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { parseTaskStopped, readTask } from '../../src/aws/task-event.ts';
import { type EcsOptions, type LocalEcs, startEcs } from '../../src/local/ecs/ecs.ts';
import type { EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import { listProcesses } from '../../src/local/ecs/processes.ts';
import type { TaskDefinition } from '../../src/local/ecs/task-definition.ts';
import type { TaskStateChange } from '../../src/local/ecs/task-events.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const clusterArn = 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-test';
const atOnce = { provisionMs: 0, pullMs: 0, activateMs: 0, deprovisionMs: 0, memoryCheckMs: 500 };

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A task definition whose container runs this JavaScript. */
const definition = (script: string, part: Partial<TaskDefinition> = {}): TaskDefinition => ({
  family: 'coldframe-test-example',
  revision: 3,
  cpu: 1024,
  memoryMb: 2048,
  containerName: 'suite',
  command: [process.execPath, '-e', script],
  cwd: tmpdir(),
  environment: { COLDFRAME_STAGE: 'test', COLDFRAME_ENVIRONMENT: 'example' },
  logGroup: '/coldframe/test/tasks',
  streamPrefix: 'example',
  stopTimeoutS: 30,
  ...part,
});

const untilTold = "console.log('pid', process.pid); setInterval(() => {}, 1000);";
const untilToldNicely = `process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(7); }); ${untilTold}`;
const stubborn = `process.on('SIGTERM', () => console.log('not me')); ${untilTold}`;

interface World {
  readonly ecs: LocalEcs;
  readonly client: ECSClient;
  readonly dir: string;
  readonly events: readonly TaskStateChange[];
  readonly lines: readonly string[];
  readonly streams: ReadonlySet<string>;
  readonly faults: readonly unknown[];
  /** The first event, past or to come, for which this holds. */
  event(holds: (event: TaskStateChange) => boolean): Promise<TaskStateChange>;
  status(lastStatus: string): Promise<TaskStateChange>;
  /** The first log line, past or to come, that begins so. */
  line(begin: string): Promise<string>;
}

async function world(script: string | TaskDefinition | readonly TaskDefinition[], options: Partial<EcsOptions> = {}): Promise<World> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ecs-test-'));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  const events: TaskStateChange[] = [];
  const lines: string[] = [];
  const streams = new Set<string>();
  const faults: unknown[] = [];
  const looks = new Set<() => void>();
  const look = () => {
    for (const each of looks) each();
  };
  const ecs = await startEcs({
    cluster: 'coldframe-test',
    taskDefinitions: [typeof script === 'string' ? definition(script) : script].flat(),
    dir,
    credentials: [credentials],
    journal: (entry) => {
      if (entry.name === 'fault') faults.push(entry.response);
    },
    deliver: (event) => {
      events.push(event);
      look();
    },
    appendLog: (group, stream, more) => {
      streams.add(`${group} ${stream}`);
      lines.push(...more);
      look();
    },
    taskEnvironment: () => ({ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_ENDPOINT_URL_S3: 'http://s3.test' }),
    timings: atOnce,
    ...options,
  });
  cleanups.push(() => ecs.stop());
  const client = new ECSClient({ endpoint: ecs.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
  cleanups.push(() => client.destroy());
  const found = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const each = () => {
        const it = find();
        if (it === undefined) return;
        looks.delete(each);
        resolve(it);
      };
      looks.add(each);
      each();
    });
  const event = (holds: (event: TaskStateChange) => boolean) => found(() => events.find(holds));
  return {
    ecs,
    client,
    dir,
    events,
    lines,
    streams,
    faults,
    event,
    status: (lastStatus) => event(({ detail }) => detail.lastStatus === lastStatus),
    line: (begin) => found(() => lines.find((line) => line.startsWith(begin))),
  };
}

const runTask = (part: Partial<RunTaskCommandInput> = {}): RunTaskCommandInput => ({
  cluster: 'coldframe-test',
  taskDefinition: 'coldframe-test-example',
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'], assignPublicIp: 'ENABLED' } },
  ...part,
});

async function run({ client }: World, part: Partial<RunTaskCommandInput> = {}) {
  const { tasks = [] } = await client.send(new RunTaskCommand(runTask(part)));
  return tasks[0]?.taskArn ?? '';
}

async function describeOne({ client }: World, task: string, include: 'TAGS'[] = []) {
  const { tasks } = await client.send(new DescribeTasksCommand({ cluster: 'coldframe-test', tasks: [task], include }));
  return tasks?.[0];
}

const stopTask = (task: string, reason?: string) => new StopTaskCommand({ cluster: 'coldframe-test', task, ...(reason && { reason }) });
const lives = (pid: number) => listProcesses().some((entry) => entry.pid === pid);
const pidIn = (line: string) => Number(line.split(' ').at(-1));
const versions = ({ events }: World) => events.map(({ detail }) => Number(detail.version));

describe('a task', () => {
  it('goes from PROVISIONING to STOPPED, one event for each change, the version growing by one', async () => {
    const here = await world('process.exit(0)');
    await run(here);
    await here.status('STOPPED');
    expect(here.events.map(({ detail }) => detail.lastStatus)).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(versions(here)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('tells its exit code in DEPROVISIONING, before STOPPED', async () => {
    const here = await world('process.exit(3)');
    await run(here);
    const { detail } = await here.status('DEPROVISIONING');
    expect(detail).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'suite', lastStatus: 'STOPPED', exitCode: 3 }],
    });
    expect(here.events.some((event) => event.detail.lastStatus === 'STOPPED')).toBe(false);
  });

  it("is told of in EventBridge's envelope, with ISO times, the override's environment, and no tags", async () => {
    const here = await world('process.exit(0)');
    const environment = [{ name: 'COLDFRAME_RUN', value: 'example-20261123-0412-k3f9qa' }];
    const overrides = { containerOverrides: [{ name: 'suite', environment }] };
    const arn = await run(here, { startedBy: 'example-20261123-0412-k3f9qa', overrides, tags: [{ key: 'team', value: 'qa' }] });
    const event = await here.status('STOPPED');
    expect(event).toMatchObject({
      version: '0',
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: '000000000000',
      region: 'eu-central-1',
      resources: [arn],
      detail: {
        taskArn: arn,
        clusterArn,
        taskDefinitionArn: 'arn:aws:ecs:eu-central-1:000000000000:task-definition/coldframe-test-example:3',
        group: 'family:coldframe-test-example',
        launchType: 'FARGATE',
        startedBy: 'example-20261123-0412-k3f9qa',
        overrides,
        attachments: [{ type: 'eni', status: 'DELETED' }],
      },
    });
    expect(event.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    for (const name of ['createdAt', 'pullStartedAt', 'pullStoppedAt', 'startedAt', 'executionStoppedAt', 'stoppingAt', 'stoppedAt']) {
      expect(event.detail[name], name).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    expect(here.events.flatMap(({ detail }) => Object.keys(detail))).not.toContain('tags');
    expect(new Set(here.events.map(({ id }) => id)).size).toBe(here.events.length);
  });

  it('shows times that the SDK reads as dates', async () => {
    const here = await world('process.exit(0)');
    const arn = await run(here);
    const { detail } = await here.status('STOPPED');
    const task = await describeOne(here, arn);
    expect(task).toMatchObject({ lastStatus: 'STOPPED', version: 8, stopCode: 'EssentialContainerExited' });
    expect(task?.startedAt?.toISOString()).toBe(detail.startedAt);
    expect(task?.stoppedAt?.toISOString()).toBe(detail.stoppedAt);
  });

  it('reads the same in its last event and in DescribeTasks, for the code that runs on AWS', async () => {
    const here = await world('process.exit(3)');
    const environment = [
      { name: 'COLDFRAME_RUN', value: 'example-20261123-0412-k3f9qa' },
      { name: 'COLDFRAME_SHARD', value: '2' },
    ];
    const arn = await run(here, { overrides: { containerOverrides: [{ name: 'suite', environment }] } });
    const parsed = parseTaskStopped(await here.status('STOPPED'));
    const described = await describeOne(here, arn);
    expect(parsed).toEqual({ kind: 'stopped', task: described && readTask(described) });
    expect(parsed).toMatchObject({ task: { run: 'example-20261123-0412-k3f9qa', shard: 2, stop: { exitCode: 3 } } });
  });

  it('counts a process that dies of a signal as 128 and the signal', async () => {
    const here = await world("process.kill(process.pid, 'SIGSEGV')");
    await run(here);
    expect((await here.status('STOPPED')).detail.containers).toMatchObject([{ exitCode: 139 }]);
  });

  it('whose program is not there fails to start, and says so in its container', async () => {
    const here = await world(definition('', { command: ['/no/such/program'] }));
    await run(here);
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start' });
    expect(detail.containers).toMatchObject([
      { lastStatus: 'STOPPED', reason: expect.stringMatching(/^CannotStartContainerError: .*ENOENT/) },
    ]);
    expect(detail.containers).not.toMatchObject([{ exitCode: expect.anything() }]);
    expect(detail).not.toHaveProperty('startedAt');
  });
});

describe("a task's container", () => {
  it('finds in its environment what a Fargate container would, and nothing of ours', async () => {
    const here = await world("console.log('env', JSON.stringify(process.env))");
    const environment = [
      { name: 'COLDFRAME_RUN', value: 'r-1' },
      { name: 'COLDFRAME_STAGE', value: 'overridden' },
    ];
    await run(here, { overrides: { containerOverrides: [{ name: 'suite', environment }] } });
    const found = JSON.parse((await here.line('env ')).slice(4));
    expect(Object.keys(found).toSorted()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_ENDPOINT_URL_S3',
      'AWS_EXECUTION_ENV',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'COLDFRAME_ENVIRONMENT',
      'COLDFRAME_RUN',
      'COLDFRAME_STAGE',
      'ECS_CONTAINER_METADATA_URI_V4',
      'HOME',
      'PATH',
      'TMPDIR',
    ]);
    expect(found).toMatchObject({ COLDFRAME_RUN: 'r-1', COLDFRAME_STAGE: 'overridden', COLDFRAME_ENVIRONMENT: 'example' });
  });

  it('gets a command override as more arguments, as an image with an ENTRYPOINT does', async () => {
    const here = await world("console.log('arguments', ...process.argv.slice(1))");
    await run(here, { overrides: { containerOverrides: [{ name: 'suite', command: ['one', 'two words'] }] } });
    expect(await here.line('arguments')).toBe('arguments one two words');
  });

  it('has a folder of its own, which is gone afterwards', async () => {
    const here = await world("require('fs').writeFileSync(process.env.TMPDIR + '/x', ''); console.log('folder', process.env.TMPDIR)");
    const folders: string[] = [];
    for (const _ of [1, 2]) {
      const arn = await run(here);
      const { detail } = await here.event((event) => event.detail.taskArn === arn && event.detail.lastStatus === 'RUNNING');
      await here.event((event) => event.detail.taskArn === detail.taskArn && event.detail.lastStatus === 'STOPPED');
      folders.push(here.lines.at(-1)?.slice(7) ?? '');
    }
    await here.ecs.stop();
    expect(new Set(folders).size).toBe(2);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
  });

  it('has its lines in the log before the task has stopped, both outputs, the last one without an end', async () => {
    const script = `console.log('out 1\\r\\nout 2'); console.error('err'); process.stdout.write('ü'.repeat(20000) + '\\n'); process.stdout.write('cut o')`;
    const here = await world(script);
    const arn = await run(here);
    await here.status('STOPPED');
    expect(here.lines.toSorted()).toEqual(['cut o', 'err', 'out 1', 'out 2', 'ü'.repeat(20_000 - 16_384), 'ü'.repeat(16_384)].toSorted());
    expect([...here.streams]).toEqual([`/coldframe/test/tasks example/suite/${arn.split('/').at(-1)}`]);
  });

  it('reads of its task at the metadata address', async () => {
    const script = `
      const uri = process.env.ECS_CONTAINER_METADATA_URI_V4;
      const read = async (path) => (await fetch(uri + path)).json();
      const main = async () => console.log('metadata', JSON.stringify({ container: await read(''), task: await read('/task'), stats: await read('/stats') }));
      main();`;
    const here = await world(script);
    const arn = await run(here);
    const { container, task, stats } = JSON.parse((await here.line('metadata ')).slice(9));
    expect(task).toMatchObject({
      TaskARN: arn,
      Cluster: clusterArn,
      Family: 'coldframe-test-example',
      Revision: '3',
      DesiredStatus: 'RUNNING',
      KnownStatus: 'RUNNING',
      LaunchType: 'FARGATE',
      Limits: { CPU: 1, Memory: 2048 },
      Containers: [container],
    });
    expect(container).toMatchObject({ Name: 'suite', KnownStatus: 'RUNNING', LogOptions: { 'awslogs-group': '/coldframe/test/tasks' } });
    expect(stats.memory_stats.usage).toBeGreaterThan(1_000_000);
  });

  it('that takes more memory than the task has is killed, with 137 and the reason', async () => {
    const hungry = 'const held = []; setInterval(() => held.push(Buffer.alloc(8_000_000, 1)), 1)';
    const here = await world(definition(hungry, { memoryMb: 300 }), { timings: { ...atOnce, memoryCheckMs: 20 } });
    await run(here);
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    });
  });

  it('leaves no process behind, neither a grandchild nor one that was started detached', async () => {
    const sleeper = "'-e', 'setInterval(() => {}, 1000)'";
    const script = `
      const { spawn } = require('child_process');
      const child = spawn(process.execPath, [${sleeper}], { stdio: 'ignore' });
      const far = spawn(process.execPath, [${sleeper}], { stdio: 'ignore', detached: true });
      const grand = spawn('/bin/sh', ['-c', '"$0" -e "setInterval(() => {}, 1000)" & echo grandchild $!; wait', process.execPath], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
      console.log('child', child.pid); console.log('detached', far.pid);
      process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);`;
    const here = await world(script);
    const arn = await run(here);
    const pids = (await Promise.all(['child', 'detached', 'grandchild'].map(here.line))).map(pidIn);
    expect(pids.map(lives)).toEqual([true, true, true]);
    await here.client.send(stopTask(arn));
    await here.status('STOPPED');
    expect(pids.map(lives)).toEqual([false, false, false]);
  });
});

describe('RunTask', () => {
  it('with the same client token never starts a second task, at once or later', async () => {
    const here = await world('process.exit(0)');
    const started = await Promise.all(Array.from({ length: 10 }, () => run(here, { clientToken: 'r-1-s1' })));
    await here.status('STOPPED');
    const later = await run(here, { clientToken: 'r-1-s1' });
    expect(new Set([...started, later]).size).toBe(1);
    expect(here.events.filter(({ detail }) => detail.version === 1)).toHaveLength(1);
  });

  it('with the same client token and other parameters is a conflict that names the first task', async () => {
    const here = await world(untilTold);
    const arn = await run(here, { clientToken: 'r-1-s1', startedBy: 'one' });
    const again = here.client.send(new RunTaskCommand(runTask({ clientToken: 'r-1-s1', startedBy: 'two' })));
    await expect(again).rejects.toMatchObject({ name: 'ConflictException', resourceIds: [arn] });
  });

  it('forgets a client token after a day, not earlier', async () => {
    let nowMs = Date.now();
    const here = await world('process.exit(0)', { now: () => nowMs });
    const first = await run(here, { clientToken: 'r-1-s1' });
    nowMs += 24 * 3_600_000 - 1;
    expect(await run(here, { clientToken: 'r-1-s1' })).toBe(first);
    nowMs += 1;
    expect(await run(here, { clientToken: 'r-1-s1' })).not.toBe(first);
  });

  it('knows a client token again after a restart', async () => {
    const here = await world('process.exit(0)');
    const first = await run(here, { clientToken: 'r-1-s1' });
    await here.status('STOPPED');
    await here.ecs.stop();
    const again = await world('process.exit(0)', { dir: here.dir });
    expect(await run(again, { clientToken: 'r-1-s1' })).toBe(first);
  });

  it('whose answer is lost is tried again by the SDK, and there is one task', async () => {
    const faults: EcsDisturbance[] = [{ kind: 'lost-answer' }];
    const here = await world(untilTold, { disturb: () => faults.shift() });
    const client = new ECSClient({ endpoint: here.ecs.url, region: 'eu-central-1', credentials });
    cleanups.push(() => client.destroy());
    const { tasks, $metadata } = await client.send(new RunTaskCommand(runTask()));
    expect($metadata.attempts).toBe(2);
    const { taskArns } = await here.client.send(new ListTasksCommand({ cluster: 'coldframe-test' }));
    expect(taskArns).toEqual([tasks?.[0]?.taskArn]);
  });

  it.each([
    ['the family: its latest revision', 'coldframe-test-example', 4],
    ['family and revision', 'coldframe-test-example:3', 3],
    ['an ARN', 'arn:aws:ecs:eu-central-1:000000000000:task-definition/coldframe-test-example:3', 3],
  ])('takes as task definition %s', async (_, taskDefinition, revision) => {
    const here = await world([definition('', { revision: 4 }), definition('')]);
    const { tasks } = await here.client.send(new RunTaskCommand(runTask({ taskDefinition })));
    expect(tasks?.[0]?.taskDefinitionArn).toBe(`arn:aws:ecs:eu-central-1:000000000000:task-definition/coldframe-test-example:${revision}`);
  });

  it('starts as many as it is told, on Spot when the strategy says so', async () => {
    const here = await world(untilTold);
    const { launchType: _, ...input } = runTask({ count: 3, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] });
    const { tasks } = await here.client.send(new RunTaskCommand(input));
    expect(tasks).toMatchObject(Array(3).fill({ capacityProviderName: 'FARGATE_SPOT', launchType: 'FARGATE', lastStatus: 'PROVISIONING' }));
  });

  const environmentOf = (length: number) => [{ name: 'X', value: 'x'.repeat(length) }];
  /** Overrides whose JSON has this many characters. */
  const overridesOf = (length: number) => {
    const frame = JSON.stringify({ containerOverrides: [{ name: 'suite', environment: environmentOf(0) }] }).length;
    return { containerOverrides: [{ name: 'suite', environment: environmentOf(length - frame) }] };
  };

  it('takes what is just within its limits', async () => {
    const here = await world(untilTold);
    const part = { startedBy: 'aZ0-/_'.padEnd(128, 'x'), clientToken: '!~'.padEnd(64, 'x'), overrides: overridesOf(8192) };
    expect(await run(here, part)).toMatch(/^arn:aws:ecs:eu-central-1:000000000000:task\/coldframe-test\/[0-9a-f]{32}$/);
  });

  it.each<[string, Partial<RunTaskCommandInput>, string, RegExp]>([
    ['eleven tasks', { count: 11 }, 'InvalidParameterException', /count/],
    ['no task', { count: 0 }, 'InvalidParameterException', /count/],
    ['a startedBy of 129 characters', { startedBy: 'x'.repeat(129) }, 'InvalidParameterException', /startedBy longer than 128/],
    ['a startedBy with a colon', { startedBy: 'run:1' }, 'InvalidParameterException', /startedBy/],
    [
      'overrides of 8193 characters',
      { overrides: overridesOf(8193) },
      'InvalidParameterException',
      /Container Overrides length must be at most 8192/,
    ],
    ['a client token of 65 characters', { clientToken: 'x'.repeat(65) }, 'InvalidParameterException', /clientToken/],
    ['a client token with a space', { clientToken: 'r 1' }, 'InvalidParameterException', /clientToken/],
    ['another cluster', { cluster: 'other' }, 'ClusterNotFoundException', /Cluster not found/],
    ['an unknown task definition', { taskDefinition: 'other' }, 'ClientException', /TaskDefinition not found/],
    ['an unknown revision', { taskDefinition: 'coldframe-test-example:9' }, 'ClientException', /TaskDefinition not found/],
    [
      'an unknown container',
      { overrides: { containerOverrides: [{ name: 'app' }] } },
      'InvalidParameterException',
      /Override for container named app is not a container in the TaskDefinition/,
    ],
    ['no network', { networkConfiguration: undefined }, 'InvalidParameterException', /Network Configuration must be provided/],
    ['neither launch type nor strategy', { launchType: undefined }, 'InvalidParameterException', /No Container Instances/],
    [
      'both of them',
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'InvalidParameterException',
      /both a launch type and/,
    ],
    ['a platform that is not', { platformVersion: '9.9.9' }, 'PlatformUnknownException', /platform/],
    ['tags of AWS', { tags: [{ key: 'aws:x', value: '1' }] }, 'InvalidParameterException', /aws:/],
    ['a tag twice', { tags: [{ key: 'a' }, { key: 'a' }] }, 'InvalidParameterException', /Duplicate/],
    ['tags propagated from nowhere', { propagateTags: 'NONE' }, 'InvalidParameterException', /propagateTags/],
    ['execute command', { enableExecuteCommand: true }, 'InvalidParameterException', /execute command/],
    ['what we do not imitate', { placementStrategy: [{ type: 'random' }] }, 'SerializationException', /placementStrategy/],
  ])('refuses %s, and starts nothing', async (_, part, name, message) => {
    const here = await world(untilTold);
    await expect(run(here, part)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(here.events).toEqual([]);
  });

  it('answers 200 and failures when it is told to, and the token is still good afterwards', async () => {
    const reason = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';
    const faults: EcsDisturbance[] = [{ kind: 'failures', failures: [{ reason }] }];
    const here = await world(untilTold, { disturb: () => faults.shift() });
    const answer = await here.client.send(new RunTaskCommand(runTask({ clientToken: 't' })));
    expect(answer).toMatchObject({ tasks: [], failures: [{ reason }] });
    expect(await run(here, { clientToken: 't' })).toMatch(/^arn:/);
  });

  it('is refused as ECS refuses when it is told to', async () => {
    const faults: EcsDisturbance[] = [{ kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' }];
    const here = await world(untilTold, { disturb: ({ operation }) => (operation === 'RunTask' ? faults.shift() : undefined) });
    await expect(run(here)).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    expect(await run(here)).toMatch(/^arn:/);
  });

  it('gives a task that never gets a container when it is told to', async () => {
    const stoppedReason =
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref suite:latest: not found';
    const here = await world(untilTold, { disturb: () => ({ kind: 'fails-to-start', stoppedReason }) });
    await run(here);
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason, containers: [] });
    expect(here.lines).toEqual([]);
  });
});

describe('StopTask', () => {
  it('asks with SIGTERM; the reason given, the exit code and UserInitiated are told', async () => {
    const here = await world(untilToldNicely);
    const arn = await run(here);
    await here.line('pid');
    const { task } = await here.client.send(stopTask(arn, 'Coldframe: cancelled by U1'));
    expect(task).toMatchObject({ desiredStatus: 'STOPPED', lastStatus: 'RUNNING', stoppedReason: 'Coldframe: cancelled by U1' });
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'Coldframe: cancelled by U1',
      containers: [{ exitCode: 7 }],
    });
    expect(here.lines).toContain('asked to stop');
    expect(versions(here)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is followed by SIGKILL after the stop timeout', async () => {
    const here = await world(definition(stubborn, { stopTimeoutS: 0.2 }));
    const arn = await run(here);
    const pid = pidIn(await here.line('pid'));
    await here.client.send(stopTask(arn));
    const { detail } = await here.status('STOPPED');
    expect(here.lines).toContain('not me');
    expect(detail).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', containers: [{ exitCode: 137 }] });
    expect(lives(pid)).toBe(false);
  });

  it('a second time, or after the end, changes nothing', async () => {
    const here = await world(untilToldNicely);
    const arn = await run(here);
    await here.line('pid');
    await Promise.all([here.client.send(stopTask(arn, 'first')), here.client.send(stopTask(arn, 'second'))]);
    const { detail } = await here.status('STOPPED');
    const { task } = await here.client.send(stopTask(arn, 'third'));
    expect(task).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'first', version: detail.version });
  });

  it('before there is a container leaves none, and no exit code', async () => {
    const here = await world(untilTold, { timings: { ...atOnce, pullMs: 3_600_000 } });
    const arn = await run(here);
    await here.status('PENDING');
    await here.client.send(stopTask(arn));
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({ stopCode: 'UserInitiated', containers: [{ lastStatus: 'STOPPED' }] });
    expect(detail.containers).not.toMatchObject([{ exitCode: expect.anything() }]);
    expect(here.events.some((event) => event.detail.lastStatus === 'RUNNING')).toBe(false);
  });

  it("gives a task its definition's tags where they are asked for, and those of the request over them", async () => {
    const here = await world({ ...definition(untilTold), tags: { environment: 'staging', team: 'qa' } });
    const tags = [{ key: 'team', value: 'shop' }];
    const [plain, propagated] = [await run(here, { tags }), await run(here, { tags, propagateTags: 'TASK_DEFINITION' })];
    expect((await describeOne(here, plain, ['TAGS']))?.tags).toEqual(tags);
    expect((await describeOne(here, propagated, ['TAGS']))?.tags).toEqual([{ key: 'environment', value: 'staging' }, ...tags]);
  });

  it('takes the tags away', async () => {
    const here = await world(untilTold);
    const arn = await run(here, { tags: [{ key: 'run', value: 'r-1' }] });
    expect((await describeOne(here, arn, ['TAGS']))?.tags).toEqual([{ key: 'run', value: 'r-1' }]);
    await here.client.send(stopTask(arn));
    expect((await describeOne(here, arn, ['TAGS']))?.tags).toEqual([]);
  });

  it.each([
    ['an unknown task', 'f'.repeat(32), undefined, /The referenced task was not found/],
    ['a reason of 1025 characters', 'f'.repeat(32), 'x'.repeat(1025), /reason/],
  ])('refuses %s', async (_, task, reason, message) => {
    const here = await world(untilTold);
    await expect(here.client.send(stopTask(task, reason))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message),
    });
  });
});

describe('a fault', () => {
  it('that kills the container outright ends the task with 137', async () => {
    const here = await world(stubborn);
    const arn = await run(here);
    await here.line('pid');
    here.ecs.kill(arn, 'sigkill');
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] });
    expect(detail.containers).not.toMatchObject([{ reason: expect.anything() }]);
  });

  it('that takes the Spot capacity away warns first: RUNNING, and wanted STOPPED', async () => {
    const here = await world(definition(stubborn, { stopTimeoutS: 0.2 }));
    const arn = await run(here);
    await here.line('pid');
    here.ecs.kill(arn, 'spot');
    const warning = await here.event(({ detail }) => detail.stopCode !== undefined);
    expect(warning.detail).toMatchObject({
      lastStatus: 'RUNNING',
      desiredStatus: 'STOPPED',
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
    });
    expect((await here.status('STOPPED')).detail).toMatchObject({ stopCode: 'SpotInterruption', containers: [{ exitCode: 137 }] });
  });

  it('cannot befall a task that is not running, and says so', async () => {
    const here = await world(untilTold, { timings: { ...atOnce, pullMs: 3_600_000 } });
    const arn = await run(here);
    expect(() => here.ecs.kill(arn, 'sigkill')).toThrow(/it has no process to kill/);
    expect(() => here.ecs.kill('nobody', 'spot')).toThrow(/there is no running task nobody/);
  });

  it('of the one who hears the events is noted and stops nothing', async () => {
    const here = await world('process.exit(0)', { deliver: () => Promise.reject(new Error('no bus')) });
    const arn = await run(here);
    const isStopped = async () => (await describeOne(here, arn))?.lastStatus === 'STOPPED';
    await expect.poll(isStopped, { timeout: 10_000 }).toBe(true);
    expect(here.faults).toContainEqual(expect.stringContaining('no bus'));
  });
});

describe('DescribeTasks', () => {
  it('knows a task by id and by ARN, and says MISSING of the others', async () => {
    const here = await world(untilTold);
    const arn = await run(here);
    const id = arn.split('/').at(-1) ?? '';
    const other = 'f'.repeat(32);
    const answer = await here.client.send(new DescribeTasksCommand({ cluster: clusterArn, tasks: [id, arn, other] }));
    expect(answer.tasks?.map(({ taskArn }) => taskArn)).toEqual([arn, arn]);
    expect(answer.failures).toEqual([{ arn: arn.replace(id, other), reason: 'MISSING' }]);
  });

  it('does not know a task when it is told so, as just after RunTask', async () => {
    const here = await world(untilTold, { disturb: ({ operation }) => (operation === 'DescribeTasks' ? { kind: 'missing' } : undefined) });
    expect(await describeOne(here, await run(here))).toBeUndefined();
  });

  it('shows a stopped task for an hour, and a running one for ever', async () => {
    let skewMs = 0;
    const here = await world("if (process.argv[1] === 'stay') setInterval(() => {}, 1000)", { now: () => Date.now() + skewMs });
    const stays = await run(here, { overrides: { containerOverrides: [{ name: 'suite', command: ['stay'] }] } });
    const arn = await run(here);
    await here.event(({ detail }) => detail.taskArn === arn && detail.lastStatus === 'STOPPED');
    skewMs = 3_500_000;
    expect(await describeOne(here, arn)).toMatchObject({ lastStatus: 'STOPPED' });
    skewMs = 3_600_000;
    expect(await describeOne(here, arn)).toBeUndefined();
    expect(await describeOne(here, stays)).toMatchObject({ desiredStatus: 'RUNNING' });
  });

  it.each([
    ['no task', []],
    ['101 tasks', Array.from({ length: 101 }, (_, n) => String(n))],
  ])('refuses to look at %s', async (_, tasks) => {
    const here = await world(untilTold);
    const asked = here.client.send(new DescribeTasksCommand({ cluster: 'coldframe-test', tasks }));
    await expect(asked).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('ListTasks', () => {
  const list = (input: object) => new ListTasksCommand({ cluster: 'coldframe-test', ...input });

  it('gives the running tasks page by page, each once', async () => {
    const here = await world(untilTold);
    const { tasks = [] } = await here.client.send(new RunTaskCommand(runTask({ count: 5 })));
    const pages: string[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await here.client.send(list({ maxResults: 2, ...(nextToken && { nextToken }) }));
      pages.push(page.taskArns ?? []);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().toSorted()).toEqual(tasks.map(({ taskArn = '' }) => taskArn).toSorted());
  });

  it('selects by family, by startedBy and by what is wanted of the task', async () => {
    const here = await world([definition(untilTold), definition('process.exit(0)', { family: 'coldframe-test-other' })]);
    const runs = await run(here, { startedBy: 'r-1' });
    const ended = await run(here, { taskDefinition: 'coldframe-test-other', startedBy: 'r-2' });
    await here.status('STOPPED');
    const listed = async (input: object) => (await here.client.send(list(input))).taskArns;
    expect(await listed({})).toEqual([runs]);
    expect(await listed({ desiredStatus: 'STOPPED' })).toEqual([ended]);
    expect(await listed({ desiredStatus: 'PENDING' })).toEqual([]);
    expect(await listed({ family: 'coldframe-test-other', desiredStatus: 'STOPPED' })).toEqual([ended]);
    expect(await listed({ family: 'coldframe-test-other' })).toEqual([]);
    expect(await listed({ startedBy: 'r-1' })).toEqual([runs]);
    expect(await listed({ startedBy: 'r-2', desiredStatus: 'STOPPED' })).toEqual([ended]);
  });

  it.each([
    ['startedBy beside another filter', { startedBy: 'r', family: 'f' }, 'InvalidParameterException'],
    ['101 results', { maxResults: 101 }, 'InvalidParameterException'],
    ['a token that is none', { nextToken: 'x' }, 'InvalidParameterException'],
    ['a service', { serviceName: 's' }, 'ServiceNotFoundException'],
  ])('refuses %s', async (_, input, name) => {
    const here = await world(untilTold);
    await expect(here.client.send(list(input))).rejects.toMatchObject({ name });
  });
});

describe('the local ECS', () => {
  it('says aloud what it does not do', async () => {
    const here = await world(untilTold);
    await expect(here.client.send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('ListClusters'),
    });
  });

  it('refuses a request that is not signed, or by somebody else', async () => {
    const here = await world(untilTold);
    const headers = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListTasks', 'content-type': 'application/x-amz-json-1.1' };
    const unsigned = await fetch(here.ecs.url, { method: 'POST', headers, body: '{}' });
    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
    const other = { accessKeyId: 'local', secretAccessKey: 'guessed' };
    const client = new ECSClient({ endpoint: here.ecs.url, region: 'eu-central-1', credentials: other, maxAttempts: 1 });
    cleanups.push(() => client.destroy());
    await expect(client.send(new ListTasksCommand({ cluster: 'coldframe-test' }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  it('leaves no process when it is stopped; at the next start the tasks are told to have stopped', async () => {
    const here = await world(stubborn);
    const arn = await run(here, { startedBy: 'r-1' });
    const pid = pidIn(await here.line('pid'));
    await here.ecs.stop();
    expect(lives(pid)).toBe(false);
    expect(here.events.some(({ detail }) => detail.lastStatus === 'STOPPED')).toBe(false);

    const again = await world(stubborn, { dir: here.dir });
    const { detail } = await again.status('STOPPED');
    expect(detail).toMatchObject({
      taskArn: arn,
      version: 5,
      startedBy: 'r-1',
      stopCode: 'InfrastructureHealth',
      stoppedReason: expect.stringContaining('The local world ended before this task did'),
      containers: [{ exitCode: 137 }],
    });
    expect(await describeOne(again, arn)).toMatchObject({ lastStatus: 'STOPPED' });
  });

  it('that was killed itself ends at its next start what it had left running', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ecs-test-'));
    const detached =
      "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' })";
    const left = definition(
      `const far = ${detached}; console.log('pids', process.pid, far.pid, process.env.TMPDIR); setInterval(() => {}, 1000)`,
    );
    const short = `
      import { startEcs } from ${JSON.stringify(new URL('../../src/local/ecs/ecs.ts', import.meta.url).href)};
      import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
      const credentials = ${JSON.stringify(credentials)};
      const { url } = await startEcs({
        cluster: 'coldframe-test', taskDefinitions: [${JSON.stringify(left)}], dir: ${JSON.stringify(dir)}, credentials: [credentials],
        journal: () => {}, deliver: () => {}, appendLog: (group, stream, lines) => console.log(lines.join()), taskEnvironment: () => ({}), timings: ${JSON.stringify(atOnce)},
      });
      await new ECSClient({ endpoint: url, region: 'eu-central-1', credentials }).send(new RunTaskCommand(${JSON.stringify(runTask())}));`;
    const first = spawn(process.execPath, ['--input-type=module', '-e', short], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => void first.kill('SIGKILL'));
    const [line] = await once(createInterface(first.stdout), 'line');
    const [, main, far, folder = ''] = String(line).split(' ');
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect([main, far].map((pid) => lives(Number(pid)))).toEqual([true, true]);

    const here = await world(left, { dir });
    const { detail } = await here.status('STOPPED');
    expect(detail).toMatchObject({ stopCode: 'InfrastructureHealth', containers: [{ exitCode: 137 }] });
    expect([main, far].map((pid) => lives(Number(pid)))).toEqual([false, false]);
    expect(existsSync(folder)).toBe(false);
  });

  it('forgets at a start what stopped more than a day ago', async () => {
    const here = await world('process.exit(0)');
    await run(here);
    await here.status('STOPPED');
    await here.ecs.stop();
    expect(readdirSync(join(here.dir, 'tasks'))).toHaveLength(1);
    await world('process.exit(0)', { dir: here.dir, now: () => Date.now() + 25 * 3_600_000 });
    expect(readdirSync(join(here.dir, 'tasks'))).toEqual([]);
  });
});
