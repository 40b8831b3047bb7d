/** One field of a cron expression: what it lets pass. */
type Field = (value: number) => boolean;

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const minuteMs = 60_000;

/** Whether the scheduler runs in the minute that begins at `ms`; seconds since are ignored. */
export type IsDue = (ms: number) => boolean;

/**
 * EventBridge Scheduler's `cron(minutes hours day-of-month month day-of-week year)`, in a time zone. A time that the clocks skip never
 * comes; one that comes twice counts the first time.
 *
 * @throws for what it does not take, and for `L`, `W` and `#`, which we do not
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function cronTimes(expression: string, zone: string): IsDue {
  const [, inside = ''] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const fields = inside.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if (fields.length !== 6) throw new Error(`${expression} has ${fields.length} fields, not six`);
  if ((day === '?') === (weekday === '?')) throw new Error(`${expression} must have \`?\` in one of its two fields for days`);
  const tests = {
    minute: fieldOf(minute, 0, 59),
    hour: fieldOf(hour, 0, 23),
    day: fieldOf(day, 1, 31),
    month: fieldOf(month, 1, 12, months),
    weekday: fieldOf(weekday, 1, 7, weekdays),
    year: fieldOf(year, 1970, 2199),
  };
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'short', hour: 'numeric', minute: 'numeric' },
  });
  const isThen = (ms: number): boolean => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    const dayOfWeek = weekdays.indexOf((parts.get('weekday') ?? '').toUpperCase()) + 1;
    return (
      tests.minute(part('minute')) &&
      tests.hour(part('hour')) &&
      tests.day(part('day')) &&
      tests.month(part('month')) &&
      tests.weekday(dayOfWeek) &&
      tests.year(part('year'))
    );
  };
  const wall = (ms: number): string => format.format(ms);
  // Clocks go back by an hour, or half of one.
  const isSecond = (ms: number): boolean => [30, 60, 120].some((back) => wall(ms - back * minuteMs) === wall(ms));
  return (ms) => isThen(ms) && !isSecond(ms);
}

/** `*`, `?`, `5`, `MON-FRI`, `0/15`, `1,15`. */
function fieldOf(text: string, least: number, most: number, names: readonly string[] = []): Field {
  if (text === '*' || text === '?') return () => true;
  const numberOf = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const number = named >= 0 ? named + 1 : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (!(number >= least && number <= most)) throw new Error(`\`${word}\` is none of ${least} to ${most}`);
    return number;
  };
  const parts = text.split(',').map((part): Field => {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const first = from === '*' ? least : numberOf(from);
    const last = to === undefined ? (step === undefined ? first : most) : numberOf(to);
    const every = step === undefined ? 1 : numberOf(step);
    return (value) => value >= first && value <= last && (value - first) % every === 0;
  });
  return (value) => parts.some((part) => part(value));
}
