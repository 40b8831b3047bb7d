import { readFileSync } from 'node:fs';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import type { RunRef } from '../../src/app/run-store.ts';
import { sweep } from '../../src/app/sweep.ts';
import { parseRunId } from '../../src/run/run-id.ts';
import type { Said } from '../../src/run/said.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, startEdges } from './edges.ts';
import { leavePassed, outcomeOf, stoppedTask } from './run-steps.ts';

/**
 * What a version before this one left in the bucket when it was replaced: one run whose task is on, and one that waits for its turn.
 * It was written by that version's own code at the commit it names. After a release, record it anew; the one before may go.
 */
interface Recorded {
  readonly commit: string;
  readonly recordedAt: string;
  readonly runs: readonly string[];
  readonly objects: Readonly<Record<string, unknown>>;
}

const recorded: Recorded = JSON.parse(readFileSync(new URL('../fixtures/state/version-before.json', import.meta.url), 'utf8'));
const [on, waiting] = recorded.runs.map((runId): RunRef => {
  const parsed = parseRunId(runId);
  if (parsed === undefined) throw new Error(`this version does not know ${runId} as a run`);
  return { environment: 'local', runId: parsed };
});

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: 1 }) });
  edges.pass(Date.parse(recorded.recordedAt) - Date.now());
  const slack = new WebClient('xoxb-test', { slackApiUrl: edges.slack.url });
  for (const [key, value] of Object.entries(recorded.objects)) {
    // Slack's own time of a message is the one thing that cannot be had again.
    const posted = key.endsWith('/said.json')
      ? await slack.chat.postMessage({ channel: 'C0UITESTS', text: 'as it was said before' })
      : undefined;
    await edges.world.store.create(key, posted === undefined ? value : withTs(value as Said, posted.ts ?? ''));
  }
});
afterEach(async () => await edges.stop());

const withTs = (said: Said, ts: string): Said => ({ ...said, parent: { kind: 'said', channel: 'C0UITESTS', ts } });

async function end(ref: RunRef | undefined): Promise<string | undefined> {
  if (ref === undefined) throw new Error('the recording has no such run');
  await leavePassed(edges, ref);
  await taskStopped(await stoppedTask(edges, ref), edges.world);
  return await outcomeOf(edges, ref);
}

it('a run that was on when another version was deployed ends in its one message, and the one behind it starts by its old plan', async () => {
  expect(edges.events).toEqual([]);
  expect(await end(on)).toBe('passed');
  expect(edges.ecs.tasks().map(({ startedBy }) => startedBy)).toEqual([waiting?.runId]);
  expect(await end(waiting)).toBe('passed');
  expect(edges.parents().map(({ text }) => text)).toEqual([expect.stringMatching(/passed/), expect.stringMatching(/passed/)]);
});

it('a run whose end was missed during the deploy is found by the sweeper of the next version', async () => {
  edges.pass(30 * 60_000);
  await sweep(edges.world);
  // Its task is unknown to ECS by now, and its time is over.
  expect(on && (await outcomeOf(edges, on))).toBe('timed-out');
  expect(edges.parents()).toHaveLength(2);
});
