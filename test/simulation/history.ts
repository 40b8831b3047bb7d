import { approveRun } from '../../src/app/approve-run.ts';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { progressMade } from '../../src/app/progress-made.ts';
import { startRun } from '../../src/app/start-run.ts';
import { sweep } from '../../src/app/sweep.ts';
import type { World } from '../../src/app/world.ts';
import { s3Store } from '../../src/aws/store.ts';
import { parseTaskStopped } from '../../src/aws/task-event.ts';
import { taskLog } from '../../src/aws/task-log.ts';
import { ecsTasks } from '../../src/aws/tasks.ts';
import { type HearSettings, hearable } from '../../src/hearing/settings.ts';
import type { EcsPlace, EcsTask } from '../../src/local/ecs/ecs-task.ts';
import type { TaskDefinition } from '../../src/local/ecs/task-definition.ts';
import { outcomeWord } from '../../src/message/words.ts';
import type { Catalogue, Environment } from '../../src/run/catalogue.ts';
import { environmentKeys, parseProgressKey, runKeys } from '../../src/run/keys.ts';
import type { RunRequest, RunWish } from '../../src/run/request.ts';
import type { Run } from '../../src/run/run.ts';
import { parseRunId, runIdOf } from '../../src/run/run-id.ts';
import { parseHearing, parseLedger, parseRun } from '../../src/run/stored.ts';
import { slackSay } from '../../src/slack/say.ts';
import { environmentOf } from '../catalogue.ts';
import { chanceOf } from './chance.ts';
import { clientsFor, type Weather } from './clients.ts';
import type { Life } from './life.ts';
import { startContainer } from './memory-container.ts';
import { memoryEcs } from './memory-ecs.ts';
import { memoryS3 } from './memory-s3.ts';
import { type ChannelState, type KeptMessage, memorySlack, type SlackArguments } from './memory-slack.ts';
import { brokenPromises, type Witness } from './promises.ts';
import { functions, regionOf } from './region.ts';
import type { Storm } from './storms.ts';
import { virtualTime } from './virtual-time.ts';
import { weatherOf } from './weather.ts';

const place: EcsPlace = { region: 'eu-central-1', account: '000000000000', cluster: 'coldframe-sim' };
const minute = 60_000;
/** 23 November 2026, 04:00. */
const beginMs = Date.UTC(2026, 10, 23, 4);
/** After that long everything is to have come to its end: a run's limit and what is added to it, and some sweeps. */
const patienceMs = 75 * minute;
/** When nothing goes wrong, an end is told so soon. */
const toldMs = 90_000;
/** What a function may take between its look on Slack and its post. */
const foundMs = 120_000;

const names = ['staging', 'demo'] as const;

/** What came of one history: the promises that were broken, and, if it was asked for, what happened. */
export interface Told {
  readonly broken: readonly string[];
  readonly runs: number;
  readonly trace: readonly string[];
}

/**
 * One hostile history: some people, two environments, and everything that AWS and Slack may do to them, by chance. After a while
 * the world is well again; a good hour later, everything must have come to its one end.
 */
