import type { Chance } from './chance.ts';

interface Due {
  readonly atMs: number;
  /** Among those that are due at the same time, chance decides. */
  readonly rank: number;
  readonly act: () => void;
  readonly isIdle: boolean;
}

/** All microtasks are done when this comes back: whoever could go on without an answer from outside has gone on. */
const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Mostly enough for who was answered to ask the next. Whoever has more to do does it while others are answered: work takes time. */
const ticks = 12;
/** That long work may take, and no longer: before time leaps, all is done that can be. */
const leapMs = 100;

/**
 * Time that passes only when nobody has anything left to do: what is due next happens, whoever waited for it goes on until all
 * wait again, and so forth. With the same seed everything happens in the same order.
 */
export function virtualTime(startMs: number, chance: Chance) {
  let nowMs = startMs;
  let coming = 0;
  const heap: Due[] = [];
  const isBefore = (a: Due, b: Due) => a.atMs < b.atMs || (a.atMs === b.atMs && a.rank < b.rank);

  function push(due: Due): void {
    heap.push(due);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      const [above, below] = [heap[parent], heap[at]];
      if (above === undefined || below === undefined || !isBefore(below, above)) return;
      heap[parent] = below;
      heap[at] = above;
      at = parent;
    }
  }

  function pop(): Due | undefined {
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const [one, other] = [heap[child], heap[least]];
        if (one !== undefined && other !== undefined && isBefore(one, other)) least = child;
      }
      const [here, there] = [heap[at], heap[least]];
      if (least === at || here === undefined || there === undefined) return first;
      heap[at] = there;
      heap[least] = here;
      at = least;
    }
  }

  return {
    nowMs: () => nowMs,
    /** Has `act` done after so many milliseconds. */
    after(delayMs: number, act: () => void): void {
      coming += 1;
      push({ atMs: nowMs + delayMs, rank: chance.next(), act, isIdle: false });
    },
    /** The same, for what changes nothing once everything else is done: nobody needs to wait for it. */
    idly: (delayMs: number, act: () => void): void => push({ atMs: nowMs + delayMs, rank: chance.next(), act, isIdle: true }),
    /** How much is still to come that may change something. */
    coming: (): number => coming,
    /** Lets time pass until `endMs`. */
    async passUntil(endMs: number): Promise<void> {
      for (;;) {
        for (let tick = 0; tick < ticks; tick += 1) await undefined;
        if ((heap[0]?.atMs ?? Number.POSITIVE_INFINITY) > Math.min(endMs, nowMs + leapMs)) await quiet();
        const [next] = heap;
        if (next === undefined || next.atMs > endMs) break;
        pop();
        if (!next.isIdle) coming -= 1;
        nowMs = Math.max(nowMs, next.atMs);
        next.act();
      }
      nowMs = Math.max(nowMs, endMs);
    },
  };
}

export type VirtualTime = ReturnType<typeof virtualTime>;
