import type { Arrivals } from './arrivals.ts';
import type { Loss } from './simulate.ts';

/** How long an idle environment lives. */
export type IdleLifetime =
  /** Found in the account's own logs. `quantilesMs` are a hundred steps from the shortest to the longest. */
  | {
      readonly kind: 'calibrated';
      readonly lowMs: number;
      readonly middleMs: number;
      readonly highMs: number;
      readonly quantilesMs: readonly number[];
      readonly survived: number;
      readonly died: number;
    }
  /** Too few data: what was measured elsewhere. */
  | { readonly kind: 'assumed'; readonly lowMs: number; readonly middleMs: number; readonly highMs: number; readonly because: string };

const minute = 60_000;
/** Five to seven minutes, measured on Lambda in January 2021 and again since (docs/coldstarts.md says how it is found). */
const usualLifetime = { lowMs: 5 * minute, middleMs: 6 * minute, highMs: 7 * minute };

/** What logs tell of environments that were left alone. */
export interface IdleEvidence {
  readonly lifetime: IdleLifetime;
  /** Cold starts although a young environment was idle: a deploy, or AWS put it away. */
  readonly losses: readonly Loss[];
  /** By the function's number: environments that never fell idle for good, at most so many at once. They are provisioned. */
  readonly kept: readonly number[];
}

/** One percent wide, from a second to four days. */
const width = 0.01;
const shortestMs = 1_000;
const bins = 1_280;
const binOf = (gapMs: number): number => Math.min(bins - 1, Math.max(0, Math.floor(Math.log(gapMs / shortestMs) / width)));
const gapOf = (bin: number): number => shortestMs * Math.exp((bin + 0.5) * width);

/** The fewest environments that must have been seen on either side of the lifetime. */
const fewest = 8;
/** The lifetime is known when what still lived at it and what was dead by it are no further apart. */
const widest = 1.3;

/** Cold starts at which an idle environment was gone, in order of time. */
interface Deaths {
  readonly count: number;
  /** Which arrival found it gone. */
  readonly arrival: Uint32Array;
  /** The shortest time that an environment which was gone then had been idle. */
  readonly gapMs: Float64Array;
}

/**
 * Finds how long idle environments live. An environment that is used again has survived the gap; one that is idle at a cold start,
 * and is never used again, was dead by then: Lambda would have taken it.
 *
 * Both only bound the lifetime from one side; the distribution most likely to give all of them is found by isotonic regression.
 */
export function idleEvidence(arrivals: Arrivals): IdleEvidence {
  const lives = livesOf(arrivals);
  const all = collect(arrivals, lives);
  const isAnyKept = keep(lives, longestIdle(all.deaths), all.deaths.count);
  const kept = arrivals.functions.map((_, number) => mostAtOnce(arrivals, lives, number));
  const { alive, dead, deaths } = isAnyKept ? collect(arrivals, lives) : all;
  const first = deathByGap(alive, dead);
  // Whoever died long before nearly all others was replaced: that says nothing of idling.
  const young = 0.8 * (quantile(first, 0.1) ?? usualLifetime.lowMs);
  const old = dead.map((count, bin) => (gapOf(bin) < young ? 0 : count));
  const found = lifetimeOf(alive, old);
  const lifetime = isFullOfHoles(arrivals, { lives, deaths, lifetime: found })
    ? { kind: 'assumed' as const, ...usualLifetime, because: holesText }
    : found;
  const limitMs = Math.min(young, 0.8 * lifetime.lowMs);
  return { lifetime, losses: lossesIn(arrivals, deaths, limitMs), kept };
}

/** Environments that may be without their first line before the lifetime found is off by more than a tenth. */
const mostUnborn = 0.03;
const holesText = 'environments appear in the midst of these logs without the start that each has: lines are missing';

/**
 * Whether lines are missing here and there: then idle times look longer than they were. An environment's first line tells of its init;
 * one that is first seen without it, while its function was called all along, has lost that line, and others will have lost theirs.
 *
 * The first hour does not count, as environments may be older than the log; nor does one that comes after a silence, as whole hours may
 * be missing: that does no harm.
 */
function isFullOfHoles(
  arrivals: Arrivals,
  { lives: { first, last, isKept }, deaths, lifetime }: { readonly lives: Lives; readonly deaths: Deaths; readonly lifetime: IdleLifetime },
): boolean {
  const diesIdle = new Set(Array.from({ length: deaths.count }, (_, death) => arrivals.functionAt(deaths.arrival[death] ?? 0)));
  const [beganMs, freeMs] = [new Map<number, number>(), new Map<number, number>()];
  let [born, unborn] = [0, 0];
  for (let at = 0; at < arrivals.count; at += 1) {
    const [environment, number, arrivedMs] = [arrivals.environment(at), arrivals.functionAt(at), arrivals.arrivedMs(at)];
    if (!diesIdle.has(number)) continue;
    const sinceMs = arrivedMs - (beganMs.get(number) ?? arrivedMs);
    if (sinceMs === 0) beganMs.set(number, arrivedMs);
    // Provisioned concurrency may be called once in a while, long after it was made.
    if (first[environment] === at && last[environment] !== at && isKept[environment] === 0) {
      const found = arrivals.found(at);
      if (found === 'cold' || found === 'pre-initialised') born += 1;
      else if (sinceMs > longestMeasuredMs && arrivedMs - (freeMs.get(number) ?? 0) < 4 * lifetime.middleMs) unborn += 1;
    }
    freeMs.set(number, arrivedMs + arrivals.initMs(at) + arrivals.durationMs(at));
  }
  return unborn > mostUnborn * (born + unborn);
}

