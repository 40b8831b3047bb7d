import { randomBytes } from 'node:crypto';
import type { Journal } from '../wire/journal.ts';
import { within } from '../wire/within.ts';
import { environmentOf, functionArn, type LambdaPlace, nodeArguments } from './lambda-environment.ts';
import {
  type AppendLog,
  type BadEnd,
  endLine,
  initReportLine,
  initStartLine,
  newStreamName,
  reportLine,
  startLine,
  timeoutLine,
  timeoutText,
} from './lambda-log.ts';
import { type Answer, type Init, type LambdaProcess, startLambdaProcess } from './lambda-process.ts';
import type { FunctionError } from './runtime-api.ts';

export interface SandboxOptions extends LambdaPlace {
  readonly initLimitMs: number;
  /** The process waits for a debugger on this port before it runs anything; then there is no time limit. */
  readonly inspectPort: number | undefined;
  readonly appendLog: AppendLog;
  readonly journal: Journal;
}

/** What an invocation came to. */
export type Invoked = { readonly kind: 'returned'; readonly value: unknown } | { readonly kind: 'failed'; readonly error: FunctionError };

/** An execution environment: a log stream and a process, one invocation at a time. */
export interface Sandbox {
  readonly stream: string;
  readonly pid: number | undefined;
  /** False once its process crashed, ran out of time or was stopped. */
  readonly isUsable: boolean;
  /** Fulfilled when it can't be used any more. */
  readonly ended: Promise<void>;
  /** `body`: the event as JSON. The first one is the cold start. */
  invoke(requestId: string, body: string): Promise<Invoked>;
  stop(): Promise<void>;
}

/** What precedes the event: nothing in a warm process, an init in a new one, an init tried again after a failed one. */
type Start =
  | { readonly kind: 'ready'; readonly process: LambdaProcess; readonly initDurationMs?: number; readonly spentMs: number }
  | FailedInit;
type FailedInit = { readonly kind: 'failed'; readonly durationMs: number; readonly error: FunctionError; readonly end: BadEnd };

