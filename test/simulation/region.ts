import type { Chance } from './chance.ts';
import { type Life, newLife } from './life.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a function is, as serverless.yml says it. */
interface HostedFunction {
  readonly name: string;
  readonly timeoutMs: number;
}

/** From serverless.yml. */
export const functions = {
  worker: { name: 'worker', timeoutMs: 30_000 },
  runStopped: { name: 'runStopped', timeoutMs: 120_000 },
  sweep: { name: 'sweep', timeoutMs: 240_000 },
} as const satisfies Readonly<Record<string, HostedFunction>>;

const queue = { visibilityMs: 180_000, mostReceives: 8, atOnce: 5 };
/** Whoever dies over the same work each time never gets it done: that is none of our promises. */
const mostDeaths = 4;
/** Lambda's own, for what it was asked to do without anybody waiting. */
const asyncRetriesMs = [60_000, 120_000];
const sweepEveryMs = 300_000;

interface Options {
  readonly time: VirtualTime;
  readonly chance: Chance;
  /** Until then functions are killed, and events are lost, late or doubled. */
  readonly healedAtMs: number;
  readonly isCalm: boolean;
  readonly trace: (what: string) => void;
}

/** A function's work: what it does with a life of its own. It fails by throwing. */
export type Work = (life: Life) => Promise<unknown>;

/**
 * What stands between an event and a function: Lambda, which may kill it anywhere and tries again; a queue, which hands out again
 * what nobody has taken; EventBridge, which delivers at least once, late, in any order, and sometimes not at all.
 */
export function regionOf({ time, chance, healedAtMs, isCalm, trace }: Options) {
  const isHostile = () => !isCalm && time.nowMs() < healedAtMs;
  /** How often a function is killed, and an event lost or late. */
  const deaths = chance.oneOf([0.05, 0.15, 0.4]);
  const losses = chance.oneOf([0.02, 0.08, 0.4]);
  let undelivered = 0;
  const mistakes = new Set<string>();
  const usualDeaths = () => (isHostile() ? deaths : 0);

  /** Runs a function to its end: false when it failed, was killed, or had no time left. */
  async function invoke({ name, timeoutMs }: HostedFunction, what: string, work: Work, dies = usualDeaths()): Promise<boolean> {
    const death = chance.happens(dies) ? { call: 1 + chance.below(chance.oneOf([10, 30])), isDone: chance.happens(0.5) } : undefined;
    const life = newLife({ time, chance, death, isSluggish: isHostile() && chance.happens(0.08) });
    let isOut = false;
    time.idly(timeoutMs, () => {
      isOut = true;
      life.end();
    });
    trace(`${name}: ${what}`);
    const came = await Promise.race([
      work(life).then(
        () => 'done',
        (error: unknown) => {
          // Neither AWS nor Slack has done it, and to try it again is no help.
          if (error instanceof TypeError || error instanceof ReferenceError) mistakes.add(`${what} failed: ${error.message}`);
          return `failed: ${error instanceof Error ? error.message : String(error)}`;
        },
      ),
      life.died.then(() => (isOut ? 'had no time left' : `was killed at call ${life.calls()}`)),
    ]);
    // What it has left undone goes no further: its sandbox is frozen.
    life.end();
    if (came !== 'done') trace(`${name}: ${what} ${came}`);
    return came === 'done';
  }

  /** An event for a function: Lambda tries again, twice. */
  function invokeAsync(hosted: HostedFunction, what: string, work: Work, retries = asyncRetriesMs): void {
    void (async () => {
      for (const pauseMs of [0, ...retries]) {
        await new Promise<void>((resolve) => time.after(pauseMs, resolve));
        if (await invoke(hosted, what, work)) return;
      }
      undelivered += 1;
      trace(`${hosted.name}: ${what} is given up`);
    })();
  }

  /** Has an event delivered: mostly once and at once. */
  function deliver(what: string, act: () => void): void {
    const drops = isHostile() && chance.happens(losses);
    if (drops) {
      trace(`lost: ${what}`);
      return;
    }
    // At least once: that is nothing out of the order.
    const copies = chance.happens(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const isLate = isHostile() && chance.happens(losses);
      time.after(isLate ? chance.between(10_000, 600_000) : chance.between(100, 1_500), act);
    }
  }

  let untaken = 0;
  let handedOut = 0;
  const waiting: (() => void)[] = [];
  const lost: string[] = [];

  /** Puts work into the queue, which hands it out until it is taken. `dies`: how often its first try is killed, whatever the weather. */
  function enqueue(hosted: HostedFunction, what: string, work: Work, { dies = 0 } = {}): void {
    let isOpen = true;
    let copies = 0;
    let tries = 0;
    untaken += 1;
    const close = () => {
      if (isOpen) untaken -= 1;
      isOpen = false;
    };
    const diesAt = (receive: number) => (receive > mostDeaths ? 0 : Math.max(usualDeaths(), receive === 1 ? dies : 0));
    const enqueueCopy = () => {
      copies += 1;
      let receives = 0;
      const handOut = () => {
        if (handedOut >= queue.atOnce) return void waiting.push(handOut);
        handedOut += 1;
        receives += 1;
        tries += 1;
        void (async () => {
          const isTaken = await invoke(hosted, `${what} (${tries})`, work, diesAt(receives));
          handedOut -= 1;
          waiting.shift()?.();
          const isTwice = isTaken && receives < 3 && chance.happens(0.06);
          if (!(isTaken && !isTwice) && receives < queue.mostReceives) return time.after(queue.visibilityMs, handOut);
          copies -= 1;
          if (!isTaken && isOpen && copies === 0) lost.push(what);
          if (isTaken || copies === 0) close();
        })();
      };
      time.after(chance.between(50, 1_500), handOut);
    };
    enqueueCopy();
    if (chance.happens(0.25)) enqueueCopy();
  }

  /** Every five minutes, from now on. */
  function schedule(hosted: HostedFunction, what: string, work: Work): void {
    time.idly(chance.between(1_000, sweepEveryMs), function again() {
      void invoke(hosted, what, work);
      time.idly(sweepEveryMs, again);
    });
  }

  return {
    invokeAsync,
    deliver,
    enqueue,
    schedule,
    lost: lost as readonly string[],
    /** Requests that nobody has taken yet. */ waiting: () => untaken,
    undelivered: () => undelivered,
    /** Failures that are our own. */
    mistakes: mistakes as ReadonlySet<string>,
  };
}

export type Region = ReturnType<typeof regionOf>;
