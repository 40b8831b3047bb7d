import { endReply } from '../message/end-reply.ts';
import { runMessage } from '../message/run-message.ts';
import { type EndView, hasEnded, type RunView } from '../message/run-view.ts';
import { runKeys } from '../run/keys.ts';
import { isTooSoon, isTurn } from '../run/pace.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { confirm, doubted, isBelieved, nothingSaid, type Said } from '../run/said.ts';
import { parseSaid } from '../run/stored.ts';
import { readHearing } from './hearing-store.ts';
import { runsOn } from './ledger-store.ts';
import { type RunRef, readPlan, readRun } from './run-store.ts';
import { runTopic, type SayingPlace, sayOnce } from './say-once.ts';
import { viewOf } from './view-run.ts';
import { channelsOf, heardOf, isToldAtItsEnd, rememberTold } from './who-hears.ts';
import type { World } from './world.ts';

/** How often we look whether the run has moved on while we told Slack. */
const maxRounds = 6;

/** What came of publishing. */
export type Published =
  | { readonly kind: 'published' }
  /** Somebody else is at it, and will see what we changed. */
  | { readonly kind: 'busy' }
  /** Nobody is to hear of it, or not yet. */
  | { readonly kind: 'silent' }
  /** Slack did not take it now: to be tried again. */
  | { readonly kind: 'later'; readonly because: string }
  /** No channel has taken the message, and none will. */
  | { readonly kind: 'nowhere'; readonly because: string }
  /** For good: the message was deleted, or Slack won't have its reply. */
  | { readonly kind: 'given-up'; readonly because: string };

/**
 * Why the message is to be looked at: something has `changed` (a revision that Slack has shown needs no second telling),
 * there is new `progress`, the run is to `settle` (an older update may have landed after the last word), or something of its failures
 * was `muted`, which its reply shows too.
 */
export type Occasion = 'changed' | 'progress' | 'settle' | 'muted';

/**
 * Makes the one message of the run say what is now true.
 *
 * Nobody "sends an update": whoever changed something calls this, it renders the run as it stands, tells Slack, and looks
 * again whether the run has moved on meanwhile. What Slack did not take is told again by the caller's retry or by the
 * sweeper; only progress is worth no more than one try.
 */
export async function publish(ref: RunRef, occasion: Occasion, world: World): Promise<Published> {
  const plan = await readPlan(world.store, ref);
  if (plan === undefined) throw new Error(`there is no plan of ${ref.runId} to publish`);
  if (occasion === 'progress' && (await isSilent(plan, world))) return { kind: 'silent' };
  if (occasion === 'progress' && !(await takeTurn(plan, world))) return { kind: 'later', because: 'it is not its turn' };
  for (let round = 0; round < maxRounds; round += 1) {
    const run = await readRun(world.store, ref);
    if (run === undefined) throw new Error(`there is no run ${ref.runId} to publish`);
    const view = await heardView(await viewOf(plan, run, world), world);
    if (view === 'silent') return { kind: 'silent' };
    // What we have just told may have come after what others told: once more, whatever is confirmed.
    const told = await tellParent(view, round === 0 ? occasion : 'settle', world);
    if (told.kind !== 'published') return told;
    const now = await readRun(world.store, ref);
    if (now?.revision === run.revision) return hasEnded(view) ? await tellEnd(view, occasion, world) : told;
    world.log('info', 'message repeated', { runId: ref.runId, revision: run.revision });
  }
  return { kind: 'later', because: 'the run kept changing while we told Slack' };
}

/** The run's view with who hears of its end, once it has come. */
async function heardView(view: RunView, world: World): Promise<RunView | 'silent'> {
  const { plan } = view;
  if (!hasEnded(view)) return (await isSilent(plan, world)) ? 'silent' : view;
  const heard = await heardOf(view, await readSaid(plan, world), world);
  if (heard.place.kind === 'nowhere') return 'silent';
  const { mutes } = await readHearing(plan.environment, world);
  return { ...view, heard, mutes };
}

/** Whether nothing is said of the run while it is on. One that an older version has told of goes on being told of. */
const isSilent = async (plan: RunPlan, world: World): Promise<boolean> =>
  isToldAtItsEnd(plan) && ((await readSaid(plan, world))?.parent.kind ?? 'unsaid') === 'unsaid';

const readSaid = async ({ environment, runId }: RunPlan, { store }: World): Promise<Said | undefined> =>
  (await store.get(runKeys(environment, runId).said, parseSaid))?.value;

/** Whether this run's progress is now to be told, and by us: of several that come at once one is. */
async function takeTurn(plan: RunPlan, world: World): Promise<boolean> {
  const shards = shardCount(plan);
  // Of forty shards whose news comes at once, most look no further than this.
  if (isTooSoon({ nowMs: world.nowMs(), toldMs: toldMs(await readSaid(plan, world)), shards })) return false;
  const on = await runsOn(world);
  const place = on.indexOf(plan.runId);
  // It may not be in the ledger yet, or any more.
  const turn = place < 0 ? { place: on.length, runs: on.length + 1 } : { place, runs: on.length };
  const nowMs = world.nowMs();
  let isOurs = false;
  await changeSaid(plan, world, (said) => {
    isOurs = isTurn({ nowMs, toldMs: toldMs(said), ...turn, shards });
    return isOurs ? { ...said, progressAt: new Date(nowMs).toISOString() } : said;
  });
  return isOurs;
}

