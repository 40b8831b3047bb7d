import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doErrand } from '../../src/app/do-errand.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { keepAudit } from '../../src/app/keep-audit.ts';
import { linkGeneration } from '../../src/app/link-store.ts';
import { runScheduled } from '../../src/app/run-scheduled.ts';
import { readPlan, readRun } from '../../src/app/run-store.ts';
import { readSchedules } from '../../src/app/schedule-store.ts';
import { pressButton, typeCommand } from '../../src/app/slack-door.ts';
import type { ErrandWorld } from '../../src/app/world.ts';
import { writeHistory } from '../../src/app/write-history.ts';
import { awsScheduler } from '../../src/aws/scheduler.ts';
import { readAudit } from '../../src/local/remote/audit-command.ts';
import { type LocalScheduler, type ScheduledEvent, startScheduler } from '../../src/local/scheduler/scheduler.ts';
import { checkBlocks } from '../../src/local/slack/block-kit.ts';
import type { LocalServer } from '../../src/local/wire/http-server.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import type { Message } from '../../src/message/message.ts';
import type { ErrandRequest } from '../../src/run/errand.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { runIdOf } from '../../src/run/run-id.ts';
import { parseErrandRequest, parseRunRequest } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';
import { aHistory } from '../report/a-history.ts';
import { aDoor } from './a-door.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { passedMessages } from './messages.ts';
import { leaveMessages, start, stoppedTask } from './run-steps.ts';

const place = { group: 'coldframe-local', busArn: 'arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-local' };
const local = { name: 'local', channel: 'C0UITESTS' };

let dir: string;
let edges: Edges;
let scheduler: LocalScheduler;
let inbox: LocalServer;
let world: ErrandWorld;
let fired: ScheduledEvent[];
let answers: (Message & { readonly replace_original: boolean })[];
/** What happens, once, before or after the scheduler takes a call: `after CreateScheduleCommand`. */
let meanwhile: Map<string, () => Promise<unknown>>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coldframe-errands-'));
  edges = await startEdges({ catalogue: catalogueOf(local) });
  fired = [];
  answers = [];
  meanwhile = new Map();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  scheduler = await startScheduler({
    file: join(dir, 'scheduler.json'),
    groups: [place.group],
    account: '000000000000',
    region: 'eu-central-1',
    journal: () => {},
    credentials: [credentials],
    put: async (event) => void fired.push(event),
  });
  inbox = await serve(({ body }) => {
    answers.push(JSON.parse(body.toString()));
    return { status: 200, body: 'ok' };
  });
  const client = new SchedulerClient({ region: 'eu-central-1', credentials, endpoint: scheduler.url });
  const now = async (when: string): Promise<void> => {
    const happens = meanwhile.get(when);
    meanwhile.delete(when);
    await happens?.();
  };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        await now(`before ${commandName}`);
        const answer = await next(args);
        await now(`after ${commandName}`);
        return answer;
      },
    { step: 'initialize' },
  );
  const roles = { roleArn: 'arn:aws:iam::000000000000:role/ScheduleRole', deadLetterArn: 'arn:aws:sqs:eu-central-1:000000000000:dlq' };
  world = { ...edges.world, scheduler: awsScheduler(client, { ...place, ...roles }) };
});
afterEach(async () => {
  await Promise.all([edges.stop(), scheduler.stop(), inbox.stop()]);
  await rm(dir, { recursive: true });
});

/** What somebody types, through the door, the bus's JSON and the worker: the answer that only they see. */
async function typed(text: string, userId = 'U0ADA', triggerId = `${Math.random()}`): Promise<string> {
  const handed: ErrandRequest[] = [];
  const bus = { put: async ({ detail }: { detail: unknown }) => void handed.push(parseErrandRequest(JSON.parse(JSON.stringify(detail)))) };
  const asked = {
    command: '/run-tests',
    text,
    userId,
    channelId: 'C0UITESTS',
    triggerId,
    responseUrl: inbox.url,
    askedAt: new Date().toISOString(),
  };
  const refused = await typeCommand(asked, { ...aDoor(world.catalogue).world, bus });
  for (const request of handed) await doErrand(request, world);
  return JSON.stringify(refused ?? answers.at(-1));
}

