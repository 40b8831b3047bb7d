import { initCost } from './cost.ts';
import { type Distribution, distribution, fewInvocations, type Rate, rateOf } from './stats.ts';

/** What was counted of one function, or of all. It grows while lines are read. */
export interface Tally {
  invocations: number;
  /** Cold starts that somebody waited for, by kind. */
  onDemand: number;
  restored: number;
  initReportOnly: number;
  /** Inits that were over before anybody called: provisioned concurrency, and those Lambda makes ahead by itself. */
  preInitialised: number;
  /** Environments whose process had to start anew after a crash: hidden in an invocation's duration. */
  reInits: number;
  managedInstances: number;
  webFunctions: number;
  /** Of a Web Function: each is a cold start, but nothing says of how many requests. */
  webInits: number;
  /** Lines that are not Lambda's own. */
  otherLines: number;
  initGbMs: number;
  memoryMb: number;
  runtime: string | undefined;
  readonly inits: Distribution;
}

export const newTally = (): Tally => ({
  invocations: 0,
  onDemand: 0,
  restored: 0,
  initReportOnly: 0,
  preInitialised: 0,
  reInits: 0,
  managedInstances: 0,
  webFunctions: 0,
  webInits: 0,
  otherLines: 0,
  initGbMs: 0,
  memoryMb: 0,
  runtime: undefined,
  inits: distribution(),
});

/** The figures of one function, or of all. */
export interface Figures {
  readonly invocations: number;
  readonly coldStarts: number;
  readonly preInitialised: number;
  readonly reInits: number;
  /** Of the cold starts, those that only an INIT_REPORT tells of. */
  readonly initReportOnly: number;
  /** Of the cold starts, those of SnapStart. */
  readonly restores: number;
  readonly notCounted: { readonly managedInstances: number; readonly webFunctions: number };
  readonly webFunctionInits: number;
  /** Absent without an invocation. */
  readonly rate?: Rate;
  readonly isFew: boolean;
  /** Absent without a cold start. */
  readonly initMs?: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  readonly memoryMb: number;
  /** Dollars that the inits were billed. */
  readonly initCost: number;
  readonly runtime?: string;
  /** It writes lines, but no report: its system log level hides them. */
  readonly hidesReports: boolean;
}

export function figuresOf(tally: Tally): Figures {
  const { invocations, onDemand, restored, initReportOnly, inits, runtime } = tally;
  const coldStarts = onDemand + restored + initReportOnly;
  // An init that failed for good has no report: more cold starts than invocations are no rate.
  const rate = rateOf(Math.min(coldStarts, invocations), invocations);
  const [p50, p90, p99, max] = [inits.quantile(0.5), inits.quantile(0.9), inits.quantile(0.99), inits.max()];
  const hasInits = p50 !== undefined && p90 !== undefined && p99 !== undefined && max !== undefined;
  return {
    invocations,
    coldStarts,
    preInitialised: tally.preInitialised,
    reInits: tally.reInits,
    initReportOnly,
    restores: restored,
    notCounted: { managedInstances: tally.managedInstances, webFunctions: tally.webFunctions },
    webFunctionInits: tally.webInits,
    ...(rate !== undefined && { rate }),
    isFew: invocations > 0 && invocations < fewInvocations,
    ...(hasInits && { initMs: { p50, p90, p99, max } }),
    memoryMb: tally.memoryMb,
    initCost: initCost(tally.initGbMs),
    ...(runtime !== undefined && { runtime }),
    hidesReports: invocations + coldStarts + tally.managedInstances + tally.webFunctions === 0 && tally.otherLines > 0,
  };
}
