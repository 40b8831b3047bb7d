import type { Message } from '../message/message.ts';
import { missedScheduleMessage, stoppedScheduleMessage } from '../message/schedules.ts';
import { checkCommand } from '../run/command.ts';
import type { RunRequest } from '../run/request.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { withRest } from '../schedule/schedule.ts';
import { keepAudit, ofRequest } from './keep-audit.ts';
import { refusalFor } from './membership.ts';
import { changeSchedules, findSchedule } from './schedule-store.ts';
import { startRun } from './start-run.ts';
import type { ErrandWorld } from './world.ts';

/**
 * Starts what a schedule asks for, as the schedule is now. One that can no longer run is stopped, and the one who made it is told
 * once; one that is paused, or gone, asks for nothing.
 *
 * @throws when AWS or Slack let us down and it should be delivered again
 */
export async function runScheduled(request: RunRequest, id: string, world: ErrandWorld): Promise<void> {
  const { environment: name } = request.command;
  const schedule = (await findSchedule(name, id, world.store)) ?? (await removed(name, id, world));
  if (schedule === undefined)
    return world.log('warn', 'schedule unknown', { schedule: id, because: 'it was removed while it was about to run' });
  if (schedule.rest?.kind === 'stopped' && !schedule.rest.isTold) return await tellStopped(schedule, schedule.rest.because, world);
  if (schedule.rest !== undefined) return world.log('info', 'schedule at rest', { schedule: id, rest: schedule.rest.kind });
  const because = await whyNot(schedule, world);
  if (because !== undefined) return await stop(schedule, because, world);
  const wanted = { ...request, command: schedule.command };
  const started = await startRun(wanted, world);
  await keepAudit(ofRequest(wanted, started), request.key, world);
  if (started.kind === 'refused') await tell(schedule, missedScheduleMessage(schedule, request.askedAt, started.because), world);
}

/** Removes one that nobody knows; one that has been made just then is put back, and given. */
async function removed(environment: string, id: string, world: ErrandWorld): Promise<Schedule | undefined> {
  await world.scheduler.remove(id);
  const schedule = await findSchedule(environment, id, world.store);
  if (schedule !== undefined) await world.scheduler.put(schedule);
  return schedule;
}

/** Why a schedule can no longer run, or undefined when it can. */
async function whyNot({ command, by, channel }: Schedule, world: ErrandWorld): Promise<string | undefined> {
  const environment = world.catalogue.get(command.environment);
  if (environment === undefined) return `there is no environment \`${command.environment}\` any more.`;
  const refusal = await refusalFor(environment, by, channel, world);
  if (refusal !== undefined) return refusal;
  const { tags = '', ref, retry, shards, features } = command;
  const checked = checkCommand(environment, {
    tags,
    features,
    ...(ref !== undefined && { ref }),
    ...(retry !== undefined && { retry: String(retry) }),
    ...(shards !== undefined && { shards: String(shards) }),
  });
  return checked.kind === 'refused' ? checked.because : undefined;
}

async function stop(schedule: Schedule, because: string, world: ErrandWorld): Promise<void> {
  const rest = { kind: 'stopped', because, at: new Date(world.nowMs()).toISOString(), isTold: false } as const;
  await changeSchedules(schedule.command.environment, world.store, (now) => withRest(now, schedule.id, rest));
  await tellStopped({ ...schedule, rest }, because, world);
}

/** Written down first that it is stopped, and at last that somebody knows: whoever dies between is followed by the next delivery. */
async function tellStopped(schedule: Schedule, because: string, world: ErrandWorld): Promise<void> {
  await world.scheduler.put(schedule);
  await tell(schedule, stoppedScheduleMessage(schedule, because), world);
  await changeSchedules(schedule.command.environment, world.store, (now) => {
    const rest = now.all.find(({ id }) => id === schedule.id)?.rest;
    return rest?.kind === 'stopped' ? withRest(now, schedule.id, { ...rest, isTold: true }) : now;
  });
  world.log('warn', 'schedule stopped', { schedule: schedule.id, because });
}

/** Where the environment reports, else where the schedule was made; it mentions the one who made it. */
async function tell({ id, command, channel }: Schedule, message: Message, { say, catalogue, log }: ErrandWorld): Promise<void> {
  const channels = [...new Set([catalogue.get(command.environment)?.channel, channel])].filter((one) => one !== undefined && one !== '');
  for (const where of channels as readonly string[]) {
    const told = await say.post(where, message, { event: 'coldframe_schedule', runId: id });
    if (told.kind === 'told') return;
    if (told.kind !== 'refused')
      throw new Error(`Slack was not told of the schedule ${id}: ${told.kind === 'not-now' ? told.because : told.error}`);
  }
  log('error', 'schedule not told', {
    schedule: id,
    next: 'Slack refuses the channels where its environment reports and where it was made: invite the app',
  });
}