const schedules = () => readSchedules('local', world.store);

/** The scheduler runs the only schedule at this time; what the worker gets then. */
async function run(at: string): Promise<string> {
  // One that rests is not among the scheduler's, one that is being made not among ours.
  const [name = scheduler.names()[0] ?? ''] = (await schedules()).map(({ id }) => id);
  await scheduler.run(name, Date.parse(at));
  const { detail = '', source } = fired.at(-1) ?? {};
  expect(source).toBe('coldframe.scheduler');
  const request = parseRunRequest(JSON.parse(detail));
  await runScheduled(request, name, world);
  return runIdOf({ environment: 'local', key: request.key, askedAt: request.askedAt });
}
/** The time of a run that is due now, to the minute. */
const thisMinute = (): string => `${new Date(world.nowMs()).toISOString().slice(0, 16)}:00Z`;
const change = (what: 'pause' | 'resume' | 'remove', id: string) =>
  doErrand(
    {
      version: 1,
      key: `${Math.random()}`,
      askedAt: new Date().toISOString(),
      userId: 'U0ADA',
      channel: 'C0UITESTS',
      responseUrl: inbox.url,
      errand: { kind: 'change-schedule', change: what, environment: 'local', id },
    },
    world,
  );

describe('a schedule', () => {
  it('says its next five times, and on which days clocks keep it from its time', async () => {
    const answer = await typed('schedule local @smoke daily 02:30 Europe/Berlin');
    expect(answer.match(/<!date\^/g)).toHaveLength(5);
    expect(answer).toContain('there is no 02:30 in Europe/Berlin: it does not run that day.');
    expect(answer).toContain('02:30 comes twice in Europe/Berlin: it runs once.');
    expect(scheduler.names()).toHaveLength(1);
  });

  it('runs what was asked for, where the environment reports; delivered again it is the same run, at the next time another', async () => {
    await typed('schedule local @smoke every 15m');
    const at = thisMinute();
    const first = await run(at);
    expect(await run(at)).toBe(first);
    // Nobody waits for it: it is told at its end.
    expect(edges.parents()).toEqual([]);
    const plan = await readPlan(world.store, { environment: 'local', runId: first as never });
    expect(plan?.asker).toMatchObject({ kind: 'schedule', name: expect.stringMatching(/^local-/) });
    expect(plan?.suite.tags).toContain('@smoke');
    expect(await readRun(world.store, { environment: 'local', runId: first as never })).toBeDefined();
    edges.pass(15 * 60_000);
    expect(await run(thisMinute())).not.toBe(first);
  });

  it('is made once, however often the same command is delivered, and not again when it was removed since', async () => {
    for (let delivery = 0; delivery < 3; delivery += 1) await typed('schedule local every 2h', 'U0ADA', 'one');
    expect(await schedules()).toHaveLength(1);
    await change('remove', (await schedules())[0]?.id ?? '');
    expect(await typed('schedule local every 2h', 'U0ADA', 'one')).toContain('removed');
    expect(await schedules()).toEqual([]);
    expect(scheduler.names()).toEqual([]);
  });

  it('is paused, resumed and removed by its buttons; paused, it asks for nothing, though the scheduler was about to', async () => {
    await typed('schedule local every 2h');
    const id = (await schedules())[0]?.id ?? '';
    await change('pause', id);
    expect(answers.at(-1)).toMatchObject({ replace_original: true, text: '1 schedule on local' });
    expect(JSON.stringify(answers.at(-1))).toContain('paused by <@U0ADA>');
    expect(scheduler.names()).toEqual([]);
    await run(thisMinute());
    expect(edges.parents()).toEqual([]);
    await change('resume', id);
    expect(scheduler.names()).toEqual([id]);
    await change('remove', id);
    expect(JSON.stringify(answers.at(-1))).toContain('Nothing is scheduled on local.');
    expect(scheduler.names()).toEqual([]);
  });

  it('that comes due before it is written down is there all the same', async () => {
    meanwhile.set('after CreateScheduleCommand', () => run(thisMinute()));
    await typed('schedule local every 2h');
    expect(await schedules()).toHaveLength(1);
    expect(scheduler.names()).toHaveLength(1);
  });

  it('that is written down between the look for it and its removal is there all the same, and runs', async () => {
    const isMade = Promise.withResolvers<void>();
    const isLooked = Promise.withResolvers<void>();
    let running: Promise<string> | undefined;
    meanwhile.set('before DeleteScheduleCommand', async () => {
      isLooked.resolve();
      await isMade.promise;
    });
    meanwhile.set('after CreateScheduleCommand', async () => {
      running = run(thisMinute());
      await isLooked.promise;
    });
    await typed('schedule local every 2h');
    isMade.resolve();
    const runId = await running;
    expect(scheduler.names()).toHaveLength(1);
    expect(await readRun(world.store, { environment: 'local', runId: runId as never })).toBeDefined();
  });

  it('that can no longer run is stopped, and the one who made it is told, once', async () => {
    await typed('schedule local every 2h');
    world = { ...world, catalogue: catalogueOf({ ...local, allow: { users: ['U0GRACE'], userGroups: [], channels: [] } }) };
    await run(thisMinute());
    await run(thisMinute());
    expect(edges.parents()).toHaveLength(1);
    expect(edges.parents()[0]?.text).toMatch(/^<@U0ADA> your schedule local every 2h can no longer run: You may not run tests/);
    expect(scheduler.names()).toEqual([]);
    expect(await schedules()).toMatchObject([{ rest: { kind: 'stopped', isTold: true } }]);
  });

  it('of an environment that is there no more is stopped, and told where it was made', async () => {
    await typed('schedule local every 2h');
    world = { ...world, catalogue: catalogueOf({ name: 'other' }) };
    await run(thisMinute());
    expect(edges.parents()[0]?.text).toContain('there is no environment local any more.');
  });

  it('that comes too late to start says so, and goes on', async () => {
    await typed('schedule local every 2h');
    await run(new Date(world.nowMs() - 20 * 60_000).toISOString());
    expect(edges.parents()[0]?.text).toMatch(/did not run at .*too old to start now/);
    expect(scheduler.names()).toHaveLength(1);
  });

  it('is one of twenty at most', async () => {
    for (let count = 0; count < 20; count += 1) await typed('schedule local every 2h');
    expect(await typed('schedule local every 2h')).toContain('has 20 schedules already');
    expect(scheduler.names()).toHaveLength(20);
  });
});

