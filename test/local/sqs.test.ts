import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Invoked } from '../../src/local/lambda/lambda-sandbox.ts';
import { type EventSources, startEventSources } from '../../src/local/sqs/event-source.ts';
import { type Sqs, type SqsOptions, startSqs } from '../../src/local/sqs/sqs.ts';
import type { StackQueue } from '../../src/local/stack/stack.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { lambdaFunction } from './lambda-world.ts';

const dead: StackQueue = { queueName: 'dead', visibilityTimeoutS: 30 };
const requests: StackQueue = { queueName: 'requests', visibilityTimeoutS: 30, redrive: { queueName: 'dead', maxReceiveCount: 3 } };
/** Gives its messages again soon. */
const hasty: StackQueue = { ...requests, visibilityTimeoutS: 0.1 };

let dir = '';
let journal: JournalEntry[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'coldframe-sqs-'));
  journal = [];
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

const open = (queues: SqsOptions['queues'] = [requests, dead]) => startSqs({ queues, dir, journal: (entry) => journal.push(entry) });
const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body);

describe('a queue', () => {
  it('gives out the oldest message first, and each once within the visibility timeout', () => {
    const sqs = open();
    for (const body of ['1', '2', '3']) sqs.sendMessage('requests', body);
    expect(bodies(sqs.receiveMessages('requests', 2))).toEqual(['1', '2']);
    expect(bodies(sqs.receiveMessages('requests', 2))).toEqual(['3']);
    expect(sqs.receiveMessages('requests', 2)).toEqual([]);
    expect(sqs.attributes('requests')).toEqual({ visible: 0, inFlight: 3 });
  });

  it('gives a message again while somebody is at it, where its time was too short: who had it first cannot delete it', () => {
    const sqs = startSqs({ queues: [requests, dead], dir, journal: () => {}, visibilityMs: () => 0 });
    sqs.sendMessage('requests', 'x');
    const [first] = sqs.receiveMessages('requests', 1);
    const [second] = sqs.receiveMessages('requests', 1);
    expect(second).toMatchObject({ body: 'x', receiveCount: 2 });
    expect(sqs.deleteMessage('requests', first?.receiptHandle ?? '')).toBe(false);
    expect(sqs.deleteMessage('requests', second?.receiptHandle ?? '')).toBe(true);
  });

  it('forgets a message that was deleted', () => {
    const sqs = open();
    sqs.sendMessage('requests', 'x');
    const [message] = sqs.receiveMessages('requests', 1);
    expect(sqs.deleteMessage('requests', message?.receiptHandle ?? '')).toBe(true);
    expect(sqs.peek('requests')).toEqual([]);
    expect(open().peek('requests')).toEqual([]);
  });

  it('gives a message again after its visibility timeout, and counts', async () => {
    const sqs = open([hasty, dead]);
    sqs.sendMessage('requests', 'x');
    const [first] = sqs.receiveMessages('requests', 1);
    await sqs.untilVisible('requests', new AbortController().signal);
    const [second] = sqs.receiveMessages('requests', 1);
    expect(second).toMatchObject({ messageId: first?.messageId, receiveCount: 2, firstReceivedAt: first?.firstReceivedAt });
    expect(sqs.deleteMessage('requests', first?.receiptHandle ?? '')).toBe(false);
    expect(sqs.peek('requests')).toHaveLength(1);
  });

  it('survives a restart, with what was in flight still in flight', () => {
    const sqs = open();
    sqs.sendMessage('requests', 'in flight');
    const [inFlight] = sqs.receiveMessages('requests', 1);
    sqs.sendMessage('requests', 'Grüße');
    const again = open();
    expect(again.attributes('requests')).toEqual({ visible: 1, inFlight: 1 });
    expect(again.deleteMessage('requests', inFlight?.receiptHandle ?? '')).toBe(true);
    expect(bodies(again.receiveMessages('requests', 10))).toEqual(['Grüße']);
  });

  it('moves a message to the dead letters when it would be received once too often, and not before', async () => {
    const sqs = open([hasty, dead]);
    const messageId = sqs.sendMessage('requests', 'x');
    for (const count of [1, 2, 3]) {
      await sqs.untilVisible('requests', new AbortController().signal);
      expect(sqs.receiveMessages('requests', 1)).toMatchObject([{ receiveCount: count }]);
    }
    await sqs.untilVisible('requests', new AbortController().signal);
    expect(sqs.receiveMessages('requests', 1)).toEqual([]);
    expect(sqs.peek('requests')).toEqual([]);
    expect(sqs.peek('dead')).toMatchObject([{ messageId, body: 'x', deadLetterOf: 'requests' }]);
    expect(open([hasty, dead]).peek('dead')).toMatchObject([{ messageId }]);
    expect(journal.at(-1)).toMatchObject({ source: 'sqs', name: 'DEAD LETTER of requests', status: 500 });
  });

  it('tells the journal of everything', () => {
    const sqs = open();
    sqs.sendMessage('requests', 'x');
    sqs.deleteMessage('requests', sqs.receiveMessages('requests', 1)[0]?.receiptHandle ?? '');
    expect(journal.map(({ name }) => name)).toEqual(['SendMessage requests', 'ReceiveMessage requests', 'DeleteMessage requests']);
  });

  it('wakes who waits for it, when something comes and when the wait is given up', async () => {
    const sqs = open();
    const waiting = sqs.untilVisible('requests', new AbortController().signal);
    sqs.sendMessage('requests', 'x');
    await waiting;
    const givingUp = new AbortController();
    const inVain = sqs.untilVisible('dead', givingUp.signal);
    givingUp.abort();
    await inVain;
  });

  it.each([
    ['an unknown queue', (sqs: Sqs) => sqs.sendMessage('request', 'x'), 'there is no queue `request`; there are: requests, dead'],
    ['an empty message', (sqs: Sqs) => sqs.sendMessage('requests', ''), 'has 0 bytes'],
    ['a message above the limit', (sqs: Sqs) => sqs.sendMessage('requests', 'x'.repeat(1_048_577)), 'has 1048577 bytes'],
  ])('refuses %s', (_, act, message) => expect(() => act(open())).toThrow(message));

  it('names the file that is no message, instead of starting without it', () => {
    open();
    writeFileSync(join(dir, 'requests', 'x.json'), '{}');
    expect(() => open()).toThrow(/requests\/x\.json is no message/);
  });

  it('whose dead letters have no queue is an error', () => {
    expect(() => open([requests])).toThrow('the dead letters of requests go to dead, which is no queue');
  });
});

