import type { RunCommand } from '../run/command.ts';
import type { Times } from './times.ts';

/** Runs that nobody needs to ask for any more. */
export interface Schedule {
  /** `staging-k3f9qa`: the environment, and six characters made from the request that made it. */
  readonly id: string;
  readonly command: RunCommand;
  readonly times: Times;
  /** Who made it, a Slack user id: it runs as long as they may. */
  readonly by: string;
  /** The channel it was made in. */
  readonly channel: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Why it does not run now; absent: it does. */
  readonly rest?: Rest;
}

export type Rest =
  | { readonly kind: 'paused'; readonly by: string; readonly at: string }
  /** It can no longer run: the one who made it was told, or is to be. */
  | { readonly kind: 'stopped'; readonly because: string; readonly at: string; readonly isTold: boolean };

/** All schedules of an environment: the content of `schedules.json`. */
export interface Schedules {
  readonly version: 1;
  readonly all: readonly Schedule[];
  /** Ids of those that were removed last: made once more by a request that is delivered again, they stay away. */
  readonly removed: readonly string[];
}

/** So many for each environment: more are most likely a mistake, and each costs runs. */
export const mostSchedules = 20;
const mostRemoved = 100;

export const noSchedules: Schedules = { version: 1, all: [], removed: [] };

/** With one more, unless it is there, was removed since, or there are too many: then it is the very same. */
export const withSchedule = (now: Schedules, schedule: Schedule): Schedules =>
  now.all.length >= mostSchedules || now.removed.includes(schedule.id) || now.all.some(({ id }) => id === schedule.id)
    ? now
    : { ...now, all: [...now.all, schedule] };

export const withoutSchedule = (now: Schedules, id: string): Schedules => ({
  ...now,
  all: now.all.filter((one) => one.id !== id),
  removed: [...now.removed.filter((one) => one !== id), id].slice(-mostRemoved),
});

/** With this one at rest, or, without a `rest`, running again. */
export const withRest = (now: Schedules, id: string, rest: Rest | undefined): Schedules => ({
  ...now,
  all: now.all.map((one) => {
    if (one.id !== id) return one;
    const { rest: _, ...same } = one;
    return rest === undefined ? same : { ...same, rest };
  }),
});