/** Prepares an execution environment. Its process starts with the first invocation. */
export function openSandbox(options: SandboxOptions): Sandbox {
  const { lambda, region, appendLog, journal, inspectPort } = options;
  const group = `/aws/lambda/${lambda.functionName}`;
  const stream = newStreamName(Date.now());
  const limitMs = inspectPort === undefined ? lambda.timeoutS * 1_000 : Number.POSITIVE_INFINITY;
  const initLimitMs = inspectPort === undefined ? options.initLimitMs : Number.POSITIVE_INFINITY;
  const ended = Promise.withResolvers<void>();
  let running: LambdaProcess | undefined;
  let isStopped = false;
  let isUsable = true;
  let logged: Promise<void> = Promise.resolve();
  let underWay: Promise<unknown> = Promise.resolve();

  function log(...lines: readonly string[]): void {
    const note = (error: unknown) =>
      journal({ at: Date.now(), source: 'lambda', name: `append to the log ${group}`, response: String(error), status: 500 });
    logged = logged.then(() => appendLog(group, stream, lines)).catch(note);
  }

  function invoke(requestId: string, body: string): Promise<Invoked> {
    const invoked = startAndRun(requestId, body);
    underWay = invoked.catch(() => {
      // the caller has the error; `stop` only waits for the end
    });
    return invoked;
  }

  async function startAndRun(requestId: string, body: string): Promise<Invoked> {
    const start: Start = running === undefined ? await startUp(requestId) : { kind: 'ready', process: running, spentMs: 0 };
    log(startLine(requestId));
    if (start.kind === 'failed' && start.end.status === 'timeout') log(timeoutLine(Date.now(), requestId, limitMs));
    const invoked =
      start.kind === 'ready' ? await run(start, requestId, body) : close(requestId, start, { kind: 'failed', error: start.error });
    await logged;
    return invoked;
  }

  /** As Lambda does it: an init that failed is tried once more, now as part of the invocation that waits for it. */
  async function startUp(requestId: string): Promise<Start> {
    log(initStartLine(process.version, region));
    const first = await initialise(initLimitMs, requestId);
    if (first.kind === 'ready') return { ...first, initDurationMs: first.durationMs, spentMs: 0 };
    log(initReportLine(first.durationMs, 'init', first.end));
    if (isStopped) return first;
    const second = await initialise(limitMs, requestId);
    if (second.kind === 'ready') return { ...second, spentMs: second.durationMs };
    log(initReportLine(second.durationMs, 'invoke', second.end));
    end();
    return second;
  }

  async function initialise(limit: number, requestId: string) {
    const started = await startLambdaProcess({
      environment: environmentOf(options, { group, stream }),
      cwd: options.root,
      nodeArguments: nodeArguments(lambda.memoryMb, inspectPort),
      onLine: log,
    });
    running = started;
    if (isStopped) await started.kill();
    const init = await within(limit, started.init);
    if (init?.kind === 'ready') {
      started.ended.then(end, end);
      return { kind: 'ready', process: started, durationMs: init.durationMs } as const;
    }
    await started.kill();
    return failedInit(init, limit, requestId);
  }

  async function run(start: Extract<Start, { kind: 'ready' }>, requestId: string, body: string): Promise<Invoked> {
    const event = {
      requestId,
      body,
      deadlineMs: deadline(limitMs - start.spentMs),
      functionArn: functionArn(lambda, options),
      traceId: newTraceId(),
    };
    const answer = await within(limitMs - start.spentMs, start.process.handle(event));
    if (answer?.kind !== 'response' && answer?.kind !== 'error') isUsable = false;
    if (answer === undefined) {
      await start.process.kill();
      log(timeoutLine(Date.now(), requestId, limitMs));
      return close(
        requestId,
        { durationMs: limitMs, initDurationMs: start.initDurationMs, end: { status: 'timeout' } },
        timedOut(requestId, limitMs),
      );
    }
    if (answer.kind === 'exit') await start.process.kill();
    const badEnd: BadEnd | undefined = answer.kind === 'exit' ? { status: 'error', errorType: answer.errorType } : undefined;
    return close(
      requestId,
      { durationMs: answer.durationMs + start.spentMs, initDurationMs: start.initDurationMs, end: badEnd },
      invokedOf(answer, requestId),
    );
  }

  function close(
    requestId: string,
    report: { readonly durationMs: number; readonly initDurationMs?: number | undefined; readonly end?: BadEnd | undefined },
    invoked: Invoked,
  ): Invoked {
    const { durationMs, initDurationMs, end } = report;
    log(
      endLine(requestId),
      reportLine({ requestId, durationMs, initDurationMs, end, memoryMb: lambda.memoryMb, maxMemoryMb: running?.maxMemoryMb() ?? 0 }),
    );
    return invoked;
  }

  function end(): void {
    isUsable = false;
    ended.resolve();
  }

  async function stop(): Promise<void> {
    isStopped = true;
    isUsable = false;
    await running?.kill();
    // A process that was just being started is killed by whoever starts it.
    await underWay;
    end();
    await logged;
  }

  return {
    stream,
    get pid() {
      return running?.pid;
    },
    get isUsable() {
      return isUsable;
    },
    ended: ended.promise,
    invoke,
    stop,
  };
}

function failedInit(init: Extract<Init, { kind: 'failed' }> | undefined, limitMs: number, requestId: string): FailedInit {
  if (init === undefined)
    return { kind: 'failed', durationMs: limitMs, error: timeoutError(requestId, limitMs), end: { status: 'timeout' } };
  return {
    kind: 'failed',
    durationMs: init.durationMs,
    error: withRequest(init.error, requestId),
    end: { status: 'error', errorType: init.errorType },
  };
}

function invokedOf(answer: Answer, requestId: string): Invoked {
  switch (answer.kind) {
    case 'response':
      return parseResponse(answer.body);
    case 'error':
      return { kind: 'failed', error: answer.error };
    case 'exit':
      return { kind: 'failed', error: withRequest(answer.error, requestId) };
  }
}

function parseResponse(body: string): Invoked {
  try {
    return { kind: 'returned', value: body === '' ? null : JSON.parse(body) };
  } catch (error) {
    return { kind: 'failed', error: { errorType: 'Runtime.InvalidResponse', errorMessage: `the response is not JSON: ${String(error)}` } };
  }
}

/** Lambda names the request when it speaks of the process, not when the process speaks for itself. */
const withRequest = (error: FunctionError, requestId: string): FunctionError =>
  error.errorType === 'Runtime.ExitError' ? { ...error, errorMessage: `RequestId: ${requestId} Error: ${error.errorMessage}` } : error;

const timedOut = (requestId: string, limitMs: number): Invoked => ({ kind: 'failed', error: timeoutError(requestId, limitMs) });

const timeoutError = (requestId: string, limitMs: number): FunctionError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: ${timeoutText(limitMs)}`,
});

/** A day stands for "no limit": the handler still gets a number. */
const deadline = (limitMs: number): number => Date.now() + Math.round(Math.min(limitMs, 86_400_000));

const newTraceId = (): string =>
  `Root=1-${Math.floor(Date.now() / 1_000).toString(16)}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
