import { parseStatement, type Role } from '../iam/policy.ts';
import type { Place } from './cloudformation-names.ts';
import { type Entry, type GeneratedParts, resourcesOf, serverlessFile, type Value } from './serverless-file.ts';
import type { JwtAuthorizer, Stack, StackFunction, StackQueue, StackRule, StackTarget } from './stack.ts';

/**
 * The functions, rules, queues and roles of serverless.yml, with the names they would have in this place.
 *
 * @param generated what serverless.yml takes from coldframe.yml (`generatedParts`)
 * @throws naming line and field of whatever it does not understand: what is deployed and what is tried here must be the same
 */
export function readStack(text: string, place: Place, generated: GeneratedParts): Stack {
  const file = serverlessFile(text, place, generated);
  const root = fieldsOf(file, rootFields);
  const provider = fieldsOf(root.get('provider'), providerFields);
  const functions = root
    .get('functions')
    .entries()
    .map(([name, entry]) => readFunction(name, entry, provider));
  const resources = resourcesOf(file).map(([id, entry]) => ({ id, fields: fieldsOf(entry, resourceFields) }));
  const withId = (type: string) => resources.filter(({ fields }) => fields.text('Type') === type);
  const ofType = (type: string): readonly Entry[] => withId(type).map(({ fields }) => fields.get('Properties'));
  return {
    functions: functions.map(({ rules: _, ...stackFunction }) => stackFunction),
    rules: [...ofType('AWS::Events::Rule').map(readRule), ...functions.flatMap(({ rules }) => rules)],
    queues: ofType('AWS::SQS::Queue').map(readQueue),
    roles: withId('AWS::IAM::Role').map(({ id, fields }) => readRole(id, fields.get('Properties'))),
  };
}

const rootFields = ['service', 'frameworkVersion', 'configValidationMode', 'provider', 'package', 'functions', 'custom', 'resources'];
const providerFields = [
  'name',
  'runtime',
  'architecture',
  'stage',
  'region',
  'deploymentBucket',
  'versionFunctions',
  'logRetentionInDays',
  'logs',
  'stackParameters',
  'stackTags',
  'httpApi',
  'environment',
];
const resourceFields = ['Type', 'Condition', 'Properties', 'DependsOn', 'DeletionPolicy', 'UpdateReplacePolicy'];

/** AWS's defaults. */
const eventBridgeRetry = { maxAgeS: 86_400, maxAttempts: 185 };
const asyncRetries = 2;
const asyncMaxAgeS = 21_600;

function readFunction(name: string, entry: Entry, provider: Fields): StackFunction & { readonly rules: readonly StackRule[] } {
  const fields = fieldsOf(entry, [
    ...['name', 'description', 'handler', 'package', 'role', 'memorySize', 'timeout', 'environment', 'events'],
    ...['maximumRetryAttempts', 'maximumEventAge', 'destinations'],
  ]);
  const events =
    fields
      .optional('events')
      ?.items()
      .map((event) => readEvent(name, event, provider)) ?? [];
  const authorizers = events.flatMap((event) =>
    event.kind === 'route' && event.authorizer !== undefined ? [[event.route, event.authorizer] as const] : [],
  );
  const destinations = fieldsOf(fields.optional('destinations'), ['onFailure']);
  const onFailure = fieldsOf(destinations.optional('onFailure'), ['type', 'arn']).optional('arn');
  return {
    name,
    functionName: fields.text('name'),
    handler: fields.text('handler'),
    memoryMb: fields.number('memorySize'),
    timeoutS: fields.number('timeout'),
    role: roleOf(fields.get('role')),
    environment: { ...textsOf(provider.optional('environment')), ...textsOf(fields.optional('environment')) },
    routes: events.flatMap((event) => (event.kind === 'route' ? [event.route] : [])),
    ...(authorizers.length > 0 && { authorizers: Object.fromEntries(authorizers) }),
    queues: events.flatMap((event) => (event.kind === 'queue' ? [event.queue] : [])),
    rules: events.flatMap((event) => (event.kind === 'rule' ? [event.rule] : [])),
    asyncRetries: fields.number('maximumRetryAttempts', asyncRetries),
    asyncMaxAgeS: fields.number('maximumEventAge', asyncMaxAgeS),
    ...(onFailure !== undefined && { onFailure: queueOf(onFailure) }),
  };
}

