import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { WatchMemory } from './memory-watch.ts';
import { birthOf, killOnce, killProcesses, type ProcessEntry, processesOf } from './processes.ts';

/** How a container ended, as ECS tells it. */
export interface ContainerEnd {
  /** As a shell counts: 128 and the signal's number for a process that was killed. */
  readonly exitCode: number;
  readonly reason?: string;
}

/** The process that stands for a container. */
export interface TaskProcess {
  readonly pid: number;
  readonly birth: string;
  /** SIGTERM, to the container's main process only. */
  terminate(): void;
  /** SIGKILL, to the main process; the others follow it. */
  kill(): void;
  /** SIGKILL to all of them at once, for an exit that cannot wait. */
  killAll(): void;
  /** When the main process has ended, none of its descendants lives, and the last line was handed on. */
  readonly ended: Promise<ContainerEnd>;
}

export interface TaskProcessOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Words in `environment` that no other task has. */
  readonly mark: string;
  readonly memoryMb: number;
  readonly watchMemory: WatchMemory;
  readonly onLines: (lines: readonly string[]) => void;
  /** Hears when the main process has ended, and which of its descendants live on at that moment; they are ended after that. */
  readonly onExit?: ((left: readonly ProcessEntry[]) => void) | undefined;
}

/** Docker hands on a line in parts of this many characters; so an endless line fills no memory. */
const lineLimit = 16_384;

/**
 * Starts a container's main process in a session of its own.
 *
 * @throws when it cannot be started
 */
export async function startTaskProcess({
  command,
  cwd,
  environment,
  mark,
  memoryMb,
  watchMemory,
  onLines,
  onExit,
}: TaskProcessOptions): Promise<TaskProcess> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pipes = [child.stdout, child.stderr].map((stream) => handOnLines(stream, onLines));
  const exit = new Promise<ContainerEnd>((resolve) => {
    child.once('exit', (code, name) => resolve({ exitCode: code ?? 128 + (name === null ? 0 : constants.signals[name]) }));
  });
  await once(child, 'spawn'); // rejects with the child's `error`
  const pid = child.pid ?? 0;
  const sessions = new Set([pid]);
  const belonging = { sessions, mark };
  const birth = birthOf(pid) ?? '';

  let isOutOfMemory = false;
  const onFull = () => {
    isOutOfMemory = true;
    killOnce(belonging);
  };
  const endWatch = watchMemory({ ...belonging, limitBytes: memoryMb * 1024 * 1024, onFull });

  const ended = exit.then(async (end) => {
    endWatch();
    onExit?.(processesOf(belonging));
    await killProcesses(belonging);
    // Nobody is left to write. Should a pipe stay open all the same, what it has by now is all.
    await Promise.race([Promise.all(pipes), pause(2_000, undefined, { ref: false })]);
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
    return isOutOfMemory ? { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' } : end;
  });

  return {
    pid,
    birth,
    // By way of the child, which knows when it has ended: its pid may be somebody else's by then.
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
    killAll: () => void killOnce(belonging),
    ended,
  };
}

/** Hands on whole lines as they come, and what is left at the end; resolves when the stream is closed. */
function handOnLines(stream: Readable, onLines: (lines: readonly string[]) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n').flatMap(inParts);
    rest = parts.pop() ?? '';
    if (parts.length > 0) onLines(parts);
  });
  return new Promise((resolve) => {
    stream.once('close', () => {
      if (rest !== '') onLines([rest]);
      resolve();
    });
  });
}

function inParts(line: string): readonly string[] {
  return line.length <= lineLimit ? [line.replace(/\r$/, '')] : [line.slice(0, lineLimit), ...inParts(line.slice(lineLimit))];
}
