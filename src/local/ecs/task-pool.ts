import { rmSync } from 'node:fs';
import type { Journal } from '../wire/journal.ts';
import { describeFault } from './ecs-fault.ts';
import type { RunTaskInput } from './ecs-requests.ts';
import { type EcsPlace, type EcsTask, newTask } from './ecs-task.ts';
import { memoryWatch } from './memory-watch.ts';
import { birthOf, killProcesses } from './processes.ts';
import type { TaskDefinition } from './task-definition.ts';
import { type TaskStateChange, taskStateChange } from './task-events.ts';
import { type ContainerExit, override, type StopWords, startTaskLife, type TaskLife, type TaskTimings } from './task-life.ts';
import { logStream, metadataPath } from './task-metadata.ts';
import type { startTaskProcess } from './task-process.ts';
import { taskRecords } from './task-records.ts';

export interface TaskPoolOptions {
  readonly place: EcsPlace;
  /** Where the tasks are remembered. */
  readonly dir: string;
  readonly timings: TaskTimings;
  readonly startProcess?: typeof startTaskProcess | undefined;
  /** The address under which containers find their metadata. */
  readonly metadataUrl: string;
  readonly journal: Journal;
  readonly deliver: (event: TaskStateChange) => Promise<void> | void;
  readonly appendLog: (group: string, stream: string, lines: readonly string[]) => Promise<void> | void;
  readonly taskEnvironment: (definition: TaskDefinition) => Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly onContainerExit?: ((exit: ContainerExit) => void) | undefined;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The tasks of a cluster: those that live, and those that ECS still remembers. */
export function taskPool({
  place,
  dir,
  timings,
  startProcess,
  metadataUrl,
  journal,
  deliver,
  appendLog,
  taskEnvironment,
  now,
  onContainerExit,
}: TaskPoolOptions) {
  const records = taskRecords(dir);
  const watchMemory = memoryWatch(timings.memoryCheckMs);
  const tasks = new Map<string, EcsTask>();
  const lives = new Map<string, TaskLife>();
  const deliveries = new Map<string, Promise<void>>();
  let logged: Promise<void> = Promise.resolve();

  const noteFault = (what: string) => (error: unknown) =>
    journal({ at: Date.now(), source: 'ecs', name: 'fault', status: 500, response: `could not ${what}: ${describeFault(error)}` });

  /** Remembers the task as it is and tells of it. */
  function announce(task: EcsTask): void {
    tasks.set(task.id, task);
    records.save(task);
    const event = taskStateChange(task);
    journal({ at: Date.now(), source: 'ecs', name: event['detail-type'], request: event });
    // In the order of the versions for one task; what other tasks' events wait for is not its business.
    const before = deliveries.get(task.id) ?? Promise.resolve();
    deliveries.set(task.id, before.then(() => deliver(event)).catch(noteFault(`deliver an event of ${task.arn}`)));
  }

  /** Starts a task, as RunTask does; with `failsToStart` it ends with these words before it has a container. */
  function start(input: RunTaskInput, definition: TaskDefinition, failsToStart?: { readonly stoppedReason: string }): EcsTask {
    const task = newTask(input, definition, { place, nowMs: now() });
    const stream = logStream(task, definition.streamPrefix);
    announce(task);
    const life = startTaskLife(task, {
      definition,
      timings,
      startProcess,
      watchMemory,
      environment: environmentOf(task, definition),
      mark: metadataPath(task.id),
      failsToStart,
      onChange: announce,
      onLines: (lines) => {
        logged = logged.then(() => appendLog(definition.logGroup, stream, lines)).catch(noteFault(`append to the log ${stream}`));
      },
      onContainerExit,
      onFault: noteFault(`lead ${task.arn} to its end`),
    });
    lives.set(task.id, life);
    void life.over.finally(() => lives.delete(task.id));
    return task;
  }

  /** What Fargate gives a container, what the definition says, and last what RunTask said. */
  function environmentOf(task: EcsTask, definition: TaskDefinition): Readonly<Record<string, string>> {
    const overridden = (override(task, definition)?.environment ?? []).map(({ name, value }) => [name, value]);
    return {
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      AWS_REGION: place.region,
      AWS_DEFAULT_REGION: place.region,
      ...taskEnvironment(definition),
      ...definition.environment,
      ...Object.fromEntries(overridden),
      ECS_CONTAINER_METADATA_URI_V4: `${metadataUrl}${metadataPath(task.id)}`,
    };
  }

  /** The task with this id or ARN, as long as ECS shows it: an hour after its end it is gone. */
  function find(idOrArn: string): EcsTask | undefined {
    const task = tasks.get(idOrArn.slice(idOrArn.lastIndexOf('/') + 1));
    const isIt = task !== undefined && (task.id === idOrArn || task.arn === idOrArn);
    return isIt && now() - (task.stoppedAt ?? now()) < hourMs ? task : undefined;
  }

  /** All tasks that ECS shows, the oldest first. */
  const all = (): readonly EcsTask[] =>
    [...tasks.values()]
      .filter((task) => find(task.id) !== undefined)
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

  /** The tasks that this client token started within a day. */
  const startedWith = (clientToken: string | undefined): readonly EcsTask[] =>
    clientToken === undefined
      ? []
      : [...tasks.values()].filter((task) => task.clientToken === clientToken && now() - task.createdAt < dayMs);

  /** Asks for a task's end; one that is ending or has ended stays as it is. */
  function stop(id: string, words: StopWords): void {
    lives.get(id)?.stop(words);
  }

  /** SIGKILL to a task's main process; false when it has none. */
  const kill = (id: string): boolean => lives.get(id)?.kill() ?? false;

  /** Knows again what was remembered; what an earlier life of the world left running is ended, and told of. */
  async function resume(): Promise<void> {
    for (const task of records.load()) {
      if (task.lastStatus === 'STOPPED' && now() - task.createdAt > dayMs) records.forget(task.id);
      else tasks.set(task.id, task);
    }
    for (const task of tasks.values()) if (task.lastStatus !== 'STOPPED') announce(await reclaim(task));
  }

  /** SIGKILL to all processes of all tasks, without waiting. */
  function killAll(): void {
    for (const life of lives.values()) life.killAll();
  }

  /** The end of the world: no process is left, and what they wrote is in the logs. */
  async function abandonAll(): Promise<void> {
    await Promise.all([...lives.values()].map((life) => life.abandon()));
    await logged;
  }

  return { start, find, all, startedWith, stop, kill, resume, killAll, abandonAll };
}

export type TaskPool = ReturnType<typeof taskPool>;

/** Ends the processes that an earlier life of the world left of a task; returns the task as stopped. */
async function reclaim(task: EcsTask): Promise<EcsTask> {
  const isSame = task.process !== undefined && birthOf(task.process.pid) === task.process.birth;
  await killProcesses({ sessions: new Set(isSame && task.process ? [task.process.pid] : []), mark: metadataPath(task.id) });
  if (task.folder !== undefined) rmSync(task.folder, { recursive: true, force: true });
  const at = Date.now();
  const wasRunning = task.container?.lastStatus === 'RUNNING';
  const why = 'The local world ended before this task did; what was left of it was killed when the world started again.';
  const container = task.container && {
    ...task.container,
    lastStatus: 'STOPPED' as const,
    ...(wasRunning && { exitCode: 137, reason: why }),
  };
  return {
    ...task,
    ...(container && { container }),
    version: task.version + 1,
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: task.stopCode ?? 'InfrastructureHealth',
    stoppedReason: task.stoppedReason ?? why,
    ...(wasRunning && { executionStoppedAt: at }),
    stoppingAt: task.stoppingAt ?? at,
    stoppedAt: at,
    updatedAt: at,
    attachment: 'DELETED',
    tags: [],
  };
}
