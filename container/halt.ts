import { whenAborted } from './abort.ts';

/** Why a run has to end before cucumber ends it. */
export interface Halt {
  readonly how: 'stopped' | 'timed-out';
  readonly atMs: number;
}

export interface Halting {
  /** Aborted, with a `Halt` as its reason, when the run has to end. */
  readonly signal: AbortSignal;
  /** What was said first, or undefined. */
  halt(): Halt | undefined;
  /** Begins to count: the limit is reached `limitMs` after `startedAtMs`. */
  limit(startedAtMs: number, limitMs: number): void;
  /** No limit any more, so that nothing is left to wait for. */
  cancel(): void;
}

/** Joins the two things that end a run from outside: `stop` (SIGTERM) and the plan's limit. What comes first counts. */
export function haltingOn(stop: AbortSignal): Halting {
  const controller = new AbortController();
  let first: Halt | undefined;
  let timer: NodeJS.Timeout | undefined;

  const halt = (how: Halt['how']) => {
    if (first !== undefined) return;
    first = { how, atMs: Date.now() };
    controller.abort(first);
  };
  whenAborted(stop, () => halt('stopped'));
  return {
    signal: controller.signal,
    halt: () => first,
    limit: (startedAtMs, limitMs) => {
      timer = setTimeout(() => halt('timed-out'), Math.max(0, startedAtMs + limitMs - Date.now()));
    },
    cancel: () => clearTimeout(timer),
  };
}
