import { noteView } from '../message/form-loading.ts';
import { runFormView } from '../message/run-form.ts';
import type { Environment } from '../run/catalogue.ts';
import type { RunCommand } from '../run/command.ts';
import type { Filled } from '../run/form.ts';
import { type FormRequest, parseRemembered, type Remembered } from '../run/form-request.ts';
import { personKeys } from '../run/keys.ts';
import { knownSuite } from '../run/known-suite.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { RunRequest } from '../run/request.ts';
import { readHistory } from './history-store.ts';
import { errorText } from './log.ts';
import { openTo } from './membership.ts';
import { readPlan } from './run-store.ts';
import type { World } from './world.ts';

/**
 * Makes an open modal the form: the environments this person may run on, and of the one that is chosen the suite as its last runs
 * know it. Whoever has closed it meanwhile gets nothing. Safe to repeat.
 *
 * @throws when AWS or Slack let us down, so that it is done again
 */
export async function fillForm(request: FormRequest, world: World): Promise<void> {
  const { say } = world;
  const { open, closed } = await openTo(request.userId, request.channel ?? '', world);
  const reasons = closed.map(({ because }) => because);
  const filled = request.filled ?? (await startingWith(request, world));
  const isOpen = open.find(({ name }) => name === filled?.choice.environment);
  const environment = isOpen ?? open.find(({ channel }) => channel === request.channel) ?? open[0];
  if (environment === undefined) {
    await say.updateView(request.viewId, noteView(`There is nowhere you could run tests from here.\n${reasons.slice(0, 5).join('\n')}`));
    return;
  }
  const suite = knownSuite(await readHistory(environment.name, world));
  const view = runFormView({
    environments: open.map(({ name }) => name),
    environment,
    filled: isOpen === undefined || filled === undefined ? untouched(environment.name) : { ...filled, isStale: false },
    suite,
    closed: reasons,
    metadata: request.metadata,
  });
  if (!(await say.updateView(request.viewId, view))) world.log('info', 'form not filled', { by: request.userId, because: 'it was closed' });
}

const untouched = (environment: string): Filled => ({ choice: { environment, tags: '', features: [] }, isOwn: false, isStale: false });

/** What the form offers first: the run that is to be asked for again, or what this person asked for last. */
async function startingWith({ again, userId }: FormRequest, { store, catalogue, log }: World): Promise<Filled | undefined> {
  try {
    const plan = again && (await readPlan(store, again));
    if (plan !== undefined) return filledBy(ofPlan(plan, catalogue.get(plan.environment)));
    return (await store.get(personKeys(userId).asked, parseRemembered))?.value.filled;
  } catch (error) {
    log('warn', 'last choice not read', { by: userId, because: errorText(error) });
    return undefined;
  }
}

function ofPlan({ environment, suite, ...plan }: RunPlan, configured: Environment | undefined): RunCommand {
  const { tags, features, ref, retry } = suite;
  const own = tags === configured?.tags || tags === '' ? {} : { tags };
  return { environment, features, retry, shards: shardCount(plan), ...own, ...(ref !== undefined && { ref }) };
}

function filledBy({ environment, tags = '', features, ref, shards, retry }: RunCommand): Filled {
  const choice = {
    environment,
    tags,
    features,
    ...(ref !== undefined && { ref }),
    ...(shards !== undefined && { shards: String(shards) }),
    ...(retry !== undefined && { retry: String(retry) }),
  };
  return { choice, isOwn: false, isStale: false };
}

/** Remembers what somebody has asked for, so that the form begins with it the next time. Nothing hangs on it. */
export async function rememberAsked({ asker, command, rerun }: RunRequest, { store, log }: World): Promise<void> {
  if (asker.kind !== 'slack' || rerun !== undefined) return;
  try {
    const remembered: Remembered = { version: 1, filled: filledBy(command) };
    await store.put(personKeys(asker.userId).asked, JSON.stringify(remembered), 'application/json');
  } catch (error) {
    log('warn', 'last choice not kept', { by: asker.userId, because: errorText(error) });
  }
}
