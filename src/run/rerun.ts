import type { AgainScenario } from '../outcome/again.ts';
import type { NotBegun } from '../outcome/outcome.ts';
import type { ScenarioRef } from './dealt.ts';

/** What became of the scenarios that were run again: each is in one of these. */
export interface RerunEnd {
  readonly passing: NotBegun;
  readonly failing: number;
  readonly notRun: number;
  /** The suite does not have them any more. */
  readonly missing: NotBegun;
}

const shownNames = 5;

/**
 * @param only what was to be run again
 * @param again what this run has not seen through
 * @param missing what of `only` is not there any more
 */
export function rerunEnd(only: readonly ScenarioRef[], again: readonly AgainScenario[], missing: readonly ScenarioRef[]): RerunEnd {
  const gone = new Set(missing.map(placeIn));
  // A file may have got another name since; then it is the id that tells.
  const left = new Map(again.flatMap((one) => [[placeIn(one), one.was] as const, [one.id, one.was] as const]));
  const places = new Set(again.map(placeIn));
  const became = only.filter((one) => !gone.has(placeIn(one))).map((one) => ({ one, was: left.get(placeIn(one)) ?? idOnly(one) }));
  const passing = became.filter(({ was }) => was === undefined).map(({ one }) => one);
  return {
    passing: named(passing),
    failing: became.filter(({ was }) => was !== undefined && was !== 'not-run').length,
    notRun: became.filter(({ was }) => was === 'not-run').length,
    missing: named(missing),
  };

  function idOnly({ id }: ScenarioRef): AgainScenario['was'] | undefined {
    const isElsewhere = !only.some((other) => other.id === id && places.has(placeIn(other)));
    return isElsewhere ? left.get(id) : undefined;
  }
}

const placeIn = ({ id, uri }: { readonly id: string; readonly uri: string }): string => `${id}\n${uri}`;

const named = (scenarios: readonly ScenarioRef[]): NotBegun => ({
  count: scenarios.length,
  first: scenarios.slice(0, shownNames).map(({ scenario }) => scenario.slice(0, 200)),
});
