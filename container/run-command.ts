import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { endProcesses, markVariable } from './processes.ts';

/** A program that does one thing for the container, and everything it may know. */
export interface CommandLine {
  readonly program: string;
  /** In the process list for all to see: never a secret. */
  readonly args: readonly string[];
  readonly folder: string;
  /** All of its environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Words for the mark on its processes; the command adds its own. */
  readonly mark: string;
}

/** What came of it. `output` is the end of what it wrote, standard output and errors mixed. */
export type CommandEnd =
  | { readonly kind: 'done'; readonly stdout: string }
  | { readonly kind: 'failed'; readonly exitCode: number | undefined; readonly output: string }
  | { readonly kind: 'late'; readonly output: string }
  /** No such program on the PATH. */
  | { readonly kind: 'missing' };

const maxOutputLength = 16 * 1024;

/** Runs a program to its end, or ends it and all it started, when its time is over or the signal is aborted. */
export async function runCommand(command: CommandLine): Promise<CommandEnd> {
  command.signal.throwIfAborted();
  const mark = `${command.mark}/${randomUUID()}`;
  const child = spawn(command.program, command.args, {
    cwd: command.folder,
    env: { ...command.environment, [markVariable]: mark },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-maxOutputLength);
    output = (output + text).slice(-maxOutputLength);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-maxOutputLength);
  });
  let isLate = false;
  const end = () => {
    if (child.pid !== undefined) void endProcesses(child.pid, mark);
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, command.limitMs);
  command.signal.addEventListener('abort', end);
  try {
    // `close` comes when all that held its output has ended, too.
    const ended = await endOf(child);
    command.signal.throwIfAborted();
    if (ended === 'missing') return { kind: 'missing' };
    if (ended === 0) return { kind: 'done', stdout };
    return isLate ? { kind: 'late', output } : { kind: 'failed', exitCode: ended, output };
  } finally {
    // Afterwards its number may be somebody else's.
    clearTimeout(timer);
    command.signal.removeEventListener('abort', end);
  }
}

function endOf(child: ChildProcess): Promise<number | undefined | 'missing'> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve('missing');
      else reject(error);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? undefined));
  });
}
