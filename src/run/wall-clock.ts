import { closest } from './closest.ts';

const dayMs = 86_400_000;

let listed: ReadonlySet<string> | undefined;

/** Made once: it takes three milliseconds. */
const listedZones = (): ReadonlySet<string> => {
  listed ??= new Set(Intl.supportedValuesOf('timeZone'));
  return listed;
};

/** Whether somebody knows the zone: `Europe/Berlin`, `UTC`. Every function asks when it starts, since coldframe.yml names zones. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false;
  // The list takes a tenth of the time of the first clock, which knows the other names of zones, too.
  if (zone === 'UTC' || listedZones().has(zone)) return true;
  try {
    return clockOf(zone) !== undefined;
  } catch {
    // RangeError: nobody knows such a zone
    return false;
  }
}

/** The time that `text` means, or undefined: `06:30`, `6:30`. */
export function parseTime(text: string): { readonly hour: number; readonly minute: number } | undefined {
  const [, hours = '', minutes = ''] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === '' ? undefined : { hour: Number(hours), minute: Number(minutes) };
}

/** What is wrong with a zone that nobody knows, after "names no time zone: ". */
export function zoneAdvice(zone: string): string {
  const near = closest(zone, listedZones());
  return near === undefined
    ? 'take a name like `Europe/Berlin` or `UTC`, not an offset, which knows no daylight saving'
    : `did you mean \`${near}\`?`;
}

type Clock = ReturnType<typeof newClock>;

/** A zone's rules take a millisecond to load; there are no more zones than coldframe.yml names. */
const clocks = new Map<string, Clock>();

/** @throws {RangeError} for a zone that nobody knows */
export function clockOf(zone: string): Clock {
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

  /** Every moment at which the wall shows this: none when the clocks skip it, two when it comes twice. */
  function momentsOf(wall: number): readonly number[] {
    const offsets = [wall - dayMs, wall + dayMs].map((ms) => wallMs(ms) - Math.floor(ms / 1_000) * 1_000);
    return [...new Set(offsets)]
      .map((offset) => wall - offset)
      .filter((ms) => wallMs(ms) === wall)
      .toSorted((a, b) => a - b);
  }

  return { wallMs, momentOf, momentsOf };
}
