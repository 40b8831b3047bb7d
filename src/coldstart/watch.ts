import * as v from 'valibot';
import type { Hour, Hourly } from './hourly.ts';
import { daysBefore, type FunctionPast, isOver, type Jump, jumpsIn } from './jump.ts';

/** A jump somebody was told of, and when it was over. */
export type KnownJump = Jump & {
  /** The hour in which it was seen to be over; hours since 1970. */
  readonly ended?: number;
};

/** One message about jumps that were found at the same time. */
export interface Alert {
  /** Hours since 1970: no watch has two of one hour. */
  readonly found: number;
  readonly jumps: readonly KnownJump[];
  /** Raised by every change; what Slack has confirmed is `said`. */
  readonly revision: number;
  readonly said: number;
}

/** What a channel's functions did in the last eight days, by the hour, and what was made of it. */
export interface Watch {
  readonly version: 1;
  /** Which functions it is about, as coldframe.yml says it: another choice begins anew. */
  readonly scope: string;
  /** Hours since 1970: since when, and to before which, everything was counted. */
  readonly since: number;
  readonly until: number;
  readonly functions: Readonly<Record<string, readonly HourRow[]>>;
  /** The runtime's version, since when, and what it was before. */
  readonly runtimes: Readonly<Record<string, { readonly name: string; readonly at: number; readonly before?: string }>>;
  readonly alerts: readonly Alert[];
}

/** An hour as it is written down, without the fields' names: there are many. */
type HourRow = readonly [at: number, calls: number, cold: number, busy: number, replaced: number, initsMs: readonly number[]];

const rowOf = ({ at, calls, cold, busy, replaced, initsMs }: Hour): HourRow => [at, calls, cold, busy, replaced, initsMs];
const hourOf = ([at, calls, cold, busy, replaced, initsMs]: HourRow): Hour => ({ at, calls, cold, busy, replaced, initsMs });

/** Of more functions, those that are called least are not watched. */
const mostFunctions = 200;
const keptHours = 24 * (daysBefore + 1);
/** A jump that is over and comes back so soon is the same. */
const sameJumpHours = 24;
/** What lasts for longer is how it is: everything it is held against is like it. */
const staysHours = 24 * daysBefore;

/** A watch that has seen nothing yet. */
export const newWatch = (scope: string, at: number): Watch => ({
  version: 1,
  scope,
  since: at,
  until: at,
  functions: {},
  runtimes: {},
  alerts: [],
});

/**
 * Takes in what the hours from `watch.until` to before `to` were like, and finds jumps in them, and that others are over.
 * Nobody is told of a jump twice, nor of any before a week was seen.
 */
export function watchHours(watch: Watch, { functions, runtimes }: Hourly, to: number): Watch {
  const names = new Set([...Object.keys(watch.functions), ...functions.keys()]);
  const pasts = new Map<string, Map<number, Hour>>();
  for (const name of names) {
    const hours = [
      ...(watch.functions[name] ?? []).map(hourOf),
      ...(functions.get(name) ?? []).filter(({ at }) => at >= watch.until && at < to),
    ];
    pasts.set(name, new Map(hours.map((hour) => [hour.at, hour])));
  }
  const known = runtimesAfter(watch, runtimes);
  let alerts = watch.alerts;
  for (let now = watch.until + 1; now <= to; now += 1) {
    for (const [functionName, hours] of pasts)
      alerts = afterHour(alerts, pastOf(functionName, hours, known, alerts, now), now, watch.since);
  }
  // What was found in one look is one message.
  const found = alerts.filter(({ found: hour }) => hour > watch.until).flatMap(({ jumps }) => jumps);
  const earlier = alerts.filter(({ found: hour }) => hour <= watch.until);
  const kept = earlier.filter(({ jumps }) => jumps.some((jump) => to - (jump.ended ?? jump.since + staysHours) < keptHours));
  return {
    ...watch,
    until: to,
    functions: keptFunctions(pasts, to),
    runtimes: known,
    alerts: found.length === 0 ? kept : [...kept, { found: to, jumps: found, revision: 1, said: 0 }],
  };
}