function lossesIn(arrivals: Arrivals, { count, arrival, gapMs }: Deaths, limitMs: number): readonly Loss[] {
  const losses: Loss[] = [];
  for (let death = 0; death < count; death += 1) {
    if ((gapMs[death] ?? 0) >= limitMs) continue;
    const at = arrival[death] ?? 0;
    losses.push({ atMs: arrivals.arrivedMs(at) - 1, functionNumber: arrivals.functionAt(at) });
  }
  return losses;
}

/** When environments were used, by their numbers. */
interface Lives {
  /** Which arrivals were its first and its last. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** The longest time it was idle before it was used again. */
  readonly longestGapMs: Float32Array;
  /** 1: it is kept alive by Lambda, and tells nothing of idling. */
  readonly isKept: Uint8Array;
}

const never = 0xffffffff;

function livesOf(arrivals: Arrivals): Lives {
  const { environments } = arrivals;
  const [first, last] = [new Uint32Array(environments).fill(never), new Uint32Array(environments)];
  const longestGapMs = new Float32Array(environments);
  const freeMs = new Float64Array(environments);
  for (let at = 0; at < arrivals.count; at += 1) {
    const one = arrivals.environment(at);
    const arrivedMs = arrivals.arrivedMs(at);
    if (first[one] === never) first[one] = at;
    else longestGapMs[one] = Math.max(longestGapMs[one] ?? 0, arrivedMs - (freeMs[one] ?? 0));
    last[one] = at;
    freeMs[one] = arrivedMs + arrivals.initMs(at) + arrivals.durationMs(at);
  }
  return { first, last, longestGapMs, isKept: new Uint8Array(environments) };
}

/** Marks those that were idle for too long and used again; says whether there are any. */
function keep({ longestGapMs, isKept }: Lives, tooLongMs: number, deaths: number): boolean {
  let oldest = 0;
  for (const gapMs of longestGapMs) if (gapMs > tooLongMs) oldest += 1;
  // Where they are many, it is the others that were short-lived: deploys.
  if (oldest === 0 || (deaths >= fewest && oldest > longestGapMs.length / 10)) return false;
  for (const [one, gapMs] of longestGapMs.entries()) if (gapMs > tooLongMs) isKept[one] = 1;
  return true;
}

/** Nothing idle has ever been measured to live longer. */
const longestMeasuredMs = 60 * minute;

/** Whatever was idle for longer than this, and used again, is kept alive by Lambda: provisioned concurrency. */
function longestIdle({ count, gapMs }: Deaths): number {
  if (count < fewest) return longestMeasuredMs;
  // Lifetimes differ by a third; a quarter of the deaths may be deploys.
  return 2 * (gapMs.slice(0, count).sort()[Math.floor(count / 4)] ?? longestMeasuredMs);
}

