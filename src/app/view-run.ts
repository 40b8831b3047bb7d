import type { RunProgress, RunView } from '../message/run-view.ts';
import { sumCounts } from '../outcome/counts.ts';
import { leftMs } from '../run/forecast.ts';
import { placeOf } from '../run/ledger.ts';
import { historyPage, linkTo } from '../run/link.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { Phase, Run } from '../run/run.ts';
import type { Progress } from '../run/shard.ts';
import { readLedger } from './ledger-store.ts';
import { linkGeneration } from './link-store.ts';
import { readProgress } from './run-store.ts';
import type { World } from './world.ts';

/** The run as its message shows it: what stands in the bucket now. */
export async function viewOf(plan: RunPlan, run: Run, world: Pick<World, 'store' | 'linkKey' | 'catalogue'>): Promise<RunView> {
  const { environment, runId } = plan;
  const { store, linkKey, catalogue } = world;
  // A report's links are as old as the report: revoked, they stay so.
  const generation = (run.phase.kind === 'finished' && run.phase.links) || 0;
  const link = (file: string) => linkTo({ environment, runId, file, generation }, linkKey);
  const configured = catalogue.get(environment);
  const approvers = run.approval && configured && { approvers: [...configured.allow.userGroups, ...configured.allow.users] };
  const base = {
    plan,
    run,
    ...approvers,
    ...(configured?.confirm === true && { asksFirst: true }),
    historyUrl: linkTo({ environment, ...historyPage, generation: await linkGeneration(environment, store) }, linkKey),
    screenshotUrl: (screenshot: string, shard: number) => link(`shards/${shard}/attachments/${screenshot}`),
  };
  switch (run.phase.kind) {
    case 'queued': {
      const place = placeOf(await readLedger(store, environment), runId);
      return { ...base, ...(place && { place }) };
    }
    case 'started': {
      const shards = await readProgress(store, plan, run);
      return shards.length === 0 ? base : { ...base, progress: progressOf(shards, plan, run.phase) };
    }
    case 'finished':
      return run.phase.hasReport ? { ...base, reportUrl: link('report.html') } : base;
  }
}

/** What the shards that have spoken say together. The run prepares until the first one runs, and finishes with the last one. */
function progressOf(said: readonly Progress[], plan: RunPlan, { at, retries }: Extract<Phase, { kind: 'started' }>): RunProgress {
  const of = shardCount(plan);
  const steps = Array.from({ length: of }, (_, index) => said.find(({ shard }) => shard === index + 1)?.step ?? 'starting');
  const isFinishing = steps.every((step) => step === 'finishing');
  const isRunning = steps.some((step) => step === 'running' || step === 'finishing');
  const counts = sumCounts(said.map((shard) => shard.counts));
  // The shards that have not begun have their share of the whole that the others know of.
  const whole = Math.max(counts.total, ...said.map(({ dealt }) => dealt ?? 0));
  const unknown = counts.unknown + whole - counts.total;
  const toldAtMs = Math.max(...said.map((shard) => Date.parse(shard.at)));
  // What was started at another attempt began later than that.
  const sinceMs = retries === undefined ? { sinceMs: toldAtMs - Date.parse(at) } : {};
  const left = isFinishing || !isRunning ? undefined : leftMs(plan.expected, { done: whole - unknown, total: whole, ...sinceMs });
  return {
    step: isFinishing ? 'finishing' : isRunning ? 'running' : 'preparing',
    ...(left !== undefined && { leftMs: left }),
    counts: { ...counts, total: whole, unknown },
    now: said.flatMap(({ now }) => now),
    ...(of > 1 && { shards: steps }),
  };
}
