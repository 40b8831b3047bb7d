import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { WebClient } from '@slack/web-api';
import { type Chrome, findChrome } from '../../../container/chrome.ts';
import { cancelRun } from '../../../src/app/cancel-run.ts';
import { taskStopped } from '../../../src/app/finish-run.ts';
import { readRun } from '../../../src/app/run-store.ts';
import { startRun } from '../../../src/app/start-run.ts';
import type { World } from '../../../src/app/world.ts';
import { type Store, s3Store } from '../../../src/aws/store.ts';
import { parseTaskStopped } from '../../../src/aws/task-event.ts';
import { taskLog } from '../../../src/aws/task-log.ts';
import { ecsTasks } from '../../../src/aws/tasks.ts';
import { type LocalEcs, startEcs } from '../../../src/local/ecs/ecs.ts';
import { processesOf } from '../../../src/local/ecs/processes.ts';
import type { TaskDefinition } from '../../../src/local/ecs/task-definition.ts';
import type { TaskStateChange } from '../../../src/local/ecs/task-events.ts';
import type { ContainerExit } from '../../../src/local/ecs/task-life.ts';
import { keptBuild } from '../../../src/local/kept-build.ts';
import { startLogs } from '../../../src/local/logs/logs.ts';
import { startS3 } from '../../../src/local/s3/s3.ts';
import { messageAsText } from '../../../src/local/slack/message-text.ts';
import { startSlack } from '../../../src/local/slack/slack.ts';
import type { SlackMessage } from '../../../src/local/slack/slack-message.ts';
import { startSsm } from '../../../src/local/ssm/ssm.ts';
import { serve } from '../../../src/local/wire/http-server.ts';
import type { Outcome } from '../../../src/outcome/outcome.ts';
import type { Environment } from '../../../src/run/catalogue.ts';
import { runKeys, shardKeys } from '../../../src/run/keys.ts';
import { defaultSuitePlan, planRun } from '../../../src/run/plan.ts';
import type { RunId } from '../../../src/run/run-id.ts';
import type { ShardResult } from '../../../src/run/shard.ts';
import { parseSaid, parseShardResult } from '../../../src/run/stored.ts';
import { slackSay } from '../../../src/slack/say.ts';
import { requestOf } from '../../app/edges.ts';
import { environmentOf } from '../../catalogue.ts';
import { useOneBuild } from '../../one-build.ts';
import { type Line, startLine } from './line.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-central-1';
const account = '000000000000';
const bucket = 'bucket';
const channel = 'C0UITESTS';

/** What shall be run, and what happens to it meanwhile. */
export interface Attempt {
  /** Of the environment it gets for itself: lower case letters, digits and `-`. */
  readonly name: string;
  /** The suite's files; `undefined`: there is no folder. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly environment?: Partial<Environment>;
  /** The limit shall come after `/event`: on a machine too busy for that, it is run again with a longer one. */
  readonly isLimitAfterEvent?: true;
  /** Another version of cucumber-js for the suite: a package of this project's. */
  readonly cucumber?: string;
  /** The feature files that are asked for; absent: all. */
  readonly features?: readonly string[];
  /** The address under test, made of the site's; absent: the site's. */
  readonly address?: (site: string) => string;
  /** Environment variables of the container. */
  readonly variables?: (world: { readonly chrome: string; readonly folder: string }) => Readonly<Record<string, string>>;
  /** Instead of the container's own: given its program and arguments, what to start. */
  readonly command?: (own: readonly string[]) => readonly string[];
  readonly stopTimeoutS?: number;
  /** The container cannot tidy up: what it leaves goes with the task. */
  readonly isKilled?: true;
  /** What happens to it; `run.event` starts the clock. */
  readonly act?: (run: ARun) => Promise<void>;
  /** `act` begins when ECS has taken the task, before there is a container. */
  readonly isEarly?: true;
}

