import type { Invocation } from '../../src/coldstart/count.ts';

export interface SimulatedFunction {
  readonly name: string;
  /** Milliseconds since 1970, in order. */
  readonly arrivals: readonly number[];
  readonly durationMs: () => number;
  readonly initMs: number;
}

/**
 * What Lambda would have logged: a plain event loop that looks at every environment there is, for each call. It is slow and
 * obviously right; `simulate` is held to it.
 */
export function simulatedLog(
  functions: readonly SimulatedFunction[],
  lifetimeMs: () => number,
  deploysMs: readonly number[] = [],
): readonly Invocation[] {
  let made = 0;
  return functions.flatMap(({ name, arrivals, durationMs, initMs }) => {
    const environments: { stream: string; freeMs: number; diesMs: number }[] = [];
    let deploy = 0;
    return arrivals.map((arrivedMs): Invocation => {
      while ((deploysMs[deploy] ?? Number.POSITIVE_INFINITY) <= arrivedMs) {
        const at = deploysMs[deploy] ?? 0;
        for (const one of environments) if (one.freeMs <= at) one.diesMs = Math.min(one.diesMs, at);
        deploy += 1;
      }
      let best: (typeof environments)[number] | undefined;
      for (const one of environments) {
        const isIdle = one.freeMs <= arrivedMs && one.diesMs > arrivedMs;
        if (isIdle && (best === undefined || one.freeMs > best.freeMs)) best = one;
      }
      const duration = durationMs();
      const isCold = best === undefined;
      if (best === undefined) {
        made += 1;
        best = { stream: `2026/11/23/[$LATEST]${made.toString(16)}`, freeMs: 0, diesMs: 0 };
        environments.push(best);
      }
      best.freeMs = arrivedMs + duration + (isCold ? initMs : 0);
      best.diesMs = best.freeMs + lifetimeMs();
      return {
        functionName: name,
        stream: best.stream,
        arrivedMs,
        durationMs: duration,
        initMs: isCold ? initMs : 0,
        found: isCold ? 'cold' : 'warm',
      };
    });
  });
}

/** Calls at random, so many an hour on average, for so long (Poisson). */
export function poisson(perHour: number, spanMs: number, random: () => number, fromMs = 1_790_000_000_000): number[] {
  const arrivals: number[] = [];
  for (let at = gap(perHour, random); at < spanMs; at += gap(perHour, random)) arrivals.push(fromMs + at);
  return arrivals;
}

const gap = (perHour: number, random: () => number): number => (-Math.log(1 - random()) * 3_600_000) / perHour;

export const hourMs = 3_600_000;
