import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ColdStartsWorld, reportColdStarts } from '../../src/app/report-cold-starts.ts';
import { tellWhatIsDue } from '../../src/app/tell-what-is-due.ts';
import type { World } from '../../src/app/world.ts';
import { logInsights } from '../../src/aws/log-insights.ts';
import { parseDue } from '../../src/coldstart/due.ts';
import { hourMs } from '../../src/coldstart/hourly.ts';
import { type ColdStartsRequest, toldKeys } from '../../src/coldstart/request.ts';
import { newWatch, parseWatch, type Watch } from '../../src/coldstart/watch.ts';
import { someOf } from '../every-row.ts';
import { type Edges, startEdges } from './edges.ts';
import { type Death, mortal } from './mortal.ts';

const channel = 'C0UITESTS';
const schedule = 'monday 09:00 Europe/Berlin';
const keys = toldKeys(channel);

let edges: Edges;
/** What was put on the bus and nobody has dealt with. */
let asked: ColdStartsRequest[];
let hour: number;

beforeAll(async () => {
  edges = await startEdges();
  hour = Math.floor(Date.now() / hourMs);
  // One in four calls starts cold.
  for (let call = 0; call < 120; call += 1) {
    const init = call % 4 === 0 ? 'Init Duration: 300.00 ms\t' : '';
    edges.logs.append('/aws/lambda/orders-api', `2026/11/27/[$LATEST]${Math.floor(call / 4)}`, [
      ...(init === '' ? [] : ['INIT_START Runtime Version: nodejs:24.v1']),
      `REPORT RequestId: ${randomUUID()}\tDuration: 10.00 ms\tBilled Duration: 310 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\t${init}`,
    ]);
  }
});
beforeEach(async () => {
  asked = [];
  await edges.world.store.put(keys.due, JSON.stringify({ version: 1 }), 'application/json');
});
afterEach(() => {
  edges.faults.slack = undefined;
});
afterAll(async () => await edges.stop());