type FunctionEvent =
  | { readonly kind: 'route'; readonly route: string; readonly authorizer?: JwtAuthorizer }
  | { readonly kind: 'queue'; readonly queue: StackFunction['queues'][number] }
  | { readonly kind: 'rule'; readonly rule: StackRule };

function readEvent(functionName: string, entry: Entry, provider: Fields): FunctionEvent {
  const [[kind, event] = entry.fail('is empty'), ...others] = entry.entries();
  if (others.length > 0) entry.fail('is more than one event');
  switch (kind) {
    case 'httpApi': {
      const route = event.value();
      if (typeof route === 'object') return readProtectedRoute(event, provider);
      if (typeof route === 'string' && (route === '*' || /^(?:[A-Z]+|\*) \//.test(route)))
        return { kind: 'route', route: route === '*' ? '$default' : route };
      return event.fail('must be a route like `POST /slack/events`');
    }
    case 'sqs': {
      const fields = fieldsOf(event, ['arn', 'batchSize', 'functionResponseType', 'maximumConcurrency']);
      const reportsItemFailures = fields.optional('functionResponseType')?.value() === 'ReportBatchItemFailures';
      return { kind: 'queue', queue: { ...queueOf(fields.get('arn')), batchSize: fields.number('batchSize', 10), reportsItemFailures } };
    }
    case 'eventBridge': {
      const fields = fieldsOf(event, ['name', 'description', 'pattern', 'schedule', 'retryPolicy', 'deadLetterQueueArn']);
      const retry = fieldsOf(fields.optional('retryPolicy'), ['maximumEventAge', 'maximumRetryAttempts']);
      const target: StackTarget = {
        kind: 'function',
        name: functionName,
        retry: {
          maxAgeS: retry.number('maximumEventAge', eventBridgeRetry.maxAgeS),
          maxAttempts: retry.number('maximumRetryAttempts', eventBridgeRetry.maxAttempts),
        },
        ...deadLetters(fields.optional('deadLetterQueueArn')),
      };
      const when = readWhen(event, fields.optional('pattern'), fields.optional('schedule'));
      return { kind: 'rule', rule: { name: fields.text('name'), bus: 'default', when, targets: [target] } };
    }
    default:
      return event.fail(`\`${kind}\` is a kind of event we do not read`);
  }
}

/** A route in its long form: one that takes only requests with a token. */
function readProtectedRoute(event: Entry, provider: Fields): FunctionEvent {
  const fields = fieldsOf(event, ['method', 'path', 'authorizer']);
  const name = fieldsOf(fields.get('authorizer'), ['name']).text('name');
  const api = fieldsOf(provider.get('httpApi'), ['name', 'payload', 'authorizers']);
  const named =
    api
      .get('authorizers')
      .entries()
      .find(([key]) => key === name)?.[1] ?? event.fail(`there is no authorizer \`${name}\``);
  const authorizer = fieldsOf(named, ['type', 'identitySource', 'issuerUrl', 'audience']);
  if (authorizer.text('type') !== 'jwt' || authorizer.text('identitySource') !== '$request.header.Authorization')
    named.fail('must be of the type `jwt`, with the header Authorization as its source');
  const audience = authorizer.get('audience').value();
  return {
    kind: 'route',
    route: `${fields.text('method')} ${fields.text('path')}`,
    authorizer: { issuer: authorizer.text('issuerUrl'), audience: [audience].flat().map(String) },
  };
}

function readRule(entry: Entry): StackRule {
  const fields = fieldsOf(entry, ['Name', 'Description', 'EventBusName', 'EventPattern', 'ScheduleExpression', 'Targets']);
  return {
    name: fields.text('Name'),
    bus: fields.text('EventBusName', 'default'),
    when: readWhen(entry, fields.optional('EventPattern'), fields.optional('ScheduleExpression')),
    targets: fields.get('Targets').items().map(readTarget),
  };
}

function readTarget(entry: Entry): StackTarget {
  const fields = fieldsOf(entry, ['Id', 'Arn', 'Input', 'RetryPolicy', 'DeadLetterConfig']);
  const retry = fieldsOf(fields.optional('RetryPolicy'), ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']);
  return {
    kind: 'queue',
    ...queueOf(fields.get('Arn')),
    ...(fields.optional('Input') !== undefined && { input: fields.text('Input') }),
    retry: {
      maxAgeS: retry.number('MaximumEventAgeInSeconds', eventBridgeRetry.maxAgeS),
      maxAttempts: retry.number('MaximumRetryAttempts', eventBridgeRetry.maxAttempts),
    },
    ...deadLetters(fieldsOf(fields.optional('DeadLetterConfig'), ['Arn']).optional('Arn')),
  };
}

function readWhen(entry: Entry, pattern: Entry | undefined, schedule: Entry | undefined): StackRule['when'] {
  if (pattern !== undefined && schedule === undefined) return { kind: 'pattern', pattern: pattern.value() };
  if (schedule === undefined || pattern !== undefined) return entry.fail('must have either a pattern or a schedule');
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(schedule.value())) ?? [];
  const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[unit ?? ''];
  return unitMs === undefined
    ? schedule.fail('must be a rate like `rate(5 minutes)`')
    : { kind: 'every', periodMs: Number(count) * unitMs };
}

function readQueue(entry: Entry): StackQueue {
  const fields = fieldsOf(entry, ['QueueName', 'VisibilityTimeout', 'MessageRetentionPeriod', 'SqsManagedSseEnabled', 'RedrivePolicy']);
  const redrive = fields.optional('RedrivePolicy');
  const policy = fieldsOf(redrive, ['deadLetterTargetArn', 'maxReceiveCount']);
  return {
    queueName: fields.text('QueueName'),
    visibilityTimeoutS: fields.number('VisibilityTimeout', 30),
    ...(redrive !== undefined && {
      redrive: { ...queueOf(policy.get('deadLetterTargetArn')), maxReceiveCount: policy.number('maxReceiveCount') },
    }),
  };
}

function readRole(id: string, entry: Entry): Role {
  const fields = fieldsOf(entry, ['AssumeRolePolicyDocument', 'Description', 'Policies', 'Tags']);
  const policies = fields.get('Policies').items();
  return {
    id,
    statements: policies.flatMap((policy) => {
      const document = fieldsOf(policy, ['PolicyName', 'PolicyDocument']).get('PolicyDocument');
      const statements = fieldsOf(document, ['Version', 'Statement']).get('Statement');
      return statements.items().map((statement) => parseStatement(statement.value()));
    }),
  };
}

function roleOf(entry: Entry): string {
  const arn = entry.value();
  const [, role] = typeof arn === 'string' ? (/:role\/(\w+)$/.exec(arn) ?? []) : [];
  return role ?? entry.fail(`must be the ARN of a role of this file, not ${JSON.stringify(arn)}`);
}

const deadLetters = (arn: Entry | undefined): Pick<StackTarget, 'deadLetters'> => (arn === undefined ? {} : { deadLetters: queueOf(arn) });

function queueOf(entry: Entry): { readonly queueName: string } {
  const arn = entry.value();
  const [, queueName] = typeof arn === 'string' ? (/^arn:aws:sqs:[^:]*:[^:]*:([^:]+)$/.exec(arn) ?? []) : [];
  return queueName === undefined ? entry.fail(`must be the ARN of a queue, not ${JSON.stringify(arn)}`) : { queueName };
}

function textsOf(entry: Entry | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (entry?.entries() ?? []).map(([key, item]) => {
      const value = item.value();
      return [key, typeof value === 'string' ? value : item.fail(`must be a text, not ${JSON.stringify(value)}`)];
    }),
  );
}

/** The fields of a mapping, of which each must be one we know what to do about. */
function fieldsOf(entry: Entry | undefined, known: readonly string[]) {
  const fields = new Map(entry?.entries());
  for (const [key, field] of fields) {
    if (!known.includes(key)) field.fail(`is a setting the local world does not know: teach it in src/local/read-stack.ts`);
  }
  const get = (key: string): Entry => fields.get(key) ?? (entry ?? missing).fail(`has no \`${key}\``);
  const typed = <T extends Value>(key: string, isType: (value: Value) => value is T, type: string, otherwise?: T): T => {
    if (otherwise !== undefined && !fields.has(key)) return otherwise;
    const value = get(key).value();
    return isType(value) ? value : get(key).fail(`must be a ${type}, not ${JSON.stringify(value)}`);
  };
  return {
    get,
    optional: (key: string): Entry | undefined => fields.get(key),
    text: (key: string, otherwise?: string) => typed(key, (value) => typeof value === 'string', 'text', otherwise),
    number: (key: string, otherwise?: number) => typed(key, (value) => typeof value === 'number', 'number', otherwise),
  };
}

type Fields = ReturnType<typeof fieldsOf>;

/** What is asked of a mapping that is not there at all. */
const missing: Pick<Entry, 'fail'> = {
  fail: (because) => {
    throw new Error(`serverless.yml: ${because}`);
  },
};
