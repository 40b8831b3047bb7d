import { scheduledMessage } from '../message/schedules.ts';
import type { Errand, ErrandRequest } from '../run/errand.ts';
import { keyHash } from '../run/run-id.ts';
import { mostSchedules, type Schedule, withoutSchedule, withRest, withSchedule } from '../schedule/schedule.ts';
import { refusalFor } from './membership.ts';
import { changeSchedules, findSchedule, readSchedules, scheduleView } from './schedule-store.ts';
import type { ErrandWorld } from './world.ts';

type Wanted<Kind extends Errand['kind']> = Extract<Errand, { readonly kind: Kind }>;

/** What came of it: what to tell the person. */
type Came =
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'made'; readonly message: ReturnType<typeof scheduledMessage> };

const shownTimes = 5;

/** Makes a schedule, once however often it is asked: the scheduler knows it before anybody is told so. */
export async function makeSchedule(
  { command, times }: Wanted<'schedule'>,
  { key, userId, channel = '', askedAt }: ErrandRequest,
  world: ErrandWorld,
): Promise<Came> {
  const { store, scheduler, catalogue } = world;
  const environment = catalogue.get(command.environment);
  if (environment === undefined) return { kind: 'refused', because: `There is no environment \`${command.environment}\` any more.` };
  const because = await refusalFor(environment, userId, channel, world);
  if (because !== undefined) return { kind: 'refused', because };
  const id = `${environment.name}-${keyHash(key).slice(0, 6)}`;
  const schedule: Schedule = { id, command, times, by: userId, channel, madeAt: askedAt };
  const known = await readSchedules(environment.name, store);
  if (known.length < mostSchedules || known.some((one) => one.id === id)) await scheduler.put(schedule);
  const { all, removed } = await changeSchedules(environment.name, store, (now) => withSchedule(now, schedule));
  const stands = all.find((one) => one.id === id);
  if (stands !== undefined) {
    // It may have come due before it was written down: whoever found nothing then has removed it (`runScheduled`).
    await scheduler.put(stands);
    return { kind: 'made', message: scheduledMessage(scheduleView(stands, world.nowMs(), shownTimes)) };
  }
  await scheduler.remove(id);
  if (removed.includes(id)) return { kind: 'refused', because: 'That schedule was made, and has been removed since.' };
  return {
    kind: 'refused',
    because: `*${environment.name}* has ${mostSchedules} schedules already, and more are not kept: \`/run-tests schedules ${environment.name}\` lets you remove one.`,
  };
}

/** Pauses, resumes or removes a schedule; gives why not, if it can't be done. */
export async function changeSchedule(
  { change, environment: name, id }: Wanted<'change-schedule'>,
  { userId, channel = '', askedAt }: ErrandRequest,
  world: ErrandWorld,
): Promise<string | undefined> {
  const { store, scheduler, catalogue } = world;
  const environment = catalogue.get(name);
  const because = environment && (await refusalFor(environment, userId, channel, world));
  if (because !== undefined) return because;
  const schedule = await findSchedule(name, id, store);
  if (schedule === undefined) {
    // Its list is old, or somebody died over removing it.
    await scheduler.remove(id);
    return change === 'remove' ? undefined : 'That schedule was removed.';
  }
  if (environment === undefined && change !== 'remove')
    return `There is no environment \`${name}\` any more: the schedule can only be removed.`;
  switch (change) {
    case 'remove':
      await scheduler.remove(id);
      await changeSchedules(name, store, (now) => withoutSchedule(now, id));
      break;
    case 'pause': {
      const rest = { kind: 'paused', by: userId, at: askedAt } as const;
      await scheduler.put({ ...schedule, rest });
      await changeSchedules(name, store, (now) => withRest(now, id, rest));
      break;
    }
    case 'resume': {
      const { rest: _, ...running } = schedule;
      await scheduler.put(running);
      await changeSchedules(name, store, (now) => withRest(now, id, undefined));
      break;
    }
  }
  world.log('info', 'schedule changed', { schedule: id, change, by: userId });
  return undefined;
}
