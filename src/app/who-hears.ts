import { type End, hear } from '../hearing/hear.ts';
import { type Heard, type Holding, holdingIn } from '../hearing/hearing.ts';
import { usualHearing } from '../hearing/settings.ts';
import type { EndView } from '../message/run-view.ts';
import { runKeys } from '../run/keys.ts';
import type { RunPlan } from '../run/plan.ts';
import { nothingSaid, type Said } from '../run/said.ts';
import { parseSaid } from '../run/stored.ts';
import { changeHearing } from './hearing-store.ts';
import type { World } from './world.ts';

/** Where the run may be reported: where it was asked for, else where its environment reports. */
export function channelsOf(plan: RunPlan, { catalogue }: Pick<World, 'catalogue'>): readonly string[] {
  const home = catalogue.get(plan.environment)?.channel;
  return [...new Set([plan.channel, home])].filter((channel) => channel !== undefined && channel !== '') as readonly string[];
}

/**
 * Whether nothing is said of a run before its end: nobody in Slack waits for it, and to edit a message tells nobody. A run that needs
 * somebody's yes has to ask for it.
 */
export const isToldAtItsEnd = ({ asker, approvals }: RunPlan): boolean => asker.kind !== 'slack' && approvals === undefined;

/** Who hears of the run's end: decided by whoever comes first, and kept with what was said of the run. Harmless any number of times. */
export async function heardOf({ plan, run }: EndView, said: Said | undefined, world: World): Promise<Heard> {
  if (said?.heard !== undefined) return said.heard;
  const { environment, runId } = plan;
  const { store, catalogue, nowMs } = world;
  const configured = catalogue.get(environment);
  const parent = said?.parent;
  const channel = parent?.kind === 'said' ? parent.channel : (channelsOf(plan, world)[0] ?? '');
  const { outcome, comparison } = run.phase;
  const end: Omit<End, 'settings'> = {
    ...{ runId, asker: plan.asker, outcome, channel },
    ...(plan.suite.ref !== undefined && { ref: plan.suite.ref }),
    ...(comparison !== undefined && { comparison }),
    isStanding: parent !== undefined && parent.kind !== 'unsaid',
    everybody: configured?.mentionOnFailure ?? [],
  };
  let heard: Heard | undefined;
  let holding: Holding | undefined;
  await changeHearing(environment, world, (now) => {
    holding = holdingIn(now, channel, configured?.hear ?? usualHearing);
    const decided = hear(now, { ...end, settings: holding.settings }, nowMs());
    heard = decided.heard;
    return decided.hearing;
  });
  if (holding?.kind === 'damaged')
    world.log('error', 'settings unreadable', {
      ...{ environment, channel, runId },
      next: `coldframe.yml holds there: save or reset them with /run-tests settings ${environment}`,
    });
  const kept = await store.update(runKeys(environment, runId).said, parseSaid, (now = nothingSaid) =>
    now.heard === undefined && heard !== undefined ? { ...now, heard } : now,
  );
  if (kept?.heard === undefined) throw new Error(`nobody has decided who hears of ${runId}`);
  world.log('info', 'hearing decided', { runId, place: kept.heard.place.kind, pings: kept.heard.pings.length, ...kept.heard.news });
  return kept.heard;
}

/** Remembers the channel's last message about a failure: what goes on failing is said in its thread. */
export async function rememberTold(
  { plan }: EndView,
  heard: Heard,
  told: { readonly channel: string; readonly ts: string },
  world: World,
): Promise<void> {
  if (heard.place.kind !== 'channel' || heard.news.newly + heard.news.known + heard.news.flaky === 0) return;
  const last = { channel: told.channel, ts: told.ts, at: new Date(world.nowMs()).toISOString() };
  await changeHearing(plan.environment, world, (now) => (last.at <= (now.last?.at ?? '') ? now : { ...now, last }));
}
