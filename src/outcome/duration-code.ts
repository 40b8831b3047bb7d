/**
 * Durations in one character each: what is remembered of ten thousand scenarios must stay small, and nobody needs to know to
 * the millisecond how long a scenario took three weeks ago. Neighbours differ by an eighth; from 20 ms to half an hour.
 */
const shortestMs = 20;
const ratio = 1.135;
/** Printable, and as they are in JSON. */
const codes = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((character) => character !== '"' && character !== '\\')
  .join('');

/** Where there is no duration. */
export const noTime = ' ';

/** @param durationMs at least 0; beyond the range the nearest there is */
export function toTimeCode(durationMs: number): string {
  const nearest = Math.round(Math.log(Math.max(durationMs, shortestMs) / shortestMs) / Math.log(ratio));
  return codes[Math.min(nearest, codes.length - 1)] ?? noTime;
}

/** In milliseconds, within 7 percent of what it was; undefined for none. */
export function ofTimeCode(code: string): number | undefined {
  const at = code === '' ? -1 : codes.indexOf(code);
  return at < 0 ? undefined : Math.round(shortestMs * ratio ** at);
}
