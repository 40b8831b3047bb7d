import { type Incoming, type LocalServer, type Outgoing, serve } from '../wire/http-server.ts';

/** An error as the Runtime API and Lambda's callers know it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** An event on its way to a runtime. */
export interface RuntimeEvent {
  readonly requestId: string;
  /** The event as JSON. */
  readonly body: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
}

/** What a runtime tells, as it tells it. */
export interface RuntimeListener {
  /** The runtime asks for an event: its init, or the event before, is over. */
  asked(): void;
  /** The event is on its way: the clock starts. */
  delivered(): void;
  responded(body: string): void;
  failed(error: FunctionError): void;
  /** The runtime gives up: its process is about to end. */
  gaveUp(error: FunctionError): void;
}

export interface RuntimeApi {
  /** For AWS_LAMBDA_RUNTIME_API: `127.0.0.1:9001`. */
  readonly address: string;
  /** Gives the runtime its next event, now or when it asks. */
  offer(event: RuntimeEvent): void;
  stop(): Promise<void>;
}

/** Lambda's limit of a response. */
const maxResponseBytes = 6_291_556;
const accepted: Outgoing = { status: 202, headers: { 'content-type': 'application/json' }, body: '{"status":"OK"}' };

/** Serves Lambda's Runtime API (2018-06-01) to one runtime, as an execution environment has it. */
export async function serveRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let offered: RuntimeEvent | undefined;
  let take: ((event: RuntimeEvent) => void) | undefined;
  /** The event the runtime has in hand. */
  let requestId: string | undefined;
  const server: LocalServer = await serve(answer);

  function answer({ method, target, body }: Incoming): Promise<Outgoing> | Outgoing {
    const call = `${method} ${target.replace('/2018-06-01/runtime/', '')}`;
    if (call === 'GET invocation/next') return next();
    if (call === 'POST init/error') {
      listener.gaveUp(parseError(body));
      return accepted;
    }
    const [, id, what] = /^POST invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
    if (id === undefined) return refused(404, 'ResourceNotFound', `the Runtime API has no ${method} ${target}`);
    if (id !== requestId) return refused(400, 'InvalidRequestID', `the runtime answered ${id}, but it is at ${requestId ?? 'no event'}`);
    requestId = undefined;
    return what === 'response' ? respond(body) : fail(parseError(body));
  }

  async function next(): Promise<Outgoing> {
    listener.asked();
    const event = offered ?? (await new Promise<RuntimeEvent>((resolve) => (take = resolve)));
    offered = undefined;
    take = undefined;
    requestId = event.requestId;
    listener.delivered();
    return { status: 200, headers: headersOf(event), body: event.body };
  }

  function respond(body: Buffer): Outgoing {
    if (body.length > maxResponseBytes) {
      const error = {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size (${body.length} bytes) exceeded maximum allowed payload size (${maxResponseBytes} bytes).`,
      };
      listener.failed(error);
      return refused(413, 'RequestEntityTooLarge', error.errorMessage);
    }
    listener.responded(body.toString('utf8'));
    return accepted;
  }

  function fail(error: FunctionError): Outgoing {
    listener.failed(error);
    return accepted;
  }

  function offer(event: RuntimeEvent): void {
    offered = event;
    take?.(event);
  }

  return { address: new URL(server.url).host, offer, stop: server.stop };
}

const headersOf = (event: RuntimeEvent) => ({
  'content-type': 'application/json',
  'lambda-runtime-aws-request-id': event.requestId,
  'lambda-runtime-deadline-ms': String(event.deadlineMs),
  'lambda-runtime-invoked-function-arn': event.functionArn,
  'lambda-runtime-trace-id': event.traceId,
});

const refused = (status: number, errorType: string, errorMessage: string): Outgoing => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errorType, errorMessage }),
});

function parseError(body: Buffer): FunctionError {
  const text = body.toString('utf8');
  const { errorType, errorMessage, trace } = parseObject(text) ?? {};
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Unknown',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : text,
    ...(Array.isArray(trace) && { trace: trace.map(String) }),
  };
}

function parseObject(text: string): Partial<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // not JSON: the text itself is the message
    return undefined;
  }
}
