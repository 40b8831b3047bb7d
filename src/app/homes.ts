import { mayAsk } from '../coldstart/settings.ts';
import { type Home, type HomeRun, homeView } from '../message/home.ts';
import { rerunText } from '../message/rerun.ts';
import { hasEnded, typedAgain } from '../message/run-view.ts';
import type { RememberedRun } from '../outcome/history.ts';
import type { Environment } from '../run/catalogue.ts';
import type { Homes } from '../run/homes.ts';
import { homesKey } from '../run/keys.ts';
import { parseRunId } from '../run/run-id.ts';
import { parseHomes } from '../run/stored.ts';
import { readHeadline } from './cold-starts-headline.ts';
import { errorText } from './log.ts';
import { lookRefusalFor, refusalFor, refusalIn } from './membership.ts';
import { onNow, viewOfRun } from './on-now.ts';
import { readSchedules, scheduleView } from './schedule-store.ts';
import { standingView } from './standing-view.ts';
import type { World } from './world.ts';

const followedMs = 2 * 3_600_000;
/** Slack takes about a hundred views a minute from us: a run's start and end, and all else that is told, must have room. */
const mostFollowed = 10;
const mostOn = 5;
const mostMine = 5;

/** Shows a person their Home, and lets it follow what happens for a while. @throws when Slack does not take it now */
export async function openHome(userId: string, notice: string | undefined, world: World): Promise<void> {
  const at = new Date(world.nowMs()).toISOString();
  await world.store.update(homesKey, parseHomes, (now) => ({
    version: 1 as const,
    opened: [...lately(now, world).filter((one) => one.userId !== userId), { userId, at }].slice(-mostFollowed),
  }));
  await publishHome(userId, await shared(world), notice, world);
}

/** Shows what has changed to those who have opened their Home lately. What Slack does not take is shown with the next change. */
export async function followHomes(world: World): Promise<void> {
  try {
    const opened = lately((await world.store.get(homesKey, parseHomes))?.value, world);
    if (opened.length === 0) return;
    const seen = await shared(world);
    for (const { userId } of opened) await publishHome(userId, seen, undefined, world);
  } catch (error) {
    world.log('warn', 'homes not shown', { because: errorText(error) });
  }
}

const lately = (homes: Homes | undefined, { nowMs }: World): Homes['opened'] =>
  (homes?.opened ?? []).filter(({ at }) => nowMs() - Date.parse(at) < followedMs);

/** What everybody's Home is made of, read once. */
async function shared(world: World) {
  const { store, catalogue } = world;
  const environments = await Promise.all(
    [...catalogue.values()].map(async (environment) => ({
      environment,
      view: { ...(await standingView(environment.name, world)), ...(await onNow(environment.name, mostOn, world)) },
      schedules: await readSchedules(environment.name, store),
    })),
  );
  return { environments, headline: await readHeadline(store) };
}
type Shared = Awaited<ReturnType<typeof shared>>;

async function publishHome(userId: string, seen: Shared, notice: string | undefined, world: World): Promise<void> {
  const { say, nowMs } = world;
  const may = await Promise.all(
    seen.environments.map(async (one) => (await lookRefusalFor(one.environment, userId, '', world)) === undefined),
  );
  const environments = seen.environments.filter((_, index) => may[index]);
  const mayCancel = await Promise.all(
    environments.map(async ({ environment }) => (await refusalFor(environment, userId, '', world)) === undefined),
  );
  const home: Home = homeView({
    environments: environments.map(({ view }, index) => ({ ...view, mayCancel: mayCancel[index] === true })),
    mine: await myRuns(userId, environments, world),
    schedules: environments.flatMap(({ schedules }) => schedules.map((schedule) => scheduleView(schedule, nowMs(), 1))),
    coldStarts: (await mayAskToo(userId, world)) ? seen.headline : undefined,
    notice,
    at: new Date(nowMs()).toISOString(),
  });
  if (!(await say.publishHome(userId, home)))
    world.log('warn', 'home refused', { userId, next: 'the app needs its Home tab (slack-app.yml)' });
}

/** Whether the person may ask about cold starts: what others have found is theirs to see then. */
async function mayAskToo(userId: string, world: World): Promise<boolean> {
  const { coldStarts } = world;
  if (coldStarts === undefined) return false;
  const anywhere = { ...coldStarts, allow: { ...coldStarts.allow, channels: [] } };
  return (await refusalIn(mayAsk(anywhere, userId, ''), userId, world)) === undefined;
}

/** The person's own among the last runs of the environments, the newest first. */
async function myRuns(userId: string, environments: Shared['environments'], world: World): Promise<readonly HomeRun[]> {
  const mine = environments
    .flatMap(({ environment, view }) => (view.standing?.runs ?? []).filter(({ by }) => by === userId).map((run) => ({ run, environment })))
    .toSorted((a, b) => (a.run.at < b.run.at ? 1 : -1))
    .slice(0, mostMine);
  return await Promise.all(mine.map(({ run, environment }) => homeRun(run, environment, world)));
}

async function homeRun(run: RememberedRun, { name, confirm }: Environment, world: World): Promise<HomeRun> {
  const runId = parseRunId(run.id);
  const view = runId && (await viewOfRun(name, runId, world));
  return {
    environment: name,
    runId: run.id,
    at: run.at,
    outcome: run,
    durationMs: run.durationMs,
    isConfirmed: confirm,
    ...(view !== undefined && { typed: typedAgain(view), reportUrl: view.reportUrl }),
    ...(view !== undefined && hasEnded(view) && { rerunText: rerunText(view) }),
  };
}
