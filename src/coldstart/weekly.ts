import { closest } from '../run/closest.ts';

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
  const [, hours = '', minutes = ''] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hours === '') return refused(`has no time from \`00:00\` to \`23:59\`: ${like}`);
  if (!isZone(zone)) {
    const near = closest(zone, Intl.supportedValuesOf('timeZone'));
    return refused(
      `names no time zone: ${near === undefined ? 'take a name like `Europe/Berlin` or `UTC`, not an offset, which knows no daylight saving' : `did you mean \`${near}\`?`}`,
    );
  }
  return { kind: 'weekly', weekly: { weekday, hour: Number(hours), minute: Number(minutes), zone } };
}

const refused = (because: string) => ({ kind: 'refused', because }) as const;

function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false;
  try {
    return clockOf(zone) !== undefined;
  } catch {
    // RangeError: nobody knows such a zone
    return false;
  }
}

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

type Clock = ReturnType<typeof newClock>;

/** A zone's rules take a millisecond to load; there are no more zones than coldframe.yml names. */
const clocks = new Map<string, Clock>();

/** @throws {RangeError} for a zone that nobody knows */
function clockOf(zone: string): Clock {
  const clock = clocks.get(zone) ?? newClock(zone);
  clocks.set(zone, clock);
  return clock;
}

/** What the clocks of a zone show. Wall times are milliseconds since 1970 as if the wall hung in Greenwich. */
function newClock(zone: string) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });

  function wallMs(ms: number): number {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  }

  /** When the wall shows this. */
  function momentOf(wall: number): number {
    const offsetAt = (ms: number): number => wallMs(ms) - Math.floor(ms / 1_000) * 1_000;
    const [before, after] = [offsetAt(wall - dayMs), offsetAt(wall + dayMs)];
    const byBefore = wall - before;
    const isSkippedOrPast = offsetAt(byBefore) !== before;
    return isSkippedOrPast && offsetAt(wall - after) === after ? wall - after : byBefore;
  }

  return { wallMs, momentOf };
}
