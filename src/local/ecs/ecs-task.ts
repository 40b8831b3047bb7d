import { randomBytes, randomUUID } from 'node:crypto';
import { fingerprint, type RunTaskInput, type TaskOverrides } from './ecs-requests.ts';
import type { TaskDefinition } from './task-definition.ts';

export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

/** Where and for whom the local ECS works. */
export interface EcsPlace {
  readonly region: string;
  readonly account: string;
  /** The cluster's name. */
  readonly cluster: string;
}

/** What the local ECS remembers of a task. Times are milliseconds since 1970. */
export interface EcsTask {
  readonly id: string;
  readonly arn: string;
  readonly place: EcsPlace;
  readonly family: string;
  readonly revision: number;
  readonly startedBy?: string;
  readonly group: string;
  readonly cpu: string;
  readonly memoryMb: number;
  readonly capacityProvider?: string;
  readonly overrides: TaskOverrides;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly clientToken?: string;
  readonly fingerprint: string;
  readonly network: {
    readonly attachmentId: string;
    readonly subnet: string;
    readonly eni: string;
    readonly mac: string;
    readonly ip: string;
  };
  /** Grows with every change that ECS would announce. */
  readonly version: number;
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly attachment: 'PRECREATED' | 'ATTACHED' | 'DELETED';
  /** Absent for a task that failed before it had one. */
  readonly container?: {
    readonly arn: string;
    readonly name: string;
    readonly runtimeId: string;
    readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
    readonly exitCode?: number;
    readonly reason?: string;
  };
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly connectivityAt?: number;
  readonly pullStartedAt?: number;
  readonly pullStoppedAt?: number;
  readonly startedAt?: number;
  readonly executionStoppedAt?: number;
  readonly stoppingAt?: number;
  readonly stoppedAt?: number;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** This machine's side of it: the folder for HOME and TMPDIR, and the process, so that a later life can end what an earlier left. */
  readonly folder?: string;
  readonly process?: { readonly pid: number; readonly birth: string };
}

/** The ARN of something of this cluster's account: `kind` is `task/<cluster>/<id>`, `cluster/<name>`, … */
export const ecsArn = ({ region, account }: EcsPlace, kind: string): string => `arn:aws:ecs:${region}:${account}:${kind}`;

/** A task as RunTask makes it: nothing has been started yet. */
export function newTask(
  input: RunTaskInput,
  definition: TaskDefinition,
  { place, nowMs }: { readonly place: EcsPlace; readonly nowMs: number },
): EcsTask {
  const id = hex(16);
  const [subnet = ''] = input.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  const strategy = (input.capacityProviderStrategy ?? []).toSorted((a, b) => b.base - a.base || b.weight - a.weight)[0];
  const managed = input.enableECSManagedTags ? [{ key: 'aws:ecs:clusterName', value: place.cluster }] : [];
  return {
    id,
    arn: ecsArn(place, `task/${place.cluster}/${id}`),
    place,
    family: definition.family,
    revision: definition.revision,
    ...(input.startedBy !== undefined && { startedBy: input.startedBy }),
    group: input.group ?? `family:${definition.family}`,
    cpu: input.overrides.cpu ?? String(definition.cpu),
    memoryMb: Number(input.overrides.memory ?? definition.memoryMb),
    ...(strategy && { capacityProvider: strategy.capacityProvider }),
    overrides: withEveryContainer(input.overrides, definition.containerName),
    tags: [...propagated(input, definition), ...input.tags, ...managed],
    ...(input.clientToken !== undefined && { clientToken: input.clientToken }),
    fingerprint: fingerprint(input),
    network: {
      attachmentId: randomUUID(),
      subnet,
      eni: `eni-${hex(8).padStart(17, '0')}`,
      mac: `0a:${hex(5).match(/../g)?.join(':')}`,
      ip: '127.0.0.1',
    },
    version: 1,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    attachment: 'PRECREATED',
    container: {
      arn: ecsArn(place, `container/${place.cluster}/${id}/${randomUUID()}`),
      name: definition.containerName,
      runtimeId: `${id}-${randomBytes(4).readUInt32BE()}`,
      lastStatus: 'PENDING',
    },
    createdAt: nowMs,
    updatedAt: nowMs,
  };
}

