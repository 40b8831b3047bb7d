import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Permit } from '../iam/permissions.ts';
import { AwsFault, authorize, refuseForbidden } from '../wire/aws-json.ts';
import { type Answer, brokenBody, type Incoming, type Outgoing, serve } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { describeFault, EcsFault } from './ecs-fault.ts';
import { ecsNeeds } from './ecs-needs.ts';
import { type EcsCall, type EcsDisturbance, ecsOperations } from './ecs-operations.ts';
import { type EcsPlace, type EcsTask, ecsArn } from './ecs-task.ts';
import { findTaskDefinition, type TaskDefinition } from './task-definition.ts';
import type { TaskStateChange } from './task-events.ts';
import type { ContainerExit, TaskTimings } from './task-life.ts';
import { answerMetadata, logStream, parseMetadataPath } from './task-metadata.ts';
import { taskPool } from './task-pool.ts';
import type { startTaskProcess } from './task-process.ts';

export interface EcsOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The cluster's name. */
  readonly cluster: string;
  readonly region?: string;
  readonly account?: string;
  readonly taskDefinitions: readonly TaskDefinition[];
  /** Where the tasks are remembered. */
  readonly dir: string;
  readonly journal: Journal;
  /** Gets every event of a task, one after the other; a rejection is put into the journal. */
  readonly deliver: (event: TaskStateChange) => Promise<void> | void;
  /** Gets the containers' lines; a rejection is put into the journal. */
  readonly appendLog: (group: string, stream: string, lines: readonly string[]) => Promise<void> | void;
  /** Whose requests are answered. */
  readonly credentials: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit;
  /** What a task finds beside its definition's environment: credentials, `AWS_ENDPOINT_URL_S3`, … Asked for each task. */
  readonly taskEnvironment: (definition: TaskDefinition) => Readonly<Record<string, string>>;
  readonly timings?: Partial<TaskTimings>;
  /** What stands for a container; absent: a process. */
  readonly startProcess?: typeof startTaskProcess;
  /** Hears of the end of each container's main process, before what it left is ended. */
  readonly onContainerExit?: (exit: ContainerExit) => void;
  /** Faults, call by call. */
  readonly disturb?: (call: EcsCall) => EcsDisturbance | undefined;
  /** Milliseconds since 1970, for what ECS forgets after an hour and after a day. */
  readonly now?: () => number;
}

/** A task, and where its container's lines go. */
export interface ShownTask extends EcsTask {
  readonly log: { readonly group: string; readonly stream: string };
}

export interface LocalEcs {
  readonly url: string;
  /** Answers a request without a network in between. */
  readonly answer: Answer;
  /** The tasks that ECS shows: those that live, and those that stopped within the last hour; the oldest first. */
  tasks(): readonly ShownTask[];
  /** Ends a running task (id or ARN) from outside: `sigkill` outright (137), `spot` with ECS's warning, SIGTERM and SIGKILL. */
  kill(task: string, how: 'sigkill' | 'spot'): void;
  /** Ends all tasks' processes. Tasks that had not stopped are reported as stopped at the next start on the same folder. */
  stop(): Promise<void>;
}

const target = 'AmazonEC2ContainerServiceV20141113.';
const defaultTimings: TaskTimings = { provisionMs: 100, pullMs: 100, activateMs: 100, deprovisionMs: 100, memoryCheckMs: 1_000 };

