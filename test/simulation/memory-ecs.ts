import { ECSServiceException } from '@aws-sdk/client-ecs';
import { EcsFault } from '../../src/local/ecs/ecs-fault.ts';
import { type EcsDisturbance, ecsOperations } from '../../src/local/ecs/ecs-operations.ts';
import type { RunTaskInput } from '../../src/local/ecs/ecs-requests.ts';
import { type EcsPlace, type EcsTask, newTask } from '../../src/local/ecs/ecs-task.ts';
import type { TaskDefinition } from '../../src/local/ecs/task-definition.ts';
import { type TaskStateChange, taskStateChange } from '../../src/local/ecs/task-events.ts';
import type { StopWords } from '../../src/local/ecs/task-life.ts';
import type { TaskPool } from '../../src/local/ecs/task-pool.ts';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode?: number;
  readonly reason?: string;
}

/** What runs in a task: it is told when it is to stop, and calls `ended` when it has. */
export interface Container {
  terminate(): void;
  /** Nothing of it goes on. */
  kill(): void;
}

interface Options {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly place: EcsPlace;
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly deliver: (event: TaskStateChange) => void;
  readonly start: (task: EcsTask, ended: (end: ContainerEnd) => void) => Container;
}

const hourMs = 3_600_000;
const stopTimeoutMs = 120_000;
const youngMs = 60_000;
/** What the rule in serverless.yml lets through. */
const told = ['DEPROVISIONING', 'STOPPED'];
const timeFields = ['createdAt', 'startedAt', 'executionStoppedAt', 'stoppingAt', 'stoppedAt'];

