import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  type SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { SchedulePlace } from '../config.ts';
import { commandText } from '../run/command.ts';
import type { RunRequest } from '../run/request.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { schedulerTimes, timesWords } from '../schedule/times.ts';
import { schedulerSource } from './bus.ts';

/** In place of it, the scheduler writes the time for which it runs: however late and often it delivers, it is the same request. */
const scheduledTime = '<aws.scheduler.scheduled-time>';
/** A request older than that would be refused. */
const maxAgeS = 900;

/** EventBridge Scheduler. */
export function awsScheduler(client: SchedulerClient, { group, busArn, roleArn, deadLetterArn }: SchedulePlace) {
  /** Makes the scheduler know this schedule, as it is now. The same again changes nothing. */
  async function put(schedule: Schedule): Promise<void> {
    const { id, times, rest, command } = schedule;
    const { expression, zone } = schedulerTimes(times);
    const input = {
      Name: id,
      GroupName: group,
      Description: `${commandText(command)} ${timesWords(times)}`.slice(0, 512),
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: zone,
      State: rest === undefined ? ('ENABLED' as const) : ('DISABLED' as const),
      FlexibleTimeWindow: { Mode: 'OFF' as const },
      Target: {
        Arn: busArn,
        RoleArn: roleArn,
        Input: JSON.stringify(requestOf(schedule)),
        EventBridgeParameters: { Source: schedulerSource, DetailType: 'Run Requested' },
        RetryPolicy: { MaximumEventAgeInSeconds: maxAgeS, MaximumRetryAttempts: 185 },
        DeadLetterConfig: { Arn: deadLetterArn },
      },
    };
    try {
      await client.send(new UpdateScheduleCommand(input));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw told(`did not change the schedule ${id}`, error);
      await client.send(new CreateScheduleCommand(input)).catch((cause: unknown) => {
        throw told(`did not make the schedule ${id} (${expression} ${zone})`, cause);
      });
    }
  }

  /** Makes the scheduler forget it. One that is not there is no trouble. */
  async function remove(id: string): Promise<void> {
    try {
      await client.send(new DeleteScheduleCommand({ Name: id, GroupName: group }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw told(`did not remove the schedule ${id}`, error);
    }
  }

  return { put, remove };
}

export type Scheduler = ReturnType<typeof awsScheduler>;

/** What it asks for each time. What stands in the schedule then is what counts. */
const requestOf = ({ id, command }: Schedule): RunRequest => ({
  version: 1,
  key: `schedule:${id}:${scheduledTime}`,
  askedAt: scheduledTime,
  asker: { kind: 'schedule', name: id },
  command,
  text: `/run-tests ${commandText(command)}`,
});

const told = (what: string, cause: unknown): Error =>
  new Error(`EventBridge Scheduler ${what}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`, { cause });
