import { alikeMessage, alikeText } from '../message/alike.ts';
import { code } from '../message/text.ts';
import { newApproval } from '../run/approval.ts';
import { environmentKeys, runKeys } from '../run/keys.ts';
import { admit, ask, type Ledger, placeOf } from '../run/ledger.ts';
import { planRun, type RunPlan, shardCount } from '../run/plan.ts';
import { joinWindowMs, maxAgeMs, type RunRequest, sameWords } from '../run/request.ts';
import { newRun } from '../run/run.ts';
import { keyHash, type RunId, runIdOf } from '../run/run-id.ts';
import { parsePlan, parseSaid } from '../run/stored.ts';
import { advance } from './advance.ts';
import { alikeRun } from './alike-run.ts';
import { answerAsker } from './answer-asker.ts';
import { askForEnd } from './cancel-run.ts';
import { forecastRun } from './choose-shards.ts';
import { claimDeal } from './claim-deal.ts';
import { finishRun } from './finish-run.ts';
import { readHistory } from './history-store.ts';
import { followHomes } from './homes.ts';
import { end } from './launch.ts';
import { changeLedger } from './ledger-store.ts';
import { shownKey } from './mask.ts';
import { refusalFor } from './membership.ts';
import { publish } from './publish.ts';
import { type CameTo, parseResolved, refuseAfterAll, resolve, resolvedBefore } from './request-claim.ts';
import { resolveRequest } from './rerun-request.ts';
import { type RunRef, readPlan, readRun } from './run-store.ts';
import { stopTasks } from './stop-tasks.ts';
import type { World } from './world.ts';

/** What came of a request. */
export type Started =
  | { readonly kind: 'run'; readonly runId: RunId }
  /** It joined a run that the same words had started moments before. */
  | { readonly kind: 'joined'; readonly runId: RunId }
  | { readonly kind: 'refused'; readonly because: string };

/**
 * Turns a request into exactly one run, or one explained refusal.
 *
 * Safe to repeat after a death at any point: the run's id comes from the request, the plan is claimed before anything is
 * started and holds RunTask's parameters to the byte, and each step finds what the one before has left.
 *
 * @throws when AWS or Slack let us down and the request should be delivered again
 */
export async function startRun(given: RunRequest, world: World): Promise<Started> {
  const tell = (because: string, alike?: RunId) => tellRefused(given, { because, alike }, world);
  const before = await resolvedBefore(given, world.store);
  if (before !== undefined && 'refused' in before) return await tell(before.refused, before.alike);
  /** Written down first: delivered again, after a deploy, it is still refused. */
  const refuse = async (because: string, alike?: RunId): Promise<Started> => {
    const refusal = { version: 1, askedAt: given.askedAt, refused: because, ...(alike !== undefined && { alike }) } as const;
    const stands = await resolve(given, refusal, world.store);
    if ('refused' in stands) return await tell(stands.refused, stands.alike);
    const known = await seenThrough(given, world);
    if (known !== undefined) return known;
    const isJoined = (await readRun(world.store, { environment: given.command.environment, runId: stands.runId })) !== undefined;
    if (isJoined) {
      await answerAsker(given, joinedText(given, stands.runId), world);
      return { kind: 'joined', runId: stands.runId };
    }
    // Somebody was to start it, and has died before there was anything of it.
    return await tell(await refuseAfterAll(given, because, world.store));
  };
  const environment = world.catalogue.get(given.command.environment);
  if (environment === undefined) {
    const known = await seenThrough(given, world);
    return known ?? (await refuse(`There is no environment ${code(given.command.environment)} any more.`));
  }

  const resolved = await resolveRequest(given, environment, world);
  if (resolved.kind === 'refused') {
    // An earlier delivery may have been taken, before coldframe.yml changed.
    const known = await seenThrough(given, world);
    return known ?? (await refuse(resolved.because));
  }
  const { request, rerun, only } = resolved;
  const history = await readHistory(environment.name, world);
  const wanted = planRun(request, environment, world.fargate, { rerun, ...forecastRun(request, environment, { only, history }) });
  if ((await readPlan(world.store, wanted)) === undefined) {
    const ageMs = world.nowMs() - Date.parse(request.askedAt);
    if (ageMs > maxAgeMs) {
      return await refuse(
        `This request waited ${Math.round(ageMs / 60_000)} minutes before I could look at it: too old to start now. Please ask again.`,
      );
    }
    const { asker, channel = '' } = request;
    const refusal = asker.kind === 'slack' ? await refusalFor(environment, asker.userId, channel, world) : undefined;
    if (refusal !== undefined) return await refuse(refusal);
    const alike = before === undefined ? await alikeRun(request, wanted, world) : undefined;
    if (alike !== undefined) return await refuse(alikeText(alike, await linkOf(alike, world)), alike.runId);
  }

  const leads = before ?? (await resolveRun(request, wanted, world));
  if ('refused' in leads) return await tell(leads.refused, leads.alike);
  const { runId } = leads;
  if (runId !== wanted.runId) {
    const first = await startFirst(leads, world);
    if (first?.kind === 'refused') return await tell(first.because);
    await answerAsker(request, joinedText(request, runId), world);
    return { kind: 'joined', runId };
  }
  await claimDeal(wanted, { only: only?.map(({ was: _, ...scenario }) => scenario), history }, world);
  const plan = await claimPlan(wanted, request, world);
  await world.store.create(runKeys(environment.name, runId).run, newRun(runId, environment.name, approvalOf(plan)));
  return await setGoing(plan, request, world);
}

