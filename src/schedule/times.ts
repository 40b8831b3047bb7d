import { isZone, parseTime, zoneAdvice } from '../run/wall-clock.ts';

/** When a schedule runs. */
export type Times =
  /** On these days of the week (0 is Sunday, in their order), by the clock on somebody's wall. */
  | {
      readonly kind: 'days';
      readonly days: readonly number[];
      readonly hour: number;
      readonly minute: number;
      /** An IANA time zone: `Europe/Berlin`. */
      readonly zone: string;
    }
  /** From midnight on, every so many minutes, in UTC: what divides an hour, or whole hours that divide a day. */
  | { readonly kind: 'every'; readonly minutes: number };

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const groups: ReadonlyMap<string, readonly number[]> = new Map([
  ['daily', [0, 1, 2, 3, 4, 5, 6]],
  ['weekdays', [1, 2, 3, 4, 5]],
  ['weekends', [0, 6]],
]);
const everyMinutes = [15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440];
const like = 'write it like `weekdays 06:30 Europe/Berlin`, `daily`, `mondays` or `every 2h`';

/** The days that a word means: `weekdays`, `mondays`, `monday`, `mon,thu`. */
function daysOf(word: string): readonly number[] | undefined {
  const group = groups.get(word.toLowerCase());
  if (group !== undefined) return group;
  const days = word
    .toLowerCase()
    .split(',')
    .map((name) => weekdays.findIndex((day) => name === day || name === `${day}s` || (name.length === 3 && day.startsWith(name))));
  return days.includes(-1) ? undefined : [...new Set(days)].toSorted((a, b) => a - b);
}

const isBeginning = (word: string): boolean => word.toLowerCase() === 'every' || daysOf(word) !== undefined;

/** What stands before the words for the times, and these; undefined when there are none. */
export function splitAtTimes(
  words: readonly string[],
): { readonly before: readonly string[]; readonly times: readonly string[] } | undefined {
  const at = words.findIndex(isBeginning);
  return at === -1 ? undefined : { before: words.slice(0, at), times: words.slice(at) };
}

/** Reads `weekdays 06:30 Europe/Berlin` or `every 2h`, or says why it is neither, as a sentence with the way out. Never throws. */
export function parseTimes(words: readonly string[]): Times | string {
  const [first = '', second = '', zone = '', ...rest] = words;
  if (first.toLowerCase() === 'every') return parseEvery(words.slice(1));
  const days = daysOf(first);
  if (days === undefined) return `That names no days: ${like}.`;
  const time = parseTime(second);
  if (time === undefined) return `After the days I need a time from \`00:00\` to \`23:59\`: ${like}.`;
  if (zone === '')
    return `In which time zone? Add its name, like \`Europe/Berlin\` or \`UTC\`: by it the time stays the same when clocks change.`;
  if (rest.length > 0) return `What stands after the time zone is too much for me: ${like}.`;
  if (!isZone(zone)) return `That is no time zone: ${zoneAdvice(zone)}`;
  return { kind: 'days', days, ...time, zone };
}

function parseEvery(words: readonly string[]): Times | string {
  const [, count = '', unit = ''] = /^(\d{1,4})(m|min|minutes?|h|hours?)$/.exec(words.join('').toLowerCase()) ?? [];
  const minutes = Number(count) * (unit.startsWith('h') ? 60 : 1);
  if (everyMinutes.includes(minutes)) return { kind: 'every', minutes };
  return `After \`every\` I take \`15m\`, \`20m\`, \`30m\`, and the hours that divide a day: \`1h\`, \`2h\`, \`3h\`, \`4h\`, \`6h\`, \`8h\`, \`12h\`, \`24h\`.`;
}

const two = (number: number): string => String(number).padStart(2, '0');

/** `weekdays 06:30 Europe/Berlin`, as one would type it. */
export function timesWords(times: Times): string {
  if (times.kind === 'every') return `every ${times.minutes < 60 ? `${times.minutes}m` : `${times.minutes / 60}h`}`;
  const { days, hour, minute, zone } = times;
  const group = [...groups.keys()].find((name) => groups.get(name)?.join() === days.join());
  const names = days.length === 1 ? `${weekdays[days[0] ?? 0]}s` : days.map((day) => weekdays[day]?.slice(0, 3)).join(',');
  return `${group ?? names} ${two(hour)}:${two(minute)} ${zone}`;
}

/**
 * The times as EventBridge Scheduler takes them.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function schedulerTimes(times: Times): { readonly expression: string; readonly zone: string } {
  if (times.kind === 'every') {
    const { minutes } = times;
    const expression = minutes < 60 ? `cron(0/${minutes} * * * ? *)` : `cron(0 0/${minutes / 60} * * ? *)`;
    return { expression: minutes === 1_440 ? 'cron(0 0 * * ? *)' : expression, zone: 'UTC' };
  }
  const names = times.days.map((day) => weekdays[day]?.slice(0, 3).toUpperCase());
  const days = names.length === 7 ? '* * ?' : `? * ${names.join(',')}`;
  return { expression: `cron(${times.minute} ${times.hour} ${days} *)`, zone: times.zone };
}
