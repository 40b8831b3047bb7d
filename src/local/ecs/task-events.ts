import { randomUUID } from 'node:crypto';
import { type EcsTask, taskDetail } from './ecs-task.ts';

/** What EventBridge gets from ECS. */
export interface TaskStateChange {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'ECS Task State Change';
  readonly source: 'aws.ecs';
  readonly account: string;
  /** To the second, as EventBridge has it. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The `ECS Task State Change` that tells of the task as it is. */
export function taskStateChange(task: EcsTask): TaskStateChange {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: task.place.account,
    time: `${new Date(task.updatedAt).toISOString().slice(0, 19)}Z`,
    region: task.place.region,
    resources: [task.arn],
    detail: taskDetail(task),
  };
}
