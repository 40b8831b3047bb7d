import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messagesOf } from '../../src/app/message-chunks.ts';
import { readRun } from '../../src/app/run-store.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { reportFiles } from '../../src/run/report-file.ts';
import type { RunId } from '../../src/run/run-id.ts';
import { isEveryRow } from '../every-row.ts';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, ada, endOf, nextRun, onlyMessageOf, parents, replies, runOf, runTests, until } from './a-world.ts';

const timeout = 120_000;

let world: AWorld;
beforeAll(async () => {
  world = await aPlainWorld();
}, timeout);
afterAll(async () => await world.end(), timeout);

const messageOf = (runId: string) => onlyMessageOf(world, runId);

/** Waits until the suite is on: its first messages are there. */
const untilRunning = (runId: RunId) =>
  until(world, () => (existsSync(world.pathOf(shardKeys('local', runId, 1).chunk(1))) ? true : undefined));

/** Waits until what is in the bucket says which scenarios there are: a busy machine may close a chunk before. */
const untilPlanned = (runId: RunId, scenarios: number) =>
  until(world, async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of messagesOf(world.store, { environment: 'local', runId }, { shard: 1, take: 1 })) pieces.push(piece);
    return Buffer.concat(pieces).toString().split('{"testCase":').length > scenarios ? true : undefined;
  });

describe('a command', { timeout }, () => {
  it.runIf(isEveryRow)('that fits no scenario is called empty, never passed', async () => {
    const runId = await runTests(world, '/run-tests local @zzz');
    expect((await endOf(world, runId)).kind).toBe('empty');
    expect(messageOf(runId)).toContain('No scenario of the suite fits the tags');
  });

  it.runIf(isEveryRow)('restricted to one feature runs only that', async () => {
    const runId = await runTests(world, '/run-tests local feature=features/other.feature');
    expect(await endOf(world, runId)).toMatchObject({ kind: 'passed', counts: { total: 1, passed: 1 } });
  });

  it.each([
    ['/run-tests nowhere', 'There is no environment'],
    ['/run-tests stagin', 'did you mean `staging`?'],
    ['/run-tests local @a and', 'is not a tag expression'],
    ['/run-tests local colour=blue', 'I know'],
    ['/run-tests local shards=41', 'from 1 to 40'],
    ['/run-tests production', 'not here'],
    ['/run-tests help', 'key=value'],
  ])('%s is answered to the asker alone, and starts nothing', async (text, answer) => {
    const before = parents(world).length;
    const tasks = world.tasksStarted();
    const said = await world.slack.command({ ...ada, text });
    expect(said.message).toMatchObject({ onlyFor: ada.userId, text: expect.stringContaining(answer) });
    await world.lambda.settled();
    expect([parents(world).length, world.tasksStarted()]).toEqual([before, tasks]);
  });
});

it('whoever looks on is not part of what happens: each look would be a reason to look again', async () => {
  const readings = () => world.journal().filter(({ source, name }) => source === 's3' && name === 'GetObject').length;
  await world.lambda.settled();
  const before = readings();
  await Promise.all(parents(world).map((message) => readRun(world.store, { environment: 'local', runId: runOf(message) })));
  expect(readings()).toBe(before);
});

describe('the promise', { timeout }, () => {
  it('holds for the same signed request delivered twice, and for events that come three times or in the wrong order', async () => {
    const before = parents(world);
    const tasks = world.tasksStarted();
    const said = await world.slack.command({ ...ada, text: '/run-tests local @smoke' });
    const { url, headers, body } = said.delivery;
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    const runId = await nextRun(world, before);
    expect((await endOf(world, runId)).kind).toBe('passed');
    await world.lambda.settled();
    expect([parents(world).length - before.length, world.tasksStarted() - tasks]).toEqual([1, 1]);

    const events = world
      .journal()
      .flatMap(({ source, name, request }) => (source === 'events' && name === 'ECS Task State Change' ? [request] : []));
    const ours = events.filter((event) => JSON.stringify(event).includes(runId));
    expect(ours.length).toBeGreaterThan(4);
    const shown = messageOf(runId);
    const repliesBefore = replies(world).length;
    for (const event of [...ours.toReversed(), ...ours]) world.events.deliver(event as Parameters<AWorld['events']['deliver']>[0]);
    await world.lambda.settled();
    expect(messageOf(runId)).toBe(shown);
    expect(replies(world).length).toBe(repliesBefore);
  });

  it('holds for a task that is killed in the middle: one message, which says so, and what was known', async () => {
    const runId = await runTests(world, '/run-tests local not @fails');
    const ref = { environment: 'local', runId };
    await untilPlanned(runId, 4);
    const started = await readRun(world.store, ref);
    const task = started?.phase.kind === 'started' ? started.phase.tasks[0]?.taskArn : undefined;
    world.ecs.kill(task ?? '', 'sigkill');
    const outcome = await endOf(world, runId);
    expect(outcome.kind).toBe('unfinished');
    expect(outcome).toMatchObject({ counts: { total: 4, passed: 3 } });
    expect(messageOf(runId)).toContain('did not finish');
    // What the container wrote before it died is enough for a report.
    expect(await readFile(world.pathOf(runKeys('local', runId).reportFile(reportFiles.page)), 'utf8')).toContain(runId);
  });

  it('holds for a task that somebody starts by hand: adopted and reported', async () => {
    const before = parents(world);
    const { AWS_REGION: region = '', AWS_ENDPOINT_URL_ECS: endpoint = '' } = world.awsEnvironment;
    const ecs = new ECSClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const network = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
    await ecs.send(
      new RunTaskCommand({
        cluster: 'coldframe-local',
        taskDefinition: 'coldframe-local-local',
        launchType: 'FARGATE',
        networkConfiguration: network,
      }),
    );
    const runId = await nextRun(world, before);
    expect(runId).toMatch(/^local-task-/);
    expect((await endOf(world, runId)).kind).toBe('passed');
    expect(messageOf(runId)).toContain('somebody in the AWS console');
  });

  it.runIf(isEveryRow)('holds for a cancel by button: the task is stopped, and what fails by that is no failure', async () => {
    const runId = await runTests(world, '/run-tests local @waits');
    await untilRunning(runId);
    const message = parents(world).find((one) => runOf(one) === runId);
    await world.slack.press({ userId: 'U0GRACE', channelId: ada.channelId, messageTs: message?.ts ?? '', actionId: 'cancel_run' });
    const outcome = await endOf(world, runId);
    expect(outcome).toMatchObject({ kind: 'cancelled', by: { userId: 'U0GRACE' }, failures: [], counts: { failed: 0 } });
    expect(messageOf(runId)).toContain('Grace');
  });

  it.runIf(isEveryRow)('holds for "Re-run all" pressed five times: one new run', async () => {
    const before = parents(world);
    const message = before.find(({ text }) => text.startsWith('local passed'));
    const press = () =>
      world.slack.press({ userId: ada.userId, channelId: ada.channelId, messageTs: message?.ts ?? '', actionId: 'run_again' });
    await Promise.all([press(), press(), press(), press(), press()]);
    const runId = await nextRun(world, before);
    await endOf(world, runId);
    expect(parents(world).length - before.length).toBe(1);
  });
});
