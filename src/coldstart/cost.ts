/** What Lambda costs, in dollars. One list for the larger regions; the account's own may differ by a fifth. */
const prices = {
  /** On demand, for each GB-second. x86's: arm64 costs a fifth less, and a log does not say which it was. */
  gbSecond: 0.0000166667,
  request: 0.0000002,
  /** Provisioned concurrency, for each GB-second it is kept. */
  provisionedGbSecond: 0.0000041667,
  /** Logs Insights, for each byte it looks at. */
  scannedByte: 0.005 / 1e9,
} as const;

const monthMs = 730 * 60 * 60_000;

/** What inits and restores were billed, beyond the time of the invocations themselves. */
export const initCost = (gbMs: number): number => (gbMs / 1_000) * prices.gbSecond;

/** GB-milliseconds that a report bills for its init or restore. Before August 2025 an init was free, and gives 0 by itself. */
export const initGbMs = (billedMs: number, durationMs: number, memoryMb: number): number =>
  (memoryMb / 1_024) * Math.max(0, billedMs - Math.ceil(durationMs));

/** What something that cost this much in `spanMs` costs in a month. */
export const aMonth = (dollars: number, spanMs: number): number => (spanMs <= 0 ? 0 : (dollars * monthMs) / spanMs);

/** A month of pings. */
export const pingCost = ({
  everyMs,
  atOnce,
  durationMs,
  memoryMb,
}: {
  readonly everyMs: number;
  readonly atOnce: number;
  readonly durationMs: number;
  readonly memoryMb: number;
}): number => (monthMs / everyMs) * atOnce * (prices.request + (memoryMb / 1_024) * (Math.ceil(durationMs) / 1_000) * prices.gbSecond);

/** A month of provisioned concurrency, whether it is used or not. */
export const provisionedCost = (environments: number, memoryMb: number): number =>
  environments * (memoryMb / 1_024) * (monthMs / 1_000) * prices.provisionedGbSecond;

/** What a query in Logs Insights costs. */
export const scanCost = (bytes: number): number => bytes * prices.scannedByte;
