import type { Task } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import type { TaskStop } from '../outcome/stop.ts';
import { suiteContainer } from '../run/plan.ts';

/** A task as an event or DescribeTasks shows it. */
export interface TaskState {
  readonly taskArn: string;
  /** Of its task definition. */
  readonly family: string;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly startedBy?: string;
  /** The run and the shard that RunTask told the container; absent in a task started by hand. */
  readonly run?: string;
  readonly shard?: number;
  /** Which attempt at the shard it is; absent: the first. */
  readonly attempt?: number;
  /** Grows with every change: the same task with a lower version is older news. */
  readonly version: number;
  /** Its container has ended, and what will be known of its end is known. */
  readonly isStopped: boolean;
  readonly stop: TaskStop;
}

/** What an event means to us. */
export type TaskStopped = { readonly kind: 'stopped'; readonly task: TaskState } | { readonly kind: 'ignored'; readonly because: string };

/** What we can do without: in another shape than documented, it is as if it were not there. An event is not lost for it. */
const maybe = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined);

/** An event has ISO 8601, the SDK makes dates of what DescribeTasks says. */
const isoTime = v.pipe(v.string(), v.isoTimestamp());
const time = maybe(
  v.union([
    isoTime,
    v.pipe(
      v.date(),
      v.transform((date) => date.toISOString()),
    ),
  ]),
);

const Container = v.looseObject({
  name: maybe(v.string()),
  exitCode: maybe(v.number()),
  reason: maybe(v.string()),
  imageDigest: maybe(v.string()),
});
const Override = v.looseObject({ environment: maybe(v.array(v.looseObject({ name: maybe(v.string()), value: maybe(v.string()) }))) });

const Detail = v.looseObject({
  // The id becomes a part of keys.
  taskArn: v.pipe(v.string(), v.regex(/\/[0-9a-z-]+$/)),
  taskDefinitionArn: v.pipe(v.string(), v.includes('/')),
  lastStatus: v.string(),
  desiredStatus: maybe(v.string()),
  version: v.fallback(v.number(), 0),
  createdAt: time,
  startedAt: time,
  executionStoppedAt: time,
  stoppingAt: time,
  stoppedAt: time,
  startedBy: maybe(v.string()),
  stopCode: maybe(v.string()),
  stoppedReason: maybe(v.string()),
  containers: v.fallback(v.array(Container), []),
  overrides: maybe(v.looseObject({ containerOverrides: maybe(v.array(Override)) })),
});
type Detail = v.InferOutput<typeof Detail>;

const Envelope = v.looseObject({
  source: maybe(v.string()),
  'detail-type': maybe(v.string()),
  time,
  detail: v.unknown(),
});

/**
 * Whether an `ECS Task State Change` says that a task has stopped, for whatever reason.
 *
 * @throws for any other event, so that it is retried and kept instead of lost
 */
export function parseTaskStopped(event: unknown): TaskStopped {
  const envelope = v.safeParse(Envelope, event);
  const { source, 'detail-type': type, time, detail } = envelope.success ? envelope.output : {};
  if (source !== 'aws.ecs' || type !== 'ECS Task State Change') {
    throw new Error(
      `expected an "ECS Task State Change" of aws.ecs, got ${JSON.stringify(type)} of ${JSON.stringify(source)}: look at the rule that sent it`,
    );
  }
  const read = parseDetail('the ECS event', detail);
  const task = stateOf(read, time);
  return task.isStopped ? { kind: 'stopped', task } : { kind: 'ignored', because: stillOn(read) };
}

/**
 * A task of DescribeTasks.
 *
 * @throws for one that has no ARN, no task definition or no status
 */
export function readTask(task: Task): TaskState {
  return stateOf(parseDetail('a task of DescribeTasks', task));
}

function parseDetail(what: string, detail: unknown): Detail {
  const result = v.safeParse(Detail, detail);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`).join('; ');
  throw new Error(`${what} is not as AWS documents it: ${problems}`);
}

function stateOf(detail: Detail, time?: string): TaskState {
  const { taskArn, taskDefinitionArn, startedBy, version } = detail;
  const environment = detail.overrides?.containerOverrides?.flatMap((override) => override.environment ?? []) ?? [];
  const told = (name: string) => environment.find((variable) => variable.name === name)?.value;
  const run = told('COLDFRAME_RUN');
  const shard = Number(told('COLDFRAME_SHARD'));
  const attempt = Number(told('COLDFRAME_ATTEMPT'));
  return {
    taskArn,
    family: taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1).replace(/:\d+$/, ''),
    // AWS says it is set when the task is PENDING: before that, now is near enough.
    createdAt: detail.createdAt ?? time ?? new Date().toISOString(),
    ...(startedBy !== undefined && { startedBy }),
    ...(run !== undefined && { run }),
    ...(Number.isInteger(shard) && shard > 0 && { shard }),
    ...(Number.isInteger(attempt) && attempt > 0 && { attempt }),
    version,
    isStopped: hasStopped(detail),
    stop: stopOf(detail),
  };
}

function stopOf(detail: Detail): TaskStop {
  const { taskArn, stopCode, stoppedReason, startedAt } = detail;
  const { exitCode, reason, imageDigest } = ourContainer(detail) ?? {};
  // DEPROVISIONING comes before there is a `stoppedAt`; the end of the container is what counts anyway.
  const stoppedAt = detail.stoppedAt ?? detail.executionStoppedAt ?? detail.stoppingAt;
  return {
    taskArn,
    ...(stopCode !== undefined && { stopCode }),
    ...(stoppedReason !== undefined && { stoppedReason }),
    ...(exitCode !== undefined && { exitCode }),
    ...(reason !== undefined && { containerReason: reason }),
    image: imageDigest ?? detail.taskDefinitionArn.slice(detail.taskDefinitionArn.lastIndexOf('/') + 1),
    ...(startedAt !== undefined && { startedAt }),
    ...(stoppedAt !== undefined && { stoppedAt }),
  };
}

/** AWS puts containers of its own beside ours (GuardDuty's agent); their exit codes mean nothing to us. */
const ourContainer = ({ containers }: Detail) => containers.find(({ name }) => name === suiteContainer) ?? containers[0];

/** With DEPROVISIONING we know 15 seconds earlier than with STOPPED; if only it says already how the container ended. */
function hasStopped(detail: Detail): boolean {
  const { lastStatus, stopCode } = detail;
  if (lastStatus === 'STOPPED' || lastStatus === 'DELETED') return true;
  if (lastStatus !== 'DEPROVISIONING') return false;
  if (ourContainer(detail)?.exitCode !== undefined) return true;
  // A container that ended by itself has an exit code, and perhaps a reason (out of memory): they are worth the wait.
  return stopCode !== undefined && stopCode !== 'EssentialContainerExited';
}

function stillOn({ taskArn, lastStatus, desiredStatus, stopCode }: Detail): string {
  if (lastStatus === 'DEPROVISIONING') return `${taskArn} is DEPROVISIONING, and how its container ended is still to come`;
  if (desiredStatus === 'STOPPED') return `${taskArn} is to stop (${stopCode ?? 'no stop code'}) and is ${lastStatus} yet`;
  return `${taskArn} is ${lastStatus}`;
}