/** A run that is on. */
export interface ARun {
  readonly runId: RunId;
  readonly keys: ReturnType<typeof shardKeys>;
  /** Of this task to S3. */
  readonly line: Line;
  /** Settles when the suite has asked the site for `path`, or had before. This and the other waits give up when the run has ended. */
  visited(path: string): Promise<void>;
  /** Lets the site answer the suite's request for `/held`. */
  release(): void;
  /** Settles when the object is there. */
  written(key: string): Promise<void>;
  /** Settles when something is there to be found; looked for again and again. */
  found<T>(look: () => T | undefined): Promise<T>;
  /** Whether its task is gone. */
  hasEnded(): boolean;
  /** The time from here to the end is what is measured; otherwise from the visit of `/event`, from the limit, or all of it. */
  event(): void;
  /** Ends the container, as ECS does. */
  kill(how: 'sigkill' | 'spot'): void;
  /** ECS's StopTask, by somebody. */
  stopTask(reason: string): Promise<void>;
  /** Somebody cancels. */
  cancel(): Promise<void>;
  /** Processes of this run whose command line matches, the oldest first. */
  processes(command: RegExp): readonly number[];
}

/** How it ended. */
export interface Ended {
  readonly runId: RunId;
  readonly outcome: Outcome;
  /** What the channel sees, as text; what differs from machine to machine is replaced. */
  readonly message: string;
  /** What its thread says of it, the same way. */
  readonly thread: string;
  /** From the event until the channel showed the end, in milliseconds. */
  readonly tookMs: number;
  /** How many messages the channel has of it, replies left out. */
  readonly messages: number;
  /** What the suite asked the site for. */
  readonly visits: readonly string[];
  /** What was still there: when the container had ended by itself, and when the task was gone. */
  readonly left: readonly string[];
  readonly result: ShardResult | undefined;
  /** Of the suite's processes. */
  readonly log: readonly string[];
}

export interface EndingsWorld {
  readonly store: Store;
  readonly chrome: string;
  run(attempt: Attempt): Promise<Ended>;
  stop(): Promise<void>;
}

