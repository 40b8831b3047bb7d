import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { StackFunction } from '../stack/stack.ts';
import type { Journal } from '../wire/journal.ts';
import type { Invoked } from './lambda-sandbox.ts';

export interface AsyncOptions {
  readonly invoke: (name: string, event: unknown, requestId: string) => Promise<Invoked>;
  /** The pause before each retry; the last one stands for all that follow. */
  readonly delaysMs: readonly number[];
  readonly arnOf: (lambda: StackFunction) => string;
  readonly sendToQueue: (queueName: string, body: string, lambda: StackFunction) => void;
  readonly journal: Journal;
}

/** Lambda's queue of asynchronous invocations. It lives in memory: what is left at the end of the world is lost, and said so. */
export interface AsyncInvocations {
  add(lambda: StackFunction, event: unknown): void;
  /** Resolves when nothing is left, not even what was added in the meantime. */
  settled(): Promise<void>;
  /** Ends the pauses; nothing is tried again. */
  stop(): void;
}

interface Failed {
  readonly lambda: StackFunction;
  readonly requestId: string;
  readonly event: unknown;
  readonly attempts: number;
  readonly invoked: Invoked;
}

export function asyncInvocations({ invoke, delaysMs, arnOf, sendToQueue, journal }: AsyncOptions): AsyncInvocations {
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function untilDone(lambda: StackFunction, event: unknown): Promise<void> {
    // A retry has the same id, as on AWS: who counts REPORT lines by id counts wrong.
    const requestId = randomUUID();
    const expiresAt = Date.now() + lambda.asyncMaxAgeS * 1_000;
    for (let attempts = 1; ; attempts += 1) {
      const invoked = await attemptOnce(lambda.name, event, requestId);
      if (invoked.kind === 'returned') return;
      const failed = { lambda, requestId, event, attempts, invoked };
      const delayMs = delaysMs[attempts - 1] ?? delaysMs.at(-1) ?? 0;
      if (attempts > lambda.asyncRetries) return giveUp(failed, 'RetriesExhausted');
      if (Date.now() + delayMs > expiresAt) return giveUp(failed, 'EventAgeExceeded');
      await pauseFor(delayMs);
      if (stopping.signal.aborted) return tell('LOST at the end of the world: async', failed);
    }
  }

  async function attemptOnce(name: string, event: unknown, requestId: string): Promise<Invoked> {
    try {
      return await invoke(name, event, requestId);
    } catch (error) {
      // The host's own fault counts as a failed attempt: the event must not vanish with it.
      const errorMessage = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'failed', error: { errorType: 'Host', errorMessage } };
    }
  }

  async function pauseFor(delayMs: number): Promise<void> {
    if (stopping.signal.aborted) return;
    await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => {
      // stopped: the caller looks at the signal
    });
  }

  function giveUp(failed: Failed, condition: 'RetriesExhausted' | 'EventAgeExceeded'): void {
    tell('DEAD LETTER of', failed);
    const queueName = failed.lambda.onFailure?.queueName;
    if (queueName === undefined) return;
    try {
      sendToQueue(queueName, JSON.stringify(failureRecord(failed, condition, arnOf(failed.lambda))), failed.lambda);
    } catch (error) {
      // The journal has the letter already; now also that it never reached its queue.
      journal({ at: Date.now(), source: 'lambda', name: `send to ${queueName}`, response: String(error), status: 500 });
    }
  }

  function tell(what: string, { lambda, requestId, event, attempts, invoked }: Failed): void {
    const name = `${what} ${lambda.name}`;
    journal({ at: Date.now(), source: 'lambda', name, request: { requestId, event, attempts }, response: invoked, status: 500 });
  }

  function add(lambda: StackFunction, event: unknown): void {
    const done: Promise<void> = untilDone(lambda, event).finally(() => underWay.delete(done));
    underWay.add(done);
  }

  async function settled(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  return { add, settled, stop: () => stopping.abort() };
}

/** What Lambda sends to a function's destination for failures. */
const failureRecord = ({ requestId, event, attempts, invoked }: Failed, condition: string, arn: string) => ({
  version: '1.0',
  timestamp: new Date().toISOString(),
  requestContext: { requestId, functionArn: `${arn}:$LATEST`, condition, approximateInvokeCount: attempts },
  requestPayload: event,
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: invoked.kind === 'failed' ? invoked.error : null,
});
