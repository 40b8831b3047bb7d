import type { Arrivals } from './arrivals.ts';

/** What happens to the same calls when environments are shared, pinged or kept otherwise. */
export interface Scenario {
  /** Which pool of environments a function takes from, by the function's number. */
  readonly poolOf: readonly number[];
  readonly pools: number;
  /** What a cold start adds to an invocation, by pool. */
  readonly initMs: readonly number[];
  readonly pings?: Pings | undefined;
  /** How many environments are always there, by pool. */
  readonly provisioned: readonly number[];
  /** Replacements that happened whatever anybody called: deploys, and AWS putting environments away. In order of time. */
  readonly losses: readonly Loss[];
  /** How long an idle environment lives, anew for each time it falls idle. */
  readonly lifetimeMs: () => number;
}

/** Calls whose only purpose is to keep environments. */
export interface Pings {
  readonly everyMs: number;
  readonly atOnce: number;
  readonly durationMs: number;
}

/** At this time all idle environments of a function were gone, although they were young. */
export interface Loss {
  readonly atMs: number;
  readonly functionNumber: number;
}

/** Why an invocation had to wait for a new environment. */
export type Cause = 'idle' | 'busy' | 'replaced';

export interface Simulated {
  /** By the function's number. */
  readonly byFunction: readonly number[];
  readonly byCause: Readonly<Record<Cause, number>>;
  readonly coldStarts: number;
}

/**
 * Replays the arrivals: each takes the idle environment that was used last, or makes a new one. An invocation that found an
 * environment nobody called for (made ahead, or older than the log) finds one here too.
 */
export function simulate(arrivals: Arrivals, scenario: Scenario): Simulated {
  const { poolOf, losses, pings } = scenario;
  const firstMs = arrivals.count === 0 ? 0 : arrivals.arrivedMs(0);
  const pools = Array.from({ length: scenario.pools }, (_, index) => pool(scenario, index, firstMs));
  const byFunction = new Array<number>(arrivals.functions.length).fill(0);
  const byCause = { idle: 0, busy: 0, replaced: 0 };
  let nextLoss = 0;
  for (let at = 0; at < arrivals.count; at += 1) {
    const arrivedMs = arrivals.arrivedMs(at);
    for (let loss = losses[nextLoss]; loss !== undefined && loss.atMs <= arrivedMs; loss = losses[nextLoss]) {
      const lost = pools[poolOf[loss.functionNumber] ?? 0];
      if (pings !== undefined) lost?.ping(loss.atMs);
      lost?.lose(loss.atMs);
      nextLoss += 1;
    }
    const number = arrivals.functionAt(at);
    const own = pools[poolOf[number] ?? 0];
    if (own === undefined) throw new Error(`function ${number} has no pool`);
    if (pings !== undefined) own.ping(arrivedMs);
    const found = arrivals.found(at);
    const isGiven = found === 'pre-initialised' || found === 'already-there';
    const cause = own.call(arrivedMs, arrivals.durationMs(at), isGiven);
    if (cause === undefined) continue;
    byCause[cause] += 1;
    byFunction[number] = (byFunction[number] ?? 0) + 1;
  }
  return { byFunction, byCause, coldStarts: byCause.idle + byCause.busy + byCause.replaced };
}

/** The environments that take turns in serving one stream of calls. */
function pool({ initMs, provisioned, pings, lifetimeMs }: Scenario, index: number, firstMs: number) {
  const extraMs = initMs[index] ?? 0;
  const busy = timeHeap();
  const busyProvisioned = timeHeap();
  let freeProvisioned = provisioned[index] ?? 0;
  /** When the idle ones expire; the one used last is at the end. */
  const idle: number[] = [];
  let isReplaced = false;
  let nextPingMs = pings === undefined ? Number.POSITIVE_INFINITY : firstMs;

  /** Frees what has finished by now, in the order it did: so the idle ones are in order of their last use. */
  function release(nowMs: number): void {
    while (busy.first() <= nowMs) idle.push(busy.take() + lifetimeMs());
    while (busyProvisioned.first() <= nowMs) {
      busyProvisioned.take();
      freeProvisioned += 1;
    }
  }

  /** Why the call had to wait, or undefined when it found an environment. */
  function call(nowMs: number, durationMs: number, isGiven: boolean): Cause | undefined {
    release(nowMs);
    if (freeProvisioned > 0) {
      freeProvisioned -= 1;
      busyProvisioned.put(nowMs + durationMs);
      return undefined;
    }
    for (let expiresMs = idle.pop(); expiresMs !== undefined; expiresMs = idle.pop()) {
      if (expiresMs <= nowMs) continue;
      busy.put(nowMs + durationMs);
      return undefined;
    }
    const isBusy = busy.first() !== Number.POSITIVE_INFINITY || busyProvisioned.first() !== Number.POSITIVE_INFINITY;
    busy.put(nowMs + durationMs + (isGiven ? 0 : extraMs));
    if (isGiven) return undefined;
    const cause = isBusy ? 'busy' : isReplaced ? 'replaced' : 'idle';
    isReplaced = false;
    return cause;
  }

  function lose(nowMs: number): void {
    release(nowMs);
    if (idle.some((expiresMs) => expiresMs > nowMs)) isReplaced = true;
    idle.length = 0;
  }

  /** All pings that were due by now. */
  function ping(nowMs: number): void {
    if (pings === undefined) return;
    for (; nextPingMs <= nowMs; nextPingMs += pings.everyMs) {
      // At once: each holds its environment until the others have theirs.
      for (let one = 0; one < pings.atOnce; one += 1) call(nextPingMs, pings.durationMs, false);
    }
  }

  return { call, lose, ping };
}

/** Times, of which the earliest is at hand. */
function timeHeap() {
  const times: number[] = [];

  function put(time: number): void {
    let at = times.length;
    times.push(time);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = times[parent] ?? 0;
      if (above <= time) break;
      times[at] = above;
      at = parent;
    }
    times[at] = time;
  }

  /** Takes the earliest away. */
  function take(): number {
    const earliest = times[0] ?? Number.POSITIVE_INFINITY;
    const last = times.pop() ?? 0;
    if (times.length === 0) return earliest;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= times.length) break;
      const right = left + 1;
      const child = right < times.length && (times[right] ?? 0) < (times[left] ?? 0) ? right : left;
      const below = times[child] ?? 0;
      if (below >= last) break;
      times[at] = below;
      at = child;
    }
    times[at] = last;
    return earliest;
  }

  return { put, take, first: (): number => times[0] ?? Number.POSITIVE_INFINITY };
}
