import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { EcsTask } from './ecs-task.ts';
import type { WatchMemory } from './memory-watch.ts';
import type { ProcessEntry } from './processes.ts';
import type { TaskDefinition } from './task-definition.ts';
import { type ContainerEnd, startTaskProcess, type TaskProcess } from './task-process.ts';

/** How long the phases around the container last. */
export interface TaskTimings {
  readonly provisionMs: number;
  readonly pullMs: number;
  readonly activateMs: number;
  readonly deprovisionMs: number;
  /** How often the memory of the task is looked at. */
  readonly memoryCheckMs: number;
}

/** Why a task is being stopped, in ECS's words. */
export interface StopWords {
  readonly stopCode: string;
  readonly stoppedReason: string;
}

/** What is there at the moment when a container's main process has ended. On Fargate, the container ends with it. */
export interface ContainerExit {
  readonly taskId: string;
  /** Its HOME and TMPDIR. */
  readonly folder: string;
  /** Processes it has left. */
  readonly left: readonly ProcessEntry[];
}

export interface TaskLifeOptions {
  readonly definition: TaskDefinition;
  readonly timings: TaskTimings;
  /** What stands for a container; absent: a process. */
  readonly startProcess?: typeof startTaskProcess | undefined;
  readonly watchMemory: WatchMemory;
  /** What the container finds in its environment, apart from HOME and TMPDIR. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mark: string;
  /** Given: the task ends with these words instead of starting its container. */
  readonly failsToStart?: { readonly stoppedReason: string } | undefined;
  readonly onChange: (task: EcsTask) => void;
  readonly onLines: (lines: readonly string[]) => void;
  readonly onContainerExit?: ((exit: ContainerExit) => void) | undefined;
  /** Something of this machine went wrong; the task ends all the same. */
  readonly onFault: (error: unknown) => void;
}

/** A task that has not stopped yet. */
export interface TaskLife {
  current(): EcsTask;
  /** Asks for its end: SIGTERM, then SIGKILL after the stop timeout. A second time changes nothing. */
  stop(words: StopWords): void;
  /** SIGKILL to the container's main process, as if from nowhere; false while there is none. */
  kill(): boolean;
  /** SIGKILL to all its processes, without waiting. */
  killAll(): void;
  /** The end of the world: its processes are ended, and nothing more is said or written of the task. */
  abandon(): Promise<void>;
  /** When the task has stopped, or was abandoned. */
  readonly over: Promise<void>;
}