interface Record {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

describe('a function fed by a queue', () => {
  /** A function as TypeScript: how it is fed does not depend on where it runs. */
  function feed(
    sqs: Sqs,
    answer: (records: readonly Record[]) => Invoked,
    source: { readonly batchSize?: number; readonly reportsItemFailures?: boolean } = {},
  ) {
    const batches: Record[][] = [];
    const sources: EventSources = startEventSources({
      stack: {
        queues: [hasty, dead],
        functions: [
          lambdaFunction('x.handler', {
            timeoutS: 0.01,
            queues: [{ queueName: 'requests', batchSize: 10, reportsItemFailures: true, ...source }],
          }),
        ],
      },
      sqs,
      invoke: async (name, event) => {
        expect(name).toBe('subject');
        const { Records } = Object(event);
        batches.push(Records);
        return answer(Records);
      },
      journal: (entry) => journal.push(entry),
    });
    onTestFinished(() => sources.stop());
    return { batches, sources };
  }

  it('gets the message in the form of Lambda, and the message is gone when it succeeded', async () => {
    const sqs = open([hasty, dead]);
    const messageId = sqs.sendMessage('requests', '{"detail":1}');
    const { batches } = feed(sqs, () => ({ kind: 'returned', value: null }));
    await vi.waitUntil(() => sqs.peek('requests').length === 0);
    expect(batches).toEqual([
      [
        {
          messageId,
          receiptHandle: expect.any(String),
          body: '{"detail":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {},
          md5OfBody: 'fdf566fc9e43068cbd741449a47e9c95',
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:requests',
          awsRegion: 'eu-central-1',
        },
      ],
    ]);
  });

  it('gets again only what it reported as failed', async () => {
    const sqs = open([hasty, dead]);
    for (const body of ['good', 'bad', 'also good']) sqs.sendMessage('requests', body);
    const failing = (records: readonly Record[]) =>
      records.filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1');
    const { batches } = feed(sqs, (records) => ({
      kind: 'returned',
      value: { batchItemFailures: failing(records).map(({ messageId }) => ({ itemIdentifier: messageId })) },
    }));
    await vi.waitUntil(() => sqs.peek('requests').length === 0);
    expect(batches.map(bodies)).toEqual([['good', 'bad', 'also good'], ['bad']]);
    expect(sqs.peek('dead')).toEqual([]);
  });

  it('that fails gets the whole batch again, until the messages are dead letters', async () => {
    const sqs = open([hasty, dead]);
    for (const body of ['1', '2']) sqs.sendMessage('requests', body);
    const { batches } = feed(sqs, () => ({ kind: 'failed', error: { errorType: 'Error', errorMessage: 'no' } }));
    await vi.waitUntil(() => sqs.peek('dead').length === 2);
    expect(batches.map(bodies)).toEqual([
      ['1', '2'],
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it('whose host fails keeps its messages, and the journal knows', async () => {
    const sqs = open([hasty, dead]);
    sqs.sendMessage('requests', 'x');
    feed(sqs, () => {
      throw new Error('the host is gone');
    });
    await vi.waitUntil(() => sqs.peek('dead').length === 1);
    expect(journal.filter(({ name }) => name === 'invoke subject')).toHaveLength(3);
  });

  it.each<[unknown, 'kept' | 'deleted', boolean]>([
    [null, 'deleted', true],
    [{}, 'deleted', true],
    [{ batchItemFailures: null }, 'deleted', true],
    [{ batchItemFailures: [] }, 'deleted', true],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, 'kept', true],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, 'kept', true],
    [{ batchItemFailures: [{ id: 'x' }] }, 'kept', true],
    [{ batchItemFailures: [{ itemIdentifier: 'of another batch' }] }, 'kept', true],
    [{ batchItemFailures: 'all' }, 'kept', true],
    ['text', 'kept', true],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, 'deleted', false],
  ])('that answers %j has its messages %s (item failures reported: %s)', async (value, fate, reportsItemFailures) => {
    const sqs = open([hasty, dead]);
    sqs.sendMessage('requests', 'x');
    feed(sqs, () => ({ kind: 'returned', value }), { reportsItemFailures });
    await vi.waitUntil(() => journal.some(({ name }) => name === 'requests → subject'));
    const { response } = journal.find(({ name }) => name === 'requests → subject') ?? {};
    expect(Object(response)[fate]).toHaveLength(1);
  });

  it('gets batches of the size it asked for', async () => {
    const sqs = open([hasty, dead]);
    for (const body of ['1', '2', '3']) sqs.sendMessage('requests', body);
    const { batches } = feed(sqs, () => ({ kind: 'returned', value: null }), { batchSize: 2 });
    await vi.waitUntil(() => sqs.peek('requests').length === 0);
    expect(batches.map(({ length }) => length)).toEqual([2, 1]);
  });

  it('gets nothing after stop()', async () => {
    const sqs = open([hasty, dead]);
    const { batches, sources } = feed(sqs, () => ({ kind: 'returned', value: null }));
    await sources.stop();
    sqs.sendMessage('requests', 'x');
    expect(batches).toEqual([]);
    expect(sqs.peek('requests')).toHaveLength(1);
  });

  it.each([
    ['that does not exist', 'other', 1, 'is fed by other, which is no queue'],
    [
      'that gives it less time than it may take',
      'requests',
      31,
      'visibility timeout (30 s) is less than the timeout of the function subject (31 s)',
    ],
  ])('by a queue %s: the world does not start', (_, queueName, timeoutS, message) => {
    const functions = [lambdaFunction('x.handler', { timeoutS, queues: [{ queueName, batchSize: 1, reportsItemFailures: true }] })];
    const invoke = async (): Promise<Invoked> => ({ kind: 'returned', value: null });
    expect(() =>
      startEventSources({ stack: { queues: [requests, dead], functions }, sqs: open(), invoke, journal: () => undefined }),
    ).toThrow(message);
  });
});
