import type { Hour } from './hourly.ts';
import { type Rate, rateOf } from './stats.ts';

/** Calls and how many of them started cold. */
export interface Share {
  readonly calls: number;
  readonly cold: number;
}

/** Durations of inits. */
export interface Inits {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
}

/** What is most likely behind a jump. */
export type JumpCause =
  /** Environments were replaced while they were in use, as a deploy does. */
  | { readonly kind: 'deploy'; readonly replaced: number }
  /** The runtime's own version changed: AWS brought it up to date. */
  | { readonly kind: 'runtime'; readonly from: string; readonly to: string }
  /** More calls at once than there were environments. */
  | { readonly kind: 'busy'; readonly busy: number }
  | { readonly kind: 'unknown' };

/** Cold starts of one function that are clearly more, or slower, than in the week before. */
export type Jump = {
  readonly functionName: string;
  /** The first hour of it, and the one after that in which we saw it; hours since 1970. */
  readonly since: number;
  readonly found: number;
  readonly cause: JumpCause;
} & (
  | { readonly kind: 'rate'; readonly was: Share; readonly is: Share }
  | { readonly kind: 'init'; readonly was: Inits; readonly is: Inits }
);

/** Two standard deviations are passed by chance once in forty looks, and there are many looks: this is once in two thousand. */
const strictZ = 3.29;
/** The same hours of so many days before are what an hour is held against: so every weekday is among them. */
export const daysBefore = 7;
/** The shortest time in which there is enough to tell is taken. */
const spans = [3, 6, 12, 24];
const longestSpan = Math.max(...spans);
/** A jump lasts: one deploy, whatever it replaces, touches one hour, or two. */
const leastHours = 3;
/** What nobody feels is no jump. */
const leastPart = 0.01;
const leastTimes = 2;
const least = { calls: 30, cold: 10, callsBefore: 100, days: 2, inits: 12, initsBefore: 30, initsAfter: 5 };
const leastInitTimes = 1.3;
const leastInitMs = 100;

/** What is known of one function: its hours, and those that belong to earlier jumps and are nothing to be held against. */
export interface FunctionPast {
  readonly functionName: string;
  readonly hours: ReadonlyMap<number, Hour>;
  readonly isOdd: (kind: Jump['kind'], hour: number) => boolean;
  /** The newest change of the runtime's version. */
  readonly runtimeChange?: { readonly from: string; readonly to: string; readonly at: number };
}

/** Whether the cold starts of the hours before `now` are a jump: more of them, or slower ones. */
export function jumpsIn(past: FunctionPast, now: number): readonly Jump[] {
  return [rateJump(past, now), initJump(past, now)].flatMap((jump) => (jump === undefined || isOver(jump, past, now) ? [] : [jump]));
}

function rateJump(past: FunctionPast, now: number): Jump | undefined {
  const latest = hoursIn(past, now - longestSpan, now);
  if (shareOf(latest).cold < least.cold) return undefined;
  const held = latest.map((hour) => ({ hour, like: alike(past, hour) })).filter(({ like }) => like.length > 0);
  for (const span of spans) {
    const before = beforeOf(held.filter(({ hour }) => hour.at >= now - span));
    if (before === undefined) continue;
    const { these } = before;
    const is = shareOf(these);
    if (is.calls < least.calls || is.cold < least.cold || before.was.calls < least.callsBefore) continue;
    const high = these.filter((hour) => partOf(hour) > before.worstPart);
    const [first] = high;
    if (!isAbove(is, before) || high.length < leastHours || first === undefined) continue;
    const { functionName } = past;
    const since = beginOf(past.hours, first.at, Math.max(leastPart, before.worstPart));
    return { kind: 'rate', functionName, since, found: now, was: before.was, is, cause: rateCause(past, these, now - span, now) };
  }
  return undefined;
}

/** The first of the hours without a gap, up to this one, in which more than a part of the calls started cold. */
function beginOf(hours: FunctionPast['hours'], at: number, part: number): number {
  const before = hours.get(at - 1);
  return before !== undefined && partOf(before) > part ? beginOf(hours, at - 1, part) : at;
}

