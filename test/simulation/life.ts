import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** When a function is killed: at its `call`th call to the outside, which is then never made, or made without being heard of. */
export interface Death {
  readonly call: number;
  readonly isDone: boolean;
}

/** What becomes of one attempt of a call. */
export type Fate =
  | { readonly kind: 'answered' }
  /** It never arrives. */
  | { readonly kind: 'unmade' }
  /** It is done, and the answer is lost. */
  | { readonly kind: 'unheard' }
  /** The caller gives it up, and it is done all the same, so much later. */
  | { readonly kind: 'late'; readonly afterMs: number };

/** How long a client waits before it gives a call up. */
const patienceMs = 5_000;

/** The call was given up: whether it was done, nobody knows. */
export class NoAnswer extends Error {
  override readonly name = 'TimeoutError';
}

interface Living {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly death?: Death | undefined;
  /** Each of its calls takes seconds. */
  readonly isSluggish?: boolean;
}

/**
 * One invocation of a function. It can be killed between any two of its steps: what it waits for then never comes, nothing of
 * it goes on, no `finally` runs.
 */
export function newLife({ time, chance, death, isSluggish = false }: Living) {
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  let calls = 0;
  let isOver = false;

  function end(): void {
    isOver = true;
    die();
  }

  /** Mostly at once; now and then the network takes its time. */
  const latencyMs = () => (chance.happens(isSluggish ? 0.9 : 0.02) ? chance.between(500, 4_000) : chance.between(4, 40));

  /** Has `act` done outside, once, after `tookMs`. Settles with its answer; never, when the function is dead by then. */
  function call<T>(act: () => T, fate: Fate = { kind: 'answered' }, tookMs = latencyMs()): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (isOver) return promise;
    calls += 1;
    const isLast = calls === death?.call;
    if (isLast && !death?.isDone) {
      end();
      return promise;
    }
    const settle = (answer: () => void) => {
      if (isLast) end();
      if (!isOver) answer();
    };
    const given = () => settle(() => reject(new NoAnswer(`no answer within ${patienceMs} ms`)));
    const done = () => {
      try {
        const answer = act();
        return () => resolve(answer);
      } catch (error) {
        return () => reject(error);
      }
    };
    switch (fate.kind) {
      case 'answered':
        time.after(tookMs, () => {
          if (!isOver || isLast) settle(done());
        });
        break;
      case 'unmade':
        time.after(patienceMs, given);
        break;
      case 'unheard':
        time.after(tookMs, () => {
          if (!isOver || isLast) done();
        });
        time.after(patienceMs, given);
        break;
      case 'late':
        // It is on its way: it arrives, whoever has died.
        time.after(patienceMs + fate.afterMs, done);
        time.after(patienceMs, given);
    }
    return promise;
  }

  return {
    call,
    latencyMs,
    /** Waits. */
    rest: (durationMs: number): Promise<void> =>
      new Promise((resolve) => {
        time.after(durationMs, () => {
          if (!isOver) resolve();
        });
      }),
    /** Nothing of it goes on from here. */
    end,
    died,
    calls: () => calls,
  };
}

export type Life = ReturnType<typeof newLife>;
