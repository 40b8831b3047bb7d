import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { observe } from '../../src/outcome/judge.ts';
import { readMessages } from '../../src/outcome/messages.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { runKeys } from '../../src/run/keys.ts';
import { reportFiles } from '../../src/run/report-file.ts';
import type { RunId } from '../../src/run/run-id.ts';
import { isEveryRow } from '../every-row.ts';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, ada, endOf, nextRun, parents, runOf, runTests } from './a-world.ts';

const timeout = 120_000;

let world: AWorld;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldframe-mended-'));
  world = await aPlainWorld({
    more: {
      'features/mending.js': `
        import { existsSync } from 'node:fs';
        import { Given } from '@cucumber/cucumber';
        Given('{word} is mended', (name) => { if (!existsSync(${JSON.stringify(folder)} + '/' + name)) throw new Error(name + ' is not mended'); });`,
      'features/shop.feature': `@shop
Feature: shop
  Scenario: opens
    Given all is well
  Scenario Outline: sells <thing>
    Given <thing> is mended
    Examples:
      | thing |
      | bread |
      | milk  |
      | eggs  |
  Rule: nobody steals
    Scenario: sells
      Given the alarm is new
    Scenario: closes
      Given all is well
`,
    },
  });
}, timeout);
afterAll(async () => {
  await world.end();
  await rm(folder, { recursive: true });
}, timeout);

const shown = (runId: RunId) => {
  const message = parents(world).find((one) => runOf(one) === runId);
  return message === undefined ? '' : messageAsText(message, { nowMs: Date.now(), nameOf: world.slack.nameOf });
};

/** The scenarios in the report's messages, each with what it came to. */
async function scenariosOf(runId: RunId): Promise<string[]> {
  const packed = await readFile(world.pathOf(runKeys('local', runId).reportFile(reportFiles.messages)));
  const state = emptySuite();
  for await (const envelope of readMessages([gunzipSync(packed)])) observe(state, envelope);
  return [...state.testCases.values()].map(({ name, status }) => `${name.scenario}: ${status.toLowerCase()}`).toSorted();
}

let first: RunId;

it('a run of two shards is one outcome and one report', { timeout }, async () => {
  await writeFile(join(folder, 'milk'), '');
  const tasks = world.tasksStarted();
  first = await runTests(world, '/run-tests local @shop shards=2 retry=0');
  expect(await endOf(world, first)).toMatchObject({
    kind: 'failed',
    counts: { total: 6, passed: 3, failed: 2, undefined: 1 },
    shards: { of: 2, lost: [] },
  });
  expect(world.tasksStarted() - tasks).toBe(2);
  const failed = ['sells bread: failed', 'sells eggs: failed', 'sells: undefined'];
  const others = ['opens: passed', 'sells milk: passed', 'closes: passed'];
  expect(await scenariosOf(first)).toEqual([...failed, ...others].toSorted());
  expect(shown(first)).toContain('2 shards');
});

// test/app/rerun.test.ts holds that, too.
it.runIf(isEveryRow)('what failed in them is run again by itself, once, and told', { timeout }, async () => {
  await writeFile(join(folder, 'bread'), '');
  const before = parents(world);
  const messageTs = before.find((one) => runOf(one) === first)?.ts ?? '';
  const press = (userId: string) => world.slack.press({ ...ada, userId, messageTs, actionId: 'rerun_failed' });
  await Promise.all([press('U0ADA'), press('U0GRACE'), press('U0ADA')]);
  const second = await nextRun(world, before);
  expect(await endOf(world, second)).toMatchObject({ kind: 'failed', counts: { total: 3, passed: 1, failed: 1, undefined: 1 } });
  expect(await scenariosOf(second)).toEqual(['sells bread: passed', 'sells eggs: failed', 'sells: undefined'].toSorted());
  expect(shown(second)).toContain(`again the 3 that failed in ${first}`);
  expect(shown(second)).toContain('Of 3 that failed 1 passes now (sells bread), 2 still fail.');
  expect(parents(world).length - before.length).toBe(1);
});
