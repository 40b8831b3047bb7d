import type { Seen } from './seen.ts';

/** How long a scenario takes when nothing is the matter, from at least eight runs. */
export interface UsualTime {
  readonly medianMs: number;
  /** Longer than this is not chance. */
  readonly longestMs: number;
}

const leastSamples = 8;
const mostSamples = 20;
/** A difference that nobody would notice is none, however regular the scenario. */
const noticedMs = 1_000;
const noticedShare = 0.75;
/** Four deviations, as the median absolute deviation estimates them. */
const deviations = 4 * 1.4826;

/** Undefined with too few samples. Median and deviation of the last twenty: one run on a bad day moves neither. */
export function usualTime(seen: readonly Seen[]): UsualTime | undefined {
  const samples = seen.flatMap(({ mark, tookMs }) => (mark === 'p' && tookMs !== undefined ? [tookMs] : [])).slice(-mostSamples);
  const medianMs = median(samples);
  if (medianMs === undefined || samples.length < leastSamples) return undefined;
  const deviationMs = median(samples.map((sample) => Math.abs(sample - medianMs))) ?? 0;
  return { medianMs, longestMs: medianMs + Math.max(deviations * deviationMs, noticedShare * medianMs, noticedMs) };
}

/** The middle one, the lower of two. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
