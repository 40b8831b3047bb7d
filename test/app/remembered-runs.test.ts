import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { readHistory } from '../../src/app/history-store.ts';
import { type RunRef, readRun } from '../../src/app/run-store.ts';
import type { World } from '../../src/app/world.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { environmentKeys, runKeys } from '../../src/run/keys.ts';
import { parseDealBasis } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { passedMessages } from './messages.ts';
import { leaveMessages, outcomeOf, start, stoppedTask } from './run-steps.ts';

const everything = readFileSync(new URL('../fixtures/messages/everything.ndjson', import.meta.url));
/** The one scenario of the same suite, on a bad day. */
const failedMessages = Buffer.from(
  passedMessages
    .toString()
    .replaceAll('"status":"PASSED"', '"status":"FAILED","message":"Error: no cukes"')
    .replace('"success":true', '"success":false'),
);
const key = environmentKeys('local').history;

let edges: Edges;
let logged: string[];
let world: World;
beforeEach(async () => {
  edges = await startEdges({
    catalogue: catalogueOf({ name: 'local', tasksAtOnce: 2, quarantine: '@broken or @wip or @pending or @admin' }),
  });
  logged = [];
  world = { ...edges.world, log: (level, what) => void logged.push(`${level} ${what}`) };
});
afterEach(async () => await edges.stop());

/** Starts a run and ends it with these messages, a day after the one before. */
async function ran(messages: Uint8Array, exitCode: number): Promise<RunRef> {
  edges.pass(24 * 3_600_000);
  const ref = await start(edges, requestOf({ askedAt: new Date(edges.world.nowMs()).toISOString() }));
  await leaveMessages(edges, ref, messages, exitCode);
  await taskStopped(await stoppedTask(edges, ref), world);
  return ref;
}
const passed = () => ran(passedMessages, 0);
const failed = () => ran(failedMessages, 1);
/** The last run's message, and what is said in its thread. */
const lastWords = (): string => [edges.parents().at(-1), edges.replies().at(-1)].map((last) => last && messageAsText(last)).join('\n');

describe('the message of a run', () => {
  it('says of a failure that it is new and where it passed, then since when it fails, and at last that it is fixed', async () => {
    expect(await outcomeOf(edges, await passed())).toBe('passed');
    expect(lastWords()).not.toMatch(/new|Fixed/);
    const before = await passed();
    const first = await failed();
    expect(lastWords()).toContain('1 of 1 scenario failed · 1 new');
    expect(lastWords()).toMatch(new RegExp(`new: passed (?:24 hours|1 day)s? before, in .?${before.runId}`));
    await failed();
    expect(lastWords()).toContain('· none new');
    expect(lastWords()).toMatch(new RegExp(`fails for 24 hours: 2 runs, since .?${first.runId}`));
    await passed();
    expect(lastWords()).toContain('· 1 fixed ·');
  });

  it('is green when only what is in quarantine failed, and counts it', async () => {
    expect(await outcomeOf(edges, await ran(everything, 1))).toBe('passed');
    expect(lastWords()).toContain('4 scenarios passed');
    expect(lastWords()).toContain('7 in quarantine failed');
  });
});

describe('what is remembered', () => {
  it('has each run once, however often its end is heard of, with the image it was run from', async () => {
    const ref = await failed();
    await Promise.all([1, 2].map(async () => taskStopped(await stoppedTask(edges, ref), world)));
    const { runs, scenarios } = await readHistory('local', edges.world);
    expect(runs).toEqual([expect.objectContaining({ id: ref.runId, kind: 'failed', code: 'sha256:one' })]);
    expect(scenarios.map(({ scenario, marks }) => [scenario, marks])).toEqual([['cukes', 'f']]);
    expect(JSON.parse(gunzipSync((await edges.world.store.getBytes(key)) ?? '').toString())).toMatchObject({ version: 1 });
  });

  it.each([
    ['is no JSON', Buffer.from('hello')],
    ['is of a version to come', undefined],
  ])('keeps no end from anybody when it %s, and is not written over', async (_, bytes) => {
    if (bytes !== undefined) await edges.world.store.put(key, bytes, 'application/gzip');
    else await edges.world.store.create(key, { version: 2, runs: 'in another form' });
    const before = await edges.world.store.getBytes(key);
    const ref = await failed();
    expect(await outcomeOf(edges, ref)).toBe('failed');
    expect(lastWords()).toContain('1 of 1 scenario failed');
    expect(logged).toContain('error run not remembered');
    expect(await edges.world.store.getBytes(key)).toEqual(before);
  });

  it('keeps no end from anybody when S3 does not take it', async () => {
    edges.faults.s3 = (method, at) => (method === 'PUT' && at === key ? 500 : undefined);
    expect(await outcomeOf(edges, await passed())).toBe('passed');
    expect(logged).toContain('error run not remembered');
  });

  it('tells the tasks of a run of several how long each scenario takes', async () => {
    const { runId } = await ran(everything, 1);
    const run = await readRun(edges.world.store, { environment: 'local', runId });
    expect(run?.phase).toMatchObject({ kind: 'finished', comparison: { runs: 0 } });
    edges.pass(3_600_000);
    const next = await start(
      edges,
      requestOf({ command: { environment: 'local', features: [], shards: 2 }, askedAt: new Date(edges.world.nowMs()).toISOString() }),
    );
    const basis = await edges.world.store.get(runKeys('local', next.runId).deal, parseDealBasis);
    const durations = Object.values(basis?.value.durations ?? {});
    expect(durations).toHaveLength(4);
    expect(Math.min(...durations)).toBeGreaterThan(0);
  });

  it('says how many shards are worth their start of a run that leaves it to us', async () => {
    await ran(everything, 1);
    const { runs } = await readHistory('local', world);
    expect(runs[0]).not.toHaveProperty('startMs'); // these messages were recorded long before it was asked for
    edges.pass(3_600_000);
    const askedAt = new Date(edges.world.nowMs()).toISOString();
    await start(edges, requestOf({ command: { environment: 'local', features: [], shards: 'auto' }, askedAt }));
    expect(lastWords()).toMatch(/1 shard: about 3[56] s; a second would save nothing/);
  });
});
