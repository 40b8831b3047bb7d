import type { Failure, Outcome } from '../outcome/outcome.ts';
import type { ScenarioResult } from '../outcome/scenario-result.ts';
import { type OwnerRule, ownersBy } from './owners.ts';

/** The outcome, each of whose failures says who owns it. */
export function withOwners(outcome: Outcome, results: readonly ScenarioResult[], rules: readonly OwnerRule[] = []): Outcome {
  if (rules.length === 0 || !('failures' in outcome) || outcome.failures === undefined) return outcome;
  const ownersOf = ownersBy(rules);
  const keyOf = ({ id = '', uri }: { readonly id?: string; readonly uri: string }) => `${id}\n${uri}`;
  const tagsOf = new Map(results.map((result) => [keyOf(result), result.tags ?? []]));
  const owned = (failure: Failure): Failure => {
    const owners = ownersOf({ uri: failure.uri, tags: tagsOf.get(keyOf(failure)) ?? [] });
    return owners === undefined ? failure : { ...failure, owners };
  };
  return { ...outcome, failures: outcome.failures.map(owned) };
}
