import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from './abort.ts';

const firstPauseMs = 500;
const maxPauseMs = 10_000;

/**
 * Does something again and again until it succeeds or `giveUp` is aborted; each failure is told to `onFailure`.
 *
 * @throws the last failure, once `giveUp` is aborted; an attempt that is still on then is not waited for
 */
export async function persist<T>(action: () => Promise<T>, giveUp: AbortSignal, onFailure: (error: unknown) => void): Promise<T> {
  let last: unknown;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
    try {
      return await unlessAborted(action(), giveUp);
    } catch (error) {
      if (giveUp.aborted) throw last ?? error;
      last = error;
      onFailure(error);
    }
    await pause(pauseMs, undefined, { signal: giveUp }).catch(() => {
      // given up while we paused: the next round throws what is the matter
    });
    if (giveUp.aborted) throw last;
  }
}
