import {
  DescribeTasksCommand,
  type ECSClient,
  ECSServiceException,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { explainRunTaskFailure, type StopReason } from '../outcome/stop.ts';
import type { TaskParameters } from '../run/plan.ts';

/** What came of asking for a task. */
export type TaskStart =
  | { readonly kind: 'started'; readonly taskArn: string }
  /** `mayBeThere`: throttled, ECS says nothing of a task that it has given for the same parameters before. */
  | { readonly kind: 'refused'; readonly stop: StopReason; readonly mayBeThere?: true };

/** ECS errors that do not tell whether there is a task now: the very same must be asked again. */
const isUnclear = (error: ECSServiceException): boolean => error.$fault === 'server';

const isThrottled = (error: ECSServiceException): boolean => /Throttl|TooManyRequests|RequestLimitExceeded/.test(error.name);

/** Fargate tasks of one cluster. */
export function ecsTasks(client: ECSClient, cluster: string) {
  /**
   * Starts a task, or finds the one that the same parameters started before (`clientToken`, for 24 hours).
   * A refusal is a value, throttling too; an outage, which may have started the task all the same, throws.
   */
  async function run({ runTask }: TaskParameters): Promise<TaskStart> {
    try {
      const answer = await client.send(new RunTaskCommand({ ...plain(runTask) }));
      const taskArn = answer.tasks?.[0]?.taskArn;
      if (taskArn !== undefined) return { kind: 'started', taskArn };
      const [failure] = answer.failures ?? [];
      return {
        kind: 'refused',
        stop: explainRunTaskFailure({
          reason: failure?.reason ?? 'RunTask gave neither a task nor a reason',
          ...(failure?.detail && { detail: failure.detail }),
        }),
      };
    } catch (error) {
      if (!(error instanceof ECSServiceException) || isUnclear(error)) {
        throw new Error(`ECS did not start ${runTask.startedBy} on ${runTask.cluster}: ${said(error)}`, { cause: error });
      }
      const existing = existingTask(error);
      if (existing !== undefined) return { kind: 'started', taskArn: existing };
      const stop = explainRunTaskFailure({ reason: error.name, detail: error.message });
      return { kind: 'refused', stop, ...(isThrottled(error) && { mayBeThere: true }) };
    }
  }

  /** Asks ECS to stop a task; a task that has stopped or is gone is left alone. `reason` is what ECS will report. */
  async function stop(taskArn: string, reason: string): Promise<void> {
    try {
      await client.send(new StopTaskCommand({ cluster, task: taskArn, reason: reason.slice(0, 1024) }));
    } catch (error) {
      const isGone = error instanceof ECSServiceException && error.name === 'InvalidParameterException';
      if (!isGone) throw new Error(`ECS did not stop ${taskArn}: ${said(error)}`, { cause: error });
    }
  }

  /** What ECS knows of these tasks (at most an hour after their end); those it does not know are missing from the answer. */
  async function describe(taskArns: readonly string[]): Promise<readonly Task[]> {
    const found: Task[] = [];
    for (let from = 0; from < taskArns.length; from += 100) {
      const page = taskArns.slice(from, from + 100);
      const answer = await client.send(new DescribeTasksCommand({ cluster, tasks: page }));
      found.push(...(answer.tasks ?? []));
    }
    return found;
  }

  /** ARNs of all tasks of a task definition family, those that stopped within the last hour included. */
  async function listFamily(family: string): Promise<readonly string[]> {
    const arns: string[] = [];
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      let nextToken: string | undefined;
      do {
        const answer = await client.send(new ListTasksCommand({ cluster, family, desiredStatus, ...(nextToken && { nextToken }) }));
        arns.push(...(answer.taskArns ?? []));
        nextToken = answer.nextToken;
      } while (nextToken !== undefined);
    }
    return arns;
  }

  return { run, stop, describe, listFamily };
}

export type Tasks = ReturnType<typeof ecsTasks>;

/** ConflictException names the tasks that the same token started with other parameters: they are ours. */
function existingTask(error: ECSServiceException): string | undefined {
  if (error.name !== 'ConflictException' || !('resourceIds' in error) || !Array.isArray(error.resourceIds)) return undefined;
  const [first] = error.resourceIds;
  return typeof first === 'string' ? first : undefined;
}

/** The SDK's types want mutable arrays; a plan is JSON, so a copy of it is exact. */
const plain = (runTask: TaskParameters['runTask']) => structuredClone(runTask) as Mutable<TaskParameters['runTask']>;
type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };

const said = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