/** The workflows, S3, ECS, Slack and the container's bundle, for runs that end in every way. */
export async function openEndingsWorld(): Promise<EndingsWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-endings-'));
  const journal = () => {};
  const happened = new EventEmitter().setMaxListeners(0);
  const changed = () => void happened.emit('change');
  const visits = new Set<string>();
  const released = new Set<string>();
  /** How often each object was written. */
  const writes = new Map<string, number>();
  const exits = new Map<string, readonly string[]>();
  /** Why a task's stop was not heard, by its ARN. */
  const unheard = new Map<string, unknown>();
  /** ARN of each run's task. */
  const tasks = new Map<string, string>();
  const definitions: TaskDefinition[] = [];
  const catalogue = new Map<string, Environment>();

  await using starting = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(server: T): T => {
    starting.defer(() => server.stop());
    return server;
  };
  starting.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  await useOneBuild(dir);
  const [chrome] = await Promise.all([findChrome(), keptBuild(join(dir, 'dist'))]);
  const chromePath = pathOf(chrome);
  await mkdir(join(dir, 'home'));
  const common = { region, account, journal, credentials: [credentials] };
  const s3 = keep(
    await startS3({
      dir: join(dir, 's3'),
      buckets: [bucket],
      writeOncePrefixes: ['claims/'],
      journal,
      onObjectCreated: ({ key }) => {
        writes.set(key, (writes.get(key) ?? 0) + 1);
        changed();
      },
      credentials: [credentials],
    }),
  );
  const ssm = keep(await startSsm({ ...common, file: join(dir, 'ssm.json') }));
  const logs = keep(await startLogs({ ...common, dir: join(dir, 'logs') }));
  const slack = keep(
    await startSlack({
      dir: join(dir, 'slack'),
      journal,
      signingSecret: 'signing',
      botToken: 'xoxb-test',
      appUrl: () => 'http://127.0.0.1:9/',
      limits: 'off',
    }),
  );
  slack.onChange(changed);
  const site = keep(
    await serve(async ({ url }) => {
      visits.add(url.pathname);
      changed();
      // One page never comes, one when it is let go.
      if (url.pathname.endsWith('/silence')) await new Promise(() => {});
      if (url.pathname.endsWith('/held')) await found(() => released.has(url.pathname) || undefined);
      const status = Number(/\/answers-(\d+)$/.exec(url.pathname)?.[1] ?? 200);
      return { status, headers: { 'content-type': 'text/html' }, body: '<title>The app</title><h1>The app</h1>' };
    }),
  );
  const ecs: LocalEcs = keep(
    await startEcs({
      ...common,
      cluster: 'coldframe-local',
      dir: join(dir, 'ecs'),
      taskDefinitions: definitions,
      deliver,
      appendLog: logs.append,
      taskEnvironment: () => ({
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_SSM: ssm.url,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(dir, 'compiled'),
      }),
      timings: { provisionMs: 20, pullMs: 300, activateMs: 20, deprovisionMs: 20, memoryCheckMs: 500 },
      onContainerExit: (exit) => exits.set(exit.taskId, leftOf(exit)),
    }),
  );
  const aws = { region, credentials };
  const client = new ECSClient({ ...aws, endpoint: ecs.url });
  const log = taskLog(new CloudWatchLogsClient({ ...aws, endpoint: logs.url }), 'tasks');
  const world: World = {
    catalogue,
    fargate: {
      cluster: 'coldframe-local',
      taskFamilyPrefix: 'coldframe-local',
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      assignPublicIp: true,
    },
    store: s3Store(new S3Client({ ...aws, endpoint: s3.url }), bucket),
    tasks: ecsTasks(client, 'coldframe-local'),
    taskLog: log,
    say: slackSay(new WebClient('xoxb-test', { slackApiUrl: slack.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true })),
    linkKey: { stage: 'local', secret: 'a secret for links', publicUrl: 'https://bot.example.com' },
    nowMs: Date.now,
    newOwner: randomUUID,
    log: () => {},
  };

  /** As Lambda does: again when it failed, twice. */
  async function deliver(event: TaskStateChange): Promise<void> {
    tasks.set(String(event.detail.startedBy), String(event.detail.taskArn));
    changed();
    const parsed = parseTaskStopped(event);
    for (let attempt = 1; parsed.kind === 'stopped'; attempt += 1) {
      try {
        await taskStopped(parsed.task, world);
        break;
      } catch (error) {
        if (attempt < 3) continue;
        // On AWS the sweep would see to it; whoever waits for the end here shall hear of it.
        unheard.set(parsed.task.taskArn, error);
        break;
      }
    }
    if (event.detail.lastStatus === 'STOPPED') visits.add(`stopped ${event.detail.taskArn}`);
    changed();
  }

  async function found<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (;;) {
      const change = once(happened, 'change');
      const seen = await look();
      if (seen !== undefined) return seen;
      await change;
    }
  }

  const messagesOf = (runId: RunId) =>
    slack.messages(channel).filter(({ metadata, threadTs }) => threadTs === undefined && metadata?.event_payload.run_id === runId);

  const threadOf = (ts: string | undefined) => slack.messages(channel).filter(({ threadTs }) => threadTs !== undefined && threadTs === ts);
  const textOf = (message: SlackMessage) => messageAsText(message, { nowMs: Date.now(), nameOf: slack.nameOf });

  async function makeSuite({ name, files, cucumber }: Attempt): Promise<string> {
    const suite = join(dir, 'suites', name);
    if (files === undefined) return suite;
    await mkdir(suite, { recursive: true });
    if (files['package.json'] === undefined) {
      await linkPackages(suite, cucumber);
      await writeFile(join(suite, 'package.json'), '{"name":"suite","type":"module"}');
    }
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(suite, file)), { recursive: true });
      await writeFile(join(suite, file), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
    }
    return suite;
  }

  async function run(attempt: Attempt): Promise<Ended> {
    const { name, environment, isLimitAfterEvent } = attempt;
    const ended = await runOnce(attempt);
    if (!isLimitAfterEvent || ended.visits.includes('/event')) return ended;
    return await runOnce({ ...attempt, name: `${name}-again`, environment: { ...environment, limitMs: 60_000 } });
  }

  async function runOnce(attempt: Attempt): Promise<Ended> {
    const { name, act } = attempt;
    const line = await startLine(s3.url);
    const folder = join(dir, 'suites', name);
    const suite = await makeSuite(attempt);
    const environment = environmentOf({
      name,
      url: attempt.address?.(`${site.url}/${name}`) ?? `${site.url}/${name}`,
      tags: '',
      retry: 0,
      limitMs: 60_000,
      ...attempt.environment,
    });
    catalogue.set(name, environment);
    const own = [process.execPath, join(dir, 'dist', 'container', 'main.mjs')];
    definitions.push({
      family: `coldframe-local-${name}`,
      revision: 1,
      cpu: 2_048,
      memoryMb: environment.memoryMb ?? 4_096,
      containerName: 'suite',
      command: attempt.command?.(own) ?? own,
      cwd: dir,
      environment: {
        AWS_ENDPOINT_URL_S3: line.url,
        // A browser keeps caches there, as for anybody; what must not be left is in TMPDIR.
        HOME: join(dir, 'home'),
        COLDFRAME_STAGE: 'local',
        COLDFRAME_BUCKET: bucket,
        COLDFRAME_ENVIRONMENT: name,
        COLDFRAME_DEFAULTS: JSON.stringify(defaultSuitePlan(environment)),
        COLDFRAME_SUITE: suite,
        ...attempt.variables?.({ chrome: chromePath, folder }),
      },
      logGroup: 'tasks',
      streamPrefix: name,
      stopTimeoutS: attempt.stopTimeoutS ?? 120,
    });

    const startedAtMs = Date.now();
    const request = requestOf({ command: { environment: name, features: attempt.features ?? [] }, text: `/run-tests ${name}` });
    const { runId } = planRun(request, environment, world.fargate);
    const ref = { environment: name, runId };
    const keys = shardKeys(name, runId, 1);
    const taken = found(() => tasks.get(runId));
    let taskArn = '';
    let eventAtMs: number | undefined;
    const event = () => {
      eventAtMs = Date.now();
    };
    const hasEnded = () => visits.has(`stopped ${tasks.get(runId)}`);
    const unlessEnded = (): undefined => {
      if (hasEnded()) throw new EndedBefore(`${name} has ended before`);
    };
    const isSoon = (isThere: () => boolean) => found(() => isThere() || unlessEnded()).then(() => {});
    const visited = (path: string) => isSoon(() => visits.has(`/${name}${path}`));
    void found(() => visits.has(`/${name}/event`) || undefined).then(() => {
      eventAtMs ??= Date.now();
    });
    const aRun: ARun = {
      ...{ runId, keys, event, visited },
      line: { ...line, heard: () => Promise.race([line.heard(), isSoon(() => false)]) },
      hasEnded,
      release: () => {
        released.add(`/${name}/held`);
        changed();
      },
      written: (key) => isSoon(() => writes.has(key)),
      found: async (look) => {
        for (;;) {
          const seen = look() ?? unlessEnded();
          if (seen !== undefined) return seen;
          // To look is to read all of /proc, and there are runs to be seen to meanwhile.
          await pause(10);
        }
      },
      kill: (how) => ecs.kill(tasks.get(runId) ?? '', how),
      stopTask: (reason) => world.tasks.stop(tasks.get(runId) ?? '', reason),
      cancel: async () => {
        await cancelRun(
          { version: 1, runId, environment: name, askedAt: new Date().toISOString(), asker: { kind: 'slack', userId: 'U0ADA' } },
          world,
        );
      },
      processes: (command) => processesOfRun(runId).filter((pid) => command.test(commandOf(pid))),
    };
    const acting = attempt.isEarly ? taken.then(() => act?.(aRun)) : undefined;
    const started = await startRun(request, world);
    if (started.kind !== 'run') throw new Error(`${name} was not started: ${JSON.stringify(started)}`);
    taskArn = await taken;
    await (acting ?? act?.(aRun))?.catch((error: unknown) => {
      // How it ended instead is told by its message.
      if (!(error instanceof EndedBefore)) throw error;
    });

    const { run: runKey, said: saidKey } = runKeys(name, runId);
    let looked = '';
    const shown = await found(async () => {
      if (unheard.has(taskArn)) throw new Error(`${name} has ended, and nobody was told`, { cause: unheard.get(taskArn) });
      // Other runs write all the time: only these two objects tell.
      const written = `${writes.get(runKey)} ${writes.get(saidKey)}`;
      if (written === looked) return undefined;
      looked = written;
      const now = await readRun(world.store, ref);
      const said = await world.store.get(saidKey, parseSaid);
      const isTold = now?.phase.kind === 'finished' && said?.value.confirmed?.revision === now.revision;
      const [message] = messagesOf(runId);
      if (!isTold || message === undefined) return undefined;
      return { phase: now.phase, text: textOf(message) };
    });
    const shownAtMs = Date.now();
    const result = (await world.store.get(keys.result, parseShardResult).catch(() => undefined))?.value;
    if (result?.how === 'timed-out') eventAtMs = Date.parse(result.stopAskedAt ?? '');
    const tookMs = shownAtMs - (eventAtMs ?? startedAtMs);
    await found(() => visits.has(`stopped ${taskArn}`) || undefined);
    await line.stop();
    const gone = processesOfRun(runId).map((pid) => `afterwards: process ${commandOf(pid)}`);
    const readable = (text: string) =>
      asEverywhere(text.replace(` ${name} `, ' staging '), [
        [runId, 'staging-20261123-0412-k3f9qa'],
        [`${site.url}/${name}`, 'https://staging.example.com'],
        [`${site.url.replace('http://', '')}/${name}`, 'staging.example.com'],
        [`/reports/${name}/`, '/reports/staging/'],
        [site.url.replace('http:', 'https:'), 'https://staging.example.com'],
        [suite, '/suite'],
        [chromePath, '/usr/bin/chromium'],
        [dir, '/tmp'],
      ]);
    return {
      runId,
      outcome: shown.phase.outcome,
      message: readable(shown.text),
      thread: threadOf(messagesOf(runId)[0]?.ts)
        .map((reply) => readable(textOf(reply)))
        .join('\n'),
      tookMs,
      messages: messagesOf(runId).length,
      visits: [...visits].filter((path) => path.startsWith(`/${name}/`)).map((path) => path.slice(name.length + 1)),
      left: [...(attempt.isKilled ? [] : (exits.get(taskArn.slice(taskArn.lastIndexOf('/') + 1)) ?? [])), ...gone],
      result,
      log: await log.lastLines(name, taskArn),
    };
  }

  const running = starting.move();
  return { store: world.store, chrome: chromePath, run, stop: () => running.disposeAsync() };
}

