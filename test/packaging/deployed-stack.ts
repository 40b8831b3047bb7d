import type { Stack, StackFunction, StackQueue, StackRule, StackTarget } from '../../src/local/stack/stack.ts';
import { ofType, rolesOf, type Template } from './template.ts';

/** The stack as a resolved template describes it: what AWS will act upon, to be held against what the local world acts upon. */
export function deployedStack(template: Template): Stack {
  const each = <Properties>(type: string) =>
    ofType(template, type).map(([id, resource]) => ({ id, ...(resource.Properties as Properties) }));
  const asyncs = each<AsyncProperties>('AWS::Lambda::EventInvokeConfig');
  const mappings = each<MappingProperties>('AWS::Lambda::EventSourceMapping');
  const routes = each<RouteProperties>('AWS::ApiGatewayV2::Route');
  const authorizers = each<AuthorizerProperties>('AWS::ApiGatewayV2::Authorizer');
  const integrations = each<IntegrationProperties>('AWS::ApiGatewayV2::Integration');

  const functions = each<FunctionProperties>('AWS::Lambda::Function').map((properties): StackFunction => {
    const { id, FunctionName, Handler, MemorySize, Timeout, Environment, Role } = properties;
    const onAsync = asyncs.find((one) => one.FunctionName === FunctionName);
    const mine = routes.filter(({ Target }) =>
      integrations.some((one) => Target === `integrations/<${one.id}>` && one.IntegrationUri.endsWith(`:${FunctionName}`)),
    );
    const onlyWithToken = mine.flatMap(({ RouteKey, AuthorizerId }) => {
      const of = authorizers.find(({ Name }) => AuthorizerId === Name)?.JwtConfiguration;
      return of === undefined ? [] : [[RouteKey, { issuer: of.Issuer, audience: of.Audience }] as const];
    });
    const onFailure = onAsync?.DestinationConfig?.OnFailure?.Destination;
    return {
      name: keyOf(id),
      functionName: FunctionName,
      handler: Handler,
      memoryMb: MemorySize,
      timeoutS: Timeout,
      environment: Environment.Variables,
      role: lastName(Role),
      routes: mine.map(({ RouteKey }) => RouteKey),
      ...(onlyWithToken.length > 0 && { authorizers: Object.fromEntries(onlyWithToken) }),
      queues: mappings
        .filter((mapping) => mapping.FunctionName.endsWith(`:${FunctionName}`))
        .map(({ EventSourceArn, BatchSize, FunctionResponseTypes = [] }) => ({
          queueName: lastPart(EventSourceArn),
          batchSize: BatchSize,
          reportsItemFailures: FunctionResponseTypes.includes('ReportBatchItemFailures'),
        })),
      asyncRetries: onAsync?.MaximumRetryAttempts ?? 2,
      asyncMaxAgeS: onAsync?.MaximumEventAgeInSeconds ?? 21_600,
      ...(onFailure !== undefined && { onFailure: { queueName: lastPart(onFailure) } }),
    };
  });

  const target = ({ Arn, Input, RetryPolicy, DeadLetterConfig }: TargetProperties): StackTarget => {
    const known = functions.find(({ functionName }) => Arn.endsWith(`:function:${functionName}`));
    return {
      ...(known === undefined
        ? { kind: 'queue', queueName: lastPart(Arn), ...(Input !== undefined && { input: Input }) }
        : { kind: 'function', name: known.name }),
      retry: { maxAgeS: RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400, maxAttempts: RetryPolicy?.MaximumRetryAttempts ?? 185 },
      ...(DeadLetterConfig !== undefined && { deadLetters: { queueName: lastPart(DeadLetterConfig.Arn) } }),
    };
  };

  const rules = each<RuleProperties>('AWS::Events::Rule').map(
    ({ Name, EventBusName, EventPattern, ScheduleExpression, Targets }): StackRule => ({
      name: Name,
      bus: EventBusName ?? 'default',
      when:
        ScheduleExpression === undefined
          ? { kind: 'pattern', pattern: EventPattern }
          : { kind: 'every', periodMs: minutes(ScheduleExpression) * 60_000 },
      targets: Targets.map(target),
    }),
  );

  const queues = each<QueueProperties>('AWS::SQS::Queue').map(
    ({ QueueName, VisibilityTimeout, RedrivePolicy }): StackQueue => ({
      queueName: QueueName,
      visibilityTimeoutS: VisibilityTimeout ?? 30,
      ...(RedrivePolicy !== undefined && {
        redrive: { queueName: lastPart(RedrivePolicy.deadLetterTargetArn), maxReceiveCount: RedrivePolicy.maxReceiveCount },
      }),
    }),
  );
  return { functions, rules, queues, roles: rolesOf(template) };
}

/** `RunStoppedLambdaFunction` was `runStopped`. */
const keyOf = (id: string): string => id.charAt(0).toLowerCase() + id.slice(1).replace(/LambdaFunction$/, '');

const lastName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const minutes = (schedule: string): number => Number(/^rate\((\d+) minutes\)$/.exec(schedule)?.[1]);

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Role: string;
  readonly MemorySize: number;
  readonly Timeout: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
}

interface AsyncProperties {
  readonly FunctionName: string;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination: string } };
}

interface MappingProperties {
  readonly FunctionName: string;
  readonly EventSourceArn: string;
  readonly BatchSize: number;
  readonly FunctionResponseTypes?: readonly string[];
}

interface RouteProperties {
  readonly RouteKey: string;
  readonly AuthorizerId?: string;
  readonly Target: string;
}

interface AuthorizerProperties {
  readonly Name: string;
  readonly JwtConfiguration: { readonly Issuer: string; readonly Audience: readonly string[] };
}

interface IntegrationProperties {
  readonly IntegrationUri: string;
}

interface TargetProperties {
  readonly Input?: string;
  readonly Arn: string;
  readonly RetryPolicy?: { readonly MaximumEventAgeInSeconds: number; readonly MaximumRetryAttempts: number };
  readonly DeadLetterConfig?: { readonly Arn: string };
}

interface RuleProperties {
  readonly Name: string;
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly ScheduleExpression?: string;
  readonly Targets: readonly TargetProperties[];
}

interface QueueProperties {
  readonly QueueName: string;
  readonly VisibilityTimeout?: number;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}
