import type { Dealable } from './deal.ts';
import { tagExpressionFault, tagFilter } from './tag-expression.ts';

/** The scenarios that a tag expression and feature files mean, or undefined when the expression is none. */
export function selectionOf(
  scenarios: readonly Dealable[],
  { tags, features }: { readonly tags: string; readonly features: readonly string[] },
): readonly Dealable[] | undefined {
  if (tagExpressionFault(tags) !== undefined) return undefined;
  const isMeant = tags.trim() === '' ? () => true : tagFilter(tags);
  return scenarios.filter((one) => isMeant(one.tags) && (features.length === 0 || features.includes(one.uri)));
}

/** The scenarios' tags, the most used first, with how many of them have each. */
export function tagsOf(scenarios: readonly Dealable[]): readonly (readonly [tag: string, scenarios: number])[] {
  const counts = new Map<string, number>();
  for (const { tags } of scenarios) for (const tag of new Set(tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}

/** Their feature files, by name. */
export const featuresOf = (scenarios: readonly Dealable[]): readonly string[] => [...new Set(scenarios.map(({ uri }) => uri))].toSorted();
