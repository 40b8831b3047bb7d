import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { EcsFault, invalidParameter } from './ecs-fault.ts';

const text = v.optional(v.string());
const keyValue = v.strictObject({ name: v.string(), value: v.optional(v.string(), '') });

const Overrides = v.strictObject({
  containerOverrides: v.optional(
    v.array(v.strictObject({ name: v.string(), command: v.optional(v.array(v.string())), environment: v.optional(v.array(keyValue)) })),
    [],
  ),
  cpu: text,
  memory: text,
  taskRoleArn: text,
  executionRoleArn: text,
  ephemeralStorage: v.optional(v.strictObject({ sizeInGiB: v.number() })),
});

const RunTask = v.strictObject({
  cluster: text,
  taskDefinition: v.string(),
  count: v.optional(v.number(), 1),
  startedBy: text,
  group: text,
  clientToken: text,
  launchType: text,
  capacityProviderStrategy: v.optional(
    v.array(v.strictObject({ capacityProvider: v.string(), weight: v.optional(v.number(), 0), base: v.optional(v.number(), 0) })),
  ),
  platformVersion: v.optional(v.string(), 'LATEST'),
  networkConfiguration: v.optional(
    v.strictObject({
      awsvpcConfiguration: v.optional(
        v.strictObject({
          subnets: v.array(v.string()),
          securityGroups: v.optional(v.array(v.string()), []),
          assignPublicIp: v.optional(v.string(), 'DISABLED'),
        }),
      ),
    }),
  ),
  overrides: v.optional(Overrides, {}),
  tags: v.optional(v.array(v.strictObject({ key: v.string(), value: v.optional(v.string(), '') })), []),
  propagateTags: text,
  enableECSManagedTags: v.optional(v.boolean(), false),
  enableExecuteCommand: v.optional(v.boolean(), false),
});

const StopTask = v.strictObject({ cluster: text, task: v.string(), reason: text });
const DescribeTasks = v.strictObject({ cluster: text, tasks: v.array(v.string()), include: v.optional(v.array(v.string()), []) });
const ListTasks = v.strictObject({
  cluster: text,
  family: text,
  startedBy: text,
  serviceName: text,
  launchType: text,
  desiredStatus: v.optional(v.picklist(['RUNNING', 'PENDING', 'STOPPED']), 'RUNNING'),
  maxResults: v.optional(v.number(), 100),
  nextToken: text,
});

export type TaskOverrides = v.InferOutput<typeof Overrides>;
export type RunTaskInput = v.InferOutput<typeof RunTask>;
export type ListTasksInput = v.InferOutput<typeof ListTasks>;

/**
 * What RunTask was asked, held against the limits AWS documents.
 *
 * @throws {EcsFault}
 */
export function parseRunTask(body: unknown): RunTaskInput {
  const input = parse('RunTask', RunTask, body);
  const { startedBy = '', clientToken = '!' } = input;
  if (!Number.isInteger(input.count) || input.count < 1 || input.count > 10)
    throw invalidParameter(`count must be 1 to 10, not ${input.count}.`);
  if (startedBy.length > 128) throw invalidParameter('startedBy longer than 128.');
  if (!/^[\w/-]*$/.test(startedBy)) throw invalidParameter('startedBy may hold letters, digits, hyphens, slashes and underscores only.');
  if (!/^[!-~]{1,64}$/.test(clientToken)) throw invalidParameter('clientToken must be 1 to 64 characters in the range of 33 to 126.');
  // The limit counts the JSON of the overrides as they were sent.
  if (JSON.stringify(rawOverrides(body)).length > 8192) throw invalidParameter('Container Overrides length must be at most 8192');
  checkSize(input.overrides);
  checkTags(input);
  checkPlace(input);
  return input;
}

/** @throws {EcsFault} */
export function parseStopTask(body: unknown): v.InferOutput<typeof StopTask> {
  const input = parse('StopTask', StopTask, body);
  if ((input.reason ?? '').length > 1024) throw invalidParameter('reason longer than 1024.');
  return input;
}

/** @throws {EcsFault} */
export function parseDescribeTasks(body: unknown): v.InferOutput<typeof DescribeTasks> {
  const input = parse('DescribeTasks', DescribeTasks, body);
  if (input.tasks.length === 0) throw invalidParameter('Tasks cannot be empty.');
  if (input.tasks.length > 100) throw invalidParameter('Tasks can contain at most 100 entries.');
  return input;
}

