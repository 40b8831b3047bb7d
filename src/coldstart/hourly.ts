import { coldStartCounter, type Invocation, type Window } from './count.ts';
import type { LogLine } from './exported-log.ts';
import { parseReportLine } from './report-line.ts';

/** One hour of one function. */
export interface Hour {
  /** Hours since 1970. */
  readonly at: number;
  readonly calls: number;
  /** Cold starts that somebody waited for. */
  readonly cold: number;
  /** Of those: all environments were busy. */
  readonly busy: number;
  /** Of those: an environment had been idle for less than any lives, and was not used. A deploy does that. */
  readonly replaced: number;
  /** Durations of inits, in ascending order; of many, so many that stand for all. */
  readonly initsMs: readonly number[];
}

/** What a look at the logs of some hours has found. */
export interface Hourly {
  readonly functions: ReadonlyMap<string, readonly Hour[]>;
  /** The runtime's version by function, as the newest INIT_START names it. */
  readonly runtimes: ReadonlyMap<string, string>;
}

export const hourMs = 3_600_000;
/** So many inits of an hour are remembered. */
const keptInits = 8;
/** No environment dies of idling before this: one that was free for less was there, unless somebody took it away. */
const surelyAliveMs = 4 * 60_000;
/** An init belongs to a call that comes at once; one that began before the first line we read was made ahead. */
export const lookBackMs = 15 * 60_000;

/**
 * Counts whole hours from log lines, which begin `lookBackMs` before the first of them and are in order of time within a stream.
 *
 * A report with an init, of a stream whose INIT_START is not among them, is of an environment that was made long before anybody
 * called (provisioned concurrency): nobody waited.
 */
export function hourlyCounter({ fromMs, toMs }: Window) {
  const begun = new Set<string>();
  const calls = new Map<string, Invocation[]>();
  const counter = coldStartCounter({ window: { fromMs: fromMs - lookBackMs, toMs }, tell });

  function tell(invocation: Invocation): void {
    const { functionName } = invocation;
    const known = calls.get(functionName);
    if (known === undefined) calls.set(functionName, [invocation]);
    else known.push(invocation);
  }

  function read(line: LogLine): void {
    const { kind } = parseReportLine(line.message) ?? {};
    if (line.stream !== undefined && (kind === 'init-start' || kind === 'restore-start' || kind === 'init-report')) begun.add(line.stream);
    counter.read(line);
  }

  function end(): Hourly {
    const counted = counter.end();
    const functions = [...calls].map(([name, invocations]) => [name, hoursOf(invocations, begun, fromMs)] as const);
    const runtimes = [...counted.functions].flatMap(([name, { runtime }]) => (runtime === undefined ? [] : [[name, runtime] as const]));
    return { functions: new Map(functions.filter(([, hours]) => hours.length > 0)), runtimes: new Map(runtimes) };
  }

  return { read, end };
}

function hoursOf(invocations: readonly Invocation[], begun: ReadonlySet<string>, fromMs: number): readonly Hour[] {
  const hours = new Map<number, { calls: number; cold: number; busy: number; replaced: number; initsMs: number[] }>();
  const environments = environmentBook();
  for (const { stream, arrivedMs, durationMs, initMs, found } of invocations.toSorted((a, b) => a.arrivedMs - b.arrivedMs)) {
    const endMs = arrivedMs + initMs + durationMs;
    const cause = found === 'cold' ? environments.causeAt(arrivedMs) : undefined;
    environments.use(stream, endMs);
    if (endMs < fromMs) continue;
    const at = Math.floor(endMs / hourMs);
    const hour = hours.get(at) ?? { calls: 0, cold: 0, busy: 0, replaced: 0, initsMs: [] };
    hours.set(at, hour);
    hour.calls += 1;
    if (cause === undefined || !begun.has(stream)) continue;
    hour.cold += 1;
    hour.initsMs.push(Math.round(initMs));
    if (cause !== 'idle') hour[cause] += 1;
  }
  return [...hours].map(([at, { initsMs, ...counts }]) => ({ at, ...counts, initsMs: fewOf(initsMs) })).toSorted((a, b) => a.at - b.at);
}

/** One function's environments, as far as its calls tell of them. */
function environmentBook() {
  /** When each is free again. */
  const freeAt = new Map<string, number>();
  /** When those were free that somebody has taken away: as many cold starts make up for them. */
  let gone: readonly number[] = [];

  /** Why a call at this time found no environment. */
  function causeAt(ms: number): 'busy' | 'replaced' | 'idle' {
    let isBusy = false;
    const lost: number[] = [];
    for (const [stream, freeMs] of freeAt) {
      if (freeMs > ms) isBusy = true;
      else {
        // It was not taken, so that it is not there.
        freeAt.delete(stream);
        if (ms - freeMs < surelyAliveMs) lost.push(freeMs);
      }
    }
    gone = [...gone, ...lost].filter((freeMs) => ms - freeMs < 2 * surelyAliveMs);
    if (gone.length === 0) return isBusy ? 'busy' : 'idle';
    gone = gone.slice(1);
    return 'replaced';
  }

  return { causeAt, use: (stream: string, freeMs: number): void => void freeAt.set(stream, freeMs) };
}

/** At most so many of them, evenly spread. */
function fewOf(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length <= keptInits) return sorted;
  return Array.from({ length: keptInits }, (_, index) => sorted[Math.floor(((index + 0.5) * sorted.length) / keptInits)] ?? 0);
}