const worldOf = (world: World, askAboveGb = 100): ColdStartsWorld => ({
  ...world,
  settings: {
    functions: ['orders-'],
    allow: { users: ['U0NOBODY'], userGroups: [], channels: [] },
    askAboveGb,
    channels: [{ channel, functions: ['orders-*'], digest: schedule, alert: true }],
  },
  insights: logInsights(
    new CloudWatchLogsClient({
      region: 'eu-central-1',
      endpoint: edges.logs.url,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  ),
  bus: { put: async ({ detail }) => void asked.push(detail as ColdStartsRequest) },
  pause: async () => {},
});

const said = (before: number) => edges.parents().slice(before);
const texts = (before: number) => said(before).map(({ text }) => text);

const digest = (fields: Partial<ColdStartsRequest> = {}): ColdStartsRequest => {
  const askedAt = new Date(edges.world.nowMs()).toISOString();
  return {
    version: 1,
    key: `digest:${askedAt}:${randomUUID()}`,
    askedAt,
    userId: '',
    channel,
    text: 'orders-* 7d',
    occasion: { kind: 'digest' },
    ...fields,
  };
};

/** A week of one cold start in a hundred calls, and three hours of twenty, of which nobody was told. */
function aWeek(): Watch {
  const hours = Array.from({ length: 175 }, (_, index) => {
    const at = hour - 175 + index;
    return [at, 100, at >= hour - 3 ? 20 : 1, 0, 0, [300]] as const;
  });
  return { ...newWatch('orders-*', hour - 175), until: hour, functions: { 'orders-api': hours } };
}

const watch = (): ColdStartsRequest => ({
  ...{ version: 1, key: randomUUID(), askedAt: new Date(edges.world.nowMs()).toISOString(), userId: '', channel, text: 'orders-*' },
  // Two hours, should a new one begin while this runs.
  occasion: { kind: 'watch', from: hour, to: hour + 2 },
});

describe('a weekly digest', { timeout: 120_000 }, () => {
  it('says how the week was, in one message, and asks nobody whether they may ask', async () => {
    const before = edges.parents().length;
    await reportColdStarts(digest(), worldOf(edges.world));
    expect(texts(before)).toEqual([expect.stringMatching(/^Cold starts this week: 25 % of 120 calls started cold; people waited 300 ms/)]);
  });

  it.each(
    someOf(
      Array.from({ length: 12 }, (_, index): Death => ({ call: index + 1, isDone: index % 2 === 0 })),
      3,
    ),
  )('is said once though its function dies at call $call (done: $isDone)', async (death) => {
    const before = edges.parents().length;
    const request = digest();
    await reportColdStarts(request, worldOf(mortal(edges.world, { death }))).catch(() => {});
    await reportColdStarts(request, worldOf(edges.world)).catch(() => {});
    edges.pass(301_000);
    await reportColdStarts(request, worldOf(edges.world));
    await reportColdStarts(request, worldOf(edges.world));
    expect(texts(before)).toEqual([expect.stringContaining('Cold starts this week:')]);
  });

  it('is late rather than never within twelve hours, and then is skipped aloud, once', async () => {
    const hoursAgo = (hours: number) => new Date(edges.world.nowMs() - hours * hourMs).toISOString();
    const before = edges.parents().length;
    await reportColdStarts(digest({ askedAt: hoursAgo(11.9) }), worldOf(edges.world));
    const tooLate = digest({ askedAt: hoursAgo(12.1) });
    await reportColdStarts(tooLate, worldOf(edges.world));
    await reportColdStarts(tooLate, worldOf(edges.world));
    expect(texts(before)).toEqual([
      expect.stringContaining('Cold starts this week:'),
      expect.stringMatching(/^This week's digest of cold starts was due at .* UTC and could not be made: it is skipped/),
    ]);
  });

  it('that would look at more than askAboveGb is not begun but said, with a button for whoever wants it', async () => {
    const before = edges.parents().length;
    await reportColdStarts(digest(), worldOf(edges.world, 0));
    expect(texts(before)).toEqual([expect.stringContaining('CloudWatch would look at about')]);
    expect(JSON.stringify(said(before)[0]?.blocks)).toContain('"value":"orders-* 7d confirm"');
  });
});

describe('the clock', { timeout: 120_000 }, () => {
  it('asks for a digest once when its time has come, again when it was lost, and no more when it is there', async () => {
    const world = worldOf(edges.world);
    await tellWhatIsDue({ version: 1 }, world);
    expect(asked).toEqual([]);
    edges.pass(7 * 24 * hourMs);
    await tellWhatIsDue({ version: 1 }, world);
    await tellWhatIsDue({ version: 1 }, world);
    const digests = () => asked.filter(({ occasion }) => occasion?.kind === 'digest');
    expect(digests()).toHaveLength(1);
    edges.pass(31 * 60_000);
    await tellWhatIsDue({ version: 1 }, world);
    expect(digests()).toEqual([digests()[0], digests()[0]]);
    const [request] = digests();
    if (request === undefined) throw new Error('there is no digest');
    await reportColdStarts(request, world);
    edges.pass(31 * 60_000);
    await tellWhatIsDue({ version: 1 }, world);
    expect(digests()).toHaveLength(2);
    expect((await edges.world.store.get(keys.due, parseDue))?.value.digest?.isDone).toBe(true);
  });

  it('asks for every digest as if it were due when it is told a time', async () => {
    await tellWhatIsDue({ version: 1, now: '2026-11-27T06:00:00.000Z' }, worldOf(edges.world));
    expect(asked).toMatchObject([{ key: `digest:${channel}:2026-11-27T06:00:00.000Z`, text: 'orders-* 7d', occasion: { kind: 'digest' } }]);
  });

  it('says once that nothing could be watched for six hours, and why', async () => {
    const until = Math.floor(edges.world.nowMs() / hourMs) - 7;
    const due = { version: 1, watch: { scope: 'orders-*', until, askedAt: new Date(edges.world.nowMs()).toISOString() } };
    await edges.world.store.put(keys.due, JSON.stringify(due), 'application/json');
    await reportColdStarts(watch(), worldOf(edges.world, 0));
    const before = edges.parents().length;
    await tellWhatIsDue({ version: 1 }, worldOf(edges.world, 0));
    await tellWhatIsDue({ version: 1 }, worldOf(edges.world, 0));
    expect(said(before)).toHaveLength(1);
    expect(JSON.stringify(said(before)[0]?.blocks)).toContain('`askAboveGb` is 0');
  });
});

describe('a watch', { timeout: 120_000 }, () => {
  it.each(
    someOf(
      Array.from({ length: 14 }, (_, index): Death => ({ call: index + 1, isDone: index % 2 === 1 })),
      3,
    ),
  )('says a jump once though its function dies at call $call (done: $isDone)', async (death) => {
    // The same functions in other words: an alert of its own.
    const text = Array.from({ length: death.call }, () => 'orders-*').join(' ');
    await edges.world.store.put(keys.watch, JSON.stringify({ ...aWeek(), scope: text }), 'application/json');
    const request = { ...watch(), text };
    const before = edges.parents().length;
    await reportColdStarts(request, worldOf(mortal(edges.world, { death }))).catch(() => {});
    await reportColdStarts(request, worldOf(edges.world)).catch(() => {});
    edges.pass(301_000);
    await reportColdStarts(request, worldOf(edges.world));
    await reportColdStarts(request, worldOf(edges.world));
    expect(texts(before)).toEqual([expect.stringMatching(/^orders-api starts cold [\d.]+ times as often since .* UTC$/)]);
    const kept = (await edges.world.store.get(keys.watch, parseWatch))?.value;
    expect(kept?.alerts).toMatchObject([{ revision: 1, said: 1, jumps: [{ functionName: 'orders-api', since: hour - 3 }] }]);
  });
});