/** The time before, of the same hours of the day. */
interface Before {
  /** Those of the last hours that there is something to hold against. */
  readonly these: readonly Hour[];
  readonly was: Share;
  /** Of the two worst days together. */
  readonly worstPart: number;
  /** A rate above this is above all that the week has seen. */
  readonly highest: number;
}

/** Calls of a day of the week before: 0 is yesterday. */
type ShareOfDay = Share & { readonly day: number };

/** Undefined when there is too little to be held against. */
function beforeOf(held: readonly { readonly hour: Hour; readonly like: readonly ShareOfDay[] }[]): Before | undefined {
  const days = Array.from({ length: daysBefore }, () => ({ calls: 0, cold: 0 }));
  for (const { like } of held)
    for (const { day, calls, cold } of like) {
      const share = days[day];
      if (share === undefined) continue;
      share.calls += calls;
      share.cold += cold;
    }
  const seen = days.filter(({ calls }) => calls > 0);
  if (seen.length < least.days) return undefined;
  const worst = sum(seen.toSorted((a, b) => partOf(b) - partOf(a)).slice(0, 2));
  const worstDays = seen.filter(({ calls }) => calls >= least.calls).map(partOf);
  const highest = Math.max(rateOf(worst.cold, worst.calls, strictZ)?.high ?? 1, ...worstDays);
  return { these: held.map(({ hour }) => hour), was: sum(seen), worstPart: partOf(worst), highest };
}

/**
 * The same hour of the days before, where it was about as busy. The fewer calls, the more of them start cold: that is no fault, and a
 * holiday is no weekday. More calls than ever are held against the busiest two days.
 */
function alike(past: FunctionPast, { at, calls }: Hour): readonly ShareOfDay[] {
  const days: ShareOfDay[] = [];
  for (let day = 0; day < daysBefore; day += 1) {
    const hour = past.hours.get(at - 24 * (day + 1));
    if (hour !== undefined && !past.isOdd('rate', hour.at)) days.push({ day, calls: hour.calls, cold: hour.cold });
  }
  if (days.every((day) => day.calls < calls / 2)) return days.toSorted((a, b) => b.calls - a.calls).slice(0, 2);
  return days.filter((day) => day.calls >= calls / 2 && day.calls <= calls * 2);
}

function isAbove(is: Share, { was, highest }: Before): boolean {
  const low = rateOf(is.cold, is.calls, strictZ)?.low ?? 0;
  return partOf(is) >= leastPart && partOf(is) >= leastTimes * partOf(was) && low > highest;
}

function rateCause(past: FunctionPast, these: readonly Hour[], from: number, now: number): JumpCause {
  const { cold } = shareOf(these);
  const total = (key: 'busy' | 'replaced'): number => these.reduce((all, hour) => all + hour[key], 0);
  const [busy, replaced] = [total('busy'), total('replaced')];
  if (replaced >= cold / 2) return runtimeCause(past, from, now) ?? { kind: 'deploy', replaced };
  return busy >= cold / 2 ? { kind: 'busy', busy } : { kind: 'unknown' };
}

function initJump(past: FunctionPast, now: number): Jump | undefined {
  const before = hoursIn(past, now - 24 * (daysBefore + 1), now - 24).filter(({ at }) => !past.isOdd('init', at));
  const seen = spans.flatMap((span) => {
    const these = hoursIn(past, now - span, now);
    const is = initsOf(these);
    return is === undefined || is.count < least.inits ? [] : [{ these, is }];
  });
  // Counted, which is quick: nearly every hour is like the others, and to sort the inits of a week takes long.
  if (!areMostlyBelow(Math.max(...seen.map(({ is }) => is.p50Ms)), before)) return undefined;
  const was = initsOf(before);
  if (was === undefined || was.count < least.initsBefore) return undefined;
  for (const { these, is } of seen) {
    const inits = these.flatMap(({ initsMs }) => initsMs);
    const slow = these.filter(({ initsMs }) => (middleOf(initsMs) ?? 0) > was.p90Ms);
    // More than half of them, and not by chance, are slower than nine in ten were.
    const share = rateOf(inits.filter((ms) => ms > was.p90Ms).length, inits.length, strictZ);
    const isSlower = (share?.low ?? 0) > 0.5 && is.p50Ms >= leastInitTimes * was.p50Ms && is.p50Ms - was.p50Ms >= leastInitMs;
    const [first] = slow;
    if (!isSlower || slow.length < leastHours || first === undefined) continue;
    const { functionName } = past;
    return { kind: 'init', functionName, since: first.at, found: now, was, is, cause: initCause(past, first.at, now) };
  }
  return undefined;
}

