import { noCounts, sumCounts } from './counts.ts';
import { cut, firstLine } from './error-text.ts';
import type { Counts, Failure, Flake, InQuarantine, NotBegun, Outcome, ShardsEnd } from './outcome.ts';
import type { StopReason } from './stop.ts';

/** What one shard came to, and what is known of its share. */
export interface ShardEnd {
  readonly shard: number;
  /** By its own messages, its own result and its own task's stop. */
  readonly outcome: Outcome;
  /** Names of those scenarios of its share that its messages do not speak of. */
  readonly unheard: readonly string[];
  /** It has written down the deal that its share is part of. */
  readonly hasDealt: boolean;
}

export interface ShardsEnding {
  /** One for each shard of the plan. */
  readonly ends: readonly ShardEnd[];
  /** From the first shard's first message to the last message of all. */
  readonly durationMs: number;
  /** The order of the features. */
  readonly inOrder: (a: Failure | Flake, b: Failure | Flake) => number;
}

/** A shard's end as part of its run's. */
interface Part {
  readonly shard: number;
  readonly outcome: Outcome;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  readonly flaky: readonly Flake[];
  readonly quarantined: readonly Failure[];
  readonly notBegun: NotBegun;
  /** Why it can't be counted on; undefined for one that has reported. */
  readonly lost: StopReason | undefined;
}

/** Names that are kept of what had not begun; the report has them all. */
const mostNotBegun = 20;

/**
 * What a run of several shards came to. Passed is only what every shard has finished, completely and successfully, and in which
 * at least one scenario passed; a shard may have had nothing to do.
 */
export function outcomeOfShards({ ends, durationMs, inOrder }: ShardsEnding): Outcome {
  const parts = ends.map(partOf);
  const counts = sumCounts(parts.map((part) => part.counts));
  const failures = parts.flatMap((part) => part.failures).toSorted(inOrder);
  const flaky = parts.flatMap((part) => part.flaky).toSorted(inOrder);
  const inQuarantine = parts.flatMap((part) => part.quarantined).toSorted(inOrder);
  const quarantined = inQuarantine.length > 0 ? { quarantined: inQuarantine } : {};
  const sum = { counts, failures, quarantined, notBegun: notBegunIn(parts) };
  const shards = ends.length > 1 ? { shards: shardsEnd(parts) } : {};
  const lost = parts.filter((part) => part.lost !== undefined);
  if (lost.length > 0) return { ...outcomeOfLost(lost, sum, ends.length), ...shards };
  if (failures.length > 0) return { kind: 'failed', counts, flaky, failures, ...quarantined, durationMs, ...shards };
  if (counts.passed > 0) return { kind: 'passed', counts, flaky, ...quarantined, durationMs, ...shards };
  return { kind: 'empty', counts, ...quarantined, ...shards };
}

/** The outcome of shards that did not run one and the same suite: whatever each of them came to, together they prove nothing. */
export function outcomeOfStrangers({ ends, inOrder }: ShardsEnding, why: { readonly error: string; readonly next: string }): Outcome {
  const parts = ends.map(partOf);
  const failures = parts.flatMap((part) => part.failures).toSorted(inOrder);
  return { kind: 'broken', counts: sumCounts(parts.map(({ counts }) => counts)), failures, ...why, shards: shardsEnd(parts) };
}

function partOf({ shard, outcome, unheard, hasDealt }: ShardEnd): Part {
  const known = 'counts' in outcome ? outcome.counts : noCounts;
  const said = 'notBegun' in outcome && outcome.notBegun !== undefined ? outcome.notBegun : { count: 0, first: [] };
  return {
    shard,
    outcome,
    counts: { ...known, total: known.total + unheard.length, unknown: known.unknown + unheard.length },
    failures: 'failures' in outcome ? inShard(outcome.failures ?? [], shard) : [],
    flaky: 'flaky' in outcome ? outcome.flaky : [],
    quarantined: 'quarantined' in outcome ? inShard(outcome.quarantined ?? [], shard) : [],
    notBegun: { count: said.count + unheard.length, first: [...said.first, ...unheard.map((name) => cut(name, 200))] },
    lost: lostBy(outcome, unheard.length, hasDealt),
  };
}

