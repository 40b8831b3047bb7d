import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { serveRuntimeApi } from '../lambda/runtime-api.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';

export interface ColdFunction {
  /** LAMBDA_TASK_ROOT: where the handler's path begins. */
  readonly root: string;
  /** `dist/http.handler` */
  readonly handler: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** One cold start, on the clock. Milliseconds since the process was started. */
export interface ColdStart {
  /** Until the runtime asked for its first event: what Lambda calls the init. */
  readonly initMs: number;
  /** Until the answer was there. */
  readonly totalMs: number;
  /** Processor time of all its threads until the same two moments; undefined where the system does not tell (it is Linux that does). */
  readonly initCpuMs: number | undefined;
  readonly totalCpuMs: number | undefined;
  readonly body: string;
}

const limitMs = 30_000;

/** Starts a function's process as Lambda does, gives it one event, and ends it. @throws when the function fails */
export async function oneColdStart(
  runtime: LambdaRuntime,
  { root, handler, memoryMb, environment }: ColdFunction,
  event: object,
): Promise<ColdStart> {
  const answered = Promise.withResolvers<ColdStart>();
  const output: string[] = [];
  let startedMs = 0;
  let init: Pick<ColdStart, 'initMs' | 'initCpuMs'> | undefined;
  const fail = (because: string) => answered.reject(new Error(`${handler} in ${root}: ${because}\n${output.join('')}`));
  const api = await serveRuntimeApi({
    asked: () => {
      init ??= { initMs: performance.now() - startedMs, initCpuMs: cpuMsOf(child.pid) };
    },
    delivered: () => {},
    responded: (body) => {
      const totalMs = performance.now() - startedMs;
      if (init !== undefined) answered.resolve({ ...init, totalMs, totalCpuMs: cpuMsOf(child.pid), body });
    },
    failed: (error) => fail(`${error.errorType}: ${error.errorMessage}`),
    gaveUp: (error) => fail(`${error.errorType}: ${error.errorMessage}`),
  });
  api.offer({
    requestId: randomUUID(),
    deadlineMs: Date.now() + limitMs,
    functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:bench',
    traceId: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
    body: JSON.stringify(event),
  });
  startedMs = performance.now();
  const child = spawn(process.execPath, [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`, runtime.program, handler], {
    cwd: root,
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: root,
      TZ: ':UTC',
      _HANDLER: handler,
    },
    // The last two are for the local world's own runtime client.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => void output.push(text));
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
  const limit = setTimeout(fail, limitMs, `no answer within ${limitMs} ms`);
  try {
    return await answered.promise;
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
    await api.stop();
  }
}

/** Processor time that a process's threads have had. */
function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]));
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
  } catch {
    // No such files: not Linux.
    return undefined;
  }
}
