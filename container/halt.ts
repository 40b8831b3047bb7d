import { whenAborted } from './abort.ts';

/** Why a run has to end before cucumber ends it. */
export interface Halt {
  readonly how: 'stopped' | 'timed-out';
  readonly atMs: number;
  /** Which limit, with `timed-out`; absent: the run's. */
  readonly limit?: 'scenario';
}

export interface Halting {
  /** Aborted, with a `Halt` as its reason, when the run has to end. */
  readonly signal: AbortSignal;
  /** What was said first, or undefined. */
  halt(): Halt | undefined;
  /** Begins to count: the limit is reached `limitMs` after `startedAtMs`. */
  limit(startedAtMs: number, limitMs: number): void;
  /** A scenario has been on for longer than it may, and does not end. */
  scenarioIsStuck(): void;
  /** No limit any more, so that nothing is left to wait for. */
  cancel(): void;
}

/** Joins the two things that end a run from outside: `stop` (SIGTERM) and the plan's limit. What comes first counts. */
export function haltingOn(stop: AbortSignal): Halting {
  const controller = new AbortController();
  let first: Halt | undefined;
  let timer: NodeJS.Timeout | undefined;

  const halt = (said: Halt) => {
    if (first !== undefined) return;
    first = said;
    controller.abort(first);
  };
  whenAborted(stop, () => halt({ how: 'stopped', atMs: Date.now() }));
  return {
    signal: controller.signal,
    halt: () => first,
    limit: (startedAtMs, limitMs) => {
      const atMs = startedAtMs + limitMs;
      timer = setTimeout(() => halt({ how: 'timed-out', atMs }), Math.max(0, atMs - Date.now()));
    },
    scenarioIsStuck: () => halt({ how: 'timed-out', atMs: Date.now(), limit: 'scenario' }),
    cancel: () => clearTimeout(timer),
  };
}
