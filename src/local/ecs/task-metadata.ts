import type { Outgoing } from '../wire/http-server.ts';
import { type EcsTask, ecsArn } from './ecs-task.ts';
import { heldBytes, processesOf } from './processes.ts';
import type { TaskDefinition } from './task-definition.ts';

/** The path of `ECS_CONTAINER_METADATA_URI_V4`; it names the task, and so marks all processes that inherit it. */
export const metadataPath = (taskId: string): string => `/v4/${taskId}-1`;

/** The task whose metadata `path` asks for, and which of the four documents, or undefined for any other path. */
export function parseMetadataPath(path: string): { readonly taskId: string; readonly document: string } | undefined {
  const [, taskId, document = ''] = /^\/v4\/([0-9a-f]{32})-1(?:\/(task|stats|task\/stats))?$/.exec(path) ?? [];
  return taskId === undefined ? undefined : { taskId, document };
}

/** What the task metadata endpoint, version 4, answers inside a running task. */
export function answerMetadata(document: string, task: EcsTask, definition: TaskDefinition): Outgoing {
  if (task.container?.lastStatus !== 'RUNNING') return { status: 404, body: `the task ${task.arn} has no running container\n` };
  switch (document) {
    case 'task':
      return json(taskMetadata(task, definition));
    case 'stats':
      return json(stats(task));
    case 'task/stats':
      return json({ [task.container.runtimeId]: stats(task) });
    default:
      return json(containerMetadata(task, definition));
  }
}

const json = (value: unknown): Outgoing => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

function taskMetadata(task: EcsTask, definition: TaskDefinition) {
  return {
    Cluster: ecsArn(task.place, `cluster/${task.place.cluster}`),
    TaskARN: task.arn,
    Family: task.family,
    Revision: String(task.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    Limits: { CPU: Number(task.cpu) / 1024, Memory: task.memoryMb },
    PullStartedAt: iso(task.pullStartedAt),
    PullStoppedAt: iso(task.pullStoppedAt),
    AvailabilityZone: `${task.place.region}a`,
    LaunchType: 'FARGATE',
    Containers: [containerMetadata(task, definition)],
  };
}

function containerMetadata(task: EcsTask, { logGroup, streamPrefix }: TaskDefinition) {
  return {
    DockerId: task.container?.runtimeId,
    Name: task.container?.name,
    DockerName: task.container?.name,
    Image: `${task.family}:${task.revision}`,
    ImageID: '',
    Labels: {
      'com.amazonaws.ecs.cluster': ecsArn(task.place, `cluster/${task.place.cluster}`),
      'com.amazonaws.ecs.container-name': task.container?.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': task.family,
      'com.amazonaws.ecs.task-definition-version': String(task.revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.container?.lastStatus,
    Limits: { CPU: 2 },
    CreatedAt: iso(task.pullStoppedAt),
    StartedAt: iso(task.startedAt),
    Type: 'NORMAL',
    LogDriver: 'awslogs',
    LogOptions: { 'awslogs-group': logGroup, 'awslogs-region': task.place.region, 'awslogs-stream': logStream(task, streamPrefix) },
    ContainerARN: task.container?.arn,
    Networks: [
      {
        NetworkMode: 'awsvpc',
        IPv4Addresses: [task.network.ip],
        AttachmentIndex: 0,
        MACAddress: task.network.mac,
        PrivateDNSName: 'localhost',
      },
    ],
  };
}

/** Where the awslogs driver writes a container's lines: `<prefix>/<container>/<task id>`. */
export const logStream = (task: EcsTask, streamPrefix: string): string => `${streamPrefix}/${task.container?.name}/${task.id}`;

function stats(task: EcsTask) {
  const processes = processesOf({ sessions: new Set(task.process ? [task.process.pid] : []), mark: metadataPath(task.id) });
  return {
    read: new Date().toISOString(),
    pids_stats: { current: processes.length },
    memory_stats: { usage: heldBytes(processes), limit: task.memoryMb * 1024 * 1024 },
  };
}