describe('the history', () => {
  it('is told in a strip and in words, to whoever asks only, with what is flaky and where there is more', async () => {
    expect(await typed('history local')).toContain('no run has ended yet');
    await world.store.create(environmentKeys('local').history, aHistory());
    await writeHistory('local', world);
    const answer = await typed('history local');
    expect(answer).toMatch(/(?:🟩|🟥|⬜){20}/);
    expect(answer).toContain('The last 20 runs, the newest last: ');
    expect(answer).toContain('The confirmation arrives by mail');
    expect(answer).toContain('/reports/local/history/history.html?s=');
    expect(edges.parents()).toEqual([]);
  });

  it('of the channel is that of the environments that report there', async () => {
    world = { ...world, catalogue: catalogueOf({ ...local }, { name: 'other', channel: 'C0OTHER' }) };
    expect(await typed('history')).not.toContain('other');
  });
});

describe('what is on', () => {
  const unattended = () =>
    start(edges, requestOf({ asker: { kind: 'schedule', name: 'nightly' }, askedAt: new Date(world.nowMs()).toISOString() }));
  const cancelFrom = async (answer: string, userId = 'U0ADA') => {
    const [, runId = ''] = /"action_id":"cancel_listed:([^"]+)"/.exec(answer) ?? [];
    const { world: door, handedOver } = aDoor(world.catalogue);
    const askedAt = new Date(world.nowMs()).toISOString();
    const pressed = {
      action: `cancel_listed:${runId}`,
      value: `local/${runId}`,
      userId,
      channelId: 'C0UITESTS',
      messageTs: '1.2',
      askedAt,
    };
    const said = await pressButton({ ...pressed, responseUrl: inbox.url }, door);
    for (const { detail } of handedOver) await doErrand(parseErrandRequest(JSON.parse(JSON.stringify(detail))), world);
    return JSON.stringify(said ?? answers.at(-1));
  };

  it('is offered to whoever may end it, also a run that says nothing before its end, and ended once', async () => {
    expect(await typed('cancel')).toContain('Nothing is on');
    const ref = await unattended();
    expect(edges.parents()).toEqual([]);
    const answer = await typed('cancel');
    expect(answer).toContain(`Cancel ${ref.runId}`);
    expect(checkBlocks(answers.at(-1)?.blocks, 'message')).toEqual([]);
    expect(await cancelFrom(answer)).toContain('is being cancelled');
    expect((await readRun(world.store, ref))?.cancel).toMatchObject({ by: { userId: 'U0ADA' } });
    await taskStopped(await stoppedTask(edges, ref), world);
    expect((await readRun(world.store, ref))?.phase).toMatchObject({ kind: 'finished', outcome: { kind: 'cancelled' } });
    expect(await cancelFrom(answer)).toContain(`${ref.runId} had already ended.`);
    expect(await typed('cancel')).toContain('Nothing is on');
    const day = (await readAudit(world.store, '')).filter(({ deed }) => deed === 'cancel');
    expect(day.map(({ text, came }) => [text, came.kind])).toEqual(
      expect.arrayContaining([
        [ref.runId, 'done'],
        [ref.runId, 'refused'],
      ]),
    );
  });

  it('is ended by its id, too, and by nobody who may not run there', async () => {
    const ref = await unattended();
    const open = world;
    world = { ...world, catalogue: catalogueOf({ ...local, allow: { users: ['U0GRACE'], userGroups: [], channels: [] } }) };
    expect(await typed('cancel')).toContain('no environment on which you may run tests');
    expect(await typed(`cancel ${ref.runId}`)).toContain('You may not run tests');
    expect(await cancelFrom(`"action_id":"cancel_listed:${ref.runId}"`)).toContain('You may not run tests');
    expect((await readRun(world.store, ref))?.cancel).toBeUndefined();
    world = open;
    expect(await typed('cancel local-20261127-0900-abcdef')).toContain('I know no run');
    expect(await typed(`cancel ${ref.runId}`)).toContain('is being cancelled');
    expect((await readRun(world.store, ref))?.cancel).toBeDefined();
  });
});

