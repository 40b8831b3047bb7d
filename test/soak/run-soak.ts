import { setTimeout as pause } from 'node:timers/promises';
import { ECSClient, StopTaskCommand } from '@aws-sdk/client-ecs';
import { readLedger } from '../../src/app/ledger-store.ts';
import { readRun } from '../../src/app/run-store.ts';
import { chance } from '../../src/coldstart/chance.ts';
import type { ShownTask } from '../../src/local/ecs/ecs.ts';
import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { buttons } from '../../src/message/buttons.ts';
import { runKeys } from '../../src/run/keys.ts';
import { parseRunId, type RunId } from '../../src/run/run-id.ts';
import { parsePlan } from '../../src/run/stored.ts';
import { type Asked, askedOf, numberIn } from './asked.ts';
import { environments, type SoakWorld } from './soak-world.ts';
import { faultsOf } from './verdict.ts';

/** What came of one run. */
export interface Soaked {
  readonly asked: Asked;
  readonly runId?: RunId;
  readonly kind: string;
  readonly isHit: boolean;
  readonly parents: number;
  readonly replies: number;
  /** From the request to the end that stands in the bucket. */
  readonly tookMs: number;
  readonly wrong: readonly string[];
  readonly line: string;
}

/** A run while it is on. */
interface Going {
  readonly asked: Asked;
  readonly runId: RunId;
  readonly isHit: boolean;
  readonly tookMs: number;
}

/** How much is asked for; `note` hears of each function that is killed. */
interface SoakPlan {
  readonly runs: number;
  readonly seed: number;
  readonly atOnce: number;
  readonly note: (fault: string) => void;
}

const channelId = 'C0UITESTS';
const people = ['U0ADA', 'U0GRACE', 'U0LINUS'];
/** Longer nobody waits for a run to begin, or to end. */
const patienceMs = 20 * 60_000;
/** A run is looked after for a quarter of an hour when Slack's answer to its post was lost. */
const settleWithinMs = 25 * 60_000;
const killEveryMs = 3_000;

