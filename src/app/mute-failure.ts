import { muteOf, withMute, withoutMute } from '../hearing/mute.ts';
import { causeHash } from '../hearing/troubles.ts';
import { code } from '../message/text.ts';
import { groupByCause } from '../outcome/cause.ts';
import type { Errand, ErrandRequest } from '../run/errand.ts';
import { parseRunId } from '../run/run-id.ts';
import { tryAfter } from './end-run.ts';
import { changeHearing } from './hearing-store.ts';
import { refusalFor } from './membership.ts';
import { publish } from './publish.ts';
import { readPlan, readRun } from './run-store.ts';
import type { World } from './world.ts';
import { writeHistory } from './write-history.ts';

/**
 * Mutes the failures of one cause, or lets them be heard again, and shows so in the run's message and in its thread. Harmless any number of times.
 * Gives what to tell whoever asked when it could not be done.
 */
export async function muteFailure(
  errand: Extract<Errand, { kind: 'mute' | 'unmute' }>,
  { userId, channel = '', askedAt }: ErrandRequest,
  world: World,
): Promise<string | undefined> {
  const { environment, cause } = errand;
  const runId = parseRunId(errand.runId);
  const ref = runId && { environment, runId };
  const run = ref && (await readRun(world.store, ref));
  const plan = ref && (await readPlan(world.store, ref));
  if (ref === undefined || plan === undefined || run?.phase.kind !== 'finished')
    return `I know no run ${code(errand.runId)} that has ended.`;
  const configured = world.catalogue.get(environment);
  const because = configured && (await refusalFor(configured, userId, channel, world));
  if (because !== undefined) return because;
  const { outcome } = run.phase;
  const failures = 'failures' in outcome ? (outcome.failures ?? []) : [];
  const words = groupByCause(failures).find(({ failures: [first] }) => first !== undefined && causeHash(first) === cause)?.words ?? '';
  const at = suiteRef(plan.suite.ref);
  const mute = muteOf(failures, { ...{ cause, words, run: run.id, by: userId, at: askedAt }, ...at });
  if (mute === undefined) return `${code(run.id)} has no such failure.`;
  await changeHearing(environment, world, (now) => (errand.kind === 'mute' ? withMute(now, mute) : withoutMute(now, cause)));
  world.log('info', errand.kind === 'mute' ? 'failure muted' : 'failure unmuted', { runId: run.id, by: userId, cause });
  await publish(ref, 'muted', world);
  await tryAfter(ref, 'history not shown', world, () => writeHistory(environment, world));
  return undefined;
}

const suiteRef = (ref: string | undefined) => (ref === undefined ? {} : { ref });
