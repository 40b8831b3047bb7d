import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient, CloudWatchLogsServiceException } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ColdStartsWorld, reportColdStarts } from '../../src/app/report-cold-starts.ts';
import type { World } from '../../src/app/world.ts';
import { logInsights } from '../../src/aws/log-insights.ts';
import { type ColdStartsRequest, parseColdStartsRequest } from '../../src/coldstart/request.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import type { Args } from '../../src/local/slack/slack-method.ts';
import { someOf } from '../every-row.ts';
import { type Edges, startEdges } from './edges.ts';
import { type Death, mortal } from './mortal.ts';

let edges: Edges;
beforeAll(async () => {
  edges = await startEdges();
  logFunction('orders-api', 60, 3);
  logFunction('orders-export', 40, 9);
  logFunction('billing-customers-in-all-of-europe', 40, 20);
  logFunction('billing-payments-by-direct-debit', 40, 2);
});
afterEach(() => {
  edges.faults.slack = undefined;
});
afterAll(async () => await edges.stop());

/** Writes what Lambda would have logged of so many calls, the first of them cold. */
function logFunction(name: string, calls: number, cold: number): void {
  for (let call = 0; call < calls; call += 1) {
    const init = call < cold ? 'Init Duration: 300.00 ms\t' : '';
    edges.logs.append(`/aws/lambda/${name}`, `2026/11/27/[$LATEST]${String(Math.min(call, cold)).padStart(4, '0')}`, [
      ...(init === '' ? [] : ['INIT_START Runtime Version: nodejs:24.v1']),
      `REPORT RequestId: ${randomUUID()}\tDuration: 10.00 ms\tBilled Duration: 310 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\t${init}`,
    ]);
  }
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const newClient = () => new CloudWatchLogsClient({ region: 'eu-central-1', endpoint: edges.logs.url, credentials });

const worldOf = (world: World, client = newClient(), fields: Partial<ColdStartsWorld> = {}): ColdStartsWorld => ({
  ...world,
  settings: { functions: ['orders-', 'billing-'], allow: { users: [], userGroups: [], channels: [] }, askAboveGb: 100, channels: [] },
  insights: logInsights(client),
  bus: { put: async () => {} },
  pause: async () => {},
  ...fields,
});

/** A client to whose calls AWS answers as `disturb` says; undefined: as it does. */
function disturbed(
  disturb: (command: string, input: Readonly<Record<string, unknown>>, output: () => Promise<Answer>) => Promise<Answer> | undefined,
) {
  const client = newClient();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = async (): Promise<Answer> => ({ ...(await next(args)).output });
        const output = (await disturb(commandName, { ...args.input }, answer)) ?? (await answer());
        return { output: { $metadata: {}, ...output }, response: undefined };
      },
    { step: 'initialize' },
  );
  return client;
}

type Answer = Readonly<Record<string, unknown>>;

const fault = (name: string, message: string): Promise<never> =>
  Promise.reject(new CloudWatchLogsServiceException({ name, message, $fault: 'client', $metadata: {} }));

/** Queries that end so instead of coming to an end. */
const ending = (status: string) =>
  disturbed((command, _, answer) =>
    command === 'GetQueryResultsCommand' ? answer().then((output) => ({ ...output, status })) : undefined,
  );

const ask = (text: string, fields: Partial<ColdStartsRequest> = {}): ColdStartsRequest => ({
  version: 1,
  key: randomUUID(),
  askedAt: new Date(edges.world.nowMs()).toISOString(),
  userId: 'U0ADA',
  channel: 'C0UITESTS',
  text,
  ...fields,
});

/** The messages since so many. */
const said = (before: number) => edges.parents().slice(before);
const blocksOf = (before: number) => said(before).flatMap(({ blocks }) => blocks ?? []);
const shows = (type: string) => (args: Args) => String(args.blocks).includes(`"type":"${type}"`);

