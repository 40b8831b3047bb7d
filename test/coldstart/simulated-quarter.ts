import { type Hour, hourMs } from '../../src/coldstart/hourly.ts';
import { type Alert, newWatch, type Watch, watchHours } from '../../src/coldstart/watch.ts';

const firstHour = Date.parse('2026-08-03T00:00:00Z') / hourMs;
const hours = 13 * 168;

interface QuarterFunction {
  readonly name: string;
  /** Calls an hour at noon of a workday. */
  readonly perHour: number;
  readonly durationMs: number;
  readonly initMs: number;
}

/** Something that goes wrong with a function, from one hour to before another. */
export interface Planted {
  readonly functionName: string;
  readonly what: 'short-lived' | 'slow' | 'slow-init';
  /** As what it is to be found. */
  readonly kind: 'rate' | 'init';
  readonly from: number;
  readonly to: number;
}

/** How busy an hour is: nobody at night, half of it in the evening, a fifth at weekends. Hours since 1970, UTC. */
function busyness(at: number): number {
  const day = new Date(at * hourMs).getUTCDay();
  const hour = at % 24;
  const ofDay = hour < 6 ? 0.05 : hour < 8 || hour >= 20 ? 0.4 : 1;
  // One Wednesday is a holiday.
  return ofDay * (day === 0 || day === 6 || Math.floor(at / 24) === Math.floor(firstHour / 24) + 6 * 7 + 2 ? 0.2 : 1);
}

/**
 * A quarter of `count` functions, called at random and as their day is, whose environments are used newest first and die of five to
 * seven idle minutes; each is deployed twice a week, at any hour of the working day. What was planted, and what a watch said of it.
 */
export function quarter(random: () => number, count = 20) {
  const functions = Array.from(
    { length: count },
    (_, index): QuarterFunction => ({
      name: `orders-${index}`,
      // From 15 calls an hour to 300.
      perHour: 15 * 20 ** (index / (count - 1)),
      durationMs: 50 + 400 * random(),
      initMs: 250 + 500 * random(),
    }),
  );
  const whats = ['short-lived', 'slow-init', 'slow'] as const;
  // Four in five get something twice, in the third to sixth week and in the ninth to twelfth: on a workday, for two to five days.
  const planted = functions.flatMap(({ name }, index): Planted[] =>
    index % 5 === 4
      ? []
      : [2, 8].map((firstWeek, nth) => {
          // Slow calls double the rate only where there are enough of them to meet.
          const what = whats[(index + nth) % (index < 6 ? 2 : 3)] ?? 'slow';
          const from =
            firstHour + 168 * (firstWeek + Math.floor(random() * 4)) + 24 * Math.floor(random() * 3) + 8 + Math.floor(random() * 6);
          return {
            functionName: name,
            what,
            kind: what === 'slow-init' ? 'init' : 'rate',
            from,
            to: from + 24 * (2 + Math.floor(random() * 3)),
          };
        }),
  );
  const each = functions.map(
    (one) =>
      [
        one.name,
        hoursOf(
          one,
          planted.filter(({ functionName }) => functionName === one.name),
          random,
        ),
      ] as const,
  );

  let watch: Watch = newWatch('', firstHour);
  const alerts = new Map<number, Alert>();
  // A day at a time: what is found does not depend on it.
  for (let from = firstHour; from < firstHour + hours; from += 24) {
    const found = each.map(([name, all]): [string, readonly Hour[]] => [
      name,
      Array.from({ length: 24 }, (_, index) => all.get(from + index)).filter((hour) => hour !== undefined),
    ]);
    watch = watchHours(watch, { functions: new Map(found), runtimes: new Map() }, from + 24);
    for (const alert of watch.alerts) alerts.set(alert.found, alert);
  }
  return { planted, alerts: [...alerts.values()] };
}

/** One function's hours, from every single call. */
function hoursOf(
  { perHour, durationMs, initMs }: QuarterFunction,
  planted: readonly Planted[],
  random: () => number,
): ReadonlyMap<number, Hour> {
  const found = new Map<number, { calls: number; cold: number; busy: number; replaced: number; initsMs: number[] }>();
  /** The idle ones, the newest last. */
  let environments: { freeMs: number; diesMs: number }[] = [];
  let deployMs = nextDeploy(0, random);
  for (let at = firstHour; at < firstHour + hours; at += 1) {
    const wrong = planted.find(({ from, to }) => at >= from && at < to)?.what;
    const rate = perHour * busyness(at);
    const counts = { calls: 0, cold: 0, busy: 0, replaced: 0, initsMs: [] as number[] };
    for (let ms = gap(rate, random); ms < hourMs; ms += gap(rate, random)) {
      const nowMs = (at - firstHour) * hourMs + ms;
      let wasReplaced = false;
      if (nowMs >= deployMs) {
        wasReplaced = environments.some(({ freeMs, diesMs }) => freeMs <= nowMs && diesMs > nowMs);
        environments = [];
        deployMs = nextDeploy(nowMs, random);
      }
      let idle: (typeof environments)[number] | undefined;
      let alive = 0;
      for (const one of environments) {
        if (one.diesMs <= nowMs) continue;
        environments[alive] = one;
        alive += 1;
        if (one.freeMs <= nowMs && (idle === undefined || one.freeMs > idle.freeMs)) idle = one;
      }
      environments.length = alive;
      const isBusy = alive > 0;
      const taken = (wrong === 'slow' ? 60_000 : durationMs) * (0.5 + random());
      const init = initMs * (0.8 + 0.5 * random()) * (wrong === 'slow-init' ? 2 : 1);
      counts.calls += 1;
      if (idle === undefined) {
        counts.cold += 1;
        if (wasReplaced) counts.replaced += 1;
        else if (isBusy) counts.busy += 1;
        counts.initsMs.push(Math.round(init));
      } else environments.splice(environments.indexOf(idle), 1);
      const freeMs = nowMs + taken + (idle === undefined ? init : 0);
      const lifetimeMs = (300_000 + 120_000 * random()) * (wrong === 'short-lived' ? 0.1 : 1);
      environments.push({ freeMs, diesMs: freeMs + lifetimeMs });
    }
    if (counts.calls > 0) found.set(at, counts);
  }
  return new Map(
    [...found].map(([at, { initsMs, ...counts }]) => [at, { at, ...counts, initsMs: initsMs.toSorted((a, b) => a - b).slice(0, 8) }]),
  );
}

const gap = (perHour: number, random: () => number): number => (-Math.log(1 - random()) * hourMs) / perHour;

/** About two a week, in working hours. */
function nextDeploy(afterMs: number, random: () => number): number {
  const day = Math.floor(afterMs / (24 * hourMs)) + 1 + Math.floor(random() * 6);
  return day * 24 * hourMs + (8 + 10 * random()) * hourMs;
}
