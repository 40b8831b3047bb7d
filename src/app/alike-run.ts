import { environmentKeys } from '../run/keys.ts';
import type { RunPlan } from '../run/plan.ts';
import { joinWindowMs, type RunRequest, sameWords } from '../run/request.ts';
import { keyHash } from '../run/run-id.ts';
import { readLedger } from './ledger-store.ts';
import { parseResolved } from './request-claim.ts';
import { readPlan, readRun } from './run-store.ts';
import type { World } from './world.ts';

/** So many of the runs that are on or wait are looked at: each costs a call, and somebody waits. */
const mostLookedAt = 10;

/**
 * A run that is on or waits, and was asked for in the same words as this one would be: who asks for it most likely does not know.
 * Undefined also for who knows (`beside`, `instead`), for buttons and for what no person typed, and for a return key that was
 * pressed twice: that joins its own run.
 */
export async function alikeRun(request: RunRequest, wanted: RunPlan, { store }: World): Promise<RunPlan | undefined> {
  const isTyped = request.asker.kind === 'slack' && /^(?:command|form|mention):/.test(request.key);
  if (!isTyped || request.beside === true || request.instead !== undefined || request.rerun !== undefined) return undefined;
  const recent = (await store.get(environmentKeys(wanted.environment).recent(keyHash(sameWords(request))), parseResolved))?.value;
  if (recent !== undefined && Math.abs(Date.parse(recent.askedAt) - Date.parse(request.askedAt)) <= joinWindowMs) return undefined;
  const { active, queue, asked = [] } = await readLedger(store, wanted.environment);
  const others = [...active, ...queue, ...asked].filter(({ runId }) => runId !== wanted.runId).slice(0, mostLookedAt);
  for (const { runId } of others) {
    const plan = await readPlan(store, { environment: wanted.environment, runId });
    if (plan === undefined || words(plan) !== words(wanted)) continue;
    const run = await readRun(store, { environment: wanted.environment, runId });
    if (run !== undefined && run.phase.kind !== 'finished' && run.cancel === undefined) return plan;
  }
  return undefined;
}

/** What a run runs: not how often it tells of itself, nor among how many it is shared. */
const words = ({ suite: { tags, features, ref, retry }, rerun }: RunPlan): string =>
  JSON.stringify([tags, features.toSorted(), ref, retry, rerun?.of]);
