import type { Envelope } from '@cucumber/messages';
import { fields, milliseconds } from '../src/outcome/fields.ts';

/** The time, in milliseconds since 1970, whatever the suite does to its clock: taken before its code is loaded. */
export const nowMs: () => number = Date.now;

/** A message of another thread may have waited for so long before it came to us. */
const toleranceMs = 30_000;

/**
 * The message with the time at which it was made. It is cucumber's own, unless a step has changed the clock for the code it
 * tests (`Date.now = …`, fake timers): cucumber asks the same clock, and a run of the year 2040 would last for ever.
 */
export function withTrueTime(message: Envelope, atMs: number = nowMs()): Envelope {
  for (const [kind, content] of Object.entries(message)) {
    const said = milliseconds(fields(content).timestamp);
    if (said !== undefined && Math.abs(said - atMs) > toleranceMs) return { [kind]: { ...content, timestamp: timestampOf(atMs) } };
  }
  return message;
}

const timestampOf = (ms: number) => ({ seconds: Math.floor(ms / 1_000), nanos: Math.round((ms % 1_000) * 1_000_000) });
