import type { Asker } from '../outcome/outcome.ts';
import type { Environment, SuiteSource } from './catalogue.ts';
import { type Expected, expectedOf, type ShardChoice, type Work } from './forecast.ts';
import type { RunRequest } from './request.ts';
import { adoptedRunId, type RunId, runIdOf, taskIdOf } from './run-id.ts';

/** Everything RunTask needs for one shard, written once: a retry after a deploy sends the very same bytes. */
export interface TaskParameters {
  readonly shard: number;
  /** ECS's RunTask input, complete, `clientToken` included. */
  readonly runTask: {
    readonly cluster: string;
    readonly taskDefinition: string;
    readonly clientToken: string;
    readonly startedBy: string;
    readonly count: 1;
    readonly platformVersion: string;
    /** For who pays: the run beside the tags of its task definition. Absent: a plan of a version without them. */
    readonly tags?: readonly [{ readonly key: 'run'; readonly value: string }];
    readonly propagateTags?: 'TASK_DEFINITION';
    readonly networkConfiguration: {
      readonly awsvpcConfiguration: {
        readonly subnets: readonly string[];
        readonly securityGroups: readonly string[];
        readonly assignPublicIp: 'ENABLED' | 'DISABLED';
      };
    };
    readonly overrides: {
      readonly containerOverrides: readonly [
        { readonly name: string; readonly environment: readonly { readonly name: string; readonly value: string }[] },
      ];
    };
  } & Capacity;
}

/** On demand, or on what AWS has left over and may take back. A strategy weighs, it does not fall back: that is ours to do. */
type Capacity = typeof onDemand | typeof onSpot;
const onDemand = { launchType: 'FARGATE' } as const;
const onSpot = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] } as const;

/** Whether AWS may take the task of a shard's first attempt back. */
export const isOnSpot = ({ runTask }: TaskParameters): boolean => 'capacityProviderStrategy' in runTask;

/** What the suite is told to do: the part of the plan that the container reads. */
export interface SuitePlan {
  readonly url: string;
  /** A Cucumber tag expression, or empty for all. */
  readonly tags: string;
  readonly retry: number;
  /** A tag expression: scenarios that fail no run. Absent: none. */
  readonly quarantine?: string;
  readonly features: readonly string[];
  readonly limitMs: number;
  /** For each attempt of a scenario: one that takes longer fails, and the suite goes on. Absent: none. */
  readonly scenarioLimitMs?: number;
  /** Profiles of the suite's configuration; absent: its default one. */
  readonly profiles?: readonly string[];
  /** How many scenarios a task runs at once; absent: as many as the suite's configuration says. */
  readonly parallel?: number;
  /** A git ref of `source`; absent: the suite in the image. */
  readonly ref?: string;
  /** Of that ref this very commit, whatever it names by now. */
  readonly commit?: string;
  readonly source?: SuiteSource;
  readonly secretsPath?: string;
  /** Patterns of tags: scenarios that share such a tag stay in one shard. */
  readonly together?: readonly string[];
  /** Progress is written at most this often. */
  readonly progressEveryMs: number;
}

/** Which run is run again in part, and how many of its scenarios. */
export interface Rerun {
  readonly of: RunId;
  /** Failed, undefined, ambiguous or pending there. */
  readonly failed: number;
  /** Not begun there, or cut off. */
  readonly notRun: number;
  /** The commit that its suite was, when it came from git: the same is run again. */
  readonly commit?: string;
}

/** What we decided to do about a request. JSON, written once, before anything is started. */
export interface RunPlan {
  readonly version: 1;
  readonly runId: RunId;
  readonly environment: string;
  /** The request's key; `task:<task id>` for a run that was adopted. */
  readonly key: string;
  readonly askedAt: string;
  readonly asker: Asker;
  /** What was typed. */
  readonly text: string;
  /** Slack channel id the run is reported in. */
  readonly channel: string;
  readonly suite: SuitePlan;
  /** Why it has as many shards, when that was left to us; absent: somebody has said how many. */
  readonly chosen?: ShardChoice;
  /** How long it takes, as far as the last runs tell. Absent: an older version has made the plan, or nobody has asked for the run. */
  readonly expected?: Expected;
  /** How many shards were asked for, when the environment has no room for as many. */
  readonly shardsWanted?: number;
  /** So many people beside the asker must say yes before it starts. Absent: none. */
  readonly approvals?: number;
  /** Only what another run has not seen through is run. */
  readonly rerun?: Rerun;
  /** One per shard; none for an adopted run: its task is already there. */
  readonly tasks: readonly TaskParameters[];
}

