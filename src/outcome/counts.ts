import type { Counts } from './outcome.ts';

/** No scenario at all. */
export const noCounts: Counts = {
  total: 0,
  passed: 0,
  failed: 0,
  undefined: 0,
  ambiguous: 0,
  pending: 0,
  skipped: 0,
  unknown: 0,
  flaky: 0,
};

/** The counts of several shards together. */
export function sumCounts(all: readonly Counts[]): Counts {
  const quarantined = all.reduce((sum, counts) => sum + (counts.quarantined ?? 0), 0);
  const sum = all.reduce<Counts>(
    (sum, counts) => ({
      total: sum.total + counts.total,
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      undefined: sum.undefined + counts.undefined,
      ambiguous: sum.ambiguous + counts.ambiguous,
      pending: sum.pending + counts.pending,
      skipped: sum.skipped + counts.skipped,
      unknown: sum.unknown + counts.unknown,
      flaky: sum.flaky + counts.flaky,
    }),
    noCounts,
  );
  return quarantined === 0 ? sum : { ...sum, quarantined };
}