describe('the audit log', () => {
  it('tells the last of it, the newest first, to whoever may look there, and a typo to its author alone', async () => {
    expect(await typed('audit')).toContain('Nothing was asked for');
    const entry = (minute: number, more: object) => {
      const at = new Date(world.nowMs() - 3_600_000 + minute * 60_000).toISOString();
      return keepAudit(
        {
          version: 1,
          at,
          by: { kind: 'slack', userId: 'U0ADA' },
          environment: 'local',
          deed: 'run',
          text: `local @${minute}`,
          came: { kind: 'done' },
          ...more,
        },
        String(minute),
        world,
      );
    };
    for (let minute = 0; minute < 25; minute += 1) await entry(minute, {});
    await entry(25, { environment: 'other', text: 'other @hidden' });
    await entry(26, { environment: undefined, by: { kind: 'slack', userId: 'U0GRACE' }, text: 'lokal @typo' });
    await entry(27, {
      by: { kind: 'oidc', subject: '<!channel>' },
      text: '<!channel> `x`',
      came: { kind: 'refused', because: '`'.repeat(5_000) },
    });
    await world.store.create(`audit/${new Date(world.nowMs()).toISOString().slice(0, 10)}/00-00-00-damaged.json`, { version: 2 });
    const told = await typed('audit local');
    expect(told).not.toMatch(/hidden|typo|<!channel>/);
    expect(told.indexOf('the CI')).toBeLessThan(told.indexOf('local @24'));
    expect(told).toContain('local @6`');
    expect(told).not.toContain('local @5`');
    expect(checkBlocks(answers.at(-1)?.blocks, 'message')).toEqual([]);
    expect(await typed('audit', 'U0GRACE')).toContain('lokal @typo');
    world = {
      ...world,
      catalogue: catalogueOf({ ...local, channel: 'C0OTHER', allow: { users: ['U0GRACE'], userGroups: [], channels: [] } }),
    };
    expect(await typed('audit local')).toContain('You may not run tests');
  });
});