/** Sees to it that a run that is there goes its way: it has its places or waits for them, its channel knows of it, its tasks are started. */
async function setGoing(plan: RunPlan, request: RunRequest, world: World): Promise<Started> {
  const { environment, runId } = plan;
  const ref = { environment, runId };
  const ledger = await admitRun(plan, world);
  world.log('info', 'run admitted', { runId, place: placeOf(ledger, runId) });

  if (request.instead !== undefined) await replace(request, request.instead, world);
  const first = await publish(ref, 'changed', world);
  if (first.kind === 'nowhere' && request.asker.kind === 'slack') return await endUntold(ref, request, first.because, world);
  await advance(environment, world, [runId]);
  await tellThread(ref, request, world);
  await followHomes(world);
  const elsewhere = await channelElsewhere(ref, request, world);
  if (elsewhere !== undefined) await answerAsker(request, `I can't write in this channel: follow ${runId} in <#${elsewhere}>.`, world);
  return { kind: 'run', runId };
}

/** Ends a run that no channel takes the message of. It is refused if it has not begun; else it is a run, whose person is told all the same. */
async function endUntold(ref: RunRef, request: RunRequest, why: string, world: World): Promise<Started> {
  const { runId } = ref;
  const stop = {
    what: `I can't write where the result belongs: ${why}.`,
    next: 'Invite me to the channel (/invite @coldframe) and ask again.',
    raw: why,
    isTransient: false,
  };
  const { phase } = await end(ref, { kind: 'not-started', stop }, world);
  // The sweeper may have started it before the request was delivered again.
  if (phase.kind === 'started') await stopTasks(phase.tasks, `Nobody can be told of Coldframe run ${runId}`, world);
  await finishRun(ref, world);
  const because = `${stop.what} ${stop.next}`;
  // What it has come to is what the run says, for every delivery: some see it before its end, some after.
  const hasBegun = phase.kind === 'started' || (phase.kind === 'finished' && phase.startedAt !== undefined);
  if (!hasBegun) return await tellRefused(request, { because }, world);
  await answerAsker(request, because, world);
  return { kind: 'run', runId };
}

async function tellRefused(
  request: RunRequest,
  { because, alike }: { readonly because: string; readonly alike?: RunId | undefined },
  world: World,
): Promise<Started> {
  const { key, text, command } = request;
  const { environment } = command;
  const typed = text.replace(/^\/run-tests\s*/, '');
  await answerAsker(request, alike === undefined ? because : alikeMessage(because, { environment, alike, typed }), world);
  world.log('info', 'request refused', { key: shownKey(key), environment, because });
  return { kind: 'refused', because };
}

/**
 * What came of the request already, though it would be refused now: coldframe.yml has changed. Whoever began its run may have died
 * before the ledger knew of it: from there it is seen through. Undefined: there is no run.
 */
async function seenThrough(request: RunRequest, world: World): Promise<Started | undefined> {
  const { command, key, askedAt } = request;
  const { environment } = command;
  const runId = runIdOf({ environment, key, askedAt });
  const plan = await readPlan(world.store, { environment, runId });
  const run = await readRun(world.store, { environment, runId });
  return plan === undefined || run === undefined ? undefined : await setGoing(plan, request, world);
}