/** ECS in memory: what it can be asked is the local ECS's own; its tasks live in virtual time. */
export function memoryEcs({ time, chance, place, taskDefinitions, deliver, start: startContainer }: Options) {
  const tasks = new Map<string, EcsTask>();
  const containers = new Map<string, Container>();

  const of = (id: string): EcsTask => {
    const task = tasks.get(id);
    if (task === undefined) throw new Error(`there is no task ${id}`);
    return task;
  };

  function change(id: string, part: Partial<EcsTask>): void {
    const task = of(id);
    const next = { ...task, ...part, version: task.version + 1, updatedAt: time.nowMs() };
    tasks.set(id, next);
    if (told.includes(next.lastStatus)) deliver(taskStateChange(next));
  }

  const inContainer = (id: string, part: Partial<NonNullable<EcsTask['container']>>): Pick<EcsTask, 'container'> => {
    const { container } = of(id);
    return container ? { container: { ...container, ...part } } : {};
  };

  function start(input: RunTaskInput, definition: TaskDefinition, failsToStart?: { readonly stoppedReason: string }): EcsTask {
    const task = newTask(input, definition, { place, nowMs: time.nowMs() });
    tasks.set(task.id, task);
    time.idly(chance.between(1_000, 20_000), () => {
      if (of(task.id).desiredStatus === 'STOPPED') return deprovision(task.id);
      change(task.id, { lastStatus: 'PENDING', attachment: 'ATTACHED' });
      time.idly(chance.between(5_000, 60_000), () => begin(task.id, failsToStart));
    });
    return task;
  }

  function begin(id: string, failsToStart?: { readonly stoppedReason: string }): void {
    if (of(id).desiredStatus === 'STOPPED') {
      deprovision(id);
      return;
    }
    if (failsToStart !== undefined) {
      const { container: _, ...bare } = of(id);
      tasks.set(id, bare);
      change(id, { desiredStatus: 'STOPPED', stopCode: 'TaskFailedToStart', ...failsToStart, stoppingAt: time.nowMs() });
      deprovision(id);
      return;
    }
    change(id, { lastStatus: 'RUNNING', startedAt: time.nowMs(), ...inContainer(id, { lastStatus: 'RUNNING' }) });
    containers.set(
      id,
      startContainer(of(id), (end) => ended(id, end)),
    );
  }

  function ended(id: string, end: ContainerEnd): void {
    if (!containers.delete(id)) return;
    const nowMs = time.nowMs();
    const byItself = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', stoppingAt: nowMs };
    const why = of(id).desiredStatus === 'STOPPED' ? {} : { desiredStatus: 'STOPPED' as const, ...byItself };
    change(id, { lastStatus: 'STOPPING', ...why, executionStoppedAt: nowMs, ...inContainer(id, { lastStatus: 'STOPPED', ...end }) });
    deprovision(id);
  }

  function deprovision(id: string): void {
    change(id, { lastStatus: 'DEPROVISIONING', ...inContainer(id, { lastStatus: 'STOPPED' }) });
    time.idly(chance.between(2_000, 20_000), () => change(id, { lastStatus: 'STOPPED', stoppedAt: time.nowMs(), attachment: 'DELETED' }));
  }

  function stop(id: string, { stopCode, stoppedReason }: StopWords): void {
    const task = tasks.get(id);
    if (task === undefined || task.desiredStatus === 'STOPPED') return;
    change(id, { desiredStatus: 'STOPPED', stopCode, stoppedReason, stoppingAt: time.nowMs() });
    containers.get(id)?.terminate();
    time.idly(stopTimeoutMs, () => kill(id, { exitCode: 137 }));
  }

  function kill(id: string, end: ContainerEnd): void {
    containers.get(id)?.kill();
    ended(id, end);
  }

  function find(idOrArn: string): EcsTask | undefined {
    const task = tasks.get(idOrArn.slice(idOrArn.lastIndexOf('/') + 1));
    return task !== undefined && time.nowMs() - (task.stoppedAt ?? time.nowMs()) < hourMs ? task : undefined;
  }

  const pool: Pick<TaskPool, 'start' | 'find' | 'all' | 'startedWith' | 'stop'> = {
    start,
    find,
    all: () => [...tasks.values()].filter((task) => find(task.id) !== undefined),
    startedWith: (token) => (token === undefined ? [] : [...tasks.values()].filter((task) => task.clientToken === token)),
    stop,
  };
  const operate = ecsOperations({ place, pool: pool as TaskPool, taskDefinitions });

  return {
    /** Does what a command of this name asks. @throws as the SDK does */
    answer(command: string, input: unknown, disturbed?: EcsDisturbance): object {
      try {
        const operation = command.replace(/Command$/, '');
        if (disturbed?.kind !== 'missing') return withDates(operate({ operation, input }, disturbed)) as object;
        // It is only just after RunTask that a task may not be known yet.
        const known = Object(input).tasks.filter((arn: string) => time.nowMs() - (find(arn)?.createdAt ?? 0) > youngMs);
        if (known.length === 0) return { tasks: [], failures: [] };
        return withDates(operate({ operation, input: { ...Object(input), tasks: known } }, undefined)) as object;
      } catch (error) {
        if (error instanceof EcsFault) throw ecsTrouble(error.type, error.message, error.extra);
        throw error;
      }
    },
    /** Something of AWS's ends it: Spot, a host that is retired. */
    stop,
    kill,
    /** Everything there ever was. */
    tasks: (): readonly EcsTask[] => [...tasks.values()],
  };
}

export type MemoryEcs = ReturnType<typeof memoryEcs>;

/** An answer of ECS that is an error. */
export function ecsTrouble(name: string, message: string, more: object = {}): ECSServiceException {
  const isTheirs = name === 'ServerException';
  const $metadata = { httpStatusCode: isTheirs ? 500 : 400 };
  return Object.assign(new ECSServiceException({ name, message, $fault: isTheirs ? 'server' : 'client', $metadata }), more);
}

/** The SDK makes dates of ECS's seconds. */
function withDates(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('tasks' in answer) || !Array.isArray(answer.tasks)) return answer;
  const tasks = answer.tasks.map((task: Readonly<Record<string, unknown>>) => ({
    ...task,
    ...Object.fromEntries(
      timeFields.flatMap((field) => (typeof task[field] === 'number' ? [[field, new Date(Number(task[field]) * 1_000)]] : [])),
    ),
  }));
  return { ...answer, tasks };
}
