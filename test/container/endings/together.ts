/** Does all of it, some at once, in their order; each result as soon as it is there. */
export function together<T>(atOnce: number, work: ReadonlyMap<string, () => Promise<T>>): ReadonlyMap<string, Promise<T>> {
  const waiting = [...work].map(([name, start]) => ({ name, start, ...Promise.withResolvers<T>() }));
  const results = new Map(waiting.map(({ name, promise }) => [name, promise]));
  // Nobody may have come to ask for it yet when it fails.
  for (const result of results.values()) result.catch(() => {});

  async function next(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const { start, resolve, reject } = item;
      await start().then(resolve, reject);
    }
  }
  for (let worker = 0; worker < atOnce; worker += 1) void next();
  return results;
}
