import type { History } from '../outcome/history.ts';
import { durationsOf } from '../outcome/known-durations.ts';
import type { DealBasis, ScenarioRef } from '../run/dealt.ts';
import { runKeys } from '../run/keys.ts';
import { isDealt, type RunPlan } from '../run/plan.ts';
import type { World } from './world.ts';

/**
 * Writes what the tasks of a run must all know alike to find their shares, once, before the plan is claimed: who starts one finds it.
 * An earlier delivery's stands.
 */
export async function claimDeal(
  plan: RunPlan,
  { only, history }: { readonly only: readonly ScenarioRef[] | undefined; readonly history: History },
  { store }: Pick<World, 'store'>,
): Promise<void> {
  if (!isDealt(plan)) return;
  const durations = Object.fromEntries(durationsOf(history));
  const basis: DealBasis = { version: 1, durations, ...(only !== undefined && { only }) };
  await store.create(runKeys(plan.environment, plan.runId).deal, basis);
}
