import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainRun } from '../../src/app/explain-run.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { changeHearing, readHearing } from '../../src/app/hearing-store.ts';
import { muteFailure } from '../../src/app/mute-failure.ts';
import type { RunRef } from '../../src/app/run-store.ts';
import { sweep } from '../../src/app/sweep.ts';
import { nothingHeard } from '../../src/hearing/hearing.ts';
import { usualHearing } from '../../src/hearing/settings.ts';
import type { Environment } from '../../src/run/catalogue.ts';
import type { ErrandRequest } from '../../src/run/errand.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { failedMessages, passedMessages } from './messages.ts';
import { leaveMessages, start, stoppedTask } from './run-steps.ts';

let edges: Edges;
const startWith = async (fields: Partial<Environment> = {}) => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', mentionOnFailure: ['S0ONCALL'], tasksAtOnce: 5, ...fields }) });
};
beforeEach(() => startWith());
afterEach(async () => await edges.stop());

let number = 0;
/** A run of a schedule, or of a person, with this end. */
async function run(messages: Buffer, exitCode: number, byPerson = false): Promise<RunRef> {
  number += 1;
  const asker = byPerson ? requestOf().asker : ({ kind: 'schedule', name: 'nightly' } as const);
  const ref = await start(edges, requestOf({ key: `run ${number}`, text: `local ${number}`, asker }));
  expect(edges.parents().filter((message) => JSON.stringify(message).includes(ref.runId))).toHaveLength(byPerson ? 1 : 0);
  await leaveMessages(edges, ref, messages, exitCode);
  await taskStopped(await stoppedTask(edges, ref), edges.world);
  edges.pass(60_000);
  return ref;
}
const failed = (byPerson = false) => run(failedMessages, 1, byPerson);
const blocks = () => JSON.stringify(edges.parents().at(-1)?.blocks);
const inThreads = () => JSON.stringify(edges.replies());
const about = ({ runId }: RunRef, text: string) => text.includes(runId);

/** Somebody presses Mute or Unmute in the newest thread. */
async function press(kind: 'mute' | 'unmute', { environment, runId }: RunRef, userId = 'U0GRACE'): Promise<string | undefined> {
  const [, cause = ''] = new RegExp(`"action_id":"${kind}_failure"[^}]*?"value":"local/${runId}/([0-9a-f]{16})"`).exec(stripped()) ?? [];
  const errand = { kind, environment, runId, cause } as const;
  const request: ErrandRequest = { version: 1, key: 'x', askedAt: new Date(edges.world.nowMs()).toISOString(), userId, errand };
  return await muteFailure(errand, request, edges.world);
}
/** What is said in threads, without what stands in braces of its buttons. */
const stripped = () => inThreads().replaceAll(/"text":\{[^{}]*\},?/g, '');

describe('what is kept of an environment’s channels, when it is damaged', () => {
  const damaged = { settings: { ...usualHearing, quiet: 'whenever' }, by: 'U0GRACE', at: '2026-11-27T09:00:00.000Z' };
  it.each([
    ['is no JSON', '{"version":1,'],
    ['has settings that mean nothing', JSON.stringify({ ...nothingHeard, settings: { C0UITESTS: damaged } })],
  ])('and %s, silences no failure: coldframe.yml holds', async (_, text) => {
    const said: string[] = [];
    edges.world = { ...edges.world, log: (level, event) => void (level === 'error' && said.push(event)) };
    await edges.world.store.put(environmentKeys('local').hearing, text, 'application/json');
    await failed();
    expect(blocks()).toContain('<!subteam^S0ONCALL>: please look at what is new.');
    expect(said).toMatchObject([expect.stringMatching(/^(?:hearing lost|settings unreadable)$/)]);
  });
});

