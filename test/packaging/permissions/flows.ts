import { CloudWatchLogsClient, StartQueryCommand, StopQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { readLedger } from '../../../src/app/ledger-store.ts';
import { changeStoredRun, readRun } from '../../../src/app/run-store.ts';
import type { IamUse } from '../../../src/local/iam/iam-call.ts';
import { readAudit } from '../../../src/local/remote/audit-command.ts';
import { messageAsText } from '../../../src/local/slack/message-text.ts';
import { auditKey } from '../../../src/run/audit.ts';
import { runKeys, shardKeys } from '../../../src/run/keys.ts';
import { parseRunId, type RunId } from '../../../src/run/run-id.ts';
import { parseRun } from '../../../src/run/stored.ts';
import { ciOf } from '../../journey/a-ci.ts';
import { aPlainWorld } from '../../journey/a-plain-world.ts';
import { type AWorld, ada, endOf, nextRun, parents, replies, runOf, until } from '../../journey/a-world.ts';

/** A call, and the flow that was the first to make it. */
export interface SeenUse extends IamUse {
  readonly where: string;
}

const environment = 'local';
/** Of somebody who may do all, and whose calls do not count. */
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const insightsQuery = 'fields @timestamp, @message, @logStream, @log | filter @message like /x/ | sort @timestamp asc';

/** No flow takes a tenth of it. */
const patienceMs = 120_000;

/** Does it; names the flow that waits for what does not come. */
async function inTime(where: string, flow: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`"${where}" waits for something that does not come`)), patienceMs);
  try {
    await Promise.race([flow, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Does in a local world all that calls AWS in a way of its own, and gives the calls. What a role may not do is let pass.
 *
 * @throws with the flow's name when one does not come to its end
 */
export async function usesOfAllFlows(): Promise<readonly SeenUse[]> {
  const world = await aPlainWorld({ permissions: 'watched' });
  try {
    const seen = new Map<string, SeenUse>();
    for (const [where, flow] of Object.entries(flows)) {
      await inTime(where, flow(world));
      await world.lambda.settled();
      for (const use of world.uses()) {
        const key = JSON.stringify(use);
        if (!seen.has(key)) seen.set(key, { ...use, where });
      }
    }
    return [...seen.values()];
  } finally {
    await world.end();
  }
}

const flows: Readonly<Record<string, (world: AWorld) => Promise<void>>> = {
  'the first word': async (world) => {
    // Whether the door's cold start is fast enough for Slack is not what is looked at here: it is asked until it is warm.
    while ((await world.slack.command({ ...ada, text: '/run-tests' })).message?.text.includes('operation_timeout'));
  },
  'a refusal that is delivered twice': async (world) => {
    const { delivery } = await world.slack.command({ ...ada, text: '/run-tests nowhere' });
    await world.slack.deliverAgain(delivery);
    await world.lambda.settled();
  },
  'a run that fails, its report and its screenshot': async (world) => {
    const runId = await runNow(world, '/run-tests local @smoke or @fails retry=0');
    await endOf(world, runId);
    // The page of the last runs is written when the end was told.
    await world.lambda.settled();
    const message = parents(world).find((one) => runOf(one) === runId);
    // The failures stand in its thread.
    const said = [message, ...replies(world)].flatMap((one) => (one === undefined ? [] : [messageAsText(one)]));
    const links = said.join('\n').match(/http\S+\?s=[\w-]+/g) ?? [];
    const pages = await Promise.all(links.map((link) => fetch(link)));
    if (!links.some((link) => link.includes('.png')) || !links.some((link) => link.includes('report.html')) || pages.some(({ ok }) => !ok))
      throw new Error(`the report and the screenshot were not to be had: ${links}, ${pages.map(({ status }) => status)}`);
    await world.slack.press({ ...ada, messageTs: message?.ts ?? '', actionId: 'why_run' });
    await world.lambda.settled();
  },
  'a schedule that is made, runs, is paused and removed': async (world) => {
    await world.slack.command({ ...ada, text: '/run-tests schedule local @nothing every 2h' });
    const name = await until(world, () => world.scheduler.names()[0]);
    // Whoever made it writes it down yet; one that comes due before that is not run.
    await until(world, () => world.slack.messages(ada.channelId).find(({ onlyFor, text }) => onlyFor && text.startsWith('Scheduled:')));
    const before = parents(world);
    await world.scheduler.run(name, Math.floor(Date.now() / 60_000) * 60_000);
    await endOf(world, await nextRun(world, before));
    for (const action of ['pause_schedule', 'remove_schedule']) {
      await world.slack.command({ ...ada, text: '/run-tests schedules' });
      await pressInAnswer(world, action);
      await world.lambda.settled();
    }
  },
  'the history, the audit log, and links revoked': async (world) => {
    await world.slack.command({ ...ada, text: '/run-tests history' });
    await world.slack.command({ ...ada, text: '/run-tests audit' });
    await world.slack.command({ ...ada, text: '/run-tests revoke-links local' });
    await pressInAnswer(world, 'revoke_links');
    await world.lambda.settled();
  },
  'a run of two shards': async (world) => {
    await endOf(world, await runNow(world, '/run-tests local not @broken and not @fails shards=2'));
  },
  'a run that is cancelled, whose result somebody else has written': async (world) => {
    const [cancelled, killed] = [await runNow(world, waiting(1)), await runNow(world, waiting(2))];
    const queued = await runNow(world, waiting(3));
    await untilRunning(world, cancelled);
    await untilRunning(world, killed);
    await world.store.put(shardKeys(environment, cancelled, 1).result, '{}', 'application/json');
    await cancel(world, cancelled);
    await endOf(world, cancelled);
    world.ecs.kill(await taskOf(world, killed), 'sigkill');
    await endOf(world, killed);
    await untilRunning(world, queued);
  },
  'the end of a run that no event reports': async (world) => {
    const { active } = await readLedger(world.store, environment);
    const unheard = active[0]?.runId ?? missing('a run that is on');
    const cancelled = await runNow(world, waiting(4));
    const queued = await runNow(world, waiting(5));
    await untilRunning(world, cancelled);
    world.troubles.arm('drop-event', 'stopped twice');
    world.ecs.kill(await taskOf(world, unheard), 'sigkill');
    await until(world, () => (world.troubles.armed().length > 0 ? undefined : true));
    await sweepUntil(world, unheard);
    await untilRunning(world, queued);
    // Somebody has asked, and whoever was to stop the task has died.
    await cancelInState(world, cancelled);
    await sweepUntil(world, cancelled);
    await cancel(world, queued);
    await endOf(world, queued);
  },
  'a run for which AWS has no capacity': async (world) => {
    world.troubles.arm('no-capacity', '1');
    const runId = await runNow(world, '/run-tests local @smoke shards=2');
    const stops = [1, 2].map((shard) => shardKeys(environment, runId, shard).stopped);
    // One of two, whichever it was: the other one ends by itself.
    await until(world, async () => ((await Promise.all(stops.map((key) => world.store.has(key)))).includes(true) ? true : undefined));
    await cancel(world, runId);
    await endOf(world, runId);
  },
  'a CI that asks for a run, and how it goes': async (world) => {
    const ask = await ciOf(world);
    const asked = await ask({ body: JSON.stringify({ environment, tags: '@smoke', idempotencyKey: 'build-1' }) });
    const runId = parseRunId(asked.body.id) ?? missing('a run for the CI');
    await endOf(world, runId);
    if ((await ask({ method: 'GET', path: `/runs/${runId}` })).body.state !== 'finished') missing('its end');
  },
  'an approval that nobody gives': async (world) => {
    const runId = await runNow(world, '/run-tests release @smoke');
    // The worker is done with it when its audit entry is there: from now on only the sweeper comes by.
    await until(world, async () => (await readAudit(world.store, '')).find(({ came }) => came.kind === 'run' && came.runId === runId));
    const expiredAt = new Date(Date.now() - 60_000).toISOString();
    await world.store.update(
      runKeys('release', runId).run,
      parseRun,
      (run) => run?.approval && { ...run, approval: { ...run.approval, until: expiredAt } },
    );
    // Another sweep was about to end it, and has died.
    await world.store.create(auditKey({ at: expiredAt, deed: 'approval-expired' }, runId), { version: 1 });
    await sweepUntil(world, runId);
  },
  'a task that somebody starts by hand': async (world) => {
    const before = parents(world);
    const { AWS_REGION: region = '', AWS_ENDPOINT_URL_ECS: endpoint = '' } = world.awsEnvironment;
    const client = new ECSClient({ region, endpoint, credentials });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
    const task = {
      cluster: 'coldframe-local',
      taskDefinition: 'coldframe-local-local',
      launchType: 'FARGATE',
      networkConfiguration,
    } as const;
    await client.send(new RunTaskCommand(task));
    await endOf(world, await nextRun(world, before));
  },
  'a refusal that is handed over twice': async (world) => {
    const came = { kind: 'refused', because: 'nobody may' };
    const entry = { version: 1, at: new Date().toISOString(), by: { kind: 'slack', userId: ada.userId }, deed: 'run', text: '', came };
    for (let time = 0; time < 2; time += 1) {
      await asTheDoor(world, 'Asked In Vain', { version: 1, key: 'twice', entry });
      await world.lambda.settled();
    }
  },
  'an event that cannot be worked on': async (world) => {
    world.lambda.invokeAsync('runStopped', { source: 'nobody' });
  },
  'a question about cold starts whose query somebody has stopped': async (world) => {
    const { AWS_REGION: region = '', AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logsUrl = '' } = world.awsEnvironment;
    const logs = new CloudWatchLogsClient({ region, endpoint: logsUrl, credentials });
    const groups = ['/aws/lambda/coldframe-local-http'];
    const toMs = Date.now();
    const ask = { logGroupNames: groups, startTime: 0, endTime: Math.ceil(toMs / 1_000), queryString: insightsQuery };
    const { queryId = '' } = await logs.send(new StartQueryCommand(ask));
    await logs.send(new StopQueryCommand({ queryId }));
    const underWay = { pass: 1, queries: [{ queryId, groups, fromMs: 0, toMs }], waiting: [], toMs };
    const detail = {
      version: 1,
      key: 'stopped',
      askedAt: new Date(toMs).toISOString(),
      userId: ada.userId,
      channel: ada.channelId,
      text: '',
      underWay,
    };
    await asTheDoor(world, 'Cold Starts Requested', detail);
    await until(world, () => parents(world).find(({ text }) => text.includes('ended the query')));
  },
  'a question about cold starts': async (world) => {
    // Logs in which nothing is found are looked at once more.
    for (const name of ['web/coldframe-local-page', 'coldframe-local-page'])
      world.logs.append(`/aws/lambda/${name}`, 'one', ['START RequestId: 1 Version: $LATEST']);
    const before = parents(world).length;
    await world.slack.command({ ...ada, text: '/coldstarts' });
    await until(world, () =>
      parents(world)
        .slice(before)
        .find(({ metadata, text }) => metadata?.event_type === 'coldframe_cold_starts' && !text.startsWith('Looking')),
    );
  },
};

/** Puts an event on the bus, as the door does. */
async function asTheDoor({ awsEnvironment }: AWorld, detailType: string, detail: object): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint = '' } = awsEnvironment;
  const entry = { EventBusName: 'coldframe-local', Source: 'coldframe.door', DetailType: detailType, Detail: JSON.stringify(detail) };
  await new EventBridgeClient({ region, endpoint, credentials }).send(new PutEventsCommand({ Entries: [entry] }));
}

/** A command that is not the same as another, and leads to a run that waits for ever. */
const waiting = (number: number): string => `/run-tests local @waits and not @${'x'.repeat(number)}`;

/** The run that a command leads to, whether or not Slack was answered in time. */
async function runNow(world: AWorld, text: string): Promise<RunId> {
  const before = parents(world);
  await world.slack.command({ ...ada, text });
  return await nextRun(world, before);
}

/** Waits until the suite is on: it has said how it goes. */
const untilRunning = (world: AWorld, runId: RunId) =>
  until(world, async () => ((await world.store.has(shardKeys(environment, runId, 1).chunk(1))) ? true : undefined));

async function taskOf(world: AWorld, runId: RunId): Promise<string> {
  const run = await readRun(world.store, { environment, runId });
  return (run?.phase.kind === 'started' ? run.phase.tasks[0]?.taskArn : undefined) ?? missing(`a task of ${runId}`);
}

async function cancel(world: AWorld, runId: RunId): Promise<void> {
  const message = parents(world).find((one) => runOf(one) === runId);
  await world.slack.press({ ...ada, messageTs: message?.ts ?? '', actionId: 'cancel_run' });
}

/** Presses a button of the newest answer that has it, once it is there. */
async function pressInAnswer(world: AWorld, action: string): Promise<void> {
  const { ts, actionId } = await until(world, () => {
    const message = world.slack.messages(ada.channelId).findLast(({ onlyFor }) => onlyFor !== undefined);
    const [, id] = new RegExp(`"action_id":"(${action}[^"]*)"`).exec(JSON.stringify(message?.blocks ?? [])) ?? [];
    return message === undefined || id === undefined ? undefined : { ts: message.ts, actionId: id };
  });
  await world.slack.press({ ...ada, messageTs: ts, actionId });
}

async function cancelInState(world: AWorld, runId: RunId): Promise<void> {
  const by = { kind: 'slack', userId: ada.userId } as const;
  await changeStoredRun(world.store, { environment, runId }, { kind: 'cancel-asked', by, at: new Date().toISOString() });
}

/** The sweeper's visits, until it has seen to the end of a run. */
async function sweepUntil(world: AWorld, runId: RunId): Promise<void> {
  world.events.tick('coldframe-local-sweep');
  await endOf(world, runId);
}

function missing(what: string): never {
  throw new Error(`there is not ${what}`);
}
