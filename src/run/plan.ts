import type { Asker } from '../outcome/outcome.ts';
import type { RunId } from './run-id.ts';

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
    readonly launchType: 'FARGATE';
    readonly platformVersion: string;
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
  };
}

/** What the suite is told to do: the part of the plan that the container reads. */
export interface SuitePlan {
  readonly url: string;
  /** A Cucumber tag expression, or empty for all. */
  readonly tags: string;
  readonly retry: number;
  readonly features: readonly string[];
  readonly limitMs: number;
  readonly ref?: string;
  readonly secretsPath?: string;
  /** Progress is written at most this often. */
  readonly progressEveryMs: number;
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
  /** One per shard; none for an adopted run: its task is already there. */
  readonly tasks: readonly TaskParameters[];
}
