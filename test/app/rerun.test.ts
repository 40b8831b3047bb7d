import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { type RunRef, readPlan, readRun } from '../../src/app/run-store.ts';
import { pressButton } from '../../src/app/slack-door.ts';
import { startRun } from '../../src/app/start-run.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { buttons, runValue } from '../../src/message/buttons.ts';
import { observe } from '../../src/outcome/judge.ts';
import { readMessages } from '../../src/outcome/messages.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { runKeys } from '../../src/run/keys.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { parseDealBasis, parseRunRequest } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';
import { aDoor } from './a-door.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { leaveDeal, leaveMessages, start, stoppedTask } from './run-steps.ts';

const catalogue = catalogueOf(
  { name: 'local', tasksAtOnce: 3, retry: 2 },
  { name: 'guarded', confirm: true, allow: { users: ['U0ADA'], userGroups: [], channels: [] } },
);
let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue });
});
afterEach(async () => await edges.stop());

const everything = readFileSync(new URL('../fixtures/messages/everything.ndjson', import.meta.url));

async function scenariosIn(messages: Uint8Array) {
  const state = emptySuite();
  for await (const envelope of readMessages([messages])) observe(state, envelope);
  return [...state.testCases.values()].map(({ name: { id = '', uri, line, scenario }, status }) => ({ id, uri, line, scenario, status }));
}

/** A run of two shards of which one has failures, in outlines and rules too, and the other never said a word. */
async function failedRun(): Promise<{ ref: RunRef; expected: string[] }> {
  const ref = await start(edges, requestOf({ command: { environment: 'local', features: [], shards: 2, tags: '@a or @b' } }));
  const scenarios = await scenariosIn(everything);
  const lost = { id: 'lost', uri: 'features/z.feature', line: 3, scenario: 'never ran' };
  const shares = [...scenarios.map(({ status: _, ...one }) => ({ ...one, shard: 1 })), { ...lost, shard: 2 }];
  await leaveDeal(edges, ref, 1, { shards: 2, scenarios: shares, missing: [] });
  await leaveMessages(edges, ref, everything, 1, 1);
  for (const shard of [1, 2]) await taskStopped(await stoppedTask(edges, ref, shard), edges.world);
  const bad = scenarios.filter(({ status }) => ['FAILED', 'UNDEFINED', 'AMBIGUOUS', 'PENDING'].includes(status));
  return { ref, expected: [...bad, lost].map(({ uri, line }) => `${uri}:${line}`).toSorted() };
}

/** What the door hands over when somebody presses. */
async function pressed({ environment, runId }: RunRef, by = 'U0GRACE', action: string = buttons.rerun) {
  const door = aDoor(catalogue);
  const answer = await pressButton(
    {
      ...{ action, value: runValue(environment, runId), userId: by, channelId: 'C0UITESTS', messageTs: '1.1' },
      ...{ responseUrl: 'https://hooks.slack.example/1', askedAt: new Date().toISOString() },
    },
    door.world,
  );
  return { answer, requests: door.handedOver.map(({ detail }): RunRequest => parseRunRequest(JSON.parse(JSON.stringify(detail)))) };
}

const quietly = ({ responseUrl: _, ...request }: RunRequest): RunRequest => request;
async function rerun(ref: RunRef): Promise<RunRef> {
  const [request] = (await pressed(ref)).requests;
  if (request === undefined) throw new Error('nothing was handed over');
  return await start(edges, quietly(request));
}
const shown = (at: number) => {
  const message = edges.parents()[at];
  return message === undefined ? '' : messageAsText(message, { nowMs: Date.now(), nameOf: (id) => id });
};
const basisOf = async ({ environment, runId }: RunRef) =>
  (await edges.world.store.get(runKeys(environment, runId).deal, parseDealBasis))?.value;

