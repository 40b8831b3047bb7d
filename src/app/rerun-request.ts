import type { AgainScenario } from '../outcome/again.ts';
import type { Environment } from '../run/catalogue.ts';
import { checkCommand, type RunCommand } from '../run/command.ts';
import { runKeys } from '../run/keys.ts';
import { type Rerun, shardCount } from '../run/plan.ts';
import type { RunRequest } from '../run/request.ts';
import { parseAgain } from '../run/stored.ts';
import { readPlan, readRun } from './run-store.ts';
import type { World } from './world.ts';

/** A request with all that it asks for. */
export type Resolved =
  | { readonly kind: 'request'; readonly request: RunRequest; readonly rerun?: Rerun; readonly only?: readonly AgainScenario[] }
  | { readonly kind: 'refused'; readonly because: string };

/**
 * A request to run again what another run has not seen through asks for what that run asked for, at the same commit; any other
 * request is as it is. The run that it names has ended and changes no more: each delivery comes to the same.
 */
export async function resolveRequest(request: RunRequest, environment: Environment, world: World): Promise<Resolved> {
  if (request.rerun === undefined) return { kind: 'request', request };
  const of = request.rerun;
  const ref = { environment: environment.name, runId: of };
  const refused = (because: string): Resolved => ({ kind: 'refused', because });
  const [run, plan] = await Promise.all([readRun(world.store, ref), readPlan(world.store, ref)]);
  if (run === undefined || plan === undefined) return refused(`I know no run \`${of}\` any more.`);
  if (run.phase.kind !== 'finished') return refused(`${of} has not ended yet: when it has, what failed can be run again.`);
  const only = (await world.store.get(runKeys(ref.environment, of).again, parseAgain))?.value.scenarios ?? [];
  if (only.length === 0) return refused(`There is nothing of ${of} that could be run again by itself: run it again as a whole.`);
  const { ref: gitRef, tags, features, retry } = plan.suite;
  // Who may run what may have changed since.
  const checked = checkCommand(environment, { tags: '', features: [], ...(gitRef !== undefined && { ref: gitRef }) });
  if (checked.kind === 'refused') return checked;
  const shards = plan.chosen === undefined ? Math.min(shardCount(plan), only.length) : 'auto';
  const command: RunCommand = {
    environment: environment.name,
    tags,
    features,
    retry,
    shards,
    ...(gitRef !== undefined && { ref: gitRef }),
  };
  const notRun = only.filter(({ was }) => was === 'not-run').length;
  return {
    kind: 'request',
    request: { ...request, command, text: plan.text },
    rerun: { of, failed: only.length - notRun, notRun, ...(run.phase.commit !== undefined && { commit: run.phase.commit }) },
    only,
  };
}
