import { closest } from '../run/closest.ts';
import { clockOf, isZone, parseTime, zoneAdvice } from '../run/wall-clock.ts';

/** A moment of every week, by the clock on somebody's wall. */
export interface Weekly {
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  /** An IANA time zone: `Europe/Berlin`. */
  readonly zone: string;
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const dayMs = 86_400_000;

/** Reads `monday 09:00 Europe/Berlin`, or says why that is none. Never throws. */
export function parseWeekly(
  text: string,
): { readonly kind: 'weekly'; readonly weekly: Weekly } | { readonly kind: 'refused'; readonly because: string } {
  const [day = '', time = '', zone = '', ...rest] = text.trim().split(/\s+/);
  const like = 'write it like `monday 09:00 Europe/Berlin`';
  if (zone === '' || rest.length > 0) return refused(`must be a weekday, a time and a time zone: ${like}`);
  const weekday = weekdays.indexOf(day.toLowerCase());
  if (weekday === -1) {
    const near = closest(day, weekdays);
    return refused(`names no weekday: ${near === undefined ? `${like}` : `did you mean \`${near}\`?`}`);
  }
  const at = parseTime(time);
  if (at === undefined) return refused(`has no time from \`00:00\` to \`23:59\`: ${like}`);
  if (!isZone(zone)) return refused(`names no time zone: ${zoneAdvice(zone)}`);
  return { kind: 'weekly', weekly: { weekday, ...at, zone } };
}

const refused = (because: string) => ({ kind: 'refused', because }) as const;

/**
 * The last time the moment came, at or before `nowMs`; milliseconds since 1970.
 *
 * A time that the clocks skip in spring is taken an hour later, as the wall shows it then; one that comes twice in autumn is the first.
 */
export function lastTime({ weekday, hour, minute, zone }: Weekly, nowMs: number): number {
  const clock = clockOf(zone);
  const today = Math.floor(clock.wallMs(nowMs) / dayMs) * dayMs;
  // A day more than a week: this week's moment may still be to come.
  for (let back = 0; back <= 8; back += 1) {
    const day = today - back * dayMs;
    if (new Date(day).getUTCDay() !== weekday) continue;
    const ms = clock.momentOf(day + (hour * 60 + minute) * 60_000);
    if (ms <= nowMs) return ms;
  }
  throw new Error(`no moment of the week before ${nowMs} in ${zone}`);
}
