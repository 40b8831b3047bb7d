import { clockOf } from '../run/wall-clock.ts';
import type { Times } from './times.ts';

const dayMs = 86_400_000;
/** Clocks are changed twice a year at most, but for years in which somebody decides otherwise. */
const lookAheadDays = 400;

/** A day on which the clocks keep a schedule from its usual time. */
export interface ClockChange {
  /** `skipped`: that time does not exist then, and the scheduler skips the day. `twice`: it comes twice, and the schedule runs once, the first time. */
  readonly kind: 'skipped' | 'twice';
  /** `2027-03-28`, where the clock hangs. */
  readonly day: string;
}

/** The first `count` times after `fromMs`; milliseconds since 1970. */
export function nextTimes(times: Times, fromMs: number, count: number): readonly number[] {
  const found: number[] = [];
  if (times.kind === 'every') {
    const periodMs = times.minutes * 60_000;
    const first = (Math.floor(fromMs / periodMs) + 1) * periodMs;
    return Array.from({ length: count }, (_, index) => first + index * periodMs);
  }
  for (const { moments } of days(times, fromMs)) {
    const [first] = moments;
    if (first !== undefined && first > fromMs) found.push(first);
    if (found.length === count) break;
  }
  return found;
}

/** The next day of each kind on which the clocks keep the schedule from its usual time, within a year and a bit. */
export function clockChanges(times: Times, fromMs: number): readonly ClockChange[] {
  if (times.kind === 'every') return [];
  const found = new Map<ClockChange['kind'], ClockChange>();
  for (const { wallDay, moments } of days(times, fromMs)) {
    const kind = moments.length === 0 ? 'skipped' : moments.length > 1 ? 'twice' : undefined;
    if (kind === undefined || found.has(kind) || (moments.at(-1) ?? wallDay + dayMs) <= fromMs) continue;
    found.set(kind, { kind, day: new Date(wallDay).toISOString().slice(0, 10) });
  }
  return [...found.values()];
}

/** The days of the schedule from the one of `fromMs` on, each with the moments at which the wall shows its time. */
function* days({ days: on, hour, minute, zone }: Extract<Times, { kind: 'days' }>, fromMs: number) {
  const clock = clockOf(zone);
  const today = Math.floor(clock.wallMs(fromMs) / dayMs) * dayMs;
  for (let ahead = -1; ahead <= lookAheadDays; ahead += 1) {
    const wallDay = today + ahead * dayMs;
    if (on.includes(new Date(wallDay).getUTCDay())) yield { wallDay, moments: clock.momentsOf(wallDay + (hour * 60 + minute) * 60_000) };
  }
}