/** The definition's tags, where they are asked for; a tag of the request stands over one of the same key. */
function propagated({ propagateTags, tags }: RunTaskInput, definition: TaskDefinition): EcsTask['tags'] {
  if (propagateTags === undefined) return [];
  const own = new Set(tags.map(({ key }) => key));
  return Object.entries(definition.tags ?? {}).flatMap(([key, value]) => (own.has(key) ? [] : [{ key, value }]));
}

/** The task as DescribeTasks, RunTask and StopTask show it: times are seconds since 1970. */
export function describeTask(task: EcsTask, { withTags = false } = {}): Readonly<Record<string, unknown>> {
  const container = task.container && { ...containerFields(task, task.container), healthStatus: 'UNKNOWN' };
  return {
    ...taskFields(task, (ms) => ms / 1000),
    containers: container ? [container] : [],
    healthStatus: 'UNKNOWN',
    tags: withTags ? task.tags : [],
  };
}

/** The task as an event tells of it: ISO times, no tags and no health. */
export function taskDetail(task: EcsTask): Readonly<Record<string, unknown>> {
  const containers = task.container ? [containerFields(task, task.container)] : [];
  return { ...taskFields(task, (ms) => new Date(ms).toISOString()), containers, updatedAt: new Date(task.updatedAt).toISOString() };
}

function taskFields(task: EcsTask, time: (ms: number) => number | string) {
  return {
    taskArn: task.arn,
    clusterArn: ecsArn(task.place, `cluster/${task.place.cluster}`),
    taskDefinitionArn: ecsArn(task.place, `task-definition/${task.family}:${task.revision}`),
    attachments: [attachment(task)],
    attributes: [{ name: 'ecs.cpu-architecture', value: process.arch === 'arm64' ? 'arm64' : 'x86_64' }],
    availabilityZone: `${task.place.region}a`,
    ...(task.capacityProvider && { capacityProviderName: task.capacityProvider }),
    ...(task.connectivityAt !== undefined && { connectivity: 'CONNECTED', connectivityAt: time(task.connectivityAt) }),
    cpu: task.cpu,
    memory: String(task.memoryMb),
    enableExecuteCommand: false,
    ephemeralStorage: { sizeInGiB: task.overrides.ephemeralStorage?.sizeInGiB ?? 20 },
    group: task.group,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    overrides: task.overrides,
    ...(task.startedBy !== undefined && { startedBy: task.startedBy }),
    version: task.version,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    createdAt: time(task.createdAt),
    ...(task.pullStartedAt !== undefined && { pullStartedAt: time(task.pullStartedAt) }),
    ...(task.pullStoppedAt !== undefined && { pullStoppedAt: time(task.pullStoppedAt) }),
    ...(task.startedAt !== undefined && { startedAt: time(task.startedAt) }),
    ...(task.executionStoppedAt !== undefined && { executionStoppedAt: time(task.executionStoppedAt) }),
    ...(task.stoppingAt !== undefined && { stoppingAt: time(task.stoppingAt) }),
    ...(task.stoppedAt !== undefined && { stoppedAt: time(task.stoppedAt) }),
    ...(task.stopCode !== undefined && { stopCode: task.stopCode }),
    ...(task.stoppedReason !== undefined && { stoppedReason: task.stoppedReason }),
  };
}

function attachment({ network, attachment: status }: EcsTask) {
  const details = [
    { name: 'subnetId', value: network.subnet },
    { name: 'networkInterfaceId', value: network.eni },
    { name: 'macAddress', value: network.mac },
    { name: 'privateIPv4Address', value: network.ip },
  ];
  // Until the interface is there, ECS knows only where it will be.
  return { id: network.attachmentId, type: 'eni', status, details: status === 'PRECREATED' ? details.slice(0, 1) : details };
}

function containerFields({ arn, network, family, revision }: EcsTask, container: NonNullable<EcsTask['container']>) {
  return {
    containerArn: container.arn,
    taskArn: arn,
    name: container.name,
    image: `${family}:${revision}`,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    ...(container.exitCode !== undefined && { exitCode: container.exitCode }),
    ...(container.reason !== undefined && { reason: container.reason }),
    networkInterfaces: [{ attachmentId: network.attachmentId, privateIpv4Address: network.ip }],
    cpu: '0',
  };
}

/** ECS shows an override for every container, an empty one where none was given. */
function withEveryContainer(overrides: TaskOverrides, containerName: string): TaskOverrides {
  const isThere = overrides.containerOverrides.some((override) => override.name === containerName);
  return isThere ? overrides : { ...overrides, containerOverrides: [...overrides.containerOverrides, { name: containerName }] };
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
