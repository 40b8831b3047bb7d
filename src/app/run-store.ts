import { type Store, UnreadableObject } from '../aws/store.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import { changeRun, type Run, type RunChange, takeOfShard } from '../run/run.ts';
import { isAdopted, type RunId } from '../run/run-id.ts';
import type { Progress, ShardResult, ShardStopped } from '../run/shard.ts';
import { parsePlan, parseProgress, parseRun, parseShardResult, parseStopped } from '../run/stored.ts';

/** Names a run: its environment is part of every key. */
export interface RunRef {
  readonly environment: string;
  readonly runId: RunId;
}

/** The run's plan, or undefined when none was made. What the container of an adopted run wrote is not believed: ours is read. */
export async function readPlan(store: Store, { environment, runId }: RunRef): Promise<RunPlan | undefined> {
  const { plan, adopted } = runKeys(environment, runId);
  return (await store.get(isAdopted(runId) ? adopted : plan, parsePlan))?.value;
}

/**
 * What a container wrote, or undefined when it did not, or wrote something else: the code of a suite can write there,
 * and nothing that it writes may keep its run from ending.
 */
export async function believable<T>(read: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof UnreadableObject) return undefined;
    throw error;
  }
}

/** The run as it stands, or undefined when there is none. */
export const readRun = async (store: Store, { environment, runId }: RunRef): Promise<Run | undefined> =>
  (await store.get(runKeys(environment, runId).run, parseRun))?.value;

/** Lets something happen to a run and gives the run as it stands then. @throws when there is no such run */
export async function changeStoredRun(store: Store, { environment, runId }: RunRef, change: RunChange): Promise<Run> {
  const run = await store.update(runKeys(environment, runId).run, parseRun, (now) => now && changeRun(now, change));
  if (run === undefined) throw new Error(`there is no run ${runId} to say "${change.kind}" of`);
  return run;
}

/** One of a shard's containers, as `shardKeys` names it. */
export interface ShardTake {
  readonly shard: number;
  readonly take: number;
}

/** The container of each shard whose objects count. */
export const takesOf = (plan: RunPlan, run: Run): readonly ShardTake[] =>
  Array.from({ length: shardCount(plan) }, (_, index) => ({ shard: index + 1, take: takeOfShard(run, index + 1) }));

/** What a shard's container said at its end, or undefined when it did not come to that. */
export const readResult = async (
  store: Store,
  { environment, runId }: RunRef,
  { shard, take }: ShardTake,
): Promise<ShardResult | undefined> =>
  (await believable(store.get(shardKeys(environment, runId, shard, take).result, parseShardResult)))?.value;

/** Why the shard's task stopped, or undefined while nobody has told us. */
export const readStopped = async (
  store: Store,
  { environment, runId }: RunRef,
  { shard, take }: ShardTake,
): Promise<ShardStopped | undefined> => (await store.get(shardKeys(environment, runId, shard, take).stopped, parseStopped))?.value;

/** What the shards of a run last said of themselves; those that have not spoken are left out. */
export async function readProgress(store: Store, plan: RunPlan, run: Run): Promise<readonly Progress[]> {
  const { environment, runId } = plan;
  const read = ({ shard, take }: ShardTake) => believable(store.get(shardKeys(environment, runId, shard, take).progress, parseProgress));
  const all = await Promise.all(takesOf(plan, run).map(read));
  return all.flatMap((progress) => (progress === undefined ? [] : [progress.value]));
}