/** When the run was last told of, or was about to be; -Infinity: never. */
const toldMs = ({ confirmed, progressAt }: Said = nothingSaid): number =>
  Math.max(...[confirmed?.sentAt, progressAt].flatMap((at) => (at === undefined ? [] : Date.parse(at))));

async function tellParent(view: RunView, occasion: Occasion, world: World): Promise<Published> {
  const { plan, run } = view;
  const { say, nowMs } = world;
  const known = await readSaid(plan, world);
  // One that somebody deleted shows nothing any more.
  if (occasion === 'changed' && known?.parent.kind === 'said' && known.confirmed?.revision === run.revision) return { kind: 'published' };
  const message = runMessage(view);
  const sentAt = new Date(nowMs()).toISOString();
  const parent = await sayOnce({ slot: 'parent', topic: runTopic(plan), message, places: placesOf(view, world) }, world);
  if (parent.kind === 'given-up') return { kind: 'nowhere', because: parent.because };
  if (parent.kind !== 'said') return parent;
  if (parent.isNew && hasEnded(view) && view.heard !== undefined) await rememberTold(view, view.heard, parent, world);
  if (parent.isNew) return await confirmed(plan, run, sentAt, world);
  const told = await say.update(parent.channel, parent.ts, message);
  switch (told.kind) {
    case 'told':
      return await confirmed(plan, run, sentAt, world);
    case 'not-now':
      return { kind: 'later', because: told.because };
    case 'unknown':
      return { kind: 'later', because: told.error };
    case 'refused':
      return await refused(plan, run, { ts: parent.ts, error: told.error }, world);
  }
}

async function confirmed(plan: RunPlan, run: Run, sentAt: string, world: World): Promise<Published> {
  await changeSaid(plan, world, (said) => confirm(said, run.revision, sentAt));
  return { kind: 'published' };
}

/** Errors by which Slack says that the message will stand as it is: it would be "running" for ever. */
const unchangeable = ['edit_window_closed', 'cant_update_message'];

/** Errors by which Slack says that we have lost the channel, and with it the message. */
const channelLost = ['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action', 'no_permission'];

/**
 * So long after the end of a run whose end Slack has shown a refusal that we do not know is not believed: it is looked at once more only
 * for an older update that may have landed on it.
 */
const doubtShownMs = 2 * 3_600_000;

/**
 * Somebody may have deleted the message: an end that is not green is said again, once; for anything else that is an answer.
 * Where messages may not be changed (after a while), or not any more at all, every end is said in a message of its own: in the
 * same channel, or, if that is lost, where the environment reports.
 */
async function refused(plan: RunPlan, run: Run, { ts, error }: { ts: string; error: string }, world: World): Promise<Published> {
  world.log('warn', 'message refused', { runId: plan.runId, error });
  const isDeleted = error === 'message_not_found';
  if (run.phase.kind !== 'finished' || (isDeleted && run.phase.outcome.kind === 'passed')) return { kind: 'given-up', because: error };
  const isKnown = isDeleted || unchangeable.includes(error) || channelLost.includes(error);
  const isShown = (said: Said | undefined) => said?.confirmed?.revision === run.revision;
  if (!isKnown) {
    const nowMs = world.nowMs();
    const said = (await changeSaid(plan, world, (now) => (isShown(now) ? now : doubted(now, nowMs)))) ?? nothingSaid;
    const isFinal = isShown(said) ? nowMs >= Date.parse(run.phase.at) + doubtShownMs : isBelieved(said, nowMs);
    if (!isFinal) return { kind: 'later', because: `Slack refused it: ${error}` };
  }
  const isThis = ({ parent }: Said) => parent.kind === 'said' && parent.ts === ts;
  // The end that it has shown stands there, in a lost channel too, unless it was deleted.
  const stands = (said: Said) => !isDeleted && isShown(said);
  const said = await changeSaid(plan, world, (now) =>
    isThis(now) && !now.wasDeleted && !stands(now) ? { ...now, parent: { kind: 'unsaid' }, wasDeleted: true, goneTs: ts } : now,
  );
  // Somebody else may have been faster: then it is their message that counts.
  if (said !== undefined && !isThis(said)) return { kind: 'later', because: `the message is no more (${error}): it is posted again` };
  return { kind: 'given-up', because: error };
}

async function tellEnd(view: EndView, occasion: Occasion, world: World): Promise<Published> {
  const message = endReply(view);
  if (message === undefined) return { kind: 'published' };
  const reply = await sayOnce({ slot: 'reply', topic: runTopic(view.plan), message, places: [] }, world);
  if (reply.kind !== 'said') return reply;
  if (occasion === 'muted' && !reply.isNew) await world.say.update(reply.channel, reply.ts, message);
  return { kind: 'published' };
}

/** Where the run is told: what goes on failing in the thread where it began, the rest where the run is reported. */
function placesOf({ plan, heard }: RunView, world: World): readonly SayingPlace[] {
  const channels = channelsOf(plan, world).map((channel) => ({ channel }));
  if (heard?.place.kind !== 'thread') return channels;
  return [{ channel: heard.place.channel, threadTs: heard.place.ts }, ...channels];
}

const changeSaid = (plan: RunPlan, { store }: World, change: (said: Said) => Said): Promise<Said | undefined> =>
  store.update(runKeys(plan.environment, plan.runId).said, parseSaid, (said) => change(said ?? nothingSaid));