describe('the chart of an answer', { timeout: 120_000 }, () => {
  it('is Slack’s own block where names are short', async () => {
    const before = edges.parents().length;
    await reportColdStarts(ask('orders-*'), worldOf(edges.world));
    expect(said(before)).toHaveLength(1);
    expect(blocksOf(before).map(({ type }) => type)).toContain('data_visualization');
    expect(blocksOf(before).map(({ type }) => type)).not.toContain('image');
  });

  it('is a picture with its numbers in words where Slack does not know the block', async () => {
    const before = edges.parents().length;
    edges.faults.slack = (_, args) => (shows('data_visualization')(args) ? { kind: 'error', error: 'invalid_blocks' } : undefined);
    await reportColdStarts(ask('orders-*'), worldOf(edges.world));
    expect(said(before)).toHaveLength(1);
    expect(blocksOf(before)).toContainEqual(
      expect.objectContaining({
        type: 'image',
        slack_file: { id: expect.stringMatching(/^F0/) },
        alt_text: 'Calls that started cold (2 functions, 24 h): orders-export 23 % of 40; orders-api 5 % of 60.',
      }),
    );
  });

  it('is a picture where names have no room in the block, or are not told apart there', async () => {
    const before = edges.parents().length;
    await reportColdStarts(ask('billing-*'), worldOf(edges.world));
    expect(blocksOf(before).map(({ type }) => type)).toContain('image');
  });

  it('is left out, and nothing else, where the picture cannot be uploaded', async () => {
    const before = edges.parents().length;
    edges.faults.slack = (method) => (method.startsWith('files.') ? { kind: 'error', error: 'missing_scope' } : undefined);
    await reportColdStarts(ask('billing-*'), worldOf(edges.world));
    const types = blocksOf(before).map(({ type }) => type);
    expect(types).toContain('table');
    expect(types).not.toContain('image');
  });
});

describe('a question about cold starts', { timeout: 120_000 }, () => {
  const deaths: readonly Death[] = Array.from({ length: 14 }, (_, index) =>
    [true, false].map((isDone) => ({ call: index + 1, isDone })),
  ).flat();

  it.each(someOf(deaths, 3))('is answered once though its function dies at call $call (done: $isDone)', async (death) => {
    const before = edges.parents().length;
    const request = ask('orders-*');
    await reportColdStarts(request, worldOf(mortal(edges.world, { death }))).catch(() => {});
    // The queue gives it out again: at once, while the lease of the dead still holds, and when it has run out.
    await reportColdStarts(request, worldOf(edges.world)).catch(() => {});
    edges.pass(301_000);
    await reportColdStarts(request, worldOf(edges.world));
    await reportColdStarts(request, worldOf(edges.world));
    expect(said(before).map(({ text }) => text.slice(0, 12))).toEqual(['Cold starts:']);
  });

  it('is answered once though the answer to its first message was lost', async () => {
    const before = edges.parents().length;
    const request = ask('orders-*');
    edges.faults.slack = (method) => (method === 'chat.postMessage' ? { kind: 'lost' } : undefined);
    await expect(reportColdStarts(request, worldOf(edges.world))).rejects.toThrow('Slack did not take the message');
    edges.faults.slack = undefined;
    edges.pass(301_000);
    await reportColdStarts(request, worldOf(edges.world));
    expect(said(before).map(({ text }) => text.slice(0, 12))).toEqual(['Cold starts:']);
  });

  it('is answered to the asker alone where we may not write', async () => {
    const before = edges.slack.messages('C0OLD').length;
    const warned: unknown[] = [];
    const world = worldOf({ ...edges.world, log: (level, event, fields) => void (level === 'warn' && warned.push({ event, ...fields })) });
    await reportColdStarts(ask('orders-*', { channel: 'C0OLD' }), world);
    expect(edges.slack.messages('C0OLD')).toHaveLength(before);
    expect(warned).toContainEqual(expect.objectContaining({ event: 'cold starts not shown' }));
  });
});

