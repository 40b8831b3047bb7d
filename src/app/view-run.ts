import type { RunView } from '../message/run-view.ts';
import { sumCounts } from '../outcome/counts.ts';
import { placeOf } from '../run/ledger.ts';
import { linkTo } from '../run/link.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { readLedger } from './ledger-store.ts';
import { readProgress } from './run-store.ts';
import type { World } from './world.ts';

/** The run as its message shows it: what stands in the bucket now. */
export async function viewOf(plan: RunPlan, run: Run, world: Pick<World, 'store' | 'linkKey' | 'catalogue'>): Promise<RunView> {
  const { environment, runId } = plan;
  const { store, linkKey, catalogue } = world;
  const link = (file: string) => linkTo({ environment, runId, file }, linkKey);
  const mention = catalogue.get(environment)?.mentionOnFailure ?? [];
  const base = { plan, run, mention, screenshotUrl: (screenshot: string) => link(`shards/1/attachments/${screenshot}`) };
  switch (run.phase.kind) {
    case 'queued': {
      const place = placeOf(await readLedger(store, environment), runId);
      return { ...base, ...(place && { place }) };
    }
    case 'started': {
      const shards = await readProgress(store, plan);
      if (shards.length === 0) return base;
      const step = shards.some((shard) => shard.step === 'running') ? 'running' : (shards[0]?.step ?? 'preparing');
      return {
        ...base,
        progress: { step, counts: sumCounts(shards.map((shard) => shard.counts)), now: shards.flatMap((shard) => shard.now) },
      };
    }
    case 'finished':
      return run.phase.hasReport ? { ...base, reportUrl: link('report.html') } : base;
  }
}