describe('runs of a schedule', () => {
  it('are said when something changes, go on in the thread, and ping once', async () => {
    await failed();
    expect(edges.parents()).toHaveLength(1);
    expect(blocks()).toContain('<!subteam^S0ONCALL>: please look at what is new.');
    // What failed stands in its thread; what goes on failing is said there in short.
    expect(edges.replies()).toHaveLength(1);
    const second = await failed();
    expect(edges.parents()).toHaveLength(1);
    expect(edges.replies().map((reply) => about(second, JSON.stringify(reply)))).toEqual([false, true]);
    expect(JSON.stringify(edges.replies())).not.toContain('S0ONCALL');
    await run(passedMessages, 0);
    expect(edges.parents()).toHaveLength(1);
    expect(edges.replies()).toHaveLength(2);
  });

  it('that come when it is quiet ping when the quiet ends, once, whoever dies over it', async () => {
    await edges.stop();
    await startWith({ hear: { ...usualHearing, quiet: '00:00-23:59 UTC' } });
    await failed();
    expect(edges.parents()).toHaveLength(1);
    expect(blocks()).not.toContain('S0ONCALL');
    await sweep(edges.world);
    expect(edges.parents()).toHaveLength(1);
    edges.pass(24 * 3_600_000);
    await sweep(edges.world);
    await sweep(edges.world);
    expect(edges.parents()).toHaveLength(2);
    expect(blocks()).toContain('<!subteam^S0ONCALL>: please look at what is new.');
    expect((await readHearing('local', edges.world)).held).toEqual([]);
  });

  it('stand in a digest where a channel wants one', async () => {
    await edges.stop();
    await startWith({ hear: { ...usualHearing, runs: 'digest', digest: 'daily 09:00 UTC' } });
    const ref = await failed();
    await run(passedMessages, 0);
    expect(edges.parents()).toEqual([]);
    edges.pass(24 * 3_600_000);
    await sweep(edges.world);
    expect(edges.parents().map(({ text }) => text)).toEqual(['local since the last digest: 1 run not green, 1 run passed']);
    expect(about(ref, blocks())).toBe(true);
  });

  it('are heard as somebody wants it who has changed it in Slack', async () => {
    const settings = { ...usualHearing, runs: 'every run' } as const;
    await changeHearing('local', edges.world, (now) => ({
      ...now,
      settings: { C0UITESTS: { settings, by: 'U0ADA', at: '2026-11-23T04:12:00.000Z', change: 'c1' } },
    }));
    await run(passedMessages, 0);
    expect(edges.parents()).toHaveLength(1);
  });
});

describe('a muted failure', () => {
  it('fails runs as before, is shown with who muted it, and is no news; unmuted, it is heard of again', async () => {
    const first = await failed();
    expect(await press('mute', first)).toBeUndefined();
    expect(inThreads()).toContain('🔕 muted by <@U0GRACE> until it passes, at most until <!date^');
    expect(blocks()).toContain('🔕 muted');
    expect((await readHearing('local', edges.world)).mutes).toMatchObject([{ by: 'U0GRACE', run: first.runId }]);
    const page = await edges.world.store.getBytes(environmentKeys('local').historyPage);
    expect(gunzipSync(page ?? '').toString()).toContain('by <code>U0GRACE</code>');
    const said = edges.parents().length + edges.replies().length;
    await failed();
    expect(edges.parents().length + edges.replies().length).toBe(said);
    expect(await press('unmute', first)).toBeUndefined();
    expect(blocks() + inThreads()).not.toContain('🔕');
    await failed();
    expect(edges.replies()).toHaveLength(2);
  });

  it('is muted by nobody who may not run there', async () => {
    await edges.stop();
    await startWith({ allow: { users: ['U0ADA'], userGroups: [], channels: [] } });
    const ref = await failed();
    expect(await press('mute', ref)).toContain('U0ADA');
    expect((await readHearing('local', edges.world)).mutes).toEqual([]);
  });
});

it('why a run failed is said with the causes and the end of its log, without what looks like a secret', async () => {
  const ref = await failed(true);
  const lines = ['Installing the suite', 'Authorization: Bearer abcdefgh', 'step is undefined'];
  const message = await explainRun(ref, { ...edges.world, taskLog: { lastLines: async () => lines } });
  expect(message.text).toBe('Why local failed');
  const said = JSON.stringify(message.blocks);
  expect(said).toContain('step is undefined');
  expect(said).not.toContain('abcdefgh');
  expect(said).toContain('BOOM');
});
