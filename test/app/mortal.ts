import type { World } from '../../src/app/world.ts';

/** What a function that was killed throws at whoever waits for it: nobody, in truth. */
class KilledError extends Error {
  override readonly name = 'KilledError';
}

/** When a function dies: at its `call`th call to the outside, which is then never made, or made without its answer being heard. */
export interface Death {
  readonly call: number;
  readonly isDone: boolean;
}

/** A call whose answer Slack owes for now: it happens later all the same. */
export type Late = () => Promise<unknown>;

interface Mortality {
  readonly death?: Death | undefined;
  /** The clock of this one function is off by so much. */
  readonly skewMs?: number;
  /** Whether this call to Slack is to happen later, after we have given it up. */
  readonly isLate?: (method: string) => boolean;
  readonly late?: Late[];
}

/**
 * The world of one invocation that may be killed between any two of its steps: from then on every call of it fails, also
 * those of branches that run beside the one that died.
 */
export function mortal(world: World, { death, skewMs = 0, isLate = () => false, late = [] }: Mortality): World {
  let calls = 0;
  let isDead = false;

  async function step<T>(call: () => Promise<T>): Promise<T> {
    if (isDead) throw new KilledError('it is dead already');
    calls += 1;
    const isLast = calls === death?.call;
    if (isLast) isDead = true;
    if (isLast && !death?.isDone) throw new KilledError('it was killed before this call');
    const answer = await call();
    if (isDead) throw new KilledError('it was killed during this call');
    return answer;
  }

  const { store, tasks, say, taskLog } = world;
  const owed = async (what: string, call: Late) => {
    if (isDead || !isLate(what)) return undefined;
    late.push(call);
    return { kind: 'unknown' as const, error: 'no answer in time' };
  };
  return {
    ...world,
    nowMs: () => world.nowMs() + skewMs,
    store: {
      ...store,
      get: (...of) => step(() => store.get(...of)),
      getBytes: (...of) => step(() => store.getBytes(...of)),
      create: (...of) => step(() => store.create(...of)),
      update: (...of) => step(() => store.update(...of)),
      put: (...of) => step(() => store.put(...of)),
    },
    tasks: {
      run: (...of) => step(() => tasks.run(...of)),
      stop: (...of) => step(() => tasks.stop(...of)),
      describe: (...of) => step(() => tasks.describe(...of)),
      listFamily: (...of) => step(() => tasks.listFamily(...of)),
    },
    taskLog: { lastLines: (...of) => step(() => taskLog.lastLines(...of)) },
    say: {
      ...say,
      post: async (...of) => (await owed('post', () => say.post(...of))) ?? step(() => say.post(...of)),
      update: async (...of) => (await owed('update', () => say.update(...of))) ?? step(() => say.update(...of)),
      find: (...of) => step(() => say.find(...of)),
      remove: (...of) => step(() => say.remove(...of)),
      answer: (...of) => step(() => say.answer(...of)),
      upload: (...of) => step(() => say.upload(...of)),
      membersOf: (...of) => step(() => say.membersOf(...of)),
    },
  };
}
