import type { Store } from '../aws/store.ts';
import type { ScheduleView } from '../message/schedules.ts';
import { environmentKeys } from '../run/keys.ts';
import { parseSchedules } from '../run/stored.ts';
import { clockChanges, nextTimes } from '../schedule/next-times.ts';
import { noSchedules, type Schedule, type Schedules } from '../schedule/schedule.ts';

/** The schedules of an environment. */
export const readSchedules = async (environment: string, store: Store): Promise<readonly Schedule[]> =>
  (await store.get(environmentKeys(environment).schedules, parseSchedules))?.value.all ?? [];

export const findSchedule = async (environment: string, id: string, store: Store): Promise<Schedule | undefined> =>
  (await readSchedules(environment, store)).find((one) => one.id === id);

/** Changes them; gives what stands now. */
export const changeSchedules = async (environment: string, store: Store, change: (now: Schedules) => Schedules): Promise<Schedules> =>
  (await store.update(environmentKeys(environment).schedules, parseSchedules, (now = noSchedules) => {
    const next = change(now);
    return next === noSchedules ? undefined : next;
  })) ?? noSchedules;

/** A schedule as it is shown, with its next `count` times. */
export const scheduleView = (schedule: Schedule, nowMs: number, count: number): ScheduleView => ({
  schedule,
  next: schedule.rest === undefined ? nextTimes(schedule.times, nowMs, count) : [],
  changes: clockChanges(schedule.times, nowMs),
});
