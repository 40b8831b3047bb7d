import { keyHash } from './run-id.ts';

/** A scenario, by what finds it again in another run, and in words. */
export interface ScenarioRef {
  /** `scenarioId`. */
  readonly id: string;
  /** The feature file, relative to the suite. */
  readonly uri: string;
  readonly line: number;
  readonly scenario: string;
}

/** What the tasks of a run are told of its scenarios: `deal.json`, written once, before the plan. */
export interface DealBasis {
  readonly version: 1;
  /** How long a scenario took before, in milliseconds, by its id. */
  readonly durations: Readonly<Record<string, number>>;
  /** Only these are run; absent: all that the plan's tags and features fit. */
  readonly only?: readonly ScenarioRef[];
}

/** The whole deal, as one of the tasks has found it: who has what. Each writes its own, so that a lost one's share is known. */
export interface Dealt {
  readonly version: 1;
  readonly shards: number;
  /** In the order of the features. */
  readonly scenarios: readonly (ScenarioRef & { readonly shard: number })[];
  /** Those that were to be run again and are no more. */
  readonly missing: readonly ScenarioRef[];
}

/** 64 hexadecimal digits that are the same for the same deal of the same suite. */
export function dealDigest({ shards, scenarios }: Dealt): string {
  const lines = scenarios.map(({ id, uri, line, shard }) => `${uri}:${line} ${id} ${shard}`).toSorted();
  return keyHash([shards, ...lines].join('\n'));
}

/** Which of the scenarios are among those to run, and what of these is not there any more. */
export interface Selected<T> {
  readonly chosen: readonly T[];
  readonly missing: readonly ScenarioRef[];
}

/** Finds scenarios again: by file and id, or, where the file has got another name, by an id that only one has. */
export function selectOnly<T extends Pick<ScenarioRef, 'id' | 'uri'>>(
  scenarios: readonly T[],
  only: readonly ScenarioRef[] | undefined,
): Selected<T> {
  if (only === undefined) return { chosen: scenarios, missing: [] };
  const byPlace = new Map(scenarios.map((one) => [placeOf(one), one]));
  const byId = Map.groupBy(scenarios, ({ id }) => id);
  const found = only.map((wanted) => {
    const same = byId.get(wanted.id) ?? [];
    return byPlace.get(placeOf(wanted)) ?? (same.length === 1 ? same[0] : undefined);
  });
  const chosen = new Set(found);
  return { chosen: scenarios.filter((one) => chosen.has(one)), missing: only.filter((_, index) => found[index] === undefined) };
}

/** What no other scenario of a suite has. */
export const placeOf = ({ id, uri }: { readonly id?: string; readonly uri: string }): string => `${id}\n${uri}`;