/** Where tasks run: what RunTask needs beside the plan. */
export interface Fargate {
  readonly cluster: string;
  /** The task definition's family is this, `-` and the environment's name. */
  readonly taskFamilyPrefix: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
}

/** The container's name in every task definition of ours. */
export const suiteContainer = 'suite';

/** What people may hope to see; how often Slack is told of it depends on how many runs are on (`pace.ts`). */
const progressEveryMs = 6_000;

/** Together the shards of a run write hardly more than one would; but of each something is to be heard now and then. */
const progressEvery = (shards: number): number => Math.min(60_000, progressEveryMs * shards);

/** The task definition family of an environment. */
export const taskFamily = (fargate: Pick<Fargate, 'taskFamilyPrefix'>, environment: string): string =>
  `${fargate.taskFamilyPrefix}-${environment}`;

/** The environment a task definition (family, `family:revision` or ARN) belongs to, or undefined when it is none of ours. */
export function environmentOfFamily(fargate: Pick<Fargate, 'taskFamilyPrefix'>, taskDefinition: string): string | undefined {
  const family = taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1).replace(/:\d+$/, '');
  const prefix = `${fargate.taskFamilyPrefix}-`;
  return family.startsWith(prefix) ? family.slice(prefix.length) : undefined;
}

/** How many shards the request is for; `auto` where that is left to us. */
export const shardsWanted = ({ command }: Pick<RunRequest, 'command'>, { shards }: Environment): number | 'auto' =>
  command.shards ?? shards;

/**
 * What to do about a request: a pure function of it, the configuration and what was chosen, so that repeating it gives the same plan.
 *
 * @param chosen how many shards it gets, where that is left to us (`shardsWanted`); absent: one
 * @param work what it has before it, by which its time is reckoned; absent: nobody knows
 */
export function planRun(
  request: RunRequest,
  environment: Environment,
  fargate: Fargate,
  {
    rerun,
    chosen,
    work,
  }: { readonly rerun?: Rerun | undefined; readonly chosen?: ShardChoice | undefined; readonly work?: Work | undefined } = {},
): RunPlan {
  const { command } = request;
  const runId = runIdOf({ environment: environment.name, key: request.key, askedAt: request.askedAt });
  const suite: SuitePlan = {
    ...defaultSuitePlan(environment),
    ...(command.tags !== undefined && { tags: command.tags }),
    ...(command.retry !== undefined && { retry: command.retry }),
    ...(command.ref !== undefined && { ref: command.ref, ...(environment.suite !== undefined && { source: environment.suite }) }),
    ...(command.ref !== undefined && rerun?.commit !== undefined && { commit: rerun.commit }),
    features: command.features,
  };
  const said = shardsWanted(request, environment);
  const wanted = said === 'auto' ? (chosen?.shards ?? 1) : said;
  // A run has all of its tasks at once, and an environment never more than it can stand.
  const shards = Math.min(wanted, environment.tasksAtOnce);
  return {
    version: 1,
    runId,
    environment: environment.name,
    key: request.key,
    askedAt: request.askedAt,
    asker: request.asker,
    text: request.text,
    channel: request.channel ?? environment.channel,
    suite: { ...suite, progressEveryMs: progressEvery(shards) },
    ...(said === 'auto' && chosen !== undefined && { chosen }),
    ...(work !== undefined && { expected: expectedOf(work, shards) }),
    ...(shards < wanted && { shardsWanted: wanted }),
    ...((environment.approval ?? 1) > 1 && { approvals: (environment.approval ?? 1) - 1 }),
    ...(rerun !== undefined && { rerun }),
    tasks: Array.from({ length: shards }, (_, index) => taskParameters(runId, index + 1, environment, fargate)),
  };
}

/** How many tasks of this environment may share a run's scenarios. */
export const mostShardsOf = ({ tasksAtOnce }: Environment): number => Math.min(tasksAtOnce, mostShards);