/** Whether nine in ten inits were quicker. */
function areMostlyBelow(ms: number, hours: readonly Hour[]): boolean {
  let [all, below] = [0, 0];
  for (const { initsMs } of hours) {
    all += initsMs.length;
    for (const one of initsMs) if (one < ms) below += 1;
  }
  return below >= 0.9 * all;
}

function initCause(past: FunctionPast, since: number, now: number): JumpCause {
  const runtime = runtimeCause(past, since, now);
  if (runtime !== undefined) return runtime;
  const replaced = hoursIn(past, since - 1, since + 2).reduce((all, hour) => all + hour.replaced, 0);
  return replaced > 0 ? { kind: 'deploy', replaced } : { kind: 'unknown' };
}

function runtimeCause({ runtimeChange }: FunctionPast, from: number, now: number): JumpCause | undefined {
  if (runtimeChange === undefined || runtimeChange.at < from - 1 || runtimeChange.at >= now) return undefined;
  return { kind: 'runtime', from: runtimeChange.from, to: runtimeChange.to };
}

/** Whether a jump is over: the last hours, as few as tell, are more like the time before than like it. */
export function isOver(jump: Jump, past: FunctionPast, now: number): boolean {
  for (const span of spans.slice(1)) {
    const these = hoursIn(past, now - span, now);
    if (jump.kind === 'rate') {
      const is = shareOf(these);
      const halfway = Math.sqrt(Math.max(partOf(jump.was), leastPart / 10) * partOf(jump.is));
      if (is.calls >= least.calls) return partOf(is) < Math.max(leastPart, halfway);
    } else {
      const is = initsOf(these);
      if (is !== undefined && is.count >= least.initsAfter) return is.p50Ms < Math.sqrt(jump.was.p50Ms * jump.is.p50Ms);
    }
  }
  return false;
}

function hoursIn({ hours }: FunctionPast, from: number, to: number): readonly Hour[] {
  const found: Hour[] = [];
  for (let at = from; at < to; at += 1) {
    const hour = hours.get(at);
    if (hour !== undefined) found.push(hour);
  }
  return found;
}

const shareOf = (hours: readonly Hour[]): Share => sum(hours);

const sum = (shares: readonly Share[]): Share =>
  shares.reduce<Share>((all, { calls, cold }) => ({ calls: all.calls + calls, cold: all.cold + cold }), { calls: 0, cold: 0 });

/** The part of calls that started cold. */
export const partOf = ({ calls, cold }: Share): number => (calls === 0 ? 0 : Math.min(cold, calls) / calls);

/** The same with its 95 % interval. */
export const rateOfShare = ({ calls, cold }: Share): Rate => rateOf(Math.min(cold, calls), calls) ?? { part: 0, low: 0, high: 1 };

function initsOf(hours: readonly Hour[]): Inits | undefined {
  // There are more than a thousand in a week, and this is asked for every hour: an array of numbers is sorted several times faster.
  const inits = Float64Array.from(hours.flatMap(({ initsMs }) => initsMs)).sort();
  const at = (part: number): number => inits[Math.max(0, Math.ceil(part * inits.length) - 1)] ?? 0;
  return inits.length === 0 ? undefined : { count: inits.length, p50Ms: at(0.5), p90Ms: at(0.9) };
}

const middleOf = (values: readonly number[]): number | undefined => values[Math.floor((values.length - 1) / 2)];
