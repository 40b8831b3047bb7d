import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readOutput } from './process-output.ts';
import { type FunctionError, type RuntimeEvent, serveRuntimeApi } from './runtime-api.ts';

/** How an init ended. `errorType` is what the log says of it. */
export type Init =
  | { readonly kind: 'ready'; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly error: FunctionError; readonly errorType: string };

/** What came of one event. `exit`: the process ended by itself; `errorType` is what the log says of it. */
export type Answer =
  | { readonly kind: 'response'; readonly durationMs: number; readonly body: string }
  | { readonly kind: 'error'; readonly durationMs: number; readonly error: FunctionError }
  | { readonly kind: 'exit'; readonly durationMs: number; readonly error: FunctionError; readonly errorType: string };

/** A process that runs a function: one event at a time, frozen in between. */
export interface LambdaProcess {
  readonly pid: number | undefined;
  /** Settles once the process asks for its first event, or has ended without. */
  readonly init: Promise<Init>;
  /** Settles when the process is gone and all it wrote was given away. */
  readonly ended: Promise<void>;
  /** Resolves when the answer is there, and all that was written until then was given away. */
  handle(event: RuntimeEvent): Promise<Answer>;
  /** The most memory it has held, as far as known. */
  maxMemoryMb(): number;
  /** Ends it, and what it has started, for good. */
  kill(): Promise<void>;
}

export interface StartProcess {
  /** The process's whole environment; the address of the Runtime API is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly nodeArguments: readonly string[];
  /** Each line the process writes. */
  readonly onLine: (line: string) => void;
}

/** What ends the living processes, should this one end without `kill`. One listener for all: Node warns of eleven. */
const living = new Set<() => void>();
process.once('exit', () => {
  for (const killGroup of living) killGroup();
});

const runtimeClient = fileURLToPath(new URL('runtime-client.mjs', import.meta.url));

/** Starts a process behind a Runtime API of its own. */
export async function startLambdaProcess({ environment, cwd, nodeArguments, onLine }: StartProcess): Promise<LambdaProcess> {
  const init = Promise.withResolvers<Init>();
  const ended = Promise.withResolvers<void>();
  let startedAt = performance.now();
  let deliveredAt = 0;
  /** Why the runtime gave up: it explains the exit that follows. */
  let fatal: FunctionError | undefined;
  let settle: ((answer: Answer) => void) | undefined;
  let last: Answer | undefined;
  let isFrozen = false;
  let maxMemoryMb = 0;

  const api = await serveRuntimeApi({
    asked: () => {
      init.resolve({ kind: 'ready', durationMs: performance.now() - startedAt });
      lookAtMemory();
    },
    delivered: () => {
      deliveredAt = performance.now();
    },
    responded: (body) => settle?.({ kind: 'response', durationMs: performance.now() - deliveredAt, body }),
    failed: (error) => settle?.({ kind: 'error', durationMs: performance.now() - deliveredAt, error }),
    gaveUp: (error) => {
      fatal = error;
      lookAtMemory();
    },
  });
  startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, runtimeClient], {
    cwd,
    env: { ...environment, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    // A process group of its own: what a handler started ends with it, and a Ctrl-C in the terminal is for the host alone.
    detached: true,
  });
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null).map((stream) => readOutput(stream, onLine));
  const thaw = freezer(child);

  child.once('error', (error) => {
    fatal = { errorType: 'Runtime.InvalidEntrypoint', errorMessage: `${process.execPath} did not start in ${cwd}: ${error.message}` };
    end(null, null);
  });
  child.once('close', end);
  living.add(killGroup);

  function end(code: number | null, signalName: NodeJS.Signals | null): void {
    living.delete(killGroup);
    const error = fatal ?? { errorType: 'Runtime.ExitError', errorMessage: exitText(code, signalName) };
    const errorType = platformErrorType(error.errorType);
    init.resolve({ kind: 'failed', durationMs: performance.now() - startedAt, error, errorType });
    last = { kind: 'exit', durationMs: settle === undefined ? 0 : performance.now() - deliveredAt, error, errorType };
    settle?.(last);
    api.stop().then(ended.resolve, ended.reject);
  }

  async function handle(event: RuntimeEvent): Promise<Answer> {
    if (last !== undefined) return last;
    deliveredAt = performance.now();
    const answered = new Promise<Answer>((resolve) => {
      settle = resolve;
    });
    api.offer(event);
    if (isFrozen) thaw.write('.');
    const answer = await answered;
    settle = undefined;
    isFrozen = true;
    if (answer.kind === 'exit') return answer;
    await Promise.all(outputs.map((output) => output.until(event.requestId)));
    lookAtMemory();
    return answer;
  }

  function lookAtMemory(): void {
    if (child.pid !== undefined) maxMemoryMb = Math.max(maxMemoryMb, peakMemoryMb(child.pid));
  }

  function killGroup(): void {
    // Until Node has heard of its end, the number is not given to another process.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
  }

  async function kill(): Promise<void> {
    lookAtMemory();
    killGroup();
    await ended.promise;
  }

  return { pid: child.pid, init: init.promise, ended: ended.promise, handle, maxMemoryMb: () => maxMemoryMb, kill };
}

/** The pipe that lets a frozen process go on (see runtime-client.mjs). */
function freezer(child: ChildProcess): Writable {
  const [thaw, lifeline] = [child.stdio[3], child.stdio[4]];
  if (!(thaw instanceof Writable && lifeline instanceof Writable)) throw new Error('the process was started without its two pipes');
  for (const pipe of [thaw, lifeline])
    pipe.on('error', () => {
      // the process is gone: its 'close' tells the story
    });
  return thaw;
}

/** The peak of a living process's memory; 0 when it is gone. */
function peakMemoryMb(pid: number): number {
  try {
    const kilobytes = existsSync('/proc/self/status')
      ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Math.ceil(Number(kilobytes ?? 0) / 1024);
  } catch {
    // it ended between the two looks: what was seen before stands
    return 0;
  }
}

/** The words of Lambda for the end of a process. */
function exitText(code: number | null, signalName: NodeJS.Signals | null): string {
  if (signalName !== null) return `Runtime exited with error: signal: ${signalWords[signalName] ?? signalName}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}

const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** Lambda's log names the runtime's own types; the others are `Runtime.Unknown` to it. */
const platformErrorType = (errorType: string): string =>
  /^(Runtime|Function)\.[A-Z][A-Za-z]+$/.test(errorType) ? errorType : 'Runtime.Unknown';
