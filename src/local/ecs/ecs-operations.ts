import { EcsFault, invalidParameter } from './ecs-fault.ts';
import {
  fingerprint,
  type ListTasksInput,
  parseDescribeTasks,
  parseListTasks,
  parseRunTask,
  parseStopTask,
  type RunTaskInput,
} from './ecs-requests.ts';
import { describeTask, type EcsPlace, type EcsTask, ecsArn } from './ecs-task.ts';
import { findTaskDefinition, type TaskDefinition } from './task-definition.ts';
import type { TaskPool } from './task-pool.ts';

/** A call as a fault may see it before it is answered. */
export interface EcsCall {
  readonly operation: string;
  readonly input: unknown;
}

/** What goes wrong with one call. */
export type EcsDisturbance =
  /** ECS says no: `ThrottlingException` with 400, `ServerException` with 500, `AccessDeniedException`, … Nothing is done. */
  | { readonly kind: 'refused'; readonly type: string; readonly message: string; readonly status?: number }
  /** RunTask answers 200 with no task and these failures: `Capacity is unavailable at this time. …` */
  | {
      readonly kind: 'failures';
      readonly failures: readonly { readonly arn?: string; readonly reason: string; readonly detail?: string }[];
    }
  /** RunTask gives a task that ends without ever having had a container: `CannotPullContainerError: …` */
  | { readonly kind: 'fails-to-start'; readonly stoppedReason: string }
  /** DescribeTasks does not know its tasks, as just after RunTask. */
  | { readonly kind: 'missing' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'lost-answer' };

export interface EcsOperationsOptions {
  readonly place: EcsPlace;
  readonly pool: TaskPool;
  readonly taskDefinitions: readonly TaskDefinition[];
}

/** What the local ECS can be asked. Each takes the request's body, gives the answer's, and throws an EcsFault. */
export function ecsOperations({ place, pool, taskDefinitions }: EcsOperationsOptions) {
  function runTask({ input: body }: EcsCall, disturbance?: EcsDisturbance): unknown {
    const input = parseRunTask(body);
    checkCluster(input.cluster);
    const definition = findTaskDefinition(taskDefinitions, input.taskDefinition, ecsArn(place, 'task-definition/'));
    checkContainers(input, definition);
    const earlier = startedBefore(input);
    // Failures are not remembered for the token: nothing came of that request.
    if (earlier.length === 0 && disturbance?.kind === 'failures') return { tasks: [], failures: disturbance.failures };
    const failsToStart = disturbance?.kind === 'fails-to-start' ? disturbance : undefined;
    const tasks = earlier.length > 0 ? earlier : Array.from({ length: input.count }, () => pool.start(input, definition, failsToStart));
    return { tasks: tasks.map((task) => describeTask(task, { withTags: true })), failures: [] };
  }

  /** What the same request started before. */
  function startedBefore(input: RunTaskInput): readonly EcsTask[] {
    const earlier = pool.startedWith(input.clientToken);
    if (earlier.every((task) => task.fingerprint === fingerprint(input))) return earlier;
    const message = 'The request with this client token was made with other parameters.';
    throw new EcsFault('ConflictException', message, { resourceIds: earlier.map((task) => task.arn) });
  }

  function stopTask({ input: body }: EcsCall): unknown {
    const input = parseStopTask(body);
    checkCluster(input.cluster);
    const task = pool.find(input.task);
    if (task === undefined) throw invalidParameter('The referenced task was not found.');
    pool.stop(task.id, { stopCode: 'UserInitiated', stoppedReason: input.reason ?? 'Task stopped by user' });
    return { task: describeTask(pool.find(task.id) ?? task) };
  }

  function describeTasks({ input: body }: EcsCall, disturbance?: EcsDisturbance): unknown {
    const input = parseDescribeTasks(body);
    checkCluster(input.cluster);
    const known = disturbance?.kind === 'missing' ? [] : input.tasks.flatMap((name) => pool.find(name) ?? []);
    const missing = input.tasks.filter((name) => !known.some((task) => task.id === name || task.arn === name));
    return {
      tasks: known.map((task) => describeTask(task, { withTags: input.include.includes('TAGS') })),
      failures: missing.map((name) => ({
        arn: name.startsWith('arn:') ? name : ecsArn(place, `task/${place.cluster}/${name}`),
        reason: 'MISSING',
      })),
    };
  }

  function listTasks({ input: body }: EcsCall): unknown {
    const input = parseListTasks(body);
    checkCluster(input.cluster);
    const found = pool.all().filter((task) => isListed(task, input));
    const from = input.nextToken === undefined ? 0 : found.findIndex((task) => pageToken(task) === input.nextToken);
    if (from < 0) throw invalidParameter('Invalid token.');
    const next = found[from + input.maxResults];
    const taskArns = found.slice(from, from + input.maxResults).map((task) => task.arn);
    return { taskArns, ...(next && { nextToken: pageToken(next) }) };
  }

  function checkCluster(name = 'default'): void {
    const isOurs = name === place.cluster || name === ecsArn(place, `cluster/${place.cluster}`);
    if (!isOurs) throw new EcsFault('ClusterNotFoundException', 'Cluster not found.');
  }

  /** @throws {EcsFault} UnknownOperationException for what the local ECS does not do */
  return (call: EcsCall, disturbance: EcsDisturbance | undefined): unknown => {
    switch (call.operation) {
      case 'RunTask':
        return runTask(call, disturbance);
      case 'StopTask':
        return stopTask(call);
      case 'DescribeTasks':
        return describeTasks(call, disturbance);
      case 'ListTasks':
        return listTasks(call);
      default:
        throw new EcsFault(
          'UnknownOperationException',
          `the local ECS does RunTask, StopTask, DescribeTasks and ListTasks, not "${call.operation}"`,
        );
    }
  };
}

function checkContainers({ overrides }: RunTaskInput, { containerName }: TaskDefinition): void {
  for (const { name } of overrides.containerOverrides) {
    if (name !== containerName) throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
  }
}

function isListed(task: EcsTask, { family, startedBy, launchType = 'FARGATE', desiredStatus }: ListTasksInput): boolean {
  const isFamily = family === undefined || task.family === family;
  const isStartedBy = startedBy === undefined || task.startedBy === startedBy;
  return task.desiredStatus === desiredStatus && launchType === 'FARGATE' && isFamily && isStartedBy;
}

/** Opaque to the caller, and still true when tasks before it are gone. */
const pageToken = (task: EcsTask): string => Buffer.from(`from ${task.id}`).toString('base64url');
