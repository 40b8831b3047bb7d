import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { StackQueue } from '../stack/stack.ts';
import type { Journal } from '../wire/journal.ts';

const messageSchema = v.strictObject({
  messageId: v.string(),
  body: v.string(),
  /** Milliseconds since 1970, as all times here. */
  sentAt: v.number(),
  /** Nobody gets it before. */
  visibleAt: v.number(),
  receiveCount: v.number(),
  firstReceivedAt: v.optional(v.number()),
  /** Given out with the last receive; it alone deletes the message. */
  receiptHandle: v.optional(v.string()),
  /** The queue it failed in. */
  deadLetterOf: v.optional(v.string()),
});

/** A message in a queue. */
export type SqsMessage = Readonly<v.InferOutput<typeof messageSchema>>;

/** A message that was received. */
export type ReceivedMessage = SqsMessage & { readonly receiptHandle: string; readonly firstReceivedAt: number };

export interface SqsOptions {
  readonly queues: readonly StackQueue[];
  /** A folder for each queue and a file for each message: a restart finds them again. */
  readonly dir: string;
  readonly journal: Journal;
  /** For the fault tests: how long a message that was just received stays invisible. Absent: its queue's own time. */
  readonly visibilityMs?: (queueName: string) => number;
}

/** The stack's queues. A queue that is not in the stack is an error, and so is a message that is too large. */
export interface Sqs {
  /** Returns the message's id. */
  sendMessage(queueName: string, body: string): string;
  /** The oldest visible messages, at most `max`; they stay invisible for the queue's visibility timeout. */
  receiveMessages(queueName: string, max: number): readonly ReceivedMessage[];
  /** False when the message was received again in the meantime: then it stays, as in SQS. */
  deleteMessage(queueName: string, receiptHandle: string): boolean;
  attributes(queueName: string): { readonly visible: number; readonly inFlight: number };
  /** All messages of a queue, for people and tests: nothing is received by it. */
  peek(queueName: string): readonly SqsMessage[];
  /** Resolves when there is something to receive, or the signal aborts. */
  untilVisible(queueName: string, signal: AbortSignal): Promise<void>;
}

/** SQS's limit of a message. */
const maxBytes = 1_048_576;

interface Queue {
  readonly settings: StackQueue;
  readonly dir: string;
  readonly messages: Map<string, SqsMessage>;
  readonly listeners: Set<() => void>;
}

/**
 * Opens the queues as they were left.
 *
 * @throws for a message's file that can't be read, with its name
 */
