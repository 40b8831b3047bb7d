import type { Sandbox } from './lambda-sandbox.ts';

export interface SandboxPool {
  /** A free execution environment, the most recently used one first; a new one while there may be more; undefined when all are busy. */
  take(): Sandbox | undefined;
  /** The same, but waits for one. */
  takeInTurn(): Promise<Sandbox>;
  giveBack(sandbox: Sandbox): void;
  all(): readonly Sandbox[];
  isBusy(sandbox: Sandbox): boolean;
  stop(): Promise<void>;
}

export interface SandboxPoolOptions {
  readonly open: () => Sandbox;
  readonly maxConcurrency: number;
  /** One that had nothing to do for so long is ended. */
  readonly idleMs: number;
}

/** The execution environments of one function. */
export function sandboxPool({ open, maxConcurrency, idleMs }: SandboxPoolOptions): SandboxPool {
  const all = new Set<Sandbox>();
  /** In the order of their last use. */
  const idle = new Map<Sandbox, NodeJS.Timeout>();
  const waiting: (() => void)[] = [];
  let isStopped = false;

  function take(): Sandbox | undefined {
    const free = [...idle.keys()].at(-1);
    if (free === undefined) return all.size < maxConcurrency ? add() : undefined;
    clearTimeout(idle.get(free));
    idle.delete(free);
    return free;
  }

  function add(): Sandbox {
    const sandbox = open();
    all.add(sandbox);
    sandbox.ended.then(() => forget(sandbox));
    return sandbox;
  }

  async function takeInTurn(): Promise<Sandbox> {
    for (;;) {
      if (isStopped) throw new Error('the Lambda host has been stopped');
      const sandbox = take();
      if (sandbox !== undefined) return sandbox;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function giveBack(sandbox: Sandbox): void {
    if (!sandbox.isUsable || !all.has(sandbox)) {
      forget(sandbox);
      return;
    }
    idle.set(
      sandbox,
      setTimeout(() => sandbox.stop(), idleMs),
    );
    waiting.shift()?.();
  }

  function forget(sandbox: Sandbox): void {
    clearTimeout(idle.get(sandbox));
    idle.delete(sandbox);
    if (all.delete(sandbox)) waiting.shift()?.();
  }

  async function stop(): Promise<void> {
    isStopped = true;
    for (const resume of waiting.splice(0)) resume();
    await Promise.all([...all].map((sandbox) => sandbox.stop()));
    for (const sandbox of all) forget(sandbox);
  }

  return { take, takeInTurn, giveBack, all: () => [...all], isBusy: (sandbox) => !idle.has(sandbox), stop };
}
