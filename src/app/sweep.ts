import { readTask, type TaskState } from '../aws/task-event.ts';
import type { ShardTask } from '../run/attempt.ts';
import { overdueReason, settleMs, stopAllowanceMs, sweepEveryMs, twinMs } from '../run/deadline.ts';
import { allEnvironments, runKeys } from '../run/keys.ts';
import { isIdle, promote, settle } from '../run/ledger.ts';
import { taskFamily } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { taskIdOf } from '../run/run-id.ts';
import { parseSaid } from '../run/stored.ts';
import { advance } from './advance.ts';
import { taskStopped } from './finish-run.ts';
import { readHearing } from './hearing-store.ts';
import { changeLedger, readLedger } from './ledger-store.ts';
import { errorText } from './log.ts';
import { publish } from './publish.ts';
import { type RunRef, readPlan, readRun } from './run-store.ts';
import { removeTwins, runTopic } from './say-once.ts';
import { cancelledReason, stopTasks } from './stop-tasks.ts';
import { ownerOf } from './task-owner.ts';
import { tellHeld } from './tell-held.ts';
import { recordTask } from './try-again.ts';
import type { World } from './world.ts';

/** What the sweeper found to do that an event should have done: anything but zero wants a look. */
export interface Swept {
  readonly rescued: number;
  readonly overdue: number;
  readonly troubles: number;
}

/**
 * Finds what no event has told us: tasks that stopped unheard or that nobody asked for, runs past their deadline, runs
 * that should have started, last words that Slack has not confirmed. @throws after all was tried, when something failed
 */
export async function sweep(world: World): Promise<Swept> {
  let rescued = 0;
  let overdue = 0;
  const troubles: string[] = [];
  const turn = Math.floor(world.nowMs() / sweepEveryMs);
  const attempt = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      troubles.push(`${what}: ${errorText(error)}`);
    }
  };

  const attemptRuns = (environment: string, list: 'active' | 'settling', act: (ref: RunRef) => Promise<void>) =>
    attempt(`the ledger of ${environment}`, async () => {
      const entries = (await readLedger(world.store, environment))[list];
      for (const { runId } of entries) await attempt(runId, () => act({ environment, runId }));
    });

  const environments = new Set(world.catalogue.keys());
  await attempt('the environments that are no more', async () => {
    for (const environment of await formerEnvironments(world)) environments.add(environment);
  });
  for (const environment of inTurn([...environments], turn)) {
    let tasksSeenAtMs: number | undefined;
    await attempt(`the tasks of ${environment}`, async () => {
      const [before, lookedAtMs] = [troubles.length, world.nowMs()];
      const ended: EndedRuns = new Map();
      for (const task of await tasksOf(environment, world)) {
        await attempt(task.taskArn ?? 'a task', async () => {
          if (await sweepTask(readTask(task), ended, world)) rescued += 1;
        });
      }
      if (troubles.length === before) tasksSeenAtMs = lookedAtMs;
    });
    // Most sweeps find nothing: one look says so. A ledger that cannot be read is tried, and told.
    const isAtRest = await readLedger(world.store, environment).then(isIdle, () => false);
    if (!isAtRest) {
      await attemptRuns(environment, 'active', async (ref) => {
        if (await endOverdue(ref, world)) overdue += 1;
      });
      await attempt(`the queue of ${environment}`, async () => {
        const tasksAtOnce = world.catalogue.get(environment)?.tasksAtOnce ?? 1;
        await changeLedger(world.store, environment, (ledger) => promote(ledger, tasksAtOnce));
        await advance(environment, world, { kind: 'sweep', tasksSeenAtMs });
      });
      await attemptRuns(environment, 'settling', (ref) => settleRun(ref, world));
    }
    await attempt(`what was held back of ${environment}`, () => tellHeld(environment, world));
  }

  const swept = { rescued, overdue, troubles: troubles.length };
  world.log(troubles.length > 0 ? 'error' : 'info', 'environments swept', {
    ...swept,
    ...(troubles.length > 0 && { because: troubles, next: 'the next sweep tries again' }),
  });
  if (troubles.length > 0) throw new Error(`the sweep met ${troubles.length} troubles, first: ${troubles[0]}`);
  return swept;
}

/** Each sweep begins with another one: should every sweep die over the same environment, the others are still come to. */
function inTurn(environments: readonly string[], turn: number): readonly string[] {
  const first = turn % environments.length;
  return [...environments.slice(first), ...environments.slice(0, first)];
}

/** Environments that were taken out of coldframe.yml while runs of theirs were on, waited, or were not surely told. */
async function formerEnvironments(world: World): Promise<readonly string[]> {
  const { store, catalogue } = world;
  const former: string[] = [];
  for await (const environment of store.folders(allEnvironments)) {
    if (catalogue.has(environment) || environment.startsWith('_')) continue;
    if (!isIdle(await readLedger(store, environment)) || (await readHearing(environment, world)).held.length > 0) former.push(environment);
  }
  return former;
}

