import { setTimeout as pause } from 'node:timers/promises';

/** What `work` came to, or that it was not done within the limit; then it goes on, and nobody waits for it. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<{ kind: 'done'; value: T } | { kind: 'late' }> {
  const patience = new AbortController();
  try {
    return await Promise.race([
      work.then((value) => ({ kind: 'done' as const, value })),
      pause(limitMs, { kind: 'late' as const }, { signal: patience.signal }),
    ]);
  } finally {
    patience.abort();
  }
}
