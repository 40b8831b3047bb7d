import { EventBridgeClient, ListRulesCommand, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Disturbance, type EventBridgeOptions, type EventEnvelope, startEventBridge } from '../../src/local/events/event-bridge.ts';
import type { StackRule, StackTarget } from '../../src/local/stack/stack.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';

const retry = { maxAgeS: 60, maxAttempts: 2 };
const toWorker: StackTarget = { kind: 'function', name: 'worker', retry };
const toQueue: StackTarget = { kind: 'queue', queueName: 'coldframe-local-requests', retry };

const requests: StackRule = {
  name: 'requests',
  bus: 'coldframe-local',
  when: { kind: 'pattern', pattern: { source: ['coldframe.door'] } },
  targets: [toQueue],
};
const progress: StackRule = {
  name: 'progress',
  bus: 'default',
  when: { kind: 'pattern', pattern: { source: ['aws.s3'], detail: { object: { key: [{ wildcard: 'state/*/progress.json' }] } } } },
  targets: [toWorker],
};
const sweep: StackRule = { name: 'sweep', bus: 'default', when: { kind: 'every', periodMs: 3_600_000 }, targets: [toWorker, toQueue] };

async function world(options: Partial<EventBridgeOptions> = {}) {
  const invoked: { readonly name: string; readonly event: EventEnvelope }[] = [];
  const sent: { readonly queueName: string; readonly body: unknown }[] = [];
  const journal: JournalEntry[] = [];
  const bridge = await startEventBridge({
    rules: [requests, progress, sweep],
    invokeAsync: (name, event) => invoked.push({ name, event }),
    sendMessage: (queueName, body) => sent.push({ queueName, body: JSON.parse(body) }),
    journal: (entry) => journal.push(entry),
    ...options,
  });
  const client = new EventBridgeClient({
    region: 'eu-central-1',
    endpoint: bridge.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await bridge.stop();
  });
  const put = (...Entries: readonly PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries: [...Entries] }));
  return { bridge, client, put, invoked, sent, journal };
}

const runRequested: PutEventsRequestEntry = {
  EventBusName: 'coldframe-local',
  Source: 'coldframe.door',
  DetailType: 'Run Requested',
  Detail: '{"key":"1"}',
};

const written = (key: string): EventEnvelope => ({
  version: '0',
  id: 'an-id',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '000000000000',
  time: '2026-11-23T04:12:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: { bucket: { name: 'coldframe-local' }, object: { key } },
});

describe('PutEvents', () => {
  it('gives the envelope to the queue of the rule on that bus, and to no other', async () => {
    const { put, sent, invoked, journal } = await world();
    const answer = await put({ ...runRequested, Resources: ['arn:a'], Time: new Date('2026-11-23T04:12:07.9Z') });
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) }] });
    await vi.waitUntil(() => sent.length > 0);
    expect(sent).toEqual([
      {
        queueName: 'coldframe-local-requests',
        body: {
          version: '0',
          id: answer.Entries?.[0]?.EventId,
          'detail-type': 'Run Requested',
          source: 'coldframe.door',
          account: '000000000000',
          time: '2026-11-23T04:12:07Z',
          region: 'eu-central-1',
          resources: ['arn:a'],
          detail: { key: '1' },
        },
      },
    ]);
    expect(invoked).toEqual([]);
    expect(journal.map(({ source, name, status }) => [source, name, status])).toEqual([
      ['events', 'PutEvents', 200],
      ['events', 'Run Requested', 200],
      ['events', 'Run Requested → coldframe-local-requests', 200],
    ]);
  });

  it('takes the name of a bus or its ARN, and the default bus when none is named', async () => {
    const { put, sent, journal } = await world();
    await put({ ...runRequested, EventBusName: 'arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-local' });
    await put({ Source: 'coldframe.door', DetailType: 'Run Requested', Detail: '{}' });
    await vi.waitUntil(() => journal.filter(({ name }) => name === 'Run Requested').length === 2);
    expect(sent).toHaveLength(1);
    expect(journal.at(-1)).toMatchObject({ name: 'Run Requested', response: { bus: 'default', rules: [] } });
  });

  it.each<[string, PutEventsRequestEntry, string, string]>([
    [
      'an unknown bus',
      { ...runRequested, EventBusName: 'coldframe-prod' },
      'ResourceNotFoundException',
      'Event bus coldframe-prod does not exist',
    ],
    ["AWS's own source", { ...runRequested, Source: 'aws.ecs' }, 'NotAuthorizedForSource', 'Not authorized for the source.'],
    [
      'no source',
      { ...runRequested, Source: undefined },
      'InvalidArgument',
      'Parameter Source is not valid. Reason: Source is a required argument.',
    ],
    [
      'no detail type',
      { ...runRequested, DetailType: undefined },
      'InvalidArgument',
      'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
    ],
    [
      'no detail',
      { ...runRequested, Detail: undefined },
      'InvalidArgument',
      'Parameter Detail is not valid. Reason: Detail is a required argument.',
    ],
    ['a long detail type', { ...runRequested, DetailType: 'x'.repeat(129) }, 'InvalidArgument', '128 characters'],
    ['a detail that is no JSON', { ...runRequested, Detail: '{' }, 'MalformedDetail', 'Detail is malformed.'],
    ['a detail that is no object', { ...runRequested, Detail: '[1]' }, 'MalformedDetail', 'Detail is malformed.'],
  ])('fails an entry with %s, in a 200, and takes the others', async (_, entry, code, message) => {
    const { put, sent } = await world();
    const answer = await put(entry, runRequested);
    expect(answer).toMatchObject({
      $metadata: { httpStatusCode: 200 },
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: code, ErrorMessage: expect.stringContaining(message) }, { EventId: expect.any(String) }],
    });
    await vi.waitUntil(() => sent.length > 0);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['eleven entries', Array(11).fill(runRequested), 'between 1 and 10'],
    ['no entry', [], 'between 1 and 10'],
    [
      'more than a megabyte in all',
      Array(2).fill({ ...runRequested, Detail: JSON.stringify({ text: 'x'.repeat(524_288) }) }),
      'Total size of the entries',
    ],
  ])('refuses a request with %s as a whole', async (_, entries, message) => {
    const { put, sent } = await world();
    await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
    expect(sent).toEqual([]);
  });

  it('is all there is: another operation is refused with a reason', async () => {
    const { client } = await world();
    await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({ name: 'NotImplementedException' });
  });
});