/** Every task of the environment that ECS still knows: on, or stopped within the last hour. */
const tasksOf = async (environment: string, { tasks, fargate }: World) =>
  await tasks.describe(await tasks.listFamily(taskFamily(fargate, environment)));

/** Runs that have ended, which they do for good: a task of one is looked at without reading it again. */
type EndedRuns = Map<string, Run>;

/** Sees that a task and its run agree: true when nobody had told us that the task has stopped. */
async function sweepTask(task: TaskState, ended: EndedRuns, world: World): Promise<boolean> {
  const owner = await ownerOf(task, world, ended.get(task.run ?? ''));
  const run = owner && (owner.run ?? (await readRun(world.store, owner.ref)));
  if (owner === undefined || run === undefined) return false;
  if (run.phase.kind === 'finished') ended.set(run.id, run);
  const hasEnded = run.phase.kind === 'finished';
  // Whoever was given it has died before writing so; another one was refused it meanwhile.
  if (owner.isPast && !hasEnded && !task.isStopped) {
    await recordTask(owner, task.taskArn, world);
    return false;
  }
  if (task.isStopped && !hasEnded) {
    await taskStopped(task, world);
    return !owner.isPast;
  }
  // ECS may not have known the task yet when somebody cancelled, or who was to stop it has died.
  const isUnwanted = hasEnded || run.cancel !== undefined;
  if (!task.isStopped && isUnwanted)
    await world.tasks.stop(task.taskArn, hasEnded ? `Coldframe run ${run.id} has ended` : cancelledReason({ runId: run.id }));
  return false;
}

/** Ends what has outlived its deadline, and what ECS no longer knows: true when there was something to end. */
async function endOverdue(ref: RunRef, world: World): Promise<boolean> {
  const run = await readRun(world.store, ref);
  if (run?.phase.kind !== 'started') return false;
  const { tasks, deadlineAt, at } = run.phase;
  const nowMs = world.nowMs();
  const isOverdue = nowMs > Date.parse(deadlineAt);
  // Right after RunTask, DescribeTasks may not know a task yet.
  const isNew = (task: ShardTask) => nowMs < Date.parse(task.at ?? at) + stopAllowanceMs;
  if (!isOverdue && tasks.every(isNew)) return false;

  const known = await world.tasks.describe(tasks.map((task) => task.taskArn));
  const isKnown = (task: ShardTask) => known.some(({ taskArn = '' }) => taskIdOf(taskArn) === taskIdOf(task.taskArn));
  const lost = tasks.filter((task) => !isKnown(task) && (isOverdue || !isNew(task)));
  if (isOverdue) await stopTasks(tasks.filter(isKnown), overdueReason(run.id), world);
  const isStuck = nowMs > Date.parse(deadlineAt) + stopAllowanceMs;
  for (const task of isStuck ? tasks : lost) await giveUp(ref, run, task, task.at ?? at, world);
  return isOverdue || lost.length > 0;
}

/** Says of a task that it has stopped though ECS did not. */
async function giveUp(ref: RunRef, run: Run, task: ShardTask, startedAt: string, world: World): Promise<void> {
  const plan = await readPlan(world.store, ref);
  const stoppedReason = 'ECS no longer knows this task, and told nobody why it stopped';
  await taskStopped(
    {
      taskArn: task.taskArn,
      family: taskFamily(world.fargate, ref.environment),
      createdAt: plan?.askedAt ?? new Date(world.nowMs()).toISOString(),
      run: run.id,
      shard: task.shard,
      stop: { taskArn: task.taskArn, stoppedReason, startedAt },
    },
    world,
  );
}

/** Lets go of a run once its last word was confirmed later than any older update could still land. */
async function settleRun(ref: RunRef, world: World): Promise<void> {
  const run = await readRun(world.store, ref);
  const plan = await readPlan(world.store, ref);
  if (run?.phase.kind !== 'finished' || plan === undefined) throw new Error(`run ${ref.runId} is to be settled but has not ended`);
  const settledFromMs = Date.parse(run.phase.at) + settleMs;
  if (world.nowMs() < settledFromMs) return;
  const published = await publish(ref, 'settle', world);
  if (published.kind === 'busy' || published.kind === 'later') return;
  const said = (await world.store.get(runKeys(ref.environment, ref.runId).said, parseSaid))?.value;
  if (said !== undefined) await removeTwins(runTopic(plan), said, world);
  const isTwinToCome = world.nowMs() < Date.parse(said?.uncertainAt ?? '') + twinMs;
  if (isTwinToCome) return;
  const isSilent = published.kind === 'silent';
  const isConfirmed = said?.confirmed?.revision === run.revision && Date.parse(said.confirmed.sentAt) >= settledFromMs;
  if (isConfirmed || isSilent || published.kind === 'given-up' || published.kind === 'nowhere') {
    await changeLedger(world.store, ref.environment, (ledger) => settle(ledger, ref.runId));
    world.log('info', 'run settled', { runId: ref.runId });
  }
}
