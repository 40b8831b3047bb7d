import { clockOf, isZone, parseTime, zoneAdvice } from '../run/wall-clock.ts';

/** Hours in which nobody is pinged, by the clock on somebody's wall; they may go over midnight. */
export interface Quiet {
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  /** Saturdays and Sundays are quiet, too. */
  readonly isWeekendQuiet: boolean;
}

const dayMs = 86_400_000;

/** Reads `20:00-07:00 Europe/Berlin`, also with `weekends` after it, or says why that is none, as what follows the field's name. Never throws. */
export function parseQuiet(text: string): Quiet | string {
  const like = 'write it like `20:00-07:00 Europe/Berlin` or `20:00-07:00 Europe/Berlin weekends`';
  const [hours = '', zone = '', weekends, ...rest] = text.trim().split(/\s+/);
  // Slack's clients make a long dash of a short one.
  const [from, to, ...more] = hours.split(/[-–—]/).map(parseTime);
  const isOdd = rest.length > 0 || more.length > 0 || (weekends !== undefined && weekends.toLowerCase() !== 'weekends');
  if (from === undefined || to === undefined || isOdd) return `must be two times and a time zone: ${like}`;
  if (zone === '') return `names no time zone: ${like}`;
  if (!isZone(zone)) return `names no time zone: ${zoneAdvice(zone)}`;
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  if (fromMinute === toMinute) return `begins when it ends: leave it out, or ${like}`;
  return { from: fromMinute, to: toMinute, zone, isWeekendQuiet: weekends !== undefined };
}

const minuteOf = ({ hour, minute }: { readonly hour: number; readonly minute: number }): number => hour * 60 + minute;

/** When the quiet that holds at `nowMs` is over; undefined when it is not quiet. Milliseconds since 1970. */
export function quietUntil(quiet: Quiet, nowMs: number): number | undefined {
  if (!isQuiet(quiet, nowMs)) return undefined;
  const clock = clockOf(quiet.zone);
  const today = Math.floor(clock.wallMs(nowMs) / dayMs) * dayMs;
  // Yesterday's hours may reach into today, and a weekend takes three days.
  for (let ahead = 0; ahead <= 4; ahead += 1) {
    const endMs = clock.momentOf(today + ahead * dayMs + quiet.to * 60_000);
    if (endMs > nowMs && !isQuiet(quiet, endMs)) return endMs;
  }
  throw new Error(`no end of the quiet hours within days of ${nowMs}`);
}

function isQuiet({ from, to, zone, isWeekendQuiet }: Quiet, ms: number): boolean {
  const wall = clockOf(zone).wallMs(ms);
  const weekday = new Date(wall).getUTCDay();
  if (isWeekendQuiet && (weekday === 0 || weekday === 6)) return true;
  const minute = Math.floor((wall % dayMs) / 60_000);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
