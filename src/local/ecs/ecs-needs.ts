import * as v from 'valibot';
import { type IamCall, iamCall } from '../iam/iam-call.ts';
import type { EcsCall } from './ecs-operations.ts';
import { type EcsPlace, ecsArn } from './ecs-task.ts';
import type { TaskDefinition } from './task-definition.ts';

const Asked = v.looseObject({
  taskDefinition: v.optional(v.string()),
  task: v.optional(v.string()),
  tasks: v.optional(v.array(v.string()), []),
  enableExecuteCommand: v.optional(v.boolean(), false),
  tags: v.optional(v.array(v.unknown()), []),
  propagateTags: v.optional(v.string()),
  overrides: v.optional(
    v.looseObject({
      cpu: v.optional(v.string()),
      memory: v.optional(v.string()),
      taskRoleArn: v.optional(v.string()),
      executionRoleArn: v.optional(v.string()),
    }),
    {},
  ),
});

/**
 * What ECS checks: the task definition, the roles that are handed to the task and, if it gets tags, that it may be given some; or each
 * task; or, for a list, the cluster alone.
 */
export function ecsNeeds(place: EcsPlace, find: (name: string) => TaskDefinition | undefined, { operation, input }: EcsCall): IamCall[] {
  const asked = v.safeParse(Asked, input);
  if (!asked.success) return [];
  const { taskDefinition, task, tasks, overrides, enableExecuteCommand, tags, propagateTags } = asked.output;
  const action = `ecs:${operation}`;
  const context = { 'ecs:cluster': [ecsArn(place, `cluster/${place.cluster}`)] };
  const arnOf = (name: string) => (name.startsWith('arn:') ? name : ecsArn(place, `task/${place.cluster}/${name}`));
  if (taskDefinition === undefined) {
    const named = task === undefined ? tasks : [task];
    return named.length === 0 ? [iamCall(action, '*', context)] : named.map((name) => iamCall(action, arnOf(name), context));
  }
  const definition = find(taskDefinition);
  if (definition === undefined) return [];
  const { cpu, memory, taskRoleArn = definition.taskRoleArn, executionRoleArn = definition.executionRoleArn } = overrides;
  const run = iamCall(action, ecsArn(place, `task-definition/${definition.family}:${definition.revision}`), {
    ...context,
    'ecs:enable-execute-command': [String(enableExecuteCommand)],
    ...(cpu !== undefined && { 'ecs:task-cpu': [cpu] }),
    ...(memory !== undefined && { 'ecs:task-memory': [memory] }),
  });
  const handed = [taskRoleArn, executionRoleArn].filter((role) => role !== undefined);
  // The task has no id yet. Tags of the definition count like those of the request: scheduled tasks fail without the permission.
  const isTagged = tags.length > 0 || propagateTags !== undefined;
  const tagged = isTagged ? [iamCall('ecs:TagResource', arnOf('*'), { 'ecs:CreateAction': ['RunTask'] })] : [];
  return [run, ...tagged, ...handed.map((role) => iamCall('iam:PassRole', role, { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] }))];
}