const inShard = (failures: readonly Failure[], shard: number): readonly Failure[] => failures.map((failure) => ({ ...failure, shard }));

/** Why a shard can't be counted on, or undefined when it can. */
function lostBy(outcome: Outcome, unheard: number, hasDealt: boolean): StopReason | undefined {
  const because = (what: string, next = 'Run it again; look at the log of its task if it happens again.'): StopReason => ({
    ...{ what, next, raw: '', isTransient: true },
  });
  switch (outcome.kind) {
    case 'unfinished':
    case 'not-started':
      return outcome.stop;
    case 'broken':
      return because(firstLine(outcome.error), outcome.next);
    case 'timed-out':
      return because('It was stopped at its time limit.');
    case 'cancelled':
      return because('It was cancelled.');
    case 'passed':
    case 'empty':
    case 'failed':
      if (unheard > 0) return because(`Its messages say nothing of ${unheard} of the scenarios that it was to run.`);
      return hasDealt ? undefined : because('It did not say which scenarios it was to run.');
  }
}

const notBegunIn = (parts: readonly Part[]): NotBegun => ({
  count: parts.reduce((sum, { notBegun }) => sum + notBegun.count, 0),
  first: parts.flatMap(({ notBegun }) => notBegun.first).slice(0, mostNotBegun),
});

const shardsEnd = (parts: readonly Part[]): ShardsEnd => ({
  of: parts.length,
  lost: parts.flatMap(({ shard, outcome, lost }) =>
    lost === undefined ? [] : [{ shard, kind: outcome.kind, because: cut(lost.what, 300) }],
  ),
});

interface Sum {
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  readonly quarantined: InQuarantine;
  readonly notBegun: NotBegun;
}

/** The end of the run is that of the shards it has lost: what somebody did first, then what says most of why. */
function outcomeOfLost(lost: readonly Part[], { counts, failures, quarantined, notBegun: all }: Sum, of: number): Outcome {
  const [first] = lost;
  if (first === undefined) throw new Error('no shard was lost');
  const find = <K extends Outcome['kind']>(kind: K) =>
    lost.map(({ outcome }) => outcome).find((outcome): outcome is Extract<Outcome, { kind: K }> => outcome.kind === kind);
  const notBegun = all.count > 0 ? { notBegun: all } : {};
  const [lastSeen] = lost.flatMap(({ outcome }) => ('lastSeen' in outcome && outcome.lastSeen !== undefined ? [outcome.lastSeen] : []));
  const seen = lastSeen === undefined ? {} : { lastSeen };

  const cancelled = find('cancelled');
  if (cancelled !== undefined) return { kind: 'cancelled', counts, failures, ...quarantined, ...notBegun, by: cancelled.by };
  const broken = find('broken');
  if (broken !== undefined) {
    const { error, next } = broken;
    return { kind: 'broken', counts, failures, error, ...(next !== undefined && { next }) };
  }
  const timedOut = find('timed-out');
  if (timedOut !== undefined) {
    const { limitMs, limit } = timedOut;
    return { kind: 'timed-out', counts, failures, ...quarantined, ...seen, ...notBegun, limitMs, ...(limit !== undefined && { limit }) };
  }
  const stop = first.lost ?? { what: '', next: '', raw: '', isTransient: false };
  const isUnstarted = lost.length === of && lost.every(({ outcome }) => outcome.kind === 'not-started');
  return isUnstarted ? { kind: 'not-started', stop } : { kind: 'unfinished', counts, failures, ...quarantined, ...seen, ...notBegun, stop };
}
