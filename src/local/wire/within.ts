/** The promise's value, or undefined when it takes longer than the limit; what it was waiting for goes on. */
export async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  // A timer takes no Infinity.
  if (limitMs === Number.POSITIVE_INFINITY) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, limitMs), undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
