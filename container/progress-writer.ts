import type { Progress } from '../src/run/shard.ts';

/** What may be new in a progress; the rest of the object says whose it is and when it was written. */
export type ProgressState = Pick<Progress, 'step' | 'counts' | 'now' | 'dealt'>;

export interface ProgressWriter {
  /** Writes soon, whatever `everyMs` says: something has happened that people wait for. */
  hurry(): void;
  /** Writes the last one, after whatever is on its way, and stops. Never throws. */
  finish(): Promise<void>;
}

/** An unchanged progress is written again this often: whoever waits sees that we are still there. */
const heartbeatMs = 30_000;

/** How long a change may go unnoticed after a quiet time. */
const lookEveryMs = 500;

/**
 * Keeps the shard's `progress.json`: the first one at once, then a changed one every `everyMs` at most. One write at a
 * time, each with what is true when it begins, so that an old one cannot land on a newer one.
 *
 * @param read what is true now
 * @param put its failure is told to `onFailure` and harms nothing: the next write says it all
 */
export function progressWriter(writing: {
  read: () => ProgressState;
  everyMs: number;
  put: (state: ProgressState) => Promise<void>;
  onFailure: (error: unknown) => void;
}): ProgressWriter {
  const { read, everyMs, put, onFailure } = writing;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isHurried = false;
  let round = beat();

  async function write(state: ProgressState): Promise<void> {
    try {
      await put(state);
    } catch (error) {
      onFailure(error);
    }
  }

  async function beat(): Promise<void> {
    const state = read();
    const begunMs = Date.now();
    isHurried = false;
    await write(state);
    // A write may take longer than that.
    const inMs = isHurried ? 0 : Math.max(0, everyMs - (Date.now() - begunMs));
    if (!isStopped) lookAgain(JSON.stringify(state), begunMs, inMs);
  }

  function lookAgain(written: string, begunMs: number, inMs: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      const isDue = JSON.stringify(read()) !== written || Date.now() - begunMs >= heartbeatMs;
      if (isDue) round = beat();
      else lookAgain(written, begunMs, lookEveryMs);
    }, inMs);
  }

  function hurry(): void {
    isHurried = true;
    // A write that is on looks again as soon as it is over.
    if (timer === undefined || isStopped) return;
    clearTimeout(timer);
    timer = undefined;
    round = beat();
  }

  async function finish(): Promise<void> {
    isStopped = true;
    clearTimeout(timer);
    await round;
    await write(read());
  }

  return { hurry, finish };
}