/** @throws {EcsFault} */
export function parseListTasks(body: unknown): ListTasksInput {
  const input = parse('ListTasks', ListTasks, body);
  if (input.serviceName !== undefined) throw new EcsFault('ServiceNotFoundException', 'Service not found.');
  if (!Number.isInteger(input.maxResults) || input.maxResults < 1 || input.maxResults > 100)
    throw invalidParameter('maxResults must be 1 to 100.');
  // In use, a desired status beside it is taken (Airflow's re-attach asks so); any other filter is not.
  if (input.startedBy !== undefined && (input.family ?? input.launchType) !== undefined) {
    throw invalidParameter('startedBy must be the only filter that is used.');
  }
  return input;
}

/** The same for the same parameters, in whatever order their keys came; the token itself is not a part of it. */
export function fingerprint({ clientToken: _, ...parameters }: RunTaskInput): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(parameters)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function parse<T extends v.GenericSchema>(operation: string, schema: T, body: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const what = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`).join('; ');
  throw new EcsFault('SerializationException', `the local ECS does not take this ${operation}: ${what}`);
}

const rawOverrides = (body: unknown): unknown =>
  (typeof body === 'object' && body !== null && 'overrides' in body ? body.overrides : {}) ?? {};

function checkSize({ cpu = '256', memory = '512', ephemeralStorage }: TaskOverrides): void {
  if (!/^\d+$/.test(cpu) || !/^\d+$/.test(memory)) throw invalidParameter(`Invalid setting for container: cpu ${cpu}, memory ${memory}.`);
  const sizeInGiB = ephemeralStorage?.sizeInGiB ?? 21;
  if (sizeInGiB < 21 || sizeInGiB > 200) throw invalidParameter(`ephemeralStorage must be 21 to 200 GiB, not ${sizeInGiB}.`);
}

function checkTags({ tags, propagateTags = 'TASK_DEFINITION' }: RunTaskInput): void {
  if (propagateTags !== 'TASK_DEFINITION') throw invalidParameter(`propagateTags must be TASK_DEFINITION, not ${propagateTags}.`);
  if (tags.length > 50) throw invalidParameter('A task can have at most 50 tags.');
  if (new Set(tags.map((tag) => tag.key)).size < tags.length) throw invalidParameter('Duplicate tag keys found.');
  for (const { key, value } of tags) {
    if (key.length < 1 || key.length > 128 || value.length > 256)
      throw invalidParameter(`The tag "${key}" is longer than tags may be (key 1 to 128, value at most 256).`);
    if (/^aws:/i.test(key) || /^aws:/i.test(value)) throw invalidParameter(`The tag "${key}" begins with the reserved "aws:".`);
  }
}

function checkPlace({
  launchType,
  capacityProviderStrategy,
  networkConfiguration,
  platformVersion,
  enableExecuteCommand,
}: RunTaskInput): void {
  if (launchType !== undefined && capacityProviderStrategy !== undefined) {
    throw invalidParameter('Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.');
  }
  if (launchType !== 'FARGATE' && (capacityProviderStrategy ?? []).length === 0) {
    throw invalidParameter('No Container Instances were found in your cluster.');
  }
  for (const { capacityProvider } of capacityProviderStrategy ?? []) {
    if (!['FARGATE', 'FARGATE_SPOT'].includes(capacityProvider))
      throw invalidParameter(`The specified capacity provider '${capacityProvider}' was not found.`);
  }
  const network = networkConfiguration?.awsvpcConfiguration;
  if (network === undefined) throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  if (network.subnets.length < 1 || network.subnets.length > 16) throw invalidParameter('subnets must be 1 to 16.');
  if (network.securityGroups.length > 5) throw invalidParameter('securityGroups must be at most 5.');
  if (!['ENABLED', 'DISABLED'].includes(network.assignPublicIp))
    throw invalidParameter(`assignPublicIp must be ENABLED or DISABLED, not ${network.assignPublicIp}.`);
  if (!['LATEST', '1.4.0'].includes(platformVersion))
    throw new EcsFault('PlatformUnknownException', 'The specified platform does not exist.');
  if (enableExecuteCommand) throw invalidParameter('the local ECS has no execute command.');
}
