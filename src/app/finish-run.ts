import type { Outcome } from '../outcome/outcome.ts';
import type { TaskStop } from '../outcome/stop.ts';
import type { EndedRun } from '../report/run-facts.ts';
import { shardKeys } from '../run/keys.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { ShardStopped } from '../run/shard.ts';
import { advance, mustBeTold } from './advance.ts';
import { judgeRun } from './judge-run.ts';
import { keepLatest } from './latest-run.ts';
import { errorText } from './log.ts';
import { publish } from './publish.ts';
import { changeStoredRun, type RunRef, readPlan, readResult, readRun, readStopped } from './run-store.ts';
import { type KnownTask, ownerOf } from './task-owner.ts';
import type { World } from './world.ts';
import { type WrittenReport, writeReport } from './write-report.ts';

/** A task that has stopped, and what AWS says about it. */
export interface StoppedTask extends KnownTask {
  readonly stop: TaskStop;
}

/**
 * Records that a task has stopped and ends its run when it was the last one.
 * The first word about a task stands: the same event again, or the sweeper's finding, changes nothing.
 */
export async function taskStopped(task: StoppedTask, world: World): Promise<void> {
  const owner = await ownerOf(task, world);
  if (owner === undefined) return;
  const { ref, shard } = owner;
  const stopped: ShardStopped = { version: 1, runId: ref.runId, shard, stop: task.stop };
  await world.store.create(shardKeys(ref.environment, ref.runId, shard).stopped, stopped);
  await finishRun(ref, world);
}

/** Ends the run if all its tasks have stopped, and sees it out. Harmless at any time, any number of times. */
export async function finishRun(ref: RunRef, world: World): Promise<void> {
  const plan = await readPlan(world.store, ref);
  const run = await readRun(world.store, ref);
  if (plan === undefined || run === undefined) throw new Error(`there is no run ${ref.runId} to end`);
  let endedHere: readonly ShardStopped[] = [];
  let report: WrittenReport | undefined;
  if (run.phase.kind !== 'finished') {
    const stops = await stopsOf(plan, world);
    if (stops === undefined) return;
    const outcome = await judgeRun({ plan, run, stops }, world);
    const at = new Date(world.nowMs()).toISOString();
    const commit = await commitOf(plan, world);
    const started = run.phase.kind === 'started' && { startedAt: run.phase.at };
    report = await tryReport({ plan, endedAt: at, ...started, ...(commit !== undefined && { commit }) }, outcome, world);
    const hasReport = report !== undefined;
    await changeStoredRun(world.store, ref, { kind: 'finished', at, outcome, hasReport, ...(commit !== undefined && { commit }) });
    if (hasReport)
      await tryAfter(ref, 'newest run not kept', world, () => keepLatest(world.store, ref.environment, { runId: ref.runId, endedAt: at }));
    world.log('info', 'run ended', { runId: ref.runId, outcome: outcome.kind });
    endedHere = stops;
  }
  await advance(ref.environment, world, [ref.runId]);
  const told = await publish(ref, 'changed', world);
  // Nobody waits for it, so people are told first.
  if (report !== undefined) await tryAfter(ref, 'report not complete', world, report.writeBeside);
  mustBeTold(ref, told);
  const stoppedAtMs = Math.max(...endedHere.map(({ stop }) => Date.parse(stop.stoppedAt ?? '')));
  if (Number.isFinite(stoppedAtMs))
    world.log('info', 'run told', { runId: ref.runId, afterStopMs: Math.max(0, world.nowMs() - stoppedAtMs) });
}

/** What is known of every shard's stop, or undefined while one is still on. */
async function stopsOf(plan: RunPlan, { store }: World): Promise<readonly ShardStopped[] | undefined> {
  const shards = Array.from({ length: shardCount(plan) }, (_, index) => index + 1);
  const stops = await Promise.all(shards.map((shard) => readStopped(store, plan, shard)));
  return stops.every((stop) => stop !== undefined) ? stops : undefined;
}

/** Which commit the suite was, if it was fetched. */
async function commitOf(plan: RunPlan, { store }: World): Promise<string | undefined> {
  if (plan.suite.ref === undefined) return undefined;
  const commit = (await readResult(store, plan, 1))?.versions.suite ?? '';
  return /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

/** A report that cannot be made is no reason to keep an end from anybody. */
async function tryReport(ended: EndedRun, outcome: Outcome, world: World): Promise<WrittenReport | undefined> {
  try {
    return await writeReport(ended, outcome, world);
  } catch (error) {
    world.log('error', 'report not made', {
      runId: ended.plan.runId,
      because: errorText(error),
      next: 'the messages are kept: look at messages/ in the bucket',
    });
    return undefined;
  }
}

/** What a run's end does not hang on. */
async function tryAfter({ runId }: RunRef, failed: string, { log }: World, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log('error', failed, { runId, because: errorText(error), next: 'the run has ended and is told; its messages are kept in the bucket' });
  }
}