function pathOf(chrome: Chrome): string {
  if (chrome.kind === 'none') throw new Error(chrome.because);
  return chrome.path;
}

/** This project's packages, or another cucumber alone. */
async function linkPackages(suite: string, cucumber: string | undefined): Promise<void> {
  const packages = join(repository, 'node_modules');
  if (cucumber === undefined) return await symlink(packages, join(suite, 'node_modules'));
  await mkdir(join(suite, 'node_modules', '@cucumber'), { recursive: true });
  await symlink(join(packages, cucumber), join(suite, 'node_modules', '@cucumber', 'cucumber'));
}

/** What a container leaves behind itself when it has ended: living processes, and files in its temporary folder. */
function leftOf({ left, folder }: ContainerExit): readonly string[] {
  const files = readdirSync(folder);
  return [...left.map(({ pid }) => `process ${commandOf(pid)}`), ...files.map((name) => `file ${name}`)];
}

/** With a browser's helpers, which write over the environment that marks them. */
const processesOfRun = (runId: RunId): readonly number[] => processesOf({ sessions: new Set(), mark: runId }).map(({ pid }) => pid);

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    // it has just ended
    return '';
  }
}

/** A run has ended, and what was waited for had not come. */
class EndedBefore extends Error {
  override readonly name = 'EndedBefore';
}

/** The text without what is only so here and now. */
const asEverywhere = (text: string, words: readonly (readonly [string, string])[]): string =>
  words
    .reduce((rest, [here, everywhere]) => rest.replaceAll(here, everywhere), text)
    .replace(/\/tmp\/coldframe-task-\w+/g, '/tmp')
    .replace(/\/tmp\/coldframe-\w+\//g, '/tmp/coldframe-…/')
    .replace(/\?s=[\w-]+/g, '?s=…');
