import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ColdStartsWorld, reportColdStarts } from '../../src/app/report-cold-starts.ts';
import type { World } from '../../src/app/world.ts';
import { logInsights } from '../../src/aws/log-insights.ts';
import type { ColdStartsRequest } from '../../src/coldstart/request.ts';
import type { Args } from '../../src/local/slack/slack-method.ts';
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

const worldOf = (world: World): ColdStartsWorld => ({
  ...world,
  settings: { functions: ['orders-', 'billing-'], allow: { users: [], userGroups: [], channels: [] }, askAboveGb: 100, channels: [] },
  insights: logInsights(
    new CloudWatchLogsClient({
      region: 'eu-central-1',
      endpoint: edges.logs.url,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  ),
  bus: { put: async () => {} },
  pause: async () => {},
});

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

describe('the chart of an answer', () => {
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

  it.each(deaths)('is answered once though its function dies at call $call (done: $isDone)', async (death) => {
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
