import type { ContainerEnd, startTaskProcess } from '../../src/local/ecs/task-process.ts';

/** Stands for a container that does nothing until it is ended. */
export const startIdleProcess: typeof startTaskProcess = async () => {
  const { promise: ended, resolve } = Promise.withResolvers<ContainerEnd>();
  const end = (exitCode: number) => resolve({ exitCode });
  return { pid: 0, birth: '', terminate: () => end(143), kill: () => end(137), killAll: () => end(137), ended };
};
