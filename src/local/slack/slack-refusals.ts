/** Something that Slack would not take from the app, and why: a mistake of the app's that nobody else would ever see. */
export interface Refusal {
  readonly id: number;
  readonly atMs: number;
  /** `chat.update`, `the answer to /run-tests`, … */
  readonly what: string;
  /** `invalid_blocks` */
  readonly error: string;
  /** Every problem with its place. */
  readonly because: readonly string[];
  /** Where it would have been seen; absent: nobody can tell. */
  readonly channelId?: string;
  /** Whom alone it was for. */
  readonly userId?: string;
}

/** The last refusals, as long as the process lives. */
export interface Refusals {
  add(refusal: Omit<Refusal, 'id' | 'atMs'>): void;
  all(): readonly Refusal[];
  /** Calls the listener for every refusal from now on; returns what ends that. */
  onRefusal(listener: (refusal: Refusal) => void): () => void;
}

const most = 50;

export function newRefusals(nowMs: () => number): Refusals {
  let all: readonly Refusal[] = [];
  let lastId = 0;
  const listeners = new Set<(refusal: Refusal) => void>();
  return {
    add: (given) => {
      lastId += 1;
      const refusal = { ...given, id: lastId, atMs: nowMs() };
      all = [...all, refusal].slice(-most);
      for (const listener of listeners) listener(refusal);
    },
    all: () => all,
    onRefusal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
