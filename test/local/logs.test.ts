import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  type CloudWatchLogsClientConfig,
  CloudWatchLogsServiceException,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, it } from 'vitest';
import { startLogs } from '../../src/local/logs/logs.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';

const logGroupName = '/coldframe/local/tasks';
const logStreamName = 'local/suite/0123456789abcdef';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function world(givenDir?: string) {
  const dir = givenDir ?? (await mkdtemp(join(tmpdir(), 'coldframe-logs-')));
  if (givenDir === undefined) cleanUps.push(() => rm(dir, { recursive: true, force: true }));
  const journal: JournalEntry[] = [];
  const logs = await startLogs({
    dir,
    account: '000000000000',
    region: 'eu-central-1',
    journal: (entry) => journal.push(entry),
    credentials: [{ accessKeyId: 'local', secretAccessKey: 'local' }],
  });
  cleanUps.push(() => logs.stop());
  return { dir, logs, journal, client: clientOf(logs.url) };
}

function clientOf(endpoint: string, config: CloudWatchLogsClientConfig = {}): CloudWatchLogsClient {
  const client = new CloudWatchLogsClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...config,
  });
  cleanUps.push(() => client.destroy());
  return client;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await call)}`;
  } catch (error) {
    if (!(error instanceof CloudWatchLogsServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

const get = (client: CloudWatchLogsClient, more: Partial<GetLogEventsCommandInput> = {}) =>
  client.send(new GetLogEventsCommand({ logGroupName, logStreamName, ...more }));

async function messages(client: CloudWatchLogsClient, more: Partial<GetLogEventsCommandInput> = {}): Promise<(string | undefined)[]> {
  return ((await get(client, more)).events ?? []).map(({ message }) => message);
}

const filter = async (client: CloudWatchLogsClient, more: object = {}) => {
  const answer = await client.send(new FilterLogEventsCommand({ logGroupName, ...more }));
  return (answer.events ?? []).map(({ message }) => message);
};

const putEvents = (client: CloudWatchLogsClient, logEvents: readonly { timestamp: number; message: string }[], stream = logStreamName) =>
  client.send(new PutLogEventsCommand({ logGroupName, logStreamName: stream, logEvents: [...logEvents] }));

async function withStream(client: CloudWatchLogsClient, name = logStreamName): Promise<void> {
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'ResourceAlreadyExistsException')) throw error;
  });
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: name }));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('writing', () => {
  it('needs a group and a stream, made once', async () => {
    const { client } = await world();
    const event = { timestamp: Date.now(), message: 'x' };
    expect(await refusal(client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })))).toBe('400 ResourceNotFoundException');
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    expect(await refusal(putEvents(client, [event]))).toBe('400 ResourceNotFoundException');
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    expect(await refusal(client.send(new CreateLogGroupCommand({ logGroupName })))).toBe('400 ResourceAlreadyExistsException');
    expect(await refusal(client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })))).toBe(
      '400 ResourceAlreadyExistsException',
    );
    await putEvents(client, [event]);
    expect((await get(client)).events).toEqual([{ ...event, ingestionTime: expect.any(Number) }]);
  });

  it.each([
    ['events out of order', [2, 1].map((ago) => ({ timestamp: Date.now() + ago, message: 'x' }))],
    ['more than a day between them', [-25 * 3_600_000, 0].map((ahead) => ({ timestamp: Date.now() + ahead, message: 'x' }))],
    ['more than 1 MB', numbers(1, 5).map(() => ({ timestamp: 1, message: 'x'.repeat(250_000) }))],
    ['a message without a character', [{ timestamp: 1, message: '' }]],
    ['no event', []],
  ])('refuses a batch with %s', async (_, events) => {
    const { client } = await world();
    await withStream(client);
    expect(await refusal(putEvents(client, events))).toBe('400 InvalidParameterException');
    expect(await messages(client)).toEqual([]);
  });

  it('leaves out what is too old or too far ahead, and says so', async () => {
    const { client } = await world();
    await withStream(client);
    const now = Date.now();
    const old = await putEvents(client, [{ timestamp: now - 15 * 86_400_000, message: 'old' }]);
    expect(old.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    const ahead = await putEvents(client, [
      { timestamp: now, message: 'kept' },
      { timestamp: now + 3 * 3_600_000, message: 'ahead' },
    ]);
    expect(ahead.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(await messages(client)).toEqual(['kept']);
  });

  it('appended lines are there at once, one event each, with group and stream made for them', async () => {
    const { client, logs } = await world();
    logs.append(logGroupName, logStreamName, ['first', '', 'second\ttab “ü” 🧪']);
    logs.append(logGroupName, logStreamName, ['third']);
    expect(await messages(client, { startFromHead: true })).toEqual(['first', 'second\ttab “ü” 🧪', 'third']);
    logs.append('/aws/lambda/coldframe-local-http', '2026/11/23/[$LATEST]0123', ['START']);
    const streams = await client.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/lambda/coldframe-local-http' }));
    expect(streams.logStreams).toMatchObject([
      { logStreamName: '2026/11/23/[$LATEST]0123', firstEventTimestamp: expect.any(Number), lastEventTimestamp: expect.any(Number) },
    ]);
  });

  it('keeps the folder clean of names that would lead out of it', async () => {
    const { client, dir } = await world();
    await client.send(new CreateLogGroupCommand({ logGroupName: '..' }));
    await client.send(new CreateLogStreamCommand({ logGroupName: '..', logStreamName: '../../x' }));
    expect(await readdir(dir)).toEqual(['%2E.']);
    expect(await readdir(join(dir, '%2E.'))).toEqual(['%2E.%2F..%2Fx.ndjson']);
    expect(await refusal(client.send(new CreateLogStreamCommand({ logGroupName: '..', logStreamName: 'a:b' })))).toBe(
      '400 InvalidParameterException',
    );
    expect(await refusal(client.send(new CreateLogStreamCommand({ logGroupName: '..', logStreamName: 'x'.repeat(300) })))).toBe(
      '501 NotImplementedException',
    );
  });
});

describe('a stream', () => {
  it('read from its head comes in pages; at its end the same token comes back, and later leads to what came since', async () => {
    const { client, logs } = await world();
    logs.append(logGroupName, logStreamName, numbers(1, 5));
    const one = await get(client, { startFromHead: true, limit: 2 });
    const two = await get(client, { startFromHead: true, limit: 2, nextToken: one.nextForwardToken });
    const three = await get(client, { startFromHead: true, limit: 2, nextToken: two.nextForwardToken });
    expect([one, two, three].map(({ events }) => events?.map(({ message }) => message))).toEqual([['1', '2'], ['3', '4'], ['5']]);
    const end = await get(client, { startFromHead: true, limit: 2, nextToken: three.nextForwardToken });
    expect([end.events, end.nextForwardToken]).toEqual([[], three.nextForwardToken]);
    logs.append(logGroupName, logStreamName, ['6']);
    expect(await messages(client, { startFromHead: true, nextToken: end.nextForwardToken })).toEqual(['6']);
  });

  it('read without startFromHead gives its last events, in order, and goes backward to its head', async () => {
    const { client, logs } = await world();
    logs.append(logGroupName, logStreamName, numbers(1, 5));
    const last = await get(client, { limit: 2 });
    const before = await get(client, { limit: 2, nextToken: last.nextBackwardToken });
    const first = await get(client, { limit: 2, nextToken: before.nextBackwardToken });
    expect([last, before, first].map(({ events }) => events?.map(({ message }) => message))).toEqual([['4', '5'], ['2', '3'], ['1']]);
    const end = await get(client, { limit: 2, nextToken: first.nextBackwardToken });
    expect([end.events, end.nextBackwardToken]).toEqual([[], first.nextBackwardToken]);
    expect(await messages(client, { startFromHead: true, nextToken: end.nextForwardToken })).toEqual(numbers(1, 5));
  });

  it('that is empty has tokens, which lead to the first events when they come', async () => {
    const { client, logs } = await world();
    await withStream(client);
    const empty = await get(client, { startFromHead: true });
    expect(empty.events).toEqual([]);
    logs.append(logGroupName, logStreamName, ['first']);
    expect(await messages(client, { startFromHead: true, nextToken: empty.nextForwardToken })).toEqual(['first']);
  });

  it('is in order of time, whichever way the batches came, and of arrival within a millisecond', async () => {
    const { client } = await world();
    await withStream(client);
    const now = Date.now();
    await putEvents(client, [{ timestamp: now, message: 'late' }]);
    await putEvents(client, [{ timestamp: now - 10, message: 'early' }]);
    await putEvents(client, [{ timestamp: now, message: 'late too' }]);
    expect(await messages(client, { startFromHead: true })).toEqual(['early', 'late', 'late too']);
    expect(await messages(client, { startTime: now - 10, endTime: now })).toEqual(['early']);
    expect(await messages(client, { startTime: now })).toEqual(['late', 'late too']);
  });

  it('gives no more than 1 MB at a time, and still everything', async () => {
    const { client, logs } = await world();
    const lines = numbers(1, 9).map((number) => number.repeat(300_000));
    logs.append(logGroupName, logStreamName, lines);
    const found: (string | undefined)[] = [];
    const sizes: number[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await get(client, { startFromHead: true, nextToken });
      if (page.nextForwardToken === nextToken) break;
      found.push(...(page.events ?? []).map(({ message }) => message));
      sizes.push(page.events?.length ?? 0);
      nextToken = page.nextForwardToken;
    }
    expect(found).toEqual(lines);
    expect(sizes).toEqual([3, 3, 3]);
  });

  it('survives a restart, and a last line that a dying world cut off', async () => {
    const before = await world();
    before.logs.append(logGroupName, logStreamName, numbers(1, 3));
    const page = await get(before.client, { startFromHead: true, limit: 2 });
    await before.logs.stop();
    const [group] = await readdir(before.dir);
    const path = join(before.dir, group ?? '', `${encodeURIComponent(logStreamName)}.ndjson`);
    await appendFile(path, '{"timestamp":17,"ingest');
    const { client, logs } = await world(before.dir);
    expect(await messages(client, { startFromHead: true, nextToken: page.nextForwardToken })).toEqual(['3']);
    logs.append(logGroupName, logStreamName, ['4']);
    expect(await messages(client, { startFromHead: true })).toEqual(numbers(1, 4));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(numbers(1, 4));
  });

  it('that is cut off in the middle of a character takes new lines', async () => {
    const before = await world();
    before.logs.append(logGroupName, logStreamName, ['ü']);
    await before.logs.stop();
    const [group] = await readdir(before.dir);
    await appendFile(
      join(before.dir, group ?? '', `${encodeURIComponent(logStreamName)}.ndjson`),
      Buffer.from('{"message":"ü').subarray(0, -1),
    );
    const { client, logs } = await world(before.dir);
    logs.append(logGroupName, logStreamName, ['next']);
    expect(await messages(client, { startFromHead: true })).toEqual(['ü', 'next']);
  });

  it.each([
    ['a token nobody gave', { nextToken: 'nonsense' }, '400 InvalidParameterException'],
    ['a limit above 10,000', { limit: 10_001 }, '400 InvalidParameterException'],
    ['a stream that is not there', { logStreamName: 'none' }, '400 ResourceNotFoundException'],
    ['a group that is not there', { logGroupName: 'none' }, '400 ResourceNotFoundException'],
    ['a group by its ARN', { logGroupIdentifier: 'arn:aws:logs:eu-central-1:000000000000:log-group:x' }, '501 NotImplementedException'],
  ])('refuses %s', async (_, more, expected) => {
    const { client, logs } = await world();
    logs.append(logGroupName, logStreamName, ['x']);
    expect(await refusal(get(client, more))).toBe(expected);
  });
});

describe('a group', () => {
  it.each([
    ['', ['REPORT Init Duration: 3 ms', 'ERROR one', 'ERROR two words', 'plain "quoted"']],
    ['ERROR', ['ERROR one', 'ERROR two words']],
    ['error', []],
    ['ERROR words', ['ERROR two words']],
    ['ERROR -words', ['ERROR one']],
    ['"two words"', ['ERROR two words']],
    ['"words two"', []],
    ['?one ?"Init Duration:"', ['REPORT Init Duration: 3 ms', 'ERROR one']],
    ['"\\"quoted\\""', ['plain "quoted"']],
  ])('filtered by %j gives %j', async (filterPattern, expected) => {
    const { client, logs } = await world();
    logs.append(logGroupName, logStreamName, ['REPORT Init Duration: 3 ms', 'ERROR one', 'ERROR two words', 'plain "quoted"']);
    expect(await filter(client, { filterPattern })).toEqual(expected);
  });

  it.each(['{ $.level = "error" }', '[a, b]', '%regex%', '?one two'])(
    'refuses the pattern %j, which it does not understand',
    async (filterPattern) => {
      const { client, logs } = await world();
      logs.append(logGroupName, logStreamName, ['x']);
      expect(await refusal(filter(client, { filterPattern }))).toBe('501 NotImplementedException');
    },
  );

  it('filters its streams together, in order of time, page by page, each event once with its own id', async () => {
    const { client } = await world();
    const start = Date.now() - 1000;
    for (const stream of ['a', 'b/1', 'b/2']) {
      await withStream(client, stream);
      await putEvents(
        client,
        numbers(0, 4).map((number) => ({ timestamp: start + 10 * Number(number), message: `${stream} ${number}` })),
        stream,
      );
    }
    const found: { message?: string | undefined; eventId?: string | undefined; logStreamName?: string | undefined }[] = [];
    for (let nextToken: string | undefined; ; ) {
      const page = await client.send(new FilterLogEventsCommand({ logGroupName, limit: 4, nextToken }));
      found.push(...(page.events ?? []));
      nextToken = page.nextToken;
      if (nextToken === undefined) break;
    }
    expect(found.map(({ message }) => message)).toEqual(
      numbers(0, 4).flatMap((number) => ['a', 'b/1', 'b/2'].map((stream) => `${stream} ${number}`)),
    );
    expect(new Set(found.map(({ eventId }) => eventId)).size).toBe(15);
    expect(await filter(client, { logStreamNamePrefix: 'b/', startTime: start + 10, endTime: start + 20 })).toEqual(['b/1 1', 'b/2 1']);
    expect(await filter(client, { logStreamNames: ['a'], filterPattern: '3' })).toEqual(['a 3']);
    expect(await refusal(filter(client, { logStreamNames: ['a'], logStreamNamePrefix: 'b' }))).toBe('400 InvalidParameterException');
    expect(await refusal(filter(client, { logStreamNames: ['none'] }))).toBe('400 ResourceNotFoundException');
  });

  it('is found by the beginning of its name, page by page', async () => {
    const { client, logs } = await world();
    for (const group of ['/aws/lambda/b', '/aws/lambda/a', '/other']) logs.append(group, 's', ['x']);
    const one = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/', limit: 1 }));
    expect(one.logGroups).toMatchObject([
      { logGroupName: '/aws/lambda/a', arn: 'arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/a:*' },
    ]);
    expect(Math.abs(Date.now() - (one.logGroups?.[0]?.creationTime ?? 0))).toBeLessThan(60_000);
    const two = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/', limit: 1, nextToken: one.nextToken }));
    expect([two.logGroups?.map((group) => group.logGroupName), two.nextToken]).toEqual([['/aws/lambda/b'], undefined]);
  });

  it('lists its streams by name or by their last event', async () => {
    const { client } = await world();
    const now = Date.now();
    for (const [name, ahead] of [
      ['a', 0],
      ['b', -100],
      ['c', -50],
    ] as const) {
      await withStream(client, name);
      await putEvents(client, [{ timestamp: now + ahead, message: 'x' }], name);
    }
    const names = async (more: object) => {
      const found: (string | undefined)[] = [];
      for (let nextToken: string | undefined; ; ) {
        const page = await client.send(new DescribeLogStreamsCommand({ logGroupName, limit: 2, nextToken, ...more }));
        found.push(...(page.logStreams ?? []).map((stream) => stream.logStreamName));
        nextToken = page.nextToken;
        if (nextToken === undefined) return found;
      }
    };
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ descending: true })).toEqual(['c', 'b', 'a']);
    expect(await names({ orderBy: 'LastEventTime', descending: true })).toEqual(['a', 'c', 'b']);
    expect(await names({ logStreamNamePrefix: 'b' })).toEqual(['b']);
    expect(await refusal(names({ orderBy: 'LastEventTime', logStreamNamePrefix: 'b' }))).toBe('400 InvalidParameterException');
  });
});

it('a query that is not of our form, and whatever else we have not, is refused once, with what to use instead', async () => {
  const { client, journal } = await world();
  const start = await client
    .send(new StartQueryCommand({ logGroupNames: [logGroupName], queryString: 'fields @message', startTime: 0, endTime: 1 }))
    .catch((error: unknown) => error);
  expect(String(start)).toMatch(/NotImplementedException: .*this query of Logs Insights, only `fields @timestamp/);
  expect(await refusal(client.send(new GetQueryResultsCommand({ queryId: 'q' })))).toBe('400 ResourceNotFoundException');
  expect(await refusal(client.send(new DeleteLogGroupCommand({ logGroupName })))).toBe('501 NotImplementedException');
  expect(journal).toHaveLength(3);
});

it('the journal counts events, it does not keep them', async () => {
  const { client, journal } = await world();
  await withStream(client);
  await putEvents(client, [{ timestamp: Date.now(), message: 'hush' }]);
  await messages(client);
  expect(journal.slice(2)).toMatchObject([
    { source: 'logs', name: 'PutLogEvents', status: 200, request: { logGroupName, logStreamName, logEvents: '1 events' } },
    { source: 'logs', name: 'GetLogEvents', status: 200, response: { events: '1 events' } },
  ]);
});

it('only who signs with a key we know gets an answer', async () => {
  const { logs } = await world();
  logs.append(logGroupName, logStreamName, ['x']);
  expect(await refusal(get(clientOf(logs.url, { credentials: { accessKeyId: 'local', secretAccessKey: 'guessed' } })))).toBe(
    '400 InvalidSignatureException',
  );
});