describe('what cannot be answered', { timeout: 120_000 }, () => {
  it.each<[string, () => CloudWatchLogsClient, string]>([
    [
      'logs that may not be listed',
      () =>
        disturbed((command) =>
          command === 'DescribeLogGroupsCommand' ? fault('AccessDeniedException', 'User is not authorized') : undefined,
        ),
      'AWS does not let me list logs (`User is not authorized`): deploy the stack again, its permissions follow from coldframe.yml.',
    ],
    [
      'logs that may not be read',
      () => disturbed((command) => (command === 'StartQueryCommand' ? fault('AccessDeniedException', 'no logs:StartQuery') : undefined)),
      'AWS does not let me read these logs (`no logs:StartQuery`)',
    ],
    ['a query that failed', () => ending('Failed'), 'CloudWatch ended the query (Failed). Please ask again'],
    ['a query that somebody cancelled', () => ending('Cancelled'), 'CloudWatch ended the query (Cancelled). Please ask again'],
    ['a query that took an hour', () => ending('Timeout'), 'CloudWatch gave up after an hour. Ask for a shorter window'],
  ])('is said in a sentence with the next step: %s', async (_, client, sentence) => {
    const before = edges.parents().length;
    await reportColdStarts(ask('orders-*'), worldOf(edges.world, client()));
    expect(said(before)).toHaveLength(1);
    expect(said(before)[0]?.text).toContain(sentence);
  });

  it('waits for its turn where the account has too many queries, shows how far it is, and hands on to the next pass', async () => {
    const before = edges.parents().length;
    let isFull = true;
    const client = disturbed((command) =>
      command === 'StartQueryCommand' && isFull ? fault('LimitExceededException', 'full') : undefined,
    );
    const handed: ColdStartsRequest[] = [];
    // Each look at the clock is half a minute later.
    const later = () => {
      edges.pass(30_000);
      return edges.world.nowMs();
    };
    const bus: ColdStartsWorld['bus'] = {
      put: async ({ detail }) => {
        if ('userId' in detail && 'text' in detail && 'key' in detail) handed.push(detail);
      },
    };
    await reportColdStarts(ask('orders-*'), worldOf(edges.world, client, { nowMs: later, bus }));
    expect(said(before).map(({ text }) => text)).toEqual(['Looking at the logs of 2 functions, 24 h and as long before']);
    isFull = false;
    const [next] = handed;
    if (next === undefined) throw new Error('nothing was handed on');
    await reportColdStarts(parseColdStartsRequest(JSON.parse(JSON.stringify(next))), worldOf(edges.world, client));
    expect(said(before).map(({ text }) => text.slice(0, 12))).toEqual(['Cold starts:']);
  });

  it('is counted by CloudWatch where there are too many calls to look at each, and says what that costs and what is missing', async () => {
    const before = edges.parents().length;
    const everyLine = new Set<unknown>();
    const client = disturbed((command, input, answer) => {
      if (command === 'StartQueryCommand' && String(input.queryString).includes('^(REPORT|'))
        return answer().then((output) => {
          everyLine.add(output.queryId);
          return output;
        });
      if (command !== 'GetQueryResultsCommand' || !everyLine.has(input.queryId)) return undefined;
      return answer().then((output) => ({ ...output, statistics: { recordsMatched: 1_200_000, bytesScanned: 2e9 } }));
    });
    await reportColdStarts(ask('orders-* merge'), worldOf(edges.world, client));
    const text = messageAsText(said(before)[0] ?? { text: '' });
    expect(text).toContain('12 of 100 invocations started cold (12 %)');
    expect(text).toContain('CloudWatch has counted the warm ones: there is no what-if');
    expect(text).toContain('the question cost $0.02 (4.0 GB)');
  });

  it('says why there is no what-if, when one was asked for', async () => {
    const before = edges.parents().length;
    await reportColdStarts(ask('orders-* merge=orders-api,orders-nobody'), worldOf(edges.world));
    expect(messageAsText(said(before)[0] ?? { text: '' })).toContain('There is no function orders-nobody among the lines');
  });
});