/** Asks for so many runs, so many at once; when all have ended and nothing is left to be told, tells what came of each. */
export async function runSoak(soak: SoakWorld, { runs, seed, atOnce, note }: SoakPlan, tell: (one: Soaked) => void): Promise<void> {
  let next = 1;
  const over = new AbortController();
  const killing = killFunctions({ soak, note, random: chance(seed * 7_919), signal: over.signal });
  const going: (Going | { readonly asked: Asked; readonly wrong: string })[] = [];
  const seat = async () => {
    while (next <= runs) {
      const number = next;
      next += 1;
      const random = chance(seed * 100_003 + number);
      const asked = askedOf(number, random);
      const one = await lead(soak, asked).catch((error: unknown) => ({ asked, wrong: String(error) }));
      going.push(one);
      const what =
        'runId' in one ? `${one.runId} ${one.isHit ? `(${asked.act}) ` : ''}after ${Math.round(one.tookMs / 1_000)} s` : one.wrong;
      console.log(`${String(going.length).padStart(4)}. ${asked.wanted.name.padEnd(8)} ${what}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, seat));
  over.abort();
  await killing;
  const unsettled = await settled(soak);
  const led = new Set(going.flatMap((one) => ('runId' in one ? [one.runId] : [])));
  const others = (await runsOf(soak)).filter(({ runId }) => !led.has(runId));
  const left = others.map(({ runId, number }): Going => {
    const asked: Asked = { ...askedOf(number, chance(seed * 100_003 + number)), act: 'nothing' };
    return { asked, runId, isHit: false, tookMs: 0 };
  });
  for (const one of [...going, ...left]) tell(await judge(soak, one, unsettled));
}

/** Asks for a run, does to it what is to be done, and waits for its end. @throws when it does not come to one */
async function lead(soak: SoakWorld, asked: Asked): Promise<Going> {
  const { world } = soak;
  const startedAtMs = Date.now();
  const userId = people[asked.number % people.length] ?? 'U0ADA';
  for (;;) {
    const said = await world.slack.command({ userId, channelId, text: asked.text });
    if (said.kind === 'taken' && said.message === undefined) break;
    // Nobody has taken it, and the person was told so: they try again.
    if (said.kind === 'taken') throw new Error(`refused: ${said.message?.text}`);
    await pause(500);
  }
  const runId = await until(`a run of ${asked.text}`, () => runOf(soak, asked));
  const ref = { environment: asked.environment, runId };
  const hasEnded = async () => (await readRun(world.store, ref))?.phase.kind === 'finished';
  let isHit = false;
  if (asked.act !== 'nothing') {
    await until(`a message of ${runId}`, async () => (parentsOf(soak, runId).length > 0 || (await hasEnded()) ? true : undefined));
    await pause(asked.afterMs);
    isHit = await until(`${asked.act} of ${runId}`, async () =>
      (await hasEnded()) ? false : (await act(soak, asked, runId)) || undefined,
    );
  }
  await until(`the end of ${runId}`, async () => (await hasEnded()) || undefined);
  return { asked, runId, isHit, tookMs: Date.now() - startedAtMs };
}

/** All runs that there are: where a person was told that nobody took their request, and it was taken, there is one more than they know of. */
async function runsOf(soak: SoakWorld): Promise<readonly { readonly runId: RunId; readonly number: number }[]> {
  const all: { readonly runId: RunId; readonly number: number }[] = [];
  for (const environment of [...environments.narrow, ...environments.wide, environments.short]) {
    for await (const { runId, tags } of runsIn(soak, environment)) all.push({ runId, number: numberIn(tags) });
  }
  return all;
}

const known = new Map<RunId, string>();

async function* runsIn({ world }: SoakWorld, environment: string): AsyncGenerator<{ readonly runId: RunId; readonly tags: string }> {
  for await (const name of world.store.folders(`claims/${environment}/runs/`)) {
    const runId = parseRunId(name);
    if (runId === undefined) continue;
    const tags = known.get(runId) ?? (await world.store.get(runKeys(environment, runId).plan, parsePlan))?.value.suite.tags;
    if (tags === undefined) continue;
    known.set(runId, tags);
    yield { runId, tags };
  }
}

/** The run that was made of the words, once there is one. */
async function runOf(soak: SoakWorld, { environment, number }: Asked): Promise<RunId | undefined> {
  for await (const { runId, tags } of runsIn(soak, environment)) if (numberIn(tags) === number) return runId;
  return undefined;
}

/** Does it, if there is something to do it to. */
async function act(soak: SoakWorld, { act: what, number }: Asked, runId: RunId): Promise<boolean> {
  const { world } = soak;
  const [message] = parentsOf(soak, runId);
  const running = tasksOf(soak, runId).find(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING');
  try {
    switch (what) {
      case 'nothing':
        return false;
      case 'cancel': {
        if (message === undefined) return false;
        const userId = people[number % people.length] ?? 'U0ADA';
        const pressed = await world.slack.press({ userId, channelId, messageTs: message.ts, actionId: buttons.cancel });
        return pressed.kind === 'taken';
      }
      case 'sigkill':
      case 'spot':
        if (running === undefined) return false;
        world.ecs.kill(running.id, what);
        return true;
      case 'stop':
        if (running === undefined) return false;
        await stopByHand(soak, running.id);
        return true;
      case 'delete':
        if (message === undefined) return false;
        world.slack.remove({ channelId, ts: message.ts });
        return true;
    }
  } catch {
    // it has just ended, or there is no such button any more
    return false;
  }
}

/** As somebody does it in the console. */
async function stopByHand({ world }: SoakWorld, task: string): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_ECS: endpoint = '' } = world.awsEnvironment;
  const ecs = new ECSClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  await ecs.send(new StopTaskCommand({ cluster: 'coldframe-local', task, reason: 'somebody stopped it in the console' }));
  ecs.destroy();
}

interface Killing extends Pick<SoakPlan, 'note'> {
  readonly soak: SoakWorld;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Kills a function's process in the midst of its work, again and again. */
async function killFunctions({ soak, note, random, signal }: Killing): Promise<void> {
  // A sweep works longer than the others: were it as often hit, none would come to its end, which no world does.
  const names = ['http', 'worker', 'run-stopped'].flatMap((name) => Array.from({ length: 6 }, () => name)).concat('sweep');
  while (!signal.aborted) {
    await pause(random() * 2 * killEveryMs, undefined, { signal }).catch(() => {});
    const name = names[Math.floor(random() * names.length)] ?? 'worker';
    const busy = soak.world.lambda.processes(name).find(({ isBusy, pid }) => isBusy && pid !== undefined);
    if (busy?.pid === undefined) continue;
    try {
      process.kill(busy.pid, 'SIGKILL');
      note(`function ${name}: killed at work`);
    } catch {
      // it has just ended
    }
  }
}

/** Waits until no environment has anything left to do or to tell; what has, when it takes too long. */
async function settled({ world }: SoakWorld): Promise<ReadonlySet<string>> {
  const untilMs = Date.now() + settleWithinMs;
  let before = 0;
  for (;;) {
    const left = new Set<string>();
    for (const name of [...environments.narrow, ...environments.wide, environments.short]) {
      const { active, queue, settling } = await readLedger(world.store, name);
      for (const { runId } of [...active, ...queue, ...settling]) left.add(runId);
    }
    if (left.size === 0) {
      await world.lambda.settled();
      return left;
    }
    if (Date.now() > untilMs) return left;
    if (left.size !== before) console.log(`      ${left.size} to be told or looked after, until ${new Date(untilMs).toLocaleTimeString()}`);
    before = left.size;
    await pause(5_000);
  }
}

async function judge(
  soak: SoakWorld,
  one: Going | { readonly asked: Asked; readonly wrong: string },
  unsettled: ReadonlySet<string>,
): Promise<Soaked> {
  const { asked } = one;
  if ('wrong' in one)
    return {
      asked,
      kind: 'nothing',
      isHit: false,
      parents: 0,
      replies: 0,
      tookMs: 0,
      wrong: [one.wrong],
      line: `${asked.text}: ${one.wrong}`,
    };
  const { runId, isHit, tookMs } = one;
  const run = await readRun(soak.world.store, { environment: asked.environment, runId });
  if (run === undefined) throw new Error(`${runId} is there no more`);
  const [parents, replies, tasks] = [parentsOf(soak, runId), repliesOf(soak, runId), tasksOf(soak, runId)];
  const shards = new Set(tasks.map(shardOf));
  const started = new Set(tasks.filter(({ startedAt }) => startedAt !== undefined).map(shardOf));
  const wrong = [
    ...faultsOf({
      ...{ asked, run, isHit, parents, replies, truth: soak.truthOf(runId) },
      stops: tasks.map(({ stopCode, stoppedReason }) => `${stopCode}: ${stoppedReason}`),
      hasStarted: started.size > 0 && started.size === Math.max(shards.size, wantedShards(asked)),
    }),
    ...(unsettled.has(runId) ? ['it is still in the ledger'] : []),
    ...tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').map(({ id, lastStatus }) => `its task ${id} is ${lastStatus}`),
  ];
  const kind = run.phase.kind === 'finished' ? run.phase.outcome.kind : run.phase.kind;
  const line = `${runId} ${asked.wanted.name} ${isHit ? asked.act : ''} → ${kind}`;
  return { asked, runId, kind, isHit, parents: parents.length, replies: replies.length, tookMs, wrong, line };
}

const wantedShards = ({ environment }: Asked): number => ((environments.wide as readonly string[]).includes(environment) ? 2 : 1);

const tasksOf = ({ world }: SoakWorld, runId: RunId): readonly ShownTask[] =>
  world.ecs.tasks().filter((task) => variable(task, 'COLDFRAME_RUN') === runId);

const shardOf = (task: ShownTask): string | undefined => variable(task, 'COLDFRAME_SHARD');

const variable = ({ overrides }: ShownTask, wanted: string): string | undefined =>
  overrides.containerOverrides[0]?.environment?.find(({ name }) => name === wanted)?.value;

const ofRun =
  (runId: RunId) =>
  ({ metadata }: SlackMessage): boolean =>
    metadata?.event_payload.run_id === runId;

const parentsOf = ({ world }: SoakWorld, runId: RunId): readonly SlackMessage[] =>
  world.slack
    .messages(channelId)
    .filter(({ threadTs, onlyFor }) => threadTs === undefined && onlyFor === undefined)
    .filter(ofRun(runId));

const repliesOf = ({ world }: SoakWorld, runId: RunId): readonly SlackMessage[] =>
  world.slack
    .messages(channelId)
    .filter(({ threadTs }) => threadTs !== undefined)
    .filter(ofRun(runId));

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const untilMs = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > untilMs) throw new Error(`there was no ${what} within ${patienceMs / 60_000} minutes`);
    await pause(400);
  }
}
