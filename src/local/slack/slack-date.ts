/** In which zone and at what time somebody reads a date. */
export interface Reader {
  readonly nowMs: number;
  /** IANA name; absent: this machine's. */
  readonly timeZone?: string;
}

const dayMs = 86_400_000;

/**
 * A date in Slack's form (`Started {date_short_pretty} at {time}`), as a reader in that zone sees it, with a 24-hour clock.
 * Undefined when the form has a word that Slack does not know: then the fallback is shown.
 */
export function formatDate(atS: number, format: string, { nowMs, timeZone }: Reader): string | undefined {
  const atMs = atS * 1000;
  const zone = timeZone === undefined ? {} : { timeZone };
  const show = (style: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-US', { ...zone, ...style });
  const part = (style: Intl.DateTimeFormatOptions, type: Intl.DateTimeFormatPartTypes): string =>
    show(style)
      .formatToParts(atMs)
      .find((one) => one.type === type)?.value ?? '';
  const year = part({ year: 'numeric' }, 'year');
  const month = part({ month: 'long', day: 'numeric' }, 'month');
  const day = part({ month: 'long', day: 'numeric' }, 'day');
  const weekday = part({ weekday: 'long' }, 'weekday');
  const [shortMonth, mm, dd] = [
    part({ month: 'short', day: 'numeric' }, 'month'),
    part({ month: '2-digit' }, 'month'),
    part({ day: '2-digit' }, 'day'),
  ];
  const time = show({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(atMs);

  const dayNumber = (ms: number) => Math.round(Date.parse(`${new Intl.DateTimeFormat('en-CA', zone).format(ms)}T00:00:00Z`) / dayMs);
  const near: Readonly<Record<string, string>> = { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' };
  const pretty = near[String(dayNumber(atMs) - dayNumber(nowMs))];

  const words: Readonly<Record<string, string>> = {
    date_num: `${year}-${mm}-${dd}`,
    date_slash: `${mm}/${dd}/${year}`,
    date: `${month} ${ordinal(day)}, ${year}`,
    date_short: `${shortMonth} ${day}, ${year}`,
    date_long: `${weekday}, ${month} ${ordinal(day)}, ${year}`,
    date_long_full: `${month} ${day}, ${year}`,
    time: time.slice(0, 5),
    time_secs: time,
    ago: ago(nowMs - atMs),
  };
  const all: Readonly<Record<string, string | undefined>> = {
    ...words,
    date_pretty: pretty ?? words.date,
    date_short_pretty: pretty ?? words.date_short,
    date_long_pretty: pretty ?? words.date_long,
    day_divider_pretty: pretty ?? words.date_long,
  };
  const isKnown = [...format.matchAll(/\{(\w+)\}/g)].every(([, word]) => all[word ?? ''] !== undefined);
  return isKnown ? format.replaceAll(/\{(\w+)\}/g, (_whole, word: string) => all[word] ?? '') : undefined;
}

function ordinal(day: string): string {
  const suffix = new Intl.PluralRules('en-US', { type: 'ordinal' }).select(Number(day));
  return `${day}${{ one: 'st', two: 'nd', few: 'rd', other: 'th', many: 'th', zero: 'th' }[suffix]}`;
}

function ago(ms: number): string {
  const units = [
    ['day', dayMs],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const [unit, unitMs] = units.find(([, size]) => Math.abs(ms) >= size) ?? ['second', 1000];
  return new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' }).format(-Math.trunc(ms / unitMs), unit);
}
