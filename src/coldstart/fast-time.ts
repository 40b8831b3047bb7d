const hourMs = 3_600_000;
let known = '';
let knownMs = 0;

/**
 * The time that stands at `from` as `2026-10-08T07:30:29.470`, in milliseconds since 1970 (UTC); undefined when none does.
 *
 * `Date.parse` takes longer than all the rest of a line: the hour is parsed once for all lines within it.
 */
export function fastTime(text: string, from: number): number | undefined {
  const hour = text.slice(from, from + 14);
  if (hour !== known) {
    const ms = /^\d{4}-\d\d-\d\d[T ]\d\d:$/.test(hour) ? Date.parse(`${hour.replace(' ', 'T')}00:00.000Z`) : Number.NaN;
    if (Number.isNaN(ms)) return undefined;
    // A copy: a part of a line would keep the whole piece of the file it comes from.
    known = JSON.parse(JSON.stringify(hour));
    knownMs = ms;
  }
  const digit = (at: number): number => text.charCodeAt(from + at) - 48;
  const ms = (digit(14) * 10 + digit(15)) * 60_000 + (digit(17) * 10 + digit(18)) * 1_000 + digit(20) * 100 + digit(21) * 10 + digit(22);
  return text.charCodeAt(from + 19) === 46 && ms >= 0 && ms < hourMs ? knownMs + ms : undefined;
}
