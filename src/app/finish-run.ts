import type { TaskStop } from '../outcome/stop.ts';
import { shardKeys } from '../run/keys.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { ShardStopped } from '../run/shard.ts';
import { advance, mustBeTold } from './advance.ts';
import { endRun, tryAfter } from './end-run.ts';
import { publish } from './publish.ts';
import { type RunRef, readPlan, readRun, readStopped } from './run-store.ts';
import { type KnownTask, ownerOf } from './task-owner.ts';
import type { World } from './world.ts';
import type { WrittenReport } from './write-report.ts';

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
    const ended = await endRun({ plan, run, stops }, ref, world);
    if (ended === undefined) return;
    report = ended.report;
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