const approvalOf = (plan: RunPlan) => (plan.approvals === undefined ? undefined : newApproval(plan.approvals, plan));

/** Lets the ledger know of the run: it gets its places, or waits for them, or for somebody's yes. */
const admitRun = (plan: RunPlan, { store, catalogue }: World): Promise<Ledger> => {
  const tasksAtOnce = catalogue.get(plan.environment)?.tasksAtOnce ?? 1;
  const entry = { runId: plan.runId, tasks: shardCount(plan) };
  return changeLedger(store, plan.environment, (now) => (plan.approvals === undefined ? admit(now, entry, tasksAtOnce) : ask(now, entry)));
};

/** Has the run end that this request takes the place of: it may have ended by itself, or be of another environment. */
async function replace({ command: { environment }, asker, askedAt }: RunRequest, instead: RunId, world: World): Promise<void> {
  const ref = { environment, runId: instead };
  const run = await readRun(world.store, ref);
  if (run !== undefined && run.phase.kind !== 'finished') await askForEnd(ref, { by: asker, at: askedAt }, world);
}

/** Where the message of a run can be looked at, when it has one. */
async function linkOf({ environment, runId }: RunRef, { store, say }: World): Promise<string | undefined> {
  const parent = (await store.get(runKeys(environment, runId).said, parseSaid))?.value.parent;
  return parent?.kind === 'said' ? await say.linkTo(parent.channel, parent.ts) : undefined;
}

/** A run that was asked for in a thread reports in the channel: whoever asked is told where. */
async function tellThread(ref: RunRef, request: RunRequest, world: World): Promise<void> {
  if (request.threadTs === undefined) return;
  const link = await linkOf(ref, world);
  await answerAsker(request, `${ref.runId} reports ${link === undefined ? 'in the channel' : `in <${link}|its own message>`}.`, world);
}

/** Where the run is reported, if it is not where it was asked for. */
async function channelElsewhere(ref: RunRef, { channel }: RunRequest, { store }: World): Promise<string | undefined> {
  const parent = (await store.get(runKeys(ref.environment, ref.runId).said, parseSaid))?.value.parent;
  return parent?.kind === 'said' && channel !== undefined && parent.channel !== channel ? parent.channel : undefined;
}

/** Whoever joins a run that is not there yet starts it: who asked for it first may have died over it, and may be refused later. */
async function startFirst({ runId, first }: Extract<CameTo, { runId: RunId }>, world: World): Promise<Started | undefined> {
  if (first === undefined || (await readRun(world.store, { environment: first.command.environment, runId })) !== undefined)
    return undefined;
  return await startRun(first, world);
}

/** The run this request leads to: its own, or that of the same words by the same person in the same place ten seconds ago. */
async function resolveRun(request: RunRequest, { environment, runId }: RunPlan, { store }: World): Promise<CameTo> {
  const { askedAt } = request;
  const { responseUrl: _, ...first } = request;
  const own: CameTo = { version: 1, askedAt, runId, first };
  const recent = await store.update(environmentKeys(environment).recent(keyHash(sameWords(request))), parseResolved, (now) => {
    const isJoined = now !== undefined && Math.abs(Date.parse(now.askedAt) - Date.parse(askedAt)) <= joinWindowMs;
    return isJoined ? now : own;
  });
  return await resolve(request, recent === undefined ? own : { ...recent, askedAt }, store);
}

/** The plan that stands: ours, or the one that an earlier delivery of the same request has made. */
async function claimPlan(plan: RunPlan, request: RunRequest, { store }: World): Promise<RunPlan> {
  const key = runKeys(plan.environment, plan.runId).plan;
  if (await store.create(key, plan)) return plan;
  const standing = (await store.get(key, parsePlan))?.value;
  if (standing === undefined || standing.key !== request.key)
    throw new Error(`the plan of ${plan.runId} belongs to another request: ${standing?.key ?? 'none'}`);
  return standing;
}

/** A button works once: pressed again, tomorrow too, it leads to the run that it led to. */
const joinedText = ({ key }: RunRequest, runId: RunId): string =>
  key.startsWith('button:')
    ? `This has been run again already, as ${runId}. For another one use the button below that run's message.`
    : `That was just asked for: your request joined ${runId}.`;