export function startSqs({ queues, dir, journal, visibilityMs }: SqsOptions): Sqs {
  const byName = new Map<string, Queue>(queues.map((settings) => [settings.queueName, openQueue(settings, join(dir, settings.queueName))]));
  for (const { queueName, redrive } of queues)
    if (redrive !== undefined && !byName.has(redrive.queueName))
      throw new Error(`the dead letters of ${queueName} go to ${redrive.queueName}, which is no queue`);

  function queueOf(name: string): Queue {
    const queue = byName.get(name);
    if (queue === undefined) throw new Error(`there is no queue \`${name}\`; there are: ${[...byName.keys()].join(', ')}`);
    return queue;
  }

  function note(name: string, queueName: string, request: unknown, response?: unknown, status = 200): void {
    journal({ at: Date.now(), source: 'sqs', name: `${name} ${queueName}`, request, response, status });
  }

  function sendMessage(queueName: string, body: string): string {
    const queue = queueOf(queueName);
    const bytes = Buffer.byteLength(body);
    if (bytes === 0 || bytes > maxBytes) throw new Error(`a message for ${queueName} has ${bytes} bytes; SQS takes 1 to ${maxBytes}`);
    const now = Date.now();
    const message = { messageId: randomUUID(), body, sentAt: now, visibleAt: now, receiveCount: 0 };
    put(queue, message);
    note('SendMessage', queueName, { body }, { messageId: message.messageId });
    return message.messageId;
  }

  function receiveMessages(queueName: string, max: number): readonly ReceivedMessage[] {
    const queue = queueOf(queueName);
    const now = Date.now();
    const visible = inOrder(queue).filter((message) => message.visibleAt <= now);
    const { redrive, visibilityTimeoutS } = queue.settings;
    // As in SQS, a message moves when it would be received once too often, not when it fails.
    const spent = visible.filter((message) => message.receiveCount >= (redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY));
    for (const message of spent) bury(queue, message);
    const received = visible
      .filter((message) => !spent.includes(message))
      .slice(0, max)
      .map((message) => ({
        ...message,
        visibleAt: now + (visibilityMs?.(queueName) ?? visibilityTimeoutS * 1_000),
        receiveCount: message.receiveCount + 1,
        firstReceivedAt: message.firstReceivedAt ?? now,
        receiptHandle: randomUUID(),
      }));
    for (const message of received) put(queue, message);
    if (received.length > 0) note('ReceiveMessage', queueName, { max }, received);
    return received;
  }

  function bury(queue: Queue, message: SqsMessage): void {
    const { queueName, redrive } = queue.settings;
    if (redrive === undefined) return;
    // First into the other queue: a crash in between leaves two, never none.
    put(queueOf(redrive.queueName), { ...message, visibleAt: Date.now(), deadLetterOf: queueName });
    remove(queue, message);
    note('DEAD LETTER of', queueName, message, { queueName: redrive.queueName }, 500);
  }

  function deleteMessage(queueName: string, receiptHandle: string): boolean {
    const queue = queueOf(queueName);
    const message = [...queue.messages.values()].find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message !== undefined) remove(queue, message);
    const isDeleted = message !== undefined;
    note('DeleteMessage', queueName, { receiptHandle, messageId: message?.messageId }, { isDeleted });
    return isDeleted;
  }

  function attributes(queueName: string) {
    const now = Date.now();
    const messages = [...queueOf(queueName).messages.values()];
    const visible = messages.filter((message) => message.visibleAt <= now).length;
    return { visible, inFlight: messages.length - visible };
  }

  async function untilVisible(queueName: string, signal: AbortSignal): Promise<void> {
    const queue = queueOf(queueName);
    while (!signal.aborted) {
      const waitMs = Math.min(...[...queue.messages.values()].map((message) => message.visibleAt)) - Date.now();
      if (waitMs <= 0) return;
      await change(queue, waitMs, signal);
    }
  }

  const peek = (queueName: string) => inOrder(queueOf(queueName));
  return { sendMessage, receiveMessages, deleteMessage, attributes, peek, untilVisible };
}

/** Resolves when the queue changes, the time is over or the signal aborts. */
function change(queue: Queue, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      queue.listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    // An empty queue waits without end; a timer takes no more than 24 days.
    const timer = Number.isFinite(waitMs) ? setTimeout(done, Math.min(waitMs, 2 ** 31 - 1)) : undefined;
    queue.listeners.add(done);
    signal.addEventListener('abort', done);
  });
}

function openQueue(settings: StackQueue, dir: string): Queue {
  mkdirSync(dir, { recursive: true });
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  const messages = names.map((name) => readMessage(join(dir, name)));
  return { settings, dir, messages: new Map(messages.map((message) => [message.messageId, message])), listeners: new Set() };
}

function readMessage(path: string): SqsMessage {
  try {
    return v.parse(messageSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new Error(`${path} is no message of a queue; remove it to go on without it`, { cause });
  }
}

const inOrder = (queue: Queue): readonly SqsMessage[] => [...queue.messages.values()].sort((a, b) => a.sentAt - b.sentAt);

function put(queue: Queue, message: SqsMessage): void {
  const path = pathOf(queue, message);
  // Written beside and renamed: a message is there as a whole or not at all.
  writeFileSync(`${path}.new`, JSON.stringify(message));
  renameSync(`${path}.new`, path);
  queue.messages.set(message.messageId, message);
  for (const listener of [...queue.listeners]) listener();
}

function remove(queue: Queue, message: SqsMessage): void {
  rmSync(pathOf(queue, message), { force: true });
  queue.messages.delete(message.messageId);
}

const pathOf = (queue: Queue, message: SqsMessage): string => join(queue.dir, `${message.messageId}.json`);
