/** What tells a scenario from another: two files may hold the very same one. */
interface Identity {
  readonly id: string;
  readonly uri: string;
}

/** Which results belong to which of the scenarios that are known. */
export interface Pairs<Known, Result> {
  readonly resultOf: (known: Known) => Result | undefined;
  readonly knownOf: (result: Result) => Known | undefined;
  /** Of no scenario that is known. */
  readonly unpaired: readonly Result[];
}

/**
 * Finds what is known of each scenario again: by its id and its file; and by its id alone where the file has got another name,
 * so that one known and one new scenario are left with it.
 */
export function pairScenarios<Known extends Identity, Result extends Identity>(
  known: readonly Known[],
  results: readonly Result[],
): Pairs<Known, Result> {
  const knownOf = new Map<Result, Known>();
  const knownById = Map.groupBy(known, ({ id }) => id);
  for (const [id, ofId] of Map.groupBy(results, (result) => result.id)) {
    const candidates = knownById.get(id) ?? [];
    const left = ofId.filter((result) => {
      const same = candidates.find(({ uri }) => uri === result.uri);
      if (same !== undefined) knownOf.set(result, same);
      return same === undefined;
    });
    const free = candidates.filter(({ uri }) => !ofId.some((result) => result.uri === uri));
    const [moved] = left;
    const [before] = free;
    if (left.length === 1 && free.length === 1 && moved !== undefined && before !== undefined) knownOf.set(moved, before);
  }
  const resultOf = new Map([...knownOf].map(([result, one]) => [one, result]));
  return {
    resultOf: (one) => resultOf.get(one),
    knownOf: (result) => knownOf.get(result),
    unpaired: results.filter((result) => !knownOf.has(result)),
  };
}
