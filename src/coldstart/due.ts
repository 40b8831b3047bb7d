import * as v from 'valibot';
import { hourMs } from './hourly.ts';
import { lastTime, parseWeekly } from './weekly.ts';

/** What a channel that is told unasked was promised last, and how far that is. */
export interface Due {
  readonly version: 1;
  readonly digest?: DigestDue;
  readonly watch?: WatchDue;
}

interface DigestDue {
  /** As coldframe.yml says it: another time begins with its next. */
  readonly schedule: string;
  /** The newest time it was due; ISO 8601. */
  readonly scheduledAt: string;
  /** When it was last asked for; absent: not yet. */
  readonly askedAt?: string;
  readonly isDone: boolean;
}

interface WatchDue {
  /** As coldframe.yml says it: other functions are watched anew. */
  readonly scope: string;
  /** Hours since 1970: to before which everything was looked at. */
  readonly until: number;
  readonly askedAt?: string;
  /** Why the last look came to nothing. */
  readonly trouble?: string;
}

/** A digest that could not be made for so long is skipped, aloud. */
export const digestMaxAgeMs = 12 * hourMs;
/** Longer than the answer to any question takes: what was asked for and is not there has died. */
const askAgainMs = 30 * 60_000;
/** Lines take minutes to be seen by a query. */
const lagMs = 5 * 60_000;
/** What is older is not looked at any more: a message about it would come too late. */
const mostHours = 24;
/** The calls of more hours may be too many for one look; the next one comes in five minutes. */
const hoursAtOnce = 6;

/** Whether a digest is to be made now, and what is to be remembered. `isAnswered`: the one that was asked for is there. */
export function dueDigest(
  known: DigestDue | undefined,
  { schedule, nowMs, isAnswered }: { readonly schedule: string; readonly nowMs: number; readonly isAnswered: boolean },
): { readonly next: DigestDue; readonly scheduledAt?: string } {
  const parsed = parseWeekly(schedule);
  if (parsed.kind === 'refused') throw new Error(`coldStarts.channels: the digest's time ${parsed.because}`);
  const last = new Date(lastTime(parsed.weekly, nowMs)).toISOString();
  // Whoever sets it up today is not told that they missed last Monday.
  if (known?.schedule !== schedule) return { next: { schedule, scheduledAt: last, isDone: true } };
  const askedAt = new Date(nowMs).toISOString();
  if (known.scheduledAt < last) return { next: { schedule, scheduledAt: last, askedAt, isDone: false }, scheduledAt: last };
  if (known.isDone) return { next: known };
  if (isAnswered) return { next: { ...known, isDone: true } };
  if (nowMs - Date.parse(known.askedAt ?? known.scheduledAt) < askAgainMs) return { next: known };
  return { next: { ...known, askedAt }, scheduledAt: known.scheduledAt };
}

/** Which whole hours are to be looked at now, from one to before another, and what is to be remembered. */
export function dueWatch(
  known: WatchDue | undefined,
  { scope, nowMs }: { readonly scope: string; readonly nowMs: number },
): { readonly next: WatchDue; readonly hours?: { readonly from: number; readonly to: number } } {
  const to = Math.floor((nowMs - lagMs) / hourMs);
  if (known?.scope !== scope) return { next: { scope, until: to } };
  const isUnderWay = known.askedAt !== undefined && nowMs - Date.parse(known.askedAt) < askAgainMs;
  if (known.until >= to || isUnderWay) return { next: known };
  const from = Math.max(known.until, to - mostHours);
  return { next: { ...known, askedAt: new Date(nowMs).toISOString() }, hours: { from, to: Math.min(to, from + hoursAtOnce) } };
}

/** Since when (hours since 1970) nothing could be looked at, when that is long enough to be said. */
export function blindSince({ until, trouble }: WatchDue, nowMs: number): number | undefined {
  const longest = 6;
  return trouble !== undefined && Math.floor(nowMs / hourMs) - until >= longest ? until : undefined;
}

const text = v.string();
const stored = v.object({
  version: v.literal(1),
  digest: v.exactOptional(v.object({ schedule: text, scheduledAt: text, askedAt: v.exactOptional(text), isDone: v.boolean() })),
  watch: v.exactOptional(
    v.object({
      scope: text,
      until: v.pipe(v.number(), v.integer(), v.minValue(0)),
      askedAt: v.exactOptional(text),
      trouble: v.exactOptional(text),
    }),
  ),
});

/** @throws for anything that is not ours */
export const parseDue = (json: unknown): Due => v.parse(stored, json);

/** The detail of the event `Cold Starts Due`. `now`: every digest is asked for as if it were due at that time (ISO 8601). */
export interface DueRequest {
  readonly version: 1;
  readonly now?: string;
}

const request = v.object({ version: v.literal(1), now: v.exactOptional(v.pipe(text, v.isoTimestamp())) });

/** @throws naming the field that is not such a request's */
export const parseDueRequest = (json: unknown): DueRequest => v.parse(request, json);
