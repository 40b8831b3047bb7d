import { randomUUID } from 'node:crypto';
import type { StackFunction } from '../stack/stack.ts';
import type { Journal } from '../wire/journal.ts';
import { asyncInvocations } from './lambda-async.ts';
import { functionArn } from './lambda-environment.ts';
import type { AppendLog } from './lambda-log.ts';
import { type Invoked, openSandbox, type Sandbox, type SandboxOptions } from './lambda-sandbox.ts';
import { type SandboxPool, sandboxPool } from './sandbox-pool.ts';

/** What a caller gets. `throttled`: as many invocations run as may run at once. */
export type Invocation = Invoked | { readonly kind: 'throttled' };

export interface LambdaOptions {
  readonly functions: readonly StackFunction[];
  /** LAMBDA_TASK_ROOT: where the handlers' paths begin. */
  readonly root: string;
  /** On top of the functions' own environment: AWS_ENDPOINT_URL_S3 and its like. */
  readonly extraEnvironment?: Readonly<Record<string, string>>;
  /** Where a function's destination for failures is. */
  readonly sendToQueue?: (queueName: string, body: string, lambda: StackFunction) => void;
  readonly appendLog: AppendLog;
  readonly journal: Journal;
  readonly region?: string;
  readonly account?: string;
  /** Of the function's role. */
  readonly credentialsOf?: (lambda: StackFunction) => SandboxOptions['credentials'];
  /** How many processes one function may have; 10 by default. */
  readonly maxConcurrency?: number;
  /** A process that had nothing to do for so long is ended: six minutes by default, as was measured on AWS. */
  readonly idleMs?: number;
  /** How long an init may take before it is tried again as part of the invocation: ten seconds, as on AWS. */
  readonly initLimitMs?: number;
  /** The pauses before an asynchronous invocation is tried again, the last one for all that follow: as on AWS, one minute and two. */
  readonly asyncRetryDelaysMs?: readonly number[];
  /** One process for each function, which waits for a debugger on this port before it runs anything; nothing has a time limit. */
  readonly inspectPort?: number | undefined;
}

/** One of a function's processes. */
export interface LambdaProcess {
  readonly pid: number | undefined;
  /** Its log stream. */
  readonly stream: string;
  readonly isBusy: boolean;
}

/** The functions of the stack, each with its processes. A function goes by its key in serverless.yml: `http`. */
export interface Lambda {
  /** Invokes and waits for the answer, as API Gateway does it. */
  invoke(name: string, event: unknown): Promise<Invocation>;
  /** Waits for a free process and for the answer, as the poller of a queue does it. */
  invokeInTurn(name: string, event: unknown): Promise<Invoked>;
  /** Takes the event and returns. After an error it is tried again; in the end it is a dead letter in the journal. */
  invokeAsync(name: string, event: unknown): void;
  /** Resolves when no asynchronous invocation is left. */
  settled(): Promise<void>;
  /** The living processes of a function, busy or not. */
  processes(name: string): readonly LambdaProcess[];
  /** Ends all processes. An asynchronous invocation that was not done is told to the journal. */
  stop(): Promise<void>;
}

/** Hosts functions on this machine. No process is started before its first event. */
export function startLambda(options: LambdaOptions): Lambda {
  const { functions, root, appendLog, journal, inspectPort, region = 'eu-central-1', account = '000000000000' } = options;
  const {
    credentialsOf = () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
    extraEnvironment = {},
    initLimitMs = 10_000,
  } = options;
  const { idleMs = 360_000, asyncRetryDelaysMs = [60_000, 120_000] } = options;
  // Two processes can't wait on one port.
  const maxConcurrency = inspectPort === undefined ? (options.maxConcurrency ?? 10) : 1;
  const common = { root, region, account, extraEnvironment, initLimitMs, inspectPort, appendLog, journal };
  const pools = new Map<string, SandboxPool>(
    functions.map((lambda) => [
      lambda.name,
      sandboxPool({ open: () => openSandbox({ ...common, credentials: credentialsOf(lambda), lambda }), maxConcurrency, idleMs }),
    ]),
  );
  const asynchronous = asyncInvocations({
    invoke: invokeInTurn,
    delaysMs: asyncRetryDelaysMs,
    arnOf: (lambda) => functionArn(lambda, { region, account }),
    sendToQueue: options.sendToQueue ?? refuseQueue,
    journal,
  });
  let isStopped = false;

  function poolOf(name: string): SandboxPool {
    const pool = pools.get(name);
    if (pool === undefined) throw new Error(`there is no function \`${name}\`; there are: ${[...pools.keys()].join(', ')}`);
    if (isStopped) throw new Error(`the Lambda host has been stopped: \`${name}\` was not invoked`);
    return pool;
  }

  async function invoke(name: string, event: unknown): Promise<Invocation> {
    const pool = poolOf(name);
    const requestId = randomUUID();
    const sandbox = pool.take();
    if (sandbox !== undefined) return invokeIn({ name, pool, sandbox, event, requestId });
    const throttled = { kind: 'throttled' } as const;
    journal({ at: Date.now(), source: 'lambda', name: `invoke ${name}`, request: { requestId, event }, response: throttled, status: 429 });
    return throttled;
  }

  async function invokeInTurn(name: string, event: unknown, requestId: string = randomUUID()): Promise<Invoked> {
    const pool = poolOf(name);
    return invokeIn({ name, pool, sandbox: await pool.takeInTurn(), event, requestId });
  }

  async function invokeIn({ name, pool, sandbox, event, requestId }: InvokeIn): Promise<Invoked> {
    const at = Date.now();
    try {
      const response = await sandbox.invoke(requestId, JSON.stringify(event ?? null));
      const status = response.kind === 'returned' ? 200 : 500;
      journal({
        at,
        source: 'lambda',
        name: `invoke ${name}`,
        request: { requestId, event },
        response,
        status,
        durationMs: Date.now() - at,
      });
      return response;
    } catch (error) {
      // Not the function's error but ours: what state the process is in, nobody knows.
      await sandbox.stop();
      throw new Error(`the Lambda host could not invoke \`${name}\``, { cause: error });
    } finally {
      pool.giveBack(sandbox);
    }
  }

  function invokeAsync(name: string, event: unknown): void {
    poolOf(name);
    for (const lambda of functions.filter((candidate) => candidate.name === name)) asynchronous.add(lambda, event);
  }

  async function stop(): Promise<void> {
    isStopped = true;
    asynchronous.stop();
    await Promise.all([...pools.values()].map((pool) => pool.stop()));
    await asynchronous.settled();
  }

  function processes(name: string): readonly LambdaProcess[] {
    const pool = pools.get(name);
    return pool?.all().map((sandbox) => ({ pid: sandbox.pid, stream: sandbox.stream, isBusy: pool.isBusy(sandbox) })) ?? [];
  }

  return { invoke, invokeInTurn: (name, event) => invokeInTurn(name, event), invokeAsync, settled: asynchronous.settled, processes, stop };
}

const refuseQueue = (queueName: string): never => {
  throw new Error(`the Lambda host was started without a way to the queue ${queueName}`);
};

interface InvokeIn {
  readonly name: string;
  readonly pool: SandboxPool;
  readonly sandbox: Sandbox;
  readonly event: unknown;
  readonly requestId: string;
}
