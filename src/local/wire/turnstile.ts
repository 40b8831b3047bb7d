/** Lets works through one after the other, in the order they came. */
export function turnstile(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {
      // whoever asked for this work hears of its failure; the next one in the queue must not
    });
    return mine;
  };
}
