import { causeKey } from '../outcome/cause.ts';
import type { Comparison } from '../outcome/comparison.ts';
import type { Failure, Outcome } from '../outcome/outcome.ts';
import { keyHash } from '../run/run-id.ts';
import type { Mute } from './hearing.ts';

/** One thing that is wrong about a run: a scenario that failed, or the way in which the run itself ended. */
export interface Trouble {
  /** The same for the same trouble, in any run at the same ref. */
  readonly key: string;
  /** What it is called. */
  readonly name: string;
  /** Who is pinged for it; undefined: nobody in particular. */
  readonly owners: readonly string[] | undefined;
  readonly isMuted: boolean;
  /** It has passed and failed before though nothing had changed: its failures are no news. */
  readonly isFlaky: boolean;
  /** The comparison says that it failed the last time, too. */
  readonly wasFailing: boolean;
}

/** The same for failures of the same cause, in any run. */
export const causeHash = (failure: Pick<Failure, 'status' | 'step' | 'error'>): string => keyHash(causeKey(failure)).slice(0, 16);

/** Whether a mute is about the failure, and holds at `nowMs`. */
export const mutes =
  (all: readonly Mute[], nowMs: number) =>
  (failure: Failure): Mute | undefined => {
    const holding = all.filter(({ until }) => Date.parse(until) > nowMs);
    const cause = holding.length === 0 ? '' : causeHash(failure);
    return holding.find((mute) => mute.cause === cause);
  };

interface Named {
  readonly id?: string;
  readonly uri: string;
}

const scenarioKey = (ref: string, { id, uri }: Named, line = 0): string =>
  `${ref}#${keyHash(id === undefined ? `${uri}:${line}` : id).slice(0, 16)}`;
const endKey = (ref: string, what: string): string => `${ref}!${what}`;

/** Whether the suite came to its own end: then whatever kept it from that is mended. */
export const isWhole = ({ kind }: Outcome): boolean => kind === 'passed' || kind === 'failed';

/** Whether the trouble with this key is about the end of a run at the ref, and not about a scenario. */
export const isAboutEnd = (key: string, ref: string): boolean => key.startsWith(endKey(ref, ''));

/** All that is wrong about a run; none for a green one. What somebody cancelled is no trouble by itself, but what failed before is. */
export function troublesOf(
  outcome: Outcome,
  given: { readonly ref: string; readonly comparison: Comparison | undefined; readonly muteOf: (failure: Failure) => Mute | undefined },
): readonly Trouble[] {
  const { ref, comparison, muteOf } = given;
  if (outcome.kind === 'passed') return [];
  const [fresh, still] = [byKey(comparison?.newlyFailing.first, ref), byKey(comparison?.stillFailing.first, ref)];
  const failures = 'failures' in outcome ? (outcome.failures ?? []) : [];
  const ofScenarios = failures.map((failure): Trouble => {
    const key = scenarioKey(ref, failure, failure.line);
    return {
      key,
      name: failure.scenario,
      owners: failure.owners,
      isMuted: muteOf(failure) !== undefined,
      isFlaky: fresh.get(key)?.flakiness !== undefined || still.get(key)?.flakiness !== undefined,
      wasFailing: still.has(key),
    };
  });
  const what = endWords(outcome);
  if (what === undefined) return ofScenarios;
  const ofEnd = { name: what, owners: undefined, isMuted: false, isFlaky: false, wasFailing: false };
  return [{ key: endKey(ref, `${outcome.kind} ${keyHash(what).slice(0, 16)}`), ...ofEnd }, ...ofScenarios];
}

/** What kept a run from its own end, the same for the same reason; undefined when it came to it, or somebody ended it. */
function endWords(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'passed':
    case 'failed':
    case 'cancelled':
      return undefined;
    case 'empty':
      return 'nothing was checked';
    case 'broken':
      return causeKey({ status: 'failed', step: '', error: outcome.error });
    case 'timed-out':
      return `it took too long (${outcome.limit ?? 'run'})`;
    case 'unfinished':
    case 'not-started':
      return outcome.stop.what;
  }
}

/** The keys of what a run has mended: that passes now, and failed the last time. */
export const fixedIn = (comparison: Comparison | undefined, ref: string): ReadonlyMap<string, { readonly isFlaky: boolean }> =>
  new Map([...byKey(comparison?.fixed.first, ref)].map(([key, { flakiness }]) => [key, { isFlaky: flakiness !== undefined }]));

const byKey = <T extends Named & { readonly line?: number }>(scenarios: readonly T[] | undefined, ref: string): ReadonlyMap<string, T> =>
  new Map((scenarios ?? []).map((one) => [scenarioKey(ref, one, one.line), one]));