describe('links', () => {
  it('are revoked after a question, and by nobody who may not run', async () => {
    expect(await typed('revoke-links local')).toContain('Revoke all links to reports');
    expect(await linkGeneration('local', world.store)).toBe(0);
    world = { ...world, catalogue: catalogueOf({ ...local, allow: { users: ['U0GRACE'], userGroups: [], channels: [] } }) };
    expect(await typed('revoke-links local')).toContain('You may not run tests');
  });
});

describe("a person's Home", () => {
  let shown: { readonly userId: string; readonly text: string }[];
  beforeEach(() => {
    shown = [];
    edges.faults.slack = (method, args) => {
      if (method === 'views.publish') shown.push({ userId: String(args.user_id), text: JSON.stringify(args.view) });
      return undefined;
    };
  });
  const open = (userId = 'U0ADA', notice?: string) =>
    doErrand(
      {
        version: 1,
        key: `${Math.random()}`,
        askedAt: new Date(world.nowMs()).toISOString(),
        userId,
        errand: { kind: 'home', ...(notice !== undefined && { notice }) },
      },
      world,
    );

  it('shows what a person may look at, their schedules with buttons, and what a button there has come to', async () => {
    world = {
      ...world,
      catalogue: catalogueOf(local, { name: 'secret', channel: 'C0OTHER', allow: { users: ['U0GRACE'], userGroups: [], channels: [] } }),
    };
    await typed('schedule local @smoke every 2h');
    await open('U0ADA', 'You may not.');
    expect(shown).toHaveLength(1);
    expect(shown[0]?.text).toContain('*local*');
    expect(shown[0]?.text).not.toContain('secret');
    expect(shown[0]?.text).toContain('pause_schedule:local-');
    expect(shown[0]?.text).toContain('You may not.');
  });

  it('follows a run from its start to its end, for two hours after it was opened, and has it among their own then', async () => {
    await open();
    await open('U0GRACE');
    const request = requestOf({ askedAt: new Date(world.nowMs()).toISOString() });
    const ref = await start(edges, request);
    expect(shown.slice(2).map(({ userId }) => userId)).toEqual(['U0ADA', 'U0GRACE']);
    expect(shown.at(-1)?.text).toContain(ref.runId);
    await leaveMessages(edges, ref, passedMessages, 0);
    await taskStopped(await stoppedTask(edges, ref), world);
    const [ofAda, ofGrace] = shown.slice(-2);
    expect(ofAda?.text).toContain(`run_again:${ref.runId}`);
    expect(ofGrace?.text).toContain('None of the last runs was yours.');
    edges.pass(3 * 3_600_000);
    const before = shown.length;
    await start(edges, requestOf({ askedAt: new Date(world.nowMs()).toISOString() }));
    expect(shown).toHaveLength(before);
  });

  it('that Slack does not take keeps no run from anybody', async () => {
    await open();
    edges.faults.slack = (method) => (method === 'views.publish' ? { kind: 'error', error: 'ratelimited' } : undefined);
    await start(edges, requestOf());
    expect(edges.parents()).toHaveLength(1);
  });
});