/** The alerts after one more hour of one function. */
function afterHour(alerts: readonly Alert[], past: FunctionPast, now: number, since: number): readonly Alert[] {
  const { functionName } = past;
  let after = alerts.map((alert) => changed(alert, (jump) => (jump.functionName === functionName ? ended(jump, past, now) : jump)));
  if (now - since < 24 * daysBefore) return after;
  for (const jump of jumpsIn(past, now)) {
    const isSame = (one: KnownJump): boolean =>
      one.functionName === functionName &&
      one.kind === jump.kind &&
      (one.ended === undefined ? !stays(one, now) : now - one.ended < sameJumpHours);
    if (after.some(({ jumps }) => jumps.some(isSame)))
      after = after.map((alert) => changed(alert, (one) => (isSame(one) ? again(one) : one)));
    else after = [...after, { found: now, jumps: [jump], revision: 1, said: 0 }];
  }
  return after;
}

/** The alert with its jumps changed, in a new revision if any was. */
function changed(alert: Alert, change: (jump: KnownJump) => KnownJump): Alert {
  const jumps = alert.jumps.map(change);
  return jumps.every((jump, index) => jump === alert.jumps[index]) ? alert : { ...alert, jumps, revision: alert.revision + 1 };
}

const ended = (jump: KnownJump, past: FunctionPast, now: number): KnownJump =>
  jump.ended === undefined && !stays(jump, now) && now > jump.found && isOver(jump, past, now) ? { ...jump, ended: now } : jump;

function again(jump: KnownJump): KnownJump {
  if (jump.ended === undefined) return jump;
  const { ended: _, ...open } = jump;
  return open;
}

function pastOf(
  functionName: string,
  hours: ReadonlyMap<number, Hour>,
  runtimes: Watch['runtimes'],
  alerts: readonly Alert[],
  now: number,
): FunctionPast {
  const own = alerts.flatMap(({ jumps }) => jumps).filter((jump) => jump.functionName === functionName && !stays(jump, now));
  const runtime = runtimes[functionName];
  return {
    functionName,
    hours,
    isOdd: (kind, hour) => own.some((jump) => jump.kind === kind && jump.since <= hour && hour < (jump.ended ?? now)),
    ...(runtime?.before !== undefined && { runtimeChange: { from: runtime.before, to: runtime.name, at: runtime.at } }),
  };
}

/** Whether a jump has lasted so long that it is how things are: later hours are held against it. */
const stays = ({ since, ended: end }: KnownJump, now: number): boolean => end === undefined && now - since >= staysHours;

function runtimesAfter({ runtimes, until }: Watch, found: ReadonlyMap<string, string>): Watch['runtimes'] {
  const after = new Map(Object.entries(runtimes));
  for (const [name, runtime] of found) {
    const known = after.get(name);
    if (known?.name === runtime) continue;
    after.set(name, { name: runtime, at: until, ...(known !== undefined && { before: known.name }) });
  }
  return Object.fromEntries(after);
}

function keptFunctions(pasts: ReadonlyMap<string, ReadonlyMap<number, Hour>>, to: number): Watch['functions'] {
  const recent = [...pasts].map(([name, hours]) => [name, [...hours.values()].filter(({ at }) => at >= to - keptHours)] as const);
  const calls = (hours: readonly Hour[]): number => hours.reduce((sum, hour) => sum + hour.calls, 0);
  const seen = recent.filter(([, hours]) => hours.length > 0).toSorted(([, a], [, b]) => calls(b) - calls(a));
  return Object.fromEntries(seen.slice(0, mostFunctions).map(([name, hours]) => [name, hours.map(rowOf)]));
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const hourRow = v.tuple([count, count, count, count, count, v.array(v.number())]);
const share = v.object({ calls: count, cold: count });
const inits = v.object({ count, p50Ms: v.number(), p90Ms: v.number() });
const cause = v.variant('kind', [
  v.object({ kind: v.literal('deploy'), replaced: count }),
  v.object({ kind: v.literal('runtime'), from: v.string(), to: v.string() }),
  v.object({ kind: v.literal('busy'), busy: count }),
  v.object({ kind: v.literal('unknown') }),
]);
const common = { functionName: v.string(), since: count, found: count, cause, ended: v.exactOptional(count) };
const jump = v.variant('kind', [
  v.object({ kind: v.literal('rate'), ...common, was: share, is: share }),
  v.object({ kind: v.literal('init'), ...common, was: inits, is: inits }),
]);
const stored = v.object({
  version: v.literal(1),
  scope: v.string(),
  since: count,
  until: count,
  functions: v.record(v.string(), v.array(hourRow)),
  runtimes: v.record(v.string(), v.object({ name: v.string(), at: count, before: v.exactOptional(v.string()) })),
  alerts: v.array(v.object({ found: count, jumps: v.array(jump), revision: count, said: count })),
});

/** @throws for anything that is not a watch of ours */
export const parseWatch = (json: unknown): Watch => v.parse(stored, json);
