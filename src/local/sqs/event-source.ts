import { createHash } from 'node:crypto';
import { iamCall } from '../iam/iam-call.ts';
import type { Permit } from '../iam/permissions.ts';
import type { Invoked } from '../lambda/lambda-sandbox.ts';
import type { Stack, StackFunction } from '../stack/stack.ts';
import type { Journal } from '../wire/journal.ts';
import type { ReceivedMessage, Sqs } from './sqs.ts';

export interface EventSourcesOptions {
  readonly stack: Pick<Stack, 'functions' | 'queues'>;
  readonly sqs: Sqs;
  /** Absent: every function may read its queues. */
  readonly permit?: Permit;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invoked>;
  readonly journal: Journal;
  /** Batches of one queue that are handled at the same time; Lambda begins with five. */
  readonly maxConcurrency?: number;
  readonly region?: string;
  readonly account?: string;
}

/** What feeds the functions from their queues. */
export interface EventSources {
  /** Takes no more messages, and resolves when the batches under way are done: stop the functions meanwhile, if that must be soon. */
  stop(): Promise<void>;
}

type QueueSource = StackFunction['queues'][number];

/**
 * Feeds the functions from their queues, as Lambda's event source mappings do: what a function has done is deleted,
 * what failed comes again after the visibility timeout.
 *
 * @throws for a queue that gives its function less time than the function may take, and for a role that may not read it: AWS
 * refuses both, too
 */
export function startEventSources(options: EventSourcesOptions): EventSources {
  const { stack, sqs, invoke, journal, permit, maxConcurrency = 5, region = 'eu-central-1', account = '000000000000' } = options;
  const stopping = new AbortController();
  const arnOf = ({ queueName }: QueueSource): string => `arn:aws:sqs:${region}:${account}:${queueName}`;
  for (const lambda of stack.functions) {
    for (const source of lambda.queues) {
      checkSource(lambda, source, stack);
      const calls = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => iamCall(`sqs:${name}`, arnOf(source)));
      const denial = permit?.(lambda.role, calls);
      if (denial !== undefined) throw new Error(`the function ${lambda.name} cannot be fed by ${source.queueName}: ${denial}`);
    }
  }
  const loops = stack.functions.flatMap((lambda) =>
    lambda.queues.flatMap((source) => Array.from({ length: maxConcurrency }, () => feed(lambda, source))),
  );

  async function feed(lambda: StackFunction, source: QueueSource): Promise<void> {
    while (!stopping.signal.aborted) {
      const messages = sqs.receiveMessages(source.queueName, source.batchSize);
      if (messages.length > 0) await handle(lambda, source, messages);
      else await sqs.untilVisible(source.queueName, stopping.signal);
    }
  }

  async function handle(lambda: StackFunction, source: QueueSource, messages: readonly ReceivedMessage[]): Promise<void> {
    const at = Date.now();
    const invoked = await invokeOnce(lambda.name, { Records: messages.map((message) => recordOf(message, arnOf(source), region)) });
    const failed = failedIds(invoked, source, messages);
    const done = messages.filter(({ messageId }) => !failed.has(messageId));
    for (const { receiptHandle } of done) sqs.deleteMessage(source.queueName, receiptHandle);
    const request = messages.map(({ messageId, receiveCount }) => ({ messageId, receiveCount }));
    const response = { deleted: done.map(({ messageId }) => messageId), kept: [...failed] };
    const status = failed.size === 0 ? 200 : 500;
    journal({ at, source: 'sqs', name: `${source.queueName} → ${lambda.name}`, request, response, status, durationMs: Date.now() - at });
  }

  async function invokeOnce(name: string, event: unknown): Promise<Invoked> {
    try {
      return await invoke(name, event);
    } catch (error) {
      // The host's own fault: the messages stay in the queue, and come again.
      const errorMessage = error instanceof Error ? (error.stack ?? error.message) : String(error);
      journal({ at: Date.now(), source: 'sqs', name: `invoke ${name}`, response: errorMessage, status: 500 });
      return { kind: 'failed', error: { errorType: 'Host', errorMessage } };
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await Promise.all(loops);
  }

  return { stop };
}

function checkSource(lambda: StackFunction, { queueName }: QueueSource, stack: Pick<Stack, 'queues'>): void {
  const queue = stack.queues.find((candidate) => candidate.queueName === queueName);
  if (queue === undefined) throw new Error(`the function ${lambda.name} is fed by ${queueName}, which is no queue of the stack`);
  if (queue.visibilityTimeoutS < lambda.timeoutS)
    throw new Error(
      `${queueName}: its visibility timeout (${queue.visibilityTimeoutS} s) is less than the timeout of the function ${lambda.name} (${lambda.timeoutS} s)`,
    );
}

/** What Lambda makes of a function's answer: which messages come again. */
function failedIds(invoked: Invoked, { reportsItemFailures }: QueueSource, messages: readonly ReceivedMessage[]): ReadonlySet<string> {
  const all = new Set(messages.map(({ messageId }) => messageId));
  if (invoked.kind === 'failed') return all;
  if (!reportsItemFailures) return new Set();
  const reported = reportedIds(invoked.value);
  // An answer that makes no sense, or names a message that was not in the batch, fails the batch.
  return reported === undefined || reported.some((id) => !all.has(id)) ? all : new Set(reported);
}

/** The ids in `{ batchItemFailures: [{ itemIdentifier }] }`, none for an empty answer, undefined for one of another form. */
function reportedIds(value: unknown): readonly string[] | undefined {
  if (value === null) return [];
  if (typeof value !== 'object') return undefined;
  const failures: unknown = 'batchItemFailures' in value ? value.batchItemFailures : null;
  if (failures === null) return [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure: unknown) =>
    typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure ? failure.itemIdentifier : undefined,
  );
  return ids.every((id) => typeof id === 'string') ? ids : undefined;
}

const recordOf = (message: ReceivedMessage, eventSourceARN: string, awsRegion: string) => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  },
  messageAttributes: {},
  md5OfBody: createHash('md5').update(message.body).digest('hex'),
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion,
});