/** The most kept environments of a function that there were at once. */
function mostAtOnce(arrivals: Arrivals, { first, last, isKept }: Lives, number: number): number {
  const changes: { readonly at: number; readonly by: number }[] = [];
  for (const [one, is] of isKept.entries()) {
    const [begin = 0, end = 0] = [first[one], last[one]];
    if (is === 1 && arrivals.functionAt(begin) === number) changes.push({ at: begin, by: 1 }, { at: end, by: -1 });
  }
  changes.sort((a, b) => a.at - b.at || b.by - a.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** What is to be learned from these lives; kept environments are passed over. */
function collect(arrivals: Arrivals, lives: Lives) {
  const alive = new Float64Array(bins);
  const dead = new Float64Array(bins);
  const freeMs = new Float64Array(arrivals.environments);
  /** By function: those that have been used, and were not yet seen to be gone. */
  const known = arrivals.functions.map(() => new Set<number>());
  const [arrival, gapsMs] = [new Uint32Array(arrivals.environments), new Float64Array(arrivals.environments)];
  let count = 0;
  for (let at = 0; at < arrivals.count; at += 1) {
    const environment = arrivals.environment(at);
    const there = known[arrivals.functionAt(at)];
    if (there === undefined || lives.isKept[environment] === 1) continue;
    const arrivedMs = arrivals.arrivedMs(at);
    if (there.has(environment)) {
      const idleMs = arrivedMs - (freeMs[environment] ?? 0);
      if (idleMs >= shortestMs) add(alive, idleMs);
    } else if (arrivals.found(at) === 'cold') {
      let gapMs = Number.POSITIVE_INFINITY;
      for (const other of there) {
        const idleMs = arrivedMs - (freeMs[other] ?? 0);
        if (idleMs < shortestMs || (lives.last[other] ?? 0) > at) continue;
        add(dead, idleMs);
        gapMs = Math.min(gapMs, idleMs);
        there.delete(other);
      }
      if (gapMs !== Number.POSITIVE_INFINITY) {
        arrival[count] = at;
        gapsMs[count] = gapMs;
        count += 1;
      }
    }
    there.add(environment);
    freeMs[environment] = arrivedMs + arrivals.initMs(at) + arrivals.durationMs(at);
  }
  return { alive, dead, deaths: { count, arrival, gapMs: gapsMs } };
}

function add(counts: Float64Array, gapMs: number): void {
  const bin = binOf(gapMs);
  counts[bin] = (counts[bin] ?? 0) + 1;
}

/** The part that is dead after a gap, never falling: pools neighbours that contradict each other. Undefined where nothing was seen. */
function deathByGap(alive: Float64Array, dead: Float64Array): readonly { readonly bin: number; readonly part: number }[] {
  const blocks: { dead: number; all: number; bins: number[] }[] = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const all = (alive[bin] ?? 0) + (dead[bin] ?? 0);
    if (all === 0) continue;
    let block = { dead: dead[bin] ?? 0, all, bins: [bin] };
    for (let last = blocks.at(-1); last !== undefined && last.dead / last.all >= block.dead / block.all; last = blocks.at(-1)) {
      blocks.pop();
      block = { dead: last.dead + block.dead, all: last.all + block.all, bins: [...last.bins, ...block.bins] };
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => block.bins.map((bin) => ({ bin, part: block.dead / block.all })));
}

/** The gap by which this part is dead: between the last at which fewer are, and the first at which as many are. */
function quantile(curve: readonly { readonly bin: number; readonly part: number }[], part: number): number | undefined {
  const [below, above] = around(curve, part);
  if (above === undefined) return undefined;
  return below === undefined ? gapOf(above) : Math.sqrt(gapOf(below) * gapOf(above));
}

function around(curve: readonly { readonly bin: number; readonly part: number }[], part: number): readonly (number | undefined)[] {
  const at = curve.findIndex((point) => point.part >= part);
  return at === -1 ? [curve.at(-1)?.bin, undefined] : [curve[at - 1]?.bin, curve[at]?.bin];
}

function lifetimeOf(alive: Float64Array, dead: Float64Array): IdleLifetime {
  const curve = deathByGap(alive, dead);
  const medianMs = quantile(curve, 0.5);
  const died = sum(dead);
  const assumed = (because: string): IdleLifetime => ({ kind: 'assumed', ...usualLifetime, because });
  if (died === 0) return assumed('no idle environment was seen to be gone');
  if (medianMs === undefined) return assumed('most idle environments were still there when they were called again');
  // What tells: how many were seen within half and double of it.
  const near = (counts: Float64Array): number =>
    counts.reduce((all, count, bin) => (gapOf(bin) > medianMs / 2 && gapOf(bin) < medianMs * 2 ? all + count : all), 0);
  const [survivedNear, diedNear] = [near(alive), near(dead)];
  const [below, above] = around(curve, 0.5);
  if (survivedNear < fewest || diedNear < fewest)
    return assumed(
      `${survivedNear} were seen to survive and ${diedNear} to be gone after about ${Math.round(medianMs / 6_000) / 10} minutes: too few`,
    );
  if (below === undefined || above === undefined || gapOf(above) / gapOf(below) > widest)
    return assumed('calls came in a rhythm that says nothing of the times in between');
  const quantilesMs = Array.from({ length: 100 }, (_, index) => quantile(curve, (index + 0.5) / 100) ?? medianMs);
  const lowMs = quantilesMs[10] ?? medianMs;
  const highMs = quantilesMs[89] ?? medianMs;
  // The steps of such a curve are few, and the median jumps with them: the mean of its middle part does not.
  const inside = quantilesMs.slice(5, 95);
  const middleMs = inside.reduce((all, one) => all + one, 0) / inside.length;
  if (highMs / lowMs > 4) return assumed('the environments that were seen lived for too different times');
  return { kind: 'calibrated', lowMs, middleMs, highMs, quantilesMs, survived: sum(alive), died };
}

const sum = (counts: Float64Array): number => counts.reduce((all, count) => all + count, 0);

/** A lifetime for each environment, as they were found, or evenly between low and high. */
export function lifetimes(lifetime: IdleLifetime, random: () => number): () => number {
  switch (lifetime.kind) {
    case 'calibrated': {
      const { quantilesMs, middleMs } = lifetime;
      return () => quantilesMs[Math.floor(random() * quantilesMs.length)] ?? middleMs;
    }
    case 'assumed': {
      const { lowMs, highMs } = lifetime;
      return () => lowMs + random() * (highMs - lowMs);
    }
  }
}