describe("AWS's own events", () => {
  it('go to the targets of the rules on the default bus that match', async () => {
    const { bridge, invoked, sent } = await world();
    const event = written('state/local/runs/r/shards/1/progress.json');
    bridge.deliver(event);
    bridge.deliver(written('state/local/runs/r/run.json'));
    expect(invoked).toEqual([{ name: 'worker', event }]);
    expect(sent).toEqual([]);
  });

  it('for a target that is not there become dead letters, loudly', async () => {
    const sent: unknown[] = [];
    const target = { ...toWorker, deadLetters: { queueName: 'undelivered' } };
    const { bridge, journal } = await world({
      rules: [{ ...progress, targets: [target] }],
      invokeAsync: (name) => {
        throw new Error(`there is no function ${name}`);
      },
      sendMessage: (queueName, body) => sent.push([queueName, JSON.parse(body)]),
    });
    const event = written('state/x/progress.json');
    bridge.deliver(event);
    expect(sent).toEqual([['undelivered', event]]);
    expect(journal.map(({ name, status }) => [name, status])).toEqual([
      ['Object Created', 200],
      ['Object Created → worker', 500],
      ['DEAD LETTER for worker', 500],
    ]);
  });
});

describe('a schedule', () => {
  it('fires by hand, to all its targets', async () => {
    const { bridge, invoked, sent } = await world();
    bridge.tick('sweep');
    const event = {
      version: '0',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      resources: ['arn:aws:events:eu-central-1:000000000000:rule/sweep'],
      detail: {},
    };
    expect(invoked).toEqual([{ name: 'worker', event: expect.objectContaining(event) }]);
    expect(sent).toEqual([{ queueName: 'coldframe-local-requests', body: expect.objectContaining(event) }]);
  });

  it('fires by itself, again and again, the first time after one period', async () => {
    const { invoked } = await world({ rules: [{ ...sweep, when: { kind: 'every', periodMs: 20 }, targets: [toWorker] }] });
    expect(invoked).toEqual([]);
    await vi.waitUntil(() => invoked.length >= 2);
  });

  it('that does not exist, or is none, can not be fired', async () => {
    const { bridge } = await world();
    expect(() => bridge.tick('sweeep')).toThrow('there is no schedule `sweeep`; there are: sweep');
    expect(() => bridge.tick('progress')).toThrow('there is no schedule `progress`');
  });
});

describe('a disturbed world', () => {
  it.each<[string, Disturbance, number]>([
    ['drops', 'drop', 0],
    ['delivers', 'deliver', 1],
    ['duplicates', { duplicate: 3 }, 3],
  ])('%s', async (_, disturbance, times) => {
    const { bridge, invoked } = await world({ disturb: () => disturbance });
    bridge.deliver(written('state/x/progress.json'));
    expect(invoked).toHaveLength(times);
  });

  it('delivers late, and so in another order', async () => {
    const { bridge, invoked } = await world({
      disturb: (event) => (JSON.stringify(event.detail).includes('late') ? { delayMs: 1 } : 'deliver'),
    });
    bridge.deliver(written('state/late/progress.json'));
    bridge.deliver(written('state/early/progress.json'));
    await vi.waitUntil(() => invoked.length === 2);
    expect(invoked.map(({ event }) => Object(event.detail).object.key)).toEqual(['state/early/progress.json', 'state/late/progress.json']);
  });
});

it('a rule with a mistaken pattern keeps the world from starting, and is named', async () => {
  const rule: StackRule = { ...progress, when: { kind: 'pattern', pattern: { source: 'aws.s3' } } };
  await expect(world({ rules: [rule] })).rejects.toThrow("the rule progress can't be used: this event pattern is not valid at `source`");
});
