import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LogInsights, logInsights, type Wanted } from '../../src/aws/log-insights.ts';
import { type Counted, coldStartCounter } from '../../src/coldstart/count.ts';
import type { LogLine } from '../../src/coldstart/exported-log.ts';
import { figuresOf } from '../../src/coldstart/tally.ts';
import { type LocalLogs, startLogs } from '../../src/local/logs/logs.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const second = 1_000;
/** Whole seconds, as queries are. */
const startMs = Math.floor(Date.now() / second) * second - 3_600_000;

let dir: string;
let logs: LocalLogs;
let client: CloudWatchLogsClient;
let insights: LogInsights;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coldframe-insights-'));
  logs = await startLogs({ dir, account: '000000000000', region: 'eu-central-1', journal: () => {}, credentials: [credentials] });
  client = new CloudWatchLogsClient({ endpoint: logs.url, region: 'eu-central-1', credentials });
  insights = logInsights(client);
  await put('orders-api', 'a', [
    [0, 'INIT_START Runtime Version: nodejs:24.v1'],
    [10, 'a line of the function'],
    [500, 'REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 1 ms\n'],
    [second, '{"time":"2026-10-08T07:30:29.470Z","type":"platform.report","record":{}}'],
  ]);
  await put(
    'orders-export',
    'b',
    Array.from({ length: 9_999 }, (_, index) => [second + (index % 800), `REPORT RequestId: ${index}`]),
  );
  await put(
    'orders-export',
    'c',
    Array.from({ length: 2_000 }, (_, index) => [second + 100, `REPORT RequestId: c${index}`]),
  );
  await put('orders-silent', 'd', [[0, 'nothing of ours']]);
  await put('other', 'e', [[0, 'REPORT RequestId: e']]);
});
afterAll(async () => {
  client.destroy();
  await logs.stop();
  await rm(dir, { recursive: true });
});

const made = new Set<string>();
async function put(name: string, logStreamName: string, events: readonly (readonly [number, string])[]): Promise<void> {
  const logGroupName = `/aws/lambda/${name}`;
  if (!made.has(logGroupName)) await client.send(new CreateLogGroupCommand({ logGroupName }));
  made.add(logGroupName);
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logEvents = events.map(([ms, message]) => ({ timestamp: startMs + ms, message })).toSorted((a, b) => a.timestamp - b.timestamp);
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
}

/** A query of these functions that is complete. */
async function complete(names: readonly string[], fromMs: number, toMs: number, wanted?: Wanted): Promise<string> {
  const groups = names.map((name) => `/aws/lambda/${name}`);
  const asked = await insights.ask(groups, fromMs, toMs, wanted);
  if (asked.kind !== 'started') throw new Error(asked.kind);
  for (let state = await insights.look(asked.queryId); state.kind !== 'complete'; state = await insights.look(asked.queryId)) {
    if (state.kind === 'failed') throw new Error(state.status);
  }
  return asked.queryId;
}

const found = async (names: readonly string[], fromMs: number, toMs: number, wanted?: Wanted): Promise<readonly LogLine[]> =>
  await Array.fromAsync(insights.lines(await complete(names, fromMs, toMs, wanted)));

describe('Logs Insights', { timeout: 60_000 }, () => {
  it('finds the logs of functions by the beginning of their names', async () => {
    expect((await insights.logsOf('orders-')).map(({ functionName }) => functionName)).toEqual([
      'orders-api',
      'orders-export',
      'orders-silent',
    ]);
    expect(await insights.logsOf('nobody-')).toEqual([]);
  });

  it("gives Lambda's own lines, text and JSON, with time, stream and function, and nothing else", async () => {
    const lines = await found(['orders-api', 'orders-silent'], startMs, startMs + 2 * second);
    expect(lines.map(({ message }) => message.slice(0, 10))).toEqual(['INIT_START', 'REPORT Req', '{"time":"2']);
    expect(lines[1]).toMatchObject({ functionName: 'orders-api', stream: 'a', atMs: startMs + 500 });
  });

  it('gives everything that a query found, page by page, in order of time', async () => {
    const lines = await found(['orders-export'], startMs, startMs + 2 * second);
    expect(lines).toHaveLength(11_999);
    expect(new Set(lines.map(({ message }) => message)).size).toBe(11_999);
    expect(lines.map(({ atMs = 0 }) => atMs)).toEqual(lines.map(({ atMs = 0 }) => atMs).toSorted((a, b) => a - b));
  });

  it('windows that touch share no line and lose none', async () => {
    const [first, next] = [
      await found(['orders-api'], startMs, startMs + second),
      await found(['orders-api'], startMs + second, startMs + 2 * second),
    ];
    expect([first.length, next.length]).toEqual([2, 1]);
  });

  it('counts warm calls and gives the other lines, which together tell the same as all lines do', async () => {
    const real = readFileSync(new URL('../fixtures/coldstart/report-lines.txt', import.meta.url), 'utf8');
    const events = real.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const warm = 'REPORT RequestId: w\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 90 MB\t';
    await put('hot', 'h', [
      ...events.map((line, index) => [index, line.replaceAll('<NL>', '\n')] as const),
      ...Array.from({ length: 1_000 }, (_, index) => [1_000 + 4_000 * index, warm] as const),
    ]);
    const span = [startMs, startMs + 3_700 * second] as const;
    const [all, hot] = [coldStartCounter(), coldStartCounter()];
    for (const line of await found(['hot'], ...span)) all.read(line);
    const cold = await found(['hot'], ...span, 'cold-lines');
    for (const line of cold) hot.read(line);
    const calls = await Array.fromAsync(insights.warmCalls(await complete(['hot'], ...span, 'warm-calls')));
    for (const { functionName, hourMs, ...counted } of calls) hot.add(functionName, hourMs, counted);
    expect(cold.length).toBeLessThan(events.length);
    const told = ({ all: tally, functions }: Counted) => {
      // A restart after a crash looks like any warm call: of so many, that is not seen.
      const { reInits, reInitsUpTo, ...figures } = { reInitsUpTo: 0, ...figuresOf(tally) };
      return { ...figures, names: [...functions.keys()] };
    };
    expect(told(hot.end())).toEqual(told(all.end()));
  });

  it('says when the last event of a silent function was', async () => {
    expect(await insights.lastEventMs('/aws/lambda/orders-silent')).toBe(startMs);
  });

  it('ends a query that nobody waits for', async () => {
    const asked = await insights.ask(['/aws/lambda/orders-api'], startMs, startMs + second);
    if (asked.kind !== 'started') throw new Error(asked.kind);
    await insights.stop(asked.queryId);
    expect(await insights.look(asked.queryId)).toEqual({ kind: 'failed', status: 'Cancelled' });
  });

  it.each([
    'stats count(*) by bin(5m)',
    'filter @message like /a/ | stats avg(@duration) by bin(1h)',
    'filter (@message like /a/ or | stats count(*) as calls by @log, bin(1h)',
    'fields @timestamp, @message | limit 20',
    'fields @duration | filter @message like /REPORT/ | sort @timestamp asc',
    'fields @message | filter @type = "REPORT" | sort @timestamp asc',
    'fields @message | filter @message like /a/ | sort @timestamp desc',
  ])('locally refuses any other query aloud: %s', async (queryString) => {
    const query = new StartQueryCommand({ logGroupNames: ['/aws/lambda/orders-api'], startTime: 0, endTime: 1, queryString });
    await expect(client.send(query)).rejects.toThrow(/does not offer this query/);
  });
});
