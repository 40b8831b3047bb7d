import type { Store } from '../src/aws/store.ts';
import { runKeys } from '../src/run/keys.ts';
import { adoptedPlan, isDealt, type RunPlan, shardCount } from '../src/run/plan.ts';
import { parseDealBasis, parsePlan } from '../src/run/stored.ts';
import type { DealOrder } from './dealer.ts';
import { said } from './log.ts';
import { persist } from './persist.ts';
import type { SettingsTask } from './settings.ts';

const metadataLimitMs = 5_000;

/** Which shard of which run this container is, and the run's plan once somebody has read it. */
export interface Assignment {
  readonly runId: string;
  readonly shard: number;
  /** Which container of the shard it is (`shardKeys`). */
  readonly take: number;
  /** The plan, read or written. Throws once `giveUp` is aborted. */
  readonly plan: (giveUp: AbortSignal) => Promise<RunPlan>;
}

/**
 * What this container is to do: what RunTask said, or, in a task that somebody started by hand, a plan of its own that
 * it writes before anything else, so that whoever meets the task finds it explained.
 *
 * @throws when a task started by hand cannot find out which task it is
 */
export async function readAssignment(task: SettingsTask, environment: string, store: Store): Promise<Assignment> {
  if (task.kind === 'planned') {
    const { runId, shard, take } = task;
    return { runId, shard, take, plan: (giveUp) => readPlan({ environment, runId, store, giveUp }) };
  }
  const taskArn = await readTaskArn(task.metadataUrl);
  // No channel: the worker knows where its environment reports.
  const own = adoptedPlan({ environment, taskArn, createdAt: new Date().toISOString(), channel: '', suite: task.defaults });
  return { runId: own.runId, shard: 1, take: 1, plan: (giveUp) => adopt({ own, store, giveUp }) };
}

/**
 * Which part of the scenarios is this shard's; undefined: all of them.
 *
 * @throws when what all shards must know alike is not to be had
 */
export async function readDeal(plan: RunPlan, shard: number, store: Store, giveUp: AbortSignal): Promise<DealOrder | undefined> {
  if (!isDealt(plan)) return undefined;
  const shards = shardCount(plan);
  const key = runKeys(plan.environment, plan.runId).deal;
  const basis = (await persist(() => store.get(key, parseDealBasis), giveUp, ignore))?.value;
  if (basis === undefined) throw new Error(`there is no ${key}; the worker writes it before the plan`);
  const { durations, only } = basis;
  return { shard, shards, together: plan.suite.together ?? [], durations, ...(only !== undefined && { only }) };
}

async function readPlan(run: { environment: string; runId: string; store: Store; giveUp: AbortSignal }): Promise<RunPlan> {
  const key = runKeys(run.environment, run.runId).plan;
  const read = async () => {
    const plan = (await run.store.get(key, parsePlan))?.value;
    if (plan === undefined) throw new Error(`there is no plan ${key}; the worker writes it before it starts a task`);
    if (plan.runId !== run.runId || plan.environment !== run.environment) throw new Error(`${key} is the plan of ${plan.runId}`);
    return plan;
  };
  return persist(read, run.giveUp, ignore);
}

/** Our plan, or the one that was there before: somebody saw the task before it came to this. */
async function adopt({ own, store, giveUp }: { own: RunPlan; store: Store; giveUp: AbortSignal }): Promise<RunPlan> {
  const key = runKeys(own.environment, own.runId).plan;
  const isOurs = await persist(() => store.create(key, own), giveUp, ignore);
  return isOurs ? own : readPlan({ environment: own.environment, runId: own.runId, store, giveUp });
}

/** Every failure comes out of `persist` in the end. */
const ignore = (): void => {};

/** The ARN of the task this container is in, as ECS tells it. */
async function readTaskArn(metadataUrl: string): Promise<string> {
  const url = `${metadataUrl}/task`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(metadataLimitMs) });
    const metadata: unknown = await answer.json();
    if (typeof metadata === 'object' && metadata !== null && 'TaskARN' in metadata && typeof metadata.TaskARN === 'string')
      return metadata.TaskARN;
    throw new Error(`the answer (${answer.status}) names no TaskARN`);
  } catch (cause) {
    throw new Error(`ECS did not say at ${url} which task this is: ${said(cause)}`, { cause });
  }
}