export async function live(
  seed: number,
  { isTraced = false, storm }: { isTraced?: boolean; storm?: Storm | undefined } = {},
): Promise<Told> {
  const chance = chanceOf(seed);
  const time = virtualTime(beginMs, chance);
  const busyMs = chance.oneOf([8, 15, 25]) * minute;
  const healedAtMs = beginMs + busyMs;
  const lines: string[] = [];
  const trace = (what: string) => {
    if (isTraced) lines.push(`${new Date(time.nowMs()).toISOString().slice(11, 23)} ${what}`);
  };
  const logged: string[] = [];
  const isCalm = chance.happens(0.25) && storm === undefined;
  trace(isCalm ? 'nothing will go wrong' : 'much will go wrong');
  const weather: Weather = weatherOf({ time, chance, healedAtMs, isCalm, storm });
  const region = regionOf({ time, chance, healedAtMs, isCalm, trace });

  const home = 'C0UITESTS';
  /** When all has come to its end, what was held back is told. */
  const laterMs = healedAtMs + patienceMs - 10 * minute;
  const later = new Date(laterMs).toISOString().slice(11, 16);
  const hear: HearSettings = {
    runs: chance.oneOf(hearable),
    digest: `daily ${later} UTC`,
    quiet: chance.happens(0.3) ? `03:00-${later} UTC` : '',
    asker: chance.oneOf(['every end', 'failures']),
  };
  /** In some histories nothing starts without the yes of others. */
  const isApproved = chance.happens(0.25);
  const isOnSpot = chance.happens(0.4);
  const anEnvironment = (name: string): Environment =>
    environmentOf({
      name,
      channel: home,
      limitMs: chance.oneOf([2, 5, 10]) * minute,
      tasksAtOnce: 1 + chance.below(3),
      ...(isOnSpot && { capacity: 'spot' as const }),
      mentionOnFailure: ['S0QA'],
      ...(chance.happens(0.8) && { hear }),
      ...(isApproved && { approval: 2 + chance.below(2) }),
    });
  let catalogue: Catalogue = new Map(names.map((name) => [name, anEnvironment(name)]));
  /** Every environment there ever was: a task goes on with what it was started with. */
  const known = new Map(catalogue);
  /** Who had places when a limit was lowered keeps them: the highest of all counts. */
  const mostAtOnce = new Map([...catalogue.values()].map(({ name, tasksAtOnce }) => [name, tasksAtOnce]));

  const succeeded = new Set<string>();
  const witness: Witness = { requests: [], twice: [], succeeded, deleted: new Set(), seen: [], answered: new Set(), approved: new Map() };

  const s3 = memoryS3({
    pageSize: chance.oneOf([2, 5, 1_000]),
    onWrite: (key) => {
      if (key.endsWith('/run.json')) checkRun(key);
      const progress = parseProgressKey(key);
      if (progress === undefined) return;
      region.deliver(`progress ${progress.runId}`, () =>
        region.invokeAsync(functions.worker, `progress of ${progress.runId}`, (life) => progressMade(key, worldOf(life)), []),
      );
    },
  });
  const cancelledFirst = new Set<string>();
  const ends = new Map<string, string>();
  const slack = memorySlack({ time, trace });
  const taskDefinitions: readonly TaskDefinition[] = names.map((name) => ({
    family: `coldframe-sim-${name}`,
    revision: 1,
    cpu: 1_024,
    memoryMb: 2_048,
    containerName: 'suite',
    command: [],
    cwd: '/',
    environment: {},
    logGroup: 'tasks',
    streamPrefix: name,
    stopTimeoutS: 120,
  }));
  const ecs = memoryEcs({
    time,
    chance,
    place,
    taskDefinitions,
    deliver: (event) => {
      const parsed = parseTaskStopped(event);
      if (event.detail.lastStatus === 'STOPPED' && isCalm) time.after(toldMs, () => checkTold(String(event.detail.startedBy)));
      if (parsed.kind === 'ignored') return;
      const { task } = parsed;
      region.deliver(`stop of ${task.run ?? task.taskArn}`, () =>
        region.invokeAsync(functions.runStopped, `stop of ${task.run ?? task.taskArn}`, (life) => taskStopped(task, worldOf(life))),
      );
    },
    start: (task, ended) => {
      const environment = known.get(environmentNameOf(task));
      if (environment === undefined) throw new Error(`no environment has ${task.family}`);
      checkLimit(environment);
      checkAlone(task);
      const interrupt = () => ecs.stop(task.id, { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' });
      const onSuccess = (runId: string, shard: number) => void succeeded.add(`${runId} ${shard}`);
      return startContainer({ time, chance, s3, task, environment, ended, interrupt, trace, onSuccess });
    },
  });

  /** The world of one invocation, whose clock is a little off. */
  function worldOf(life: Life): World {
    const skewMs = time.nowMs() < healedAtMs ? (chance.below(5) - 2) * 10_000 : 0;
    const tookMs = {
      runTask: () => life.latencyMs() + chance.between(100, 2_000),
      slack: () => life.latencyMs() + chance.between(30, 400),
    };
    const clients = clientsFor(life, { s3, ecs, slack, weather, lastLines: () => ['the last line of its log'], tookMs, onPost: checkPost });
    const say = slackSay(clients.slack);
    return {
      catalogue,
      fargate: {
        cluster: place.cluster,
        taskFamilyPrefix: 'coldframe-sim',
        subnets: ['subnet-1'],
        securityGroups: ['sg-1'],
        assignPublicIp: true,
      },
      store: s3Store(clients.s3, 'bucket', (mostMs) => life.rest(chance.next() * mostMs)),
      tasks: ecsTasks(clients.ecs, place.cluster),
      taskLog: taskLog(clients.logs, 'tasks'),
      say: {
        ...say,
        whisper: () => {
          const { fate, status } = weather.answer();
          return life.call(() => {
            if (status >= 500) throw new Error(`Slack did not take the answer: HTTP ${status}`);
            return true;
          }, fate);
        },
        answer: (responseUrl) => {
          const { fate, status } = weather.answer();
          return life.call(() => {
            if (status >= 500) throw new Error(`Slack did not take the answer: HTTP ${status}`);
            witness.answered.add(responseUrl);
            return true;
          }, fate);
        },
      },
      linkKey: { stage: 'sim', secret: secrets.links, publicUrl: 'https://bot.example.com' },
      nowMs: () => time.nowMs() + skewMs,
      newOwner: () => chance.hex(16),
      log: (level, event, about) => {
        logged.push(JSON.stringify({ level, event, ...about }));
        if (isTraced && event !== 'environments swept') trace(`  ${event} ${JSON.stringify(about)}`);
      },
    };
  }

  const environmentNameOf = (task: EcsTask): string => task.family.slice('coldframe-sim-'.length);

  /** No more tasks may be on at once; one that somebody started by hand takes nobody's place. */
  function checkLimit(environment: Environment): void {
    // One that was cancelled or has ended while its task was being started is stopped by the sweeper.
    const isWanted = ({ startedBy = '' }: EcsTask) => {
      const run = runOf(startedBy);
      return run === undefined || (run.phase.kind !== 'finished' && run.cancel === undefined);
    };
    const mine = ecs.tasks().filter((task) => environmentNameOf(task) === environment.name && task.startedBy !== 'hand');
    const on = mine.filter((task) => isOn(task) && isWanted(task));
    const most = Math.max(
      mostAtOnce.get(environment.name) ?? 0,
      ...witness.requests.map(({ request }) => Number(request.command.shards ?? 1)),
    );
    if (on.length > most) witness.seen.push(`promise 5: ${on.length} tasks on ${environment.name}, which may have ${most}`);
  }
  /** Of a shard one container is on at a time, whatever is wanted: two would write the same objects, and do all twice to what is tested. */
  function checkAlone(task: EcsTask): void {
    const { startedBy: runId = '' } = task;
    const isSame = (other: EcsTask) => other.startedBy === runId && shardOf(other) === shardOf(task) && other.id !== task.id;
    const others = runId === 'hand' ? [] : ecs.tasks().filter((other) => isSame(other) && other.container?.lastStatus === 'RUNNING');
    if (others.length > 0) witness.seen.push(`promise 6: two tasks of shard ${shardOf(task)} of ${runId} are on at once`);
  }
  const shardOf = ({ clientToken = '' }: EcsTask): string => /-s(\d+)(?:-a\d+)?$/.exec(clientToken)?.[1] ?? '';
  function runOf(runId: string): Run | undefined {
    const kept = s3.objects.get(runKeys(runId.slice(0, runId.indexOf('-')), runId).run);
    return kept && parseRun(JSON.parse(Buffer.from(kept.bytes).toString()));
  }

  /** When nothing goes wrong, the end is told soon after the last task has stopped. */
  function checkTold(runId: string): void {
    const run = runOf(runId);
    const stillMs = ecs.tasks().map(({ startedBy, stoppedAt = time.nowMs() }) => (startedBy === runId ? time.nowMs() - stoppedAt : toldMs));
    if (run === undefined || Math.min(...stillMs) < toldMs) return;
    const { phase } = run;
    if (phase.kind !== 'finished')
      return void witness.seen.push(`promise 2: nothing went wrong, and ${runId} is ${phase.kind} after its end`);
    const message = slack.messages().find(({ threadTs, metadata }) => threadTs === undefined && metadata?.event_payload.run_id === runId);
    const isLost = message === undefined || slack.stateOf(message.channel) !== 'member';
    if (!isLost && !message.text.includes(outcomeWord(phase.outcome).word))
      witness.seen.push(`promise 3: nothing went wrong, and long after its end the message of ${runId} says: ${message.text}`);
  }

  /** What has stood in the channel for a while must be found before it is said again. */
  function checkPost({ channel, thread_ts, metadata }: SlackArguments): void {
    const runId = String(metadata?.event_payload.run_id);
    const said = s3.objects.get(runKeys(runId.slice(0, runId.indexOf('-')), runId).said);
    // Where it can't be changed, it is said in another one on purpose.
    const isOnPurpose = said !== undefined && JSON.parse(Buffer.from(said.bytes).toString()).wasDeleted === true;
    if (slack.stateOf(channel) !== 'member' || isOnPurpose) return;
    const isSame = (one: KeptMessage) =>
      one.channel === channel && one.metadata?.event_type === metadata?.event_type && one.metadata?.event_payload.run_id === runId;
    const stands = slack
      .messages()
      .some((one) => isSame(one) && one.threadTs === thread_ts && time.nowMs() - Number(one.ts) * 1_000 > foundMs);
    if (stands) witness.seen.push(`promise 3: ${runId} is posted again though its message stands in ${channel}`);
  }

  /** When nothing goes wrong, nothing is posted twice: a message that is taken away again has been read. */
  function checkPosts(): void {
    if (slack.stateOf('C0OTHER') !== 'member') return;
    for (const [about, posts] of slack.posts)
      if (posts > 1 && ![...witness.deleted].some((runId) => about.includes(runId)))
        witness.seen.push(`promise 3: nothing went wrong, and ${about} was posted ${posts} times`);
  }

  /** An end stands. When nothing goes wrong, a run that is started though it was cancelled is stopped by who has started it. */
  function checkRun(key: string): void {
    const run = runOf(key.split('/')[3] ?? '');
    if (run === undefined) return;
    const { id, phase, cancel } = run;
    const end = phase.kind === 'finished' ? `${phase.at} ${phase.outcome.kind}` : phase.kind;
    const stood = ends.get(id);
    if (stood !== undefined && stood !== end) witness.seen.push(`promise 2: the end of ${id} was ${stood}, and became ${end}`);
    if (phase.kind === 'finished') ends.set(id, end);
    if (phase.kind === 'queued' && cancel !== undefined) cancelledFirst.add(id);
    if (isCalm && phase.kind === 'started' && cancelledFirst.has(id)) time.after(60_000, () => checkCancelled(id));
  }

  /** When nothing goes wrong, who was cancelled is stopped a minute later. */
  function checkCancelled(runId: string): void {
    if (ecs.tasks().some((task) => task.startedBy === runId && isOn(task)))
      witness.seen.push(`promise 6: nothing went wrong, and a task of ${runId} is on though it was cancelled`);
  }

  /** Tasks that are on though their runs have ended or were cancelled, and that ECS has known for a while. */
  function unwantedTasks(): readonly EcsTask[] {
    const isUnwanted = (run: Run | undefined) => run?.phase.kind === 'finished' || run?.cancel !== undefined;
    return ecs
      .tasks()
      .filter((task) => isOn(task) && time.nowMs() - task.createdAt > minute && catalogue.has(environmentNameOf(task)))
      .filter(({ startedBy = '' }) => isUnwanted(runOf(startedBy)));
  }

  /** Nothing is to come or on, nobody waits, and every last word is confirmed. */
  function isAtRest(): boolean {
    if (time.coming() > 0 || catalogue.size < names.length) return false;
    const ledgers = names
      .flatMap((name) => s3.objects.get(environmentKeys(name).ledger) ?? [])
      .map(({ bytes }) => parseLedger(JSON.parse(Buffer.from(bytes).toString())));
    const isIdle = ledgers.every(
      ({ active, queue, asked = [], settling }) => active.length + queue.length + asked.length + settling.length === 0,
    );
    const isHeld = names
      .flatMap((name) => s3.objects.get(environmentKeys(name).hearing) ?? [])
      .some(({ bytes }) => parseHearing(JSON.parse(Buffer.from(bytes).toString())).held.length > 0);
    return isIdle && !isHeld && region.waiting() === 0 && !ecs.tasks().some(({ lastStatus }) => lastStatus !== 'STOPPED');
  }

  const isOn = ({ lastStatus, desiredStatus }: EcsTask) => desiredStatus === 'RUNNING' && lastStatus !== 'STOPPED';

  function request(request: RunRequest): void {
    const asked: Witness['requests'][number] = { request, came: [] };
    witness.requests.push(asked);
    region.enqueue(functions.worker, `request ${request.key}`, async (life) => {
      const started = await startRun(request, worldOf(life));
      asked.came.push(started.kind === 'refused' ? 'refused' : started.runId);
      trace(`request ${request.key} came to ${JSON.stringify(started)}`);
    });
  }

  const person = () => chance.oneOf(['U0ADA', 'U0GRACE', 'U0LINUS']);
  const wish = (environment: string, runId: string): RunWish => ({
    version: 1,
    runId,
    environment,
    askedAt: new Date(time.nowMs()).toISOString(),
    asker: { kind: 'slack', userId: person() },
  });
  /** Somebody presses Approve, who may be the one who asked. */
  function approve(environment: string, runId: string): void {
    const request = wish(environment, runId);
    if (request.asker.kind === 'slack') {
      const said = witness.approved.get(runId) ?? new Set();
      witness.approved.set(runId, said.add(request.asker.userId));
    }
    region.enqueue(functions.worker, `approve ${runId}`, (life) => approveRun(request, worldOf(life)));
  }

  /** Somebody presses Cancel. */
  function cancel(environment: string, runId: string): void {
    const request = wish(environment, runId);
    const work = async (life: Life) => {
      await cancelRun(request, worldOf(life));
      if (isCalm) time.after(60_000, () => checkCancelled(runId));
    };
    // Who starts a run must see that it was cancelled, also when who cancelled it has died over it.
    region.enqueue(functions.worker, `cancel ${runId}`, work, { dies: isCalm ? 0.5 : 0 });
  }

  /** The environment and the id of some run that there is; empty when there is none. */
  function someRun(): readonly [string, string] {
    const keys = [...s3.objects.keys()].flatMap(
      (key) => /^state\/([^/]+)\/runs\/([^/]+)\/run\.json$/.exec(key)?.slice(1, 3).join(' ') ?? [],
    );
    const [environment = '', runId = ''] = (chance.someOf(keys) ?? '').split(' ');
    return [environment, runId];
  }

  /** coldframe.yml has the environment with other limits, or not any more. */
  function deploy(name: string, changed: Environment | undefined): void {
    if (time.nowMs() >= healedAtMs) return;
    trace(changed === undefined ? `deploy: ${name} is no more` : `deploy: ${name} has other limits`);
    const others = [...catalogue].filter(([one]) => one !== name);
    catalogue = new Map(changed === undefined ? others : [...others, [name, changed]]);
    if (changed === undefined) return;
    known.set(name, changed);
    mostAtOnce.set(name, Math.max(mostAtOnce.get(name) ?? 0, changed.tasksAtOnce));
  }

  /** Now and then somebody wants the place of another run. */
  function insteadOf(environment: string): Pick<RunRequest, 'instead'> {
    const [of, runId] = chance.happens(0.1) ? someRun() : ['', ''];
    const instead = of === environment ? parseRunId(runId) : undefined;
    return instead === undefined ? {} : { instead };
  }

  const people: Readonly<Record<string, () => void>> = {
    ask() {
      const number = witness.requests.length;
      const environment = chance.oneOf(names);
      const userId = person();
      request({
        version: 1,
        key: `command:${seed}-${number}`,
        askedAt: new Date(time.nowMs()).toISOString(),
        asker: { kind: 'slack', userId },
        command: { environment, features: [], ...(mostShards > 1 && chance.happens(0.4) && { shards: 2 + chance.below(mostShards - 1) }) },
        text: `/run-tests ${environment} ${number}`,
        // Some know of the run that is on, some want its place.
        ...(chance.happens(0.8) && { beside: true as const }),
        ...insteadOf(environment),
        channel: chance.oneOf([home, home, 'C0OTHER']),
        responseUrl: `${secrets.responseUrl}/${number}`,
      });
      if (!isApproved) return;
      // People look now and then; some are asked for what they never come to see.
      const { key, askedAt } = witness.requests.at(-1)?.request ?? { key: '', askedAt: new Date(0).toISOString() };
      const runId = runIdOf({ environment, key, askedAt });
      for (let yes = chance.below(6); yes > 0; yes -= 1)
        time.after(chance.between(1_000, 10 * minute), () => {
          if (s3.objects.has(runKeys(environment, runId).run)) approve(environment, runId);
        });
    },
    'ask the same again'() {
      const before = chance.someOf(witness.requests)?.request;
      if (before === undefined) return;
      const number = witness.requests.length;
      request({
        ...before,
        key: `command:${seed}-${number}`,
        askedAt: new Date(time.nowMs()).toISOString(),
        responseUrl: `${secrets.responseUrl}/${number}`,
      });
    },
    'press return twice'() {
      people.ask?.();
      const before = witness.requests.at(-1)?.request;
      if (before === undefined) return;
      const again = { ...before, key: `${before.key}-again`, askedAt: new Date(time.nowMs() + 400).toISOString() };
      witness.twice.push([before.key, again.key]);
      request(again);
      if (chance.happens(0.5)) time.after(chance.between(2_000, 120_000), () => deploy(before.command.environment, undefined));
    },
    'ask and think better of it'() {
      people.ask?.();
      const asked = witness.requests.at(-1)?.request;
      if (asked === undefined) return;
      const { environment } = asked.command;
      const runId = runIdOf({ environment, key: asked.key, askedAt: asked.askedAt });
      // There is no button before there is a run.
      const isThere = () => s3.objects.has(runKeys(environment, runId).run);
      time.after(chance.between(100, 3_000), function press() {
        if (isThere()) cancel(environment, runId);
        else if (time.nowMs() < Date.parse(asked.askedAt) + minute) time.after(200, press);
      });
    },
    approve() {
      const [environment, runId] = someRun();
      if (parseRunId(runId) !== undefined) approve(environment, runId);
    },
    cancel() {
      const [environment, runId] = someRun();
      if (parseRunId(runId) !== undefined) cancel(environment, runId);
    },
    'start a task by hand'() {
      const name = chance.oneOf(names);
      trace(`somebody starts a task of ${name} by hand`);
      ecs.answer('RunTaskCommand', {
        cluster: place.cluster,
        taskDefinition: `coldframe-sim-${name}`,
        startedBy: 'hand',
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      });
    },
    'delete a message'() {
      const message = chance.someOf(slack.messages().filter(({ threadTs }) => threadTs === undefined));
      if (message === undefined || !chance.happens(0.3)) return;
      const about = String(message.metadata?.event_payload.run_id);
      trace(`somebody deletes the message of ${about}`);
      witness.deleted.add(about);
      slack.deleteOne(message);
    },
    'take the bot out of a channel'() {
      if (!chance.happens(0.7)) return;
      const state = chance.oneOf<ChannelState>(['not_in_channel', 'is_archived', 'channel_not_found']);
      trace(`C0OTHER: ${state}`);
      slack.setChannel('C0OTHER', state);
    },
    deploy() {
      const name = chance.oneOf(names);
      deploy(name, chance.happens(0.15) ? undefined : anEnvironment(name));
    },
  };

  /** When the last sweep began that came to its end. */
  let sweptFromMs = 0;
  region.schedule(functions.sweep, 'sweep', async (life) => {
    const fromMs = time.nowMs();
    const unwanted = unwantedTasks();
    await sweep(worldOf(life));
    sweptFromMs = fromMs;
    for (const task of unwantedTasks())
      if (unwanted.some(({ id }) => id === task.id))
        witness.seen.push(`promise 5: a sweep has left the task ${task.arn} on, though ${task.startedBy} was cancelled or had ended`);
  });
  people.ask?.();
  // Most of what can go wrong needs one or two runs: little and often finds more than much and seldom.
  const acts = chance.oneOf([0, 0, 1, 1, 2, 6]);
  for (let act = 0; act < acts; act += 1) {
    const what = chance.oneOf([
      'ask',
      'ask',
      'ask',
      'ask the same again',
      'press return twice',
      'ask and think better of it',
      'ask and think better of it',
      'cancel',
      'cancel',
      'approve',
      'start a task by hand',
      'delete a message',
      'take the bot out of a channel',
      'deploy',
    ]);
    time.after(chance.between(0, busyMs - minute), () => people[what]?.());
  }
  // An environment that was taken out comes back, so that what waits there has somewhere to go.
  time.idly(busyMs, () => {
    trace('the world is well again');
    for (const name of names) if (!catalogue.has(name)) catalogue = new Map([...catalogue, [name, known.get(name) ?? anEnvironment(name)]]);
  });
  // What is at rest, and what a sweep leaves so, stays so.
  let restsFromMs = Number.POSITIVE_INFINITY;
  while (time.nowMs() < healedAtMs + patienceMs && sweptFromMs < restsFromMs) {
    await time.passUntil(time.nowMs() + minute);
    restsFromMs = isAtRest() ? Math.min(restsFromMs, time.nowMs()) : Number.POSITIVE_INFINITY;
  }

  if (isCalm) checkPosts();
  const broken = brokenPromises({ witness, s3, ecs, slack, region, logged, secrets, environments: names, isOn });
  const runs = [...s3.objects.keys()].filter((key) => key.endsWith('/run.json')).length;
  return { broken, runs, trace: lines };
}

const mostShards = 3;

/** What must be found nowhere. */
const secrets = {
  responseUrl: 'https://hooks.slack.com/commands/T0TEAM/1/kx9',
  links: 'a-secret-for-links',
  token: 'xoxb-of-the-simulation',
};
