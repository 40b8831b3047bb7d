import { clockOf, isZone, parseTime, zoneAdvice } from '../run/wall-clock.ts';

/** A time on some days of the week, by the clock on somebody's wall. */
export interface Daily {
  /** 0 is Sunday. */
  readonly days: readonly number[];
  readonly hour: number;
  readonly minute: number;
  readonly zone: string;
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const dayMs = 86_400_000;

/** Reads `daily 09:00 Europe/Berlin`, `weekdays …`, `monday …`, or says why that is none, as what follows the field's name. Never throws. */
export function parseDaily(text: string): Daily | string {
  const like = 'write it like `weekdays 09:00 Europe/Berlin`, `daily …` or `monday …`';
  const [which = '', time = '', zone = '', ...rest] = text.trim().split(/\s+/);
  const days = daysOf(which.toLowerCase());
  const at = parseTime(time);
  if (days === undefined || zone === '' || rest.length > 0) return `must be days, a time and a time zone: ${like}`;
  if (at === undefined) return `has no time from \`00:00\` to \`23:59\`: ${like}`;
  if (!isZone(zone)) return `names no time zone: ${zoneAdvice(zone)}`;
  return { days, ...at, zone };
}

function daysOf(word: string): readonly number[] | undefined {
  if (word === 'daily') return [0, 1, 2, 3, 4, 5, 6];
  if (word === 'weekdays') return [1, 2, 3, 4, 5];
  const day = weekdays.findIndex((name) => word === name || word === `${name}s`);
  return day === -1 ? undefined : [day];
}

/** The next time it comes, after `nowMs`; milliseconds since 1970. A time that the clocks skip is taken as the wall shows it then. */
export function nextTime({ days, hour, minute, zone }: Daily, nowMs: number): number {
  const clock = clockOf(zone);
  const today = Math.floor(clock.wallMs(nowMs) / dayMs) * dayMs;
  for (let ahead = 0; ahead <= 8; ahead += 1) {
    const day = today + ahead * dayMs;
    if (!days.includes(new Date(day).getUTCDay())) continue;
    const ms = clock.momentOf(day + (hour * 60 + minute) * 60_000);
    if (ms > nowMs) return ms;
  }
  throw new Error(`no such time within a week of ${nowMs} in ${zone}`);
}
