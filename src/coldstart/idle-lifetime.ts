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

interface Death {
  readonly atMs: number;
  readonly functionNumber: number;
  /** The shortest time that an environment which was gone then had been idle. */
  readonly gapMs: number;
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
  const tooLongMs = longestIdle(all.deaths);
  const oldest = [...lives].filter(([, { longestGapMs }]) => longestGapMs > tooLongMs);
  // Where they are many, it is the others that were short-lived: deploys.
  const keptLives = all.deaths.length >= fewest && oldest.length > lives.size / 10 ? [] : oldest;
  for (const [environment] of keptLives) lives.delete(environment);
  const { alive, dead, deaths } = keptLives.length === 0 ? all : collect(arrivals, lives);
  const kept = arrivals.functions.map((_, number) =>
    mostAtOnce(keptLives.map(([, life]) => life).filter((life) => life.functionNumber === number)),
  );
  const first = deathByGap(alive, dead);
  // Whoever died long before nearly all others was replaced: that says nothing of idling.
  const young = 0.8 * (quantile(first, 0.1) ?? usualLifetime.lowMs);
  const old = dead.map((count, bin) => (gapOf(bin) < young ? 0 : count));
  const lifetime = lifetimeOf(alive, old);
  const limitMs = Math.min(young, 0.8 * lifetime.lowMs);
  const losses = deaths.filter(({ gapMs }) => gapMs < limitMs).map(({ atMs, functionNumber }) => ({ atMs: atMs - 1, functionNumber }));
  return { lifetime, losses, kept };
}

/** When an environment was used. */
interface Life {
  readonly functionNumber: number;
  readonly firstMs: number;
  lastMs: number;
  /** Which arrival was its last. */
  last: number;
  freeMs: number;
  /** The longest time it was idle before it was used again. */
  longestGapMs: number;
}

function livesOf(arrivals: Arrivals): Map<number, Life> {
  const lives = new Map<number, Life>();
  for (let at = 0; at < arrivals.count; at += 1) {
    const environment = arrivals.environment(at);
    const arrivedMs = arrivals.arrivedMs(at);
    const freeMs = arrivedMs + arrivals.initMs(at) + arrivals.durationMs(at);
    const life = lives.get(environment);
    if (life === undefined) {
      const functionNumber = arrivals.functionAt(at);
      lives.set(environment, { functionNumber, firstMs: arrivedMs, lastMs: arrivedMs, last: at, freeMs, longestGapMs: 0 });
      continue;
    }
    life.longestGapMs = Math.max(life.longestGapMs, arrivedMs - life.freeMs);
    life.last = at;
    life.lastMs = arrivedMs;
    life.freeMs = freeMs;
  }
  return lives;
}

/** Nothing idle has ever been measured to live longer. */
const longestMeasuredMs = 60 * minute;

/** Whatever was idle for longer than this, and used again, is kept alive by Lambda: provisioned concurrency. */
function longestIdle(deaths: readonly Death[]): number {
  if (deaths.length < fewest) return longestMeasuredMs;
  const gaps = deaths.map(({ gapMs }) => gapMs).toSorted((a, b) => a - b);
  // Lifetimes differ by a third; a quarter of the deaths may be deploys.
  return 2 * (gaps[Math.floor(gaps.length / 4)] ?? longestMeasuredMs);
}

function mostAtOnce(lives: readonly Life[]): number {
  const starts = lives.map(({ firstMs }) => firstMs);
  return Math.max(0, ...starts.map((at) => lives.filter(({ firstMs, lastMs }) => firstMs <= at && at <= lastMs).length));
}

/** What is to be learned from these lives; other environments are passed over. */
function collect(arrivals: Arrivals, lives: ReadonlyMap<number, Life>) {
  const alive = new Float64Array(bins);
  const dead = new Float64Array(bins);
  const deaths: Death[] = [];
  const known = arrivals.functions.map(() => new Map<number, number>());
  for (let at = 0; at < arrivals.count; at += 1) {
    const environment = arrivals.environment(at);
    const number = arrivals.functionAt(at);
    const freeAt = known[number];
    if (freeAt === undefined || !lives.has(environment)) continue;
    const arrivedMs = arrivals.arrivedMs(at);
    const before = freeAt.get(environment);
    if (before !== undefined) {
      if (arrivedMs - before >= shortestMs) add(alive, arrivedMs - before);
    } else if (arrivals.found(at) === 'cold') {
      let gapMs = Number.POSITIVE_INFINITY;
      for (const [other, freeMs] of freeAt) {
        if (arrivedMs - freeMs < shortestMs || (lives.get(other)?.last ?? 0) > at) continue;
        add(dead, arrivedMs - freeMs);
        gapMs = Math.min(gapMs, arrivedMs - freeMs);
        freeAt.delete(other);
      }
      if (gapMs !== Number.POSITIVE_INFINITY) deaths.push({ atMs: arrivedMs, functionNumber: number, gapMs });
    }
    freeAt.set(environment, arrivedMs + arrivals.initMs(at) + arrivals.durationMs(at));
  }
  return { alive, dead, deaths };
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
