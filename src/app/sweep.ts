import { readTask } from '../aws/task-event.ts';
import { overdueReason, settleMs, stopAllowanceMs } from '../run/deadline.ts';
import { runKeys } from '../run/keys.ts';
import { promote, settle } from '../run/ledger.ts';
import { taskFamily } from '../run/plan.ts';
import type { Run, ShardTask } from '../run/run.ts';
import { taskIdOf } from '../run/run-id.ts';
import { parseSaid } from '../run/stored.ts';
import { advance } from './advance.ts';
import { taskStopped } from './finish-run.ts';
import { stopTasks } from './launch.ts';
import { changeLedger, readLedger } from './ledger-store.ts';
import { errorText } from './log.ts';
import { publish } from './publish.ts';
import { type RunRef, readPlan, readRun } from './run-store.ts';
import { removeTwins } from './say-once.ts';
import { ownerOf } from './task-owner.ts';
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
  const attempt = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      troubles.push(`${what}: ${errorText(error)}`);
    }
  };

  for (const [environment, { tasksAtOnce }] of world.catalogue) {
    await attempt(`the tasks of ${environment}`, async () => {
      rescued += await sweepTasks(environment, world);
    });
    for (const { runId } of (await readLedger(world.store, environment)).active) {
      await attempt(runId, async () => {
        if (await endOverdue({ environment, runId }, world)) overdue += 1;
      });
    }
    await attempt(`the queue of ${environment}`, async () => {
      await changeLedger(world.store, environment, (ledger) => promote(ledger, tasksAtOnce));
      await advance(environment, world);
    });
    for (const { runId } of (await readLedger(world.store, environment)).settling) {
      await attempt(runId, () => settleRun({ environment, runId }, world));
    }
  }

  const swept = { rescued, overdue, troubles: troubles.length };
  world.log(troubles.length > 0 ? 'error' : 'info', 'environments swept', {
    ...swept,
    ...(troubles.length > 0 && { because: troubles, next: 'the next sweep tries again' }),
  });
  if (troubles.length > 0) throw new Error(`the sweep met ${troubles.length} troubles, first: ${troubles[0]}`);
  return swept;
}

/** Looks at every task of the environment that ECS still knows: on, or stopped within the last hour. */
async function sweepTasks(environment: string, world: World): Promise<number> {
  let rescued = 0;
  const arns = await world.tasks.listFamily(taskFamily(world.fargate, environment));
  for (const task of (await world.tasks.describe(arns)).map(readTask)) {
    const owner = await ownerOf(task, world);
    const run = owner && (await readRun(world.store, owner.ref));
    if (owner === undefined || run === undefined) continue;
    const hasEnded = run.phase.kind === 'finished';
    if (task.isStopped && !hasEnded) {
      await taskStopped(task, world);
      rescued += 1;
    }
    if (!task.isStopped && hasEnded) await world.tasks.stop(task.taskArn, `Coldframe run ${run.id} has ended`);
  }
  return rescued;
}

/** Ends what has outlived its deadline, and what ECS no longer knows: true when there was something to end. */
async function endOverdue(ref: RunRef, world: World): Promise<boolean> {
  const run = await readRun(world.store, ref);
  if (run?.phase.kind !== 'started') return false;
  const { tasks, deadlineAt, at } = run.phase;
  const nowMs = world.nowMs();
  const isOverdue = nowMs > Date.parse(deadlineAt);
  // Right after RunTask, DescribeTasks may not know a task yet.
  if (!isOverdue && nowMs < Date.parse(at) + stopAllowanceMs) return false;

  const known = await world.tasks.describe(tasks.map((task) => task.taskArn));
  const isKnown = (task: ShardTask) => known.some(({ taskArn = '' }) => taskIdOf(taskArn) === taskIdOf(task.taskArn));
  const lost = tasks.filter((task) => !isKnown(task));
  if (isOverdue) await stopTasks(tasks.filter(isKnown), overdueReason(run.id), world);
  const isStuck = nowMs > Date.parse(deadlineAt) + stopAllowanceMs;
  for (const task of isStuck ? tasks : lost) await giveUp(ref, run, task, at, world);
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
  if (said !== undefined) await removeTwins(plan, said, world);
  const isConfirmed = said?.confirmed?.revision === run.revision && Date.parse(said.confirmed.sentAt) >= settledFromMs;
  if (isConfirmed || published.kind === 'given-up') {
    await changeLedger(world.store, ref.environment, (ledger) => settle(ledger, ref.runId));
    world.log('info', 'run settled', { runId: ref.runId });
  }
}
