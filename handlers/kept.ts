/** A secret that was changed in SSM is used after this time, not only when AWS happens to make new sandboxes. */
const lifeMs = 5 * 60_000;

/**
 * Gives what `make` makes, and makes it anew after five minutes; who asks while it is being made gets the same. A failure is not kept:
 * the next event tries again, but for one that has an older one to fall back upon.
 */
export function kept<T>(make: () => Promise<T>, nowMs: () => number = Date.now): () => Promise<T> {
  let made: { readonly thing: T; readonly atMs: number } | undefined;
  let making: Promise<T> | undefined;

  async function makeAnew(): Promise<T> {
    try {
      made = { thing: await make(), atMs: nowMs() };
    } catch (error) {
      if (made === undefined) throw error;
      // SSM is not to be reached. What was good five minutes ago most likely still is, and nobody shall wait for it again and again.
      made = { ...made, atMs: nowMs() };
    }
    return made.thing;
  }

  return async () => {
    if (made !== undefined && nowMs() - made.atMs <= lifeMs) return made.thing;
    making ??= makeAnew().finally(() => {
      making = undefined;
    });
    return await making;
  };
}