/** ECS with Fargate on this machine: the AWS JSON 1.1 protocol in front, and a child process for a container behind. */
export async function startEcs(options: EcsOptions): Promise<LocalEcs> {
  const {
    cluster,
    region = 'eu-central-1',
    account = '000000000000',
    taskDefinitions,
    journal,
    credentials,
    permit,
    disturb,
    now = Date.now,
  } = options;
  const place: EcsPlace = { region, account, cluster };
  const server = await serve(answer, options.port);
  const timings = { ...defaultTimings, ...options.timings };
  const pool = taskPool({ ...options, place, timings, now, dir: join(options.dir, 'tasks'), metadataUrl: server.url });
  const operate = ecsOperations({ place, pool, taskDefinitions });
  // A world that ends in a hurry still takes its tasks' processes along.
  process.once('exit', pool.killAll);
  try {
    await pool.resume();
  } catch (error) {
    await stop();
    throw new Error(`the local ECS could not take up the tasks in ${options.dir}`, { cause: error });
  }

  function answer(request: Incoming): Outgoing {
    const metadata = parseMetadataPath(request.url.pathname);
    return metadata === undefined ? answerCall(request) : metadataOf(metadata);
  }

  function answerCall(request: Incoming): Outgoing {
    const at = Date.now();
    const operation = operationOf(request);
    const { status, caller, input, body, isLost } = call(operation, request);
    const who = caller === undefined ? {} : { caller };
    journal({ at, source: 'ecs', name: operation, ...who, request: input, response: body, status, durationMs: Date.now() - at });
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
    return { status, headers, body: isLost ? brokenBody() : JSON.stringify(body) };
  }

  function call(operation: string, request: Incoming) {
    let input: unknown;
    let caller: string | undefined;
    try {
      caller = authorize(request, 'ecs', credentials);
      input = parseJson(request.body);
      refuseForbidden(permit?.(caller, ecsNeeds(place, definitionOf, { operation, input })));
      const disturbance = disturb?.({ operation, input });
      if (disturbance?.kind === 'refused') throw new AwsFault(disturbance.type, disturbance.message, disturbance.status);
      return { status: 200, caller, input, body: operate({ operation, input }, disturbance), isLost: disturbance?.kind === 'lost-answer' };
    } catch (error) {
      const fault = error instanceof AwsFault ? error : new AwsFault('ServerException', describeFault(error), 500);
      const extra = fault instanceof EcsFault ? fault.extra : {};
      return { status: fault.status, caller, input, body: { __type: fault.type, message: fault.message, ...extra }, isLost: false };
    }
  }

  function definitionOf(name: string): TaskDefinition | undefined {
    try {
      return findTaskDefinition(taskDefinitions, name, ecsArn(place, 'task-definition/'));
    } catch {
      // There is none: RunTask itself will say so.
      return undefined;
    }
  }

  function metadataOf({ taskId, document }: { readonly taskId: string; readonly document: string }): Outgoing {
    const task = pool.find(taskId);
    const definition = taskDefinitions.find(({ family, revision }) => family === task?.family && revision === task.revision);
    if (task === undefined || definition === undefined) return { status: 404, body: `there is no task ${taskId}\n` };
    return answerMetadata(document, task, definition);
  }

  function kill(name: string, how: 'sigkill' | 'spot'): void {
    const task = pool.find(name);
    if (task === undefined || task.desiredStatus === 'STOPPED') throw new Error(`there is no running task ${name} to kill`);
    if (how === 'spot') pool.stop(task.id, { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' });
    else if (!pool.kill(task.id)) throw new Error(`the task ${name} is ${task.lastStatus}: it has no process to kill`);
  }

  function tasks(): readonly ShownTask[] {
    return pool.all().flatMap((task) => {
      const definition = taskDefinitions.find(({ family, revision }) => family === task.family && revision === task.revision);
      return definition === undefined
        ? []
        : [{ ...task, log: { group: definition.logGroup, stream: logStream(task, definition.streamPrefix) } }];
    });
  }

  async function stop(): Promise<void> {
    await pool.abandonAll();
    process.off('exit', pool.killAll);
    await server.stop();
  }

  return { url: server.url, answer, tasks, kill, stop };
}

function operationOf({ method, headers }: Incoming): string {
  const name = String(headers['x-amz-target'] ?? 'without an x-amz-target');
  return method === 'POST' && name.startsWith(target) ? name.slice(target.length) : `${method} ${name}`;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new EcsFault('SerializationException', `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