/** Leads a task from PROVISIONING to STOPPED, telling `onChange` of every change. */
export function startTaskLife(first: EcsTask, options: TaskLifeOptions): TaskLife {
  const { definition, timings, startProcess = startTaskProcess, onChange } = options;
  let task = first;
  let container: TaskProcess | undefined;
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const isOver = () => abandoned.signal.aborted;
  const isUnwanted = () => stopping.signal.aborted || isOver();

  function change(part: Partial<EcsTask>): void {
    if (isOver()) return;
    task = { ...task, ...part, version: task.version + 1, updatedAt: Date.now() };
    onChange(task);
  }

  function stop({ stopCode, stoppedReason }: StopWords): void {
    if (task.desiredStatus === 'STOPPED') return;
    // StopTask deletes the tags there and then: a run id held in them only would be lost here.
    change({ desiredStatus: 'STOPPED', stopCode, stoppedReason, stoppingAt: Date.now(), tags: [] });
    stopping.abort();
  }

  async function live(): Promise<void> {
    try {
      await start();
      if (container) await runToTheEnd(container);
    } catch (error) {
      options.onFault(error);
      stop({ stopCode: 'InfrastructureHealth', stoppedReason: `The local ECS could not go on: ${said(error)}` });
    }
    await deprovision();
    if (task.folder !== undefined) await rm(task.folder, { recursive: true, force: true, maxRetries: 3 }).catch(options.onFault);
  }

  /** Up to RUNNING; whoever wants the task gone in the meantime ends it without a container. */
  async function start(): Promise<void> {
    const wanted = AbortSignal.any([stopping.signal, abandoned.signal]);
    await pause(timings.provisionMs, wanted);
    if (isUnwanted()) return;
    change({ lastStatus: 'PENDING', attachment: 'ATTACHED', connectivityAt: Date.now(), pullStartedAt: Date.now() });
    await pause(timings.pullMs, wanted);
    if (isUnwanted()) return;
    if (options.failsToStart) {
      const { container: _, ...withoutContainer } = task;
      task = withoutContainer;
      return stop({ stopCode: 'TaskFailedToStart', stoppedReason: options.failsToStart.stoppedReason });
    }
    change({ lastStatus: 'ACTIVATING', pullStoppedAt: Date.now() });
    await pause(timings.activateMs, wanted);
    if (isUnwanted()) return;
    await startContainer();
  }

  async function startContainer(): Promise<void> {
    // In the system's own place for such things: a browser's socket in it must have a short path.
    const folder = mkdtempSync(join(tmpdir(), 'coldframe-task-'));
    task = { ...task, folder };
    try {
      container = await startProcess({
        command: [...definition.command, ...(override(task, definition)?.command ?? [])],
        cwd: definition.cwd,
        environment: { PATH: searchPath, HOME: folder, TMPDIR: folder, ...options.environment },
        mark: options.mark,
        memoryMb: task.memoryMb,
        watchMemory: options.watchMemory,
        onLines: options.onLines,
        onExit: (left) => options.onContainerExit?.({ taskId: task.id, folder, left }),
      });
    } catch (error) {
      const reason = `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: ${said(error)}`;
      task = { ...task, ...inContainer({ lastStatus: 'STOPPED', reason }) };
      return stop({ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed to start' });
    }
    if (isOver()) return container.killAll();
    const { pid, birth } = container;
    change({ lastStatus: 'RUNNING', startedAt: Date.now(), process: { pid, birth }, ...inContainer({ lastStatus: 'RUNNING' }) });
  }

  async function runToTheEnd(running: TaskProcess): Promise<void> {
    const byItself = await Promise.race([running.ended, once(stopping.signal)]);
    if (byItself !== undefined) {
      const words = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
      // Asked to stop in the very moment of its end: what was said first stays.
      const why = task.desiredStatus === 'STOPPED' ? {} : { desiredStatus: 'STOPPED' as const, stoppingAt: Date.now(), ...words };
      change({ lastStatus: 'DEACTIVATING', ...why, ...ended(byItself) });
      change({ lastStatus: 'STOPPING' });
      return;
    }
    change({ lastStatus: 'DEACTIVATING' });
    change({ lastStatus: 'STOPPING' });
    running.terminate();
    const patience = setTimeout(() => running.kill(), definition.stopTimeoutS * 1000);
    const end = await running.ended.finally(() => clearTimeout(patience));
    task = { ...task, ...ended(end) };
  }

  async function deprovision(): Promise<void> {
    const unstarted = task.container?.lastStatus === 'STOPPED' ? {} : inContainer({ lastStatus: 'STOPPED' });
    change({ lastStatus: 'DEPROVISIONING', ...unstarted });
    await pause(timings.deprovisionMs, abandoned.signal);
    change({ lastStatus: 'STOPPED', stoppedAt: Date.now(), attachment: 'DELETED', tags: [] });
  }

  const inContainer = (part: Partial<NonNullable<EcsTask['container']>>): Pick<EcsTask, 'container'> =>
    task.container ? { container: { ...task.container, ...part } } : {};

  const ended = (end: ContainerEnd): Partial<EcsTask> => ({
    executionStoppedAt: Date.now(),
    ...inContainer({ lastStatus: 'STOPPED', ...end }),
  });

  const over = live();
  return {
    current: () => task,
    stop,
    kill() {
      container?.kill();
      return container !== undefined;
    },
    killAll: () => container?.killAll(),
    async abandon() {
      abandoned.abort();
      container?.killAll();
      await over;
    },
    over,
  };
}

/** Docker's own search path, after the folder of the Node that runs us: an image has one, too. */
const searchPath = [
  process.execPath.replace(/\/[^/]*$/, ''),
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** What RunTask said about the task's container. */
export const override = (task: EcsTask, { containerName }: TaskDefinition) =>
  task.overrides.containerOverrides.find((candidate) => candidate.name === containerName);

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  try {
    await pauseFor(ms, undefined, { signal });
  } catch {
    // it was cut short, which is what the signal is for: the caller looks why
  }
}

const once = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