/** What a task of this environment does when nobody says anything else. */
export function defaultSuitePlan(environment: Environment): SuitePlan {
  const parallel = workersOf(environment);
  return {
    url: environment.url,
    tags: environment.tags,
    retry: environment.retry,
    ...(environment.quarantine !== undefined && { quarantine: environment.quarantine }),
    features: [],
    limitMs: environment.limitMs,
    ...(environment.scenarioLimitMs !== undefined && { scenarioLimitMs: environment.scenarioLimitMs }),
    ...(environment.profiles !== undefined && { profiles: environment.profiles }),
    ...(parallel !== undefined && { parallel }),
    ...(environment.secretsPath !== undefined && { secretsPath: environment.secretsPath }),
    ...(environment.together !== undefined && { together: environment.together }),
    progressEveryMs,
  };
}

/** How many scenarios a task runs at once; undefined: the suite says. */
export const workersOf = ({ parallel, vcpu = 2 }: Environment): number | undefined =>
  // A browser keeps a vCPU busy: more workers than those are hardly faster, and fail for want of time.
  parallel === 'vcpu' ? Math.max(1, Math.floor(vcpu)) : parallel;

/** RunTask takes no more: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
const mostOfStartedBy = 128;

/** The plan of a task that somebody started by hand: made by its container, or by us when the container never came to it. */
export function adoptedPlan(task: {
  environment: string;
  taskArn: string;
  createdAt: string;
  startedBy?: string;
  channel: string;
  suite: SuitePlan;
}): RunPlan {
  const { environment, taskArn, createdAt, startedBy, channel, suite } = task;
  return {
    version: 1,
    runId: adoptedRunId(environment, taskArn),
    environment,
    key: `task:${taskIdOf(taskArn)}`,
    askedAt: createdAt,
    asker: { kind: 'unasked', ...(startedBy !== undefined && { startedBy: startedBy.slice(0, mostOfStartedBy) }) },
    text: '',
    channel,
    suite,
    tasks: [],
  };
}

/** More are no use to a suite that one environment can stand. */
export const mostShards = 40;

/** How many shards a run has. */
export const shardCount = (plan: Pick<RunPlan, 'tasks'>): number => Math.max(1, plan.tasks.length);

/** Whether each task of the run has only a part of the scenarios to run. */
export const isDealt = (plan: Pick<RunPlan, 'tasks' | 'rerun'>): boolean => plan.tasks.length > 1 || plan.rerun !== undefined;

/**
 * What RunTask is told at the first, second, … attempt at a shard: a function of the plan and of the attempts before, so that whoever
 * asks again asks for the same. Only the first is on Spot.
 *
 * @param take which container of the shard it would be (`takeAt`)
 */
export function attemptParameters({ shard, runTask: first }: TaskParameters, attempt: number, take: number): TaskParameters {
  if (attempt === 1) return { shard, runTask: first };
  const { capacityProviderStrategy: _, ...runTask } = { capacityProviderStrategy: undefined, ...first };
  const [container] = runTask.overrides.containerOverrides;
  const environment = [
    ...container.environment,
    { name: 'COLDFRAME_ATTEMPT', value: String(attempt) },
    ...(take > 1 ? [{ name: 'COLDFRAME_TAKE', value: String(take) }] : []),
  ];
  return {
    shard,
    runTask: {
      ...runTask,
      ...onDemand,
      clientToken: `${runTask.clientToken}-a${attempt}`,
      overrides: { containerOverrides: [{ ...container, environment }] },
    },
  };
}

function taskParameters(runId: RunId, shard: number, { name, capacity }: Environment, fargate: Fargate): TaskParameters {
  return {
    shard,
    runTask: {
      cluster: fargate.cluster,
      taskDefinition: taskFamily(fargate, name),
      clientToken: `${runId}-s${shard}`,
      startedBy: runId,
      count: 1,
      ...(capacity === 'spot' ? onSpot : onDemand),
      platformVersion: '1.4.0',
      tags: [{ key: 'run', value: runId }],
      propagateTags: 'TASK_DEFINITION',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: fargate.subnets,
          securityGroups: fargate.securityGroups,
          assignPublicIp: fargate.assignPublicIp ? 'ENABLED' : 'DISABLED',
        },
      },
      overrides: {
        containerOverrides: [
          {
            name: suiteContainer,
            environment: [
              { name: 'COLDFRAME_RUN', value: runId },
              { name: 'COLDFRAME_SHARD', value: String(shard) },
            ],
          },
        ],
      },
    },
  };
}
