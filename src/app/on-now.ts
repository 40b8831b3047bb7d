import type { RunOn } from '../message/on-now.ts';
import { runMessage } from '../message/run-message.ts';
import type { RunId } from '../run/run-id.ts';
import { readLedger } from './ledger-store.ts';
import { readPlan, readRun } from './run-store.ts';
import { viewOf } from './view-run.ts';
import type { World } from './world.ts';

/** A run as its message would show it; undefined when there is none. */
export async function viewOfRun(environment: string, runId: RunId, world: World) {
  const ref = { environment, runId };
  const [plan, run] = await Promise.all([readPlan(world.store, ref), readRun(world.store, ref)]);
  return plan === undefined || run === undefined ? undefined : await viewOf(plan, run, world);
}

/** The runs of an environment that are on, at most so many, and how many there are beside them that wait. */
export async function onNow(
  environment: string,
  most: number,
  world: World,
): Promise<{ readonly on: readonly RunOn[]; readonly waiting: number }> {
  const { active, queue } = await readLedger(world.store, environment);
  return { on: await wordsOf(environment, active.slice(0, most), world), waiting: queue.length };
}

/** All that has not ended, on or not: what can be cancelled. */
export async function notEnded(environment: string, most: number, world: World): Promise<readonly RunOn[]> {
  const { active, queue, asked = [] } = await readLedger(world.store, environment);
  return await wordsOf(environment, [...active, ...queue, ...asked].slice(0, most), world);
}

const wordsOf = async (environment: string, entries: readonly { readonly runId: RunId }[], world: World): Promise<readonly RunOn[]> =>
  (await Promise.all(entries.map(({ runId }) => runOn(environment, runId, world)))).flatMap((one) => one ?? []);

async function runOn(environment: string, runId: RunId, world: World): Promise<RunOn | undefined> {
  const view = await viewOfRun(environment, runId, world);
  return view && { environment, runId, words: `${runMessage(view).text} (${runId})` };
}
