import { type Belonging, holdMoreThan, momentNow, processesOf } from './processes.ts';

/** A task whose memory is looked at. */
export interface Watched extends Belonging {
  /** Gets those that are seen. */
  readonly sessions: Set<number>;
  readonly limitBytes: number;
  readonly onFull: () => void;
}

/** Begins to look at a task's memory, and gives what ends that. */
export type WatchMemory = (task: Watched) => () => void;

/** Looks at the memory of all tasks at once, so often: forty tasks cost hardly more than one. */
export function memoryWatch(everyMs: number): WatchMemory {
  const tasks = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = momentNow();
    for (const { sessions, mark, limitBytes, onFull } of tasks) {
      const processes = processesOf({ sessions, mark }, now);
      for (const { session } of processes) sessions.add(session);
      if (holdMoreThan(limitBytes, processes)) onFull();
    }
  }

  return (task) => {
    tasks.add(task);
    timer ??= setInterval(look, everyMs);
    return () => {
      tasks.delete(task);
      if (tasks.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}