describe('"Re-run failed"', () => {
  it('runs exactly what failed, is undefined, ambiguous or pending, and what never ran, across shards, as it was asked for', async () => {
    const { ref, expected } = await failedRun();
    expect(shown(0)).toContain(`[Re-run failed (${expected.length})]`);
    const second = await rerun(ref);
    const basis = await basisOf(second);
    expect(basis?.only?.map(({ uri, line }) => `${uri}:${line}`).toSorted()).toEqual(expected);
    const plan = await readPlan(edges.world.store, second);
    expect(plan).toMatchObject({ rerun: { of: ref.runId, failed: expected.length - 1, notRun: 1 }, suite: { tags: '@a or @b', retry: 2 } });
    expect(plan?.tasks).toHaveLength(2);
    expect(shown(1)).toContain(`again the ${expected.length - 1} that failed and 1 that did not run in ${ref.runId}`);
  });

  it('says what became of each', async () => {
    const { ref } = await failedRun();
    const second = await rerun(ref);
    const only = (await basisOf(second))?.only ?? [];
    const [gone, ...there] = only.toReversed();
    await leaveDeal(edges, second, 1, { shards: 2, scenarios: there.map((one) => ({ ...one, shard: 1 })), missing: gone ? [gone] : [] });
    await leaveDeal(edges, second, 2, { shards: 2, scenarios: there.map((one) => ({ ...one, shard: 1 })), missing: gone ? [gone] : [] });
    const ids = new Set(there.map(({ id }) => id));
    const bad = (await scenariosIn(everything)).filter(({ id }) => ids.has(id));
    expect(bad.length).toBe(there.length);
    await leaveMessages(edges, second, everything, 1, 1);
    await leaveMessages(edges, second, readFileSync(new URL('../fixtures/messages/nothing-matches.ndjson', import.meta.url)), 0, 2);
    for (const shard of [1, 2]) await taskStopped(await stoppedTask(edges, second, shard), edges.world);
    const run = await readRun(edges.world.store, second);
    expect(run?.phase).toMatchObject({
      rerun: { passing: { count: 0 }, failing: there.length, missing: { count: 1, first: [gone?.scenario] } },
    });
    expect(shown(1)).toMatch(
      new RegExp(`Of \\d+ that failed and 1 that did not run ${there.length} still fail, 1 scenario is not there any more`),
    );
  });

  it('pressed again and again, by anybody, is one run; the second to press is told', async () => {
    const { ref } = await failedRun();
    const first = await rerun(ref);
    const [request] = (await pressed(ref, 'U0ADA')).requests;
    const later = new Date(Date.now() + 61_000).toISOString();
    const again = request && (await startRun(quietly({ ...request, askedAt: later }), edges.world));
    expect(again).toEqual({ kind: 'joined', runId: first.runId });
    expect(edges.parents()).toHaveLength(2);
  });

  it('of a run that has not ended, is not known, or has nothing left to run is refused with the way out', async () => {
    const on = await start(edges, requestOf());
    const [request] = (await pressed(on)).requests;
    expect(request && (await startRun(quietly(request), edges.world))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('has not ended yet'),
    });
    await taskStopped(await stoppedTask(edges, on), edges.world);
    expect(request && (await startRun(quietly({ ...request, key: 'button:again' }), edges.world))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('run it again as a whole'),
    });
    expect(shown(0)).not.toContain('Re-run failed');
    const other = request && { ...request, key: 'button:other', rerun: 'local-20261123-0412-abcdef' };
    expect(other && (await startRun(quietly(parseRunRequest(other)), edges.world))).toMatchObject({ kind: 'refused' });
  });

  it('asks first where a run is asked first, and only lets those start it who may', async () => {
    const guarded: RunRef = { environment: 'guarded', runId: (await start(edges, requestOf())).runId };
    expect(await pressed(guarded, 'U0GRACE')).toMatchObject({
      requests: [],
      answer: { message: { text: expect.stringContaining('You may not run tests') } },
    });
    const asked = await pressed(guarded, 'U0ADA');
    expect(asked.requests).toEqual([]);
    expect(JSON.stringify(asked.answer)).toContain(buttons.confirmRerun);
    expect((await pressed(guarded, 'U0ADA', buttons.confirmRerun)).requests).toHaveLength(1);
  });
});
