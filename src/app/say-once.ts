import type { Message } from '../message/message.ts';
import { runKeys } from '../run/keys.ts';
import type { RunPlan } from '../run/plan.ts';
import { mayTakeOver, nothingSaid, type Said, type Saying, uncertain } from '../run/said.ts';
import { parseSaid } from '../run/stored.ts';
import type { Subject, Told } from '../slack/say.ts';
import type { World } from './world.ts';

/** Longer than any of our functions lives: who holds a lease after this time has died. */
const leaseMs = 300_000;
/** Slack's clock and ours may differ; we look for our message from a little before we began to say it. */
const lookBackMs = 120_000;

/** What is spoken of: where is kept what was said of it, and by what its messages are found again on Slack. */
export interface Topic {
  /** The key of the object that keeps it (`Said`). */
  readonly key: string;
  /** The messages carry it. */
  readonly id: string;
  /** ISO 8601: nothing was said of it before. */
  readonly askedAt: string;
  readonly events: Readonly<Record<'parent' | 'reply', Subject['event']>>;
}

/** A run, whose message has a reply when it ends. */
export const runTopic = ({ environment, runId, askedAt }: RunPlan): Topic => ({
  key: runKeys(environment, runId).said,
  id: runId,
  askedAt,
  events: { parent: 'coldframe_run', reply: 'coldframe_end' },
});

/** What saying something once needs. */
export type SayingWorld = Pick<World, 'store' | 'say' | 'nowMs' | 'newOwner'>;

/** What came of it. `isNew`: said just now, with this very content. */
export type SaidOnce =
  | { readonly kind: 'said'; readonly channel: string; readonly ts: string; readonly isNew: boolean }
  /** Somebody else is at it, and looks again afterwards. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'later'; readonly because: string }
  | { readonly kind: 'given-up'; readonly because: string };

/** Something to be said once: a topic's message, or the reply in its thread. */
interface Saw {
  readonly slot: 'parent' | 'reply';
  readonly topic: Topic;
  readonly message: Message;
  /** Where to try, in this order; a reply goes to its parent's. */
  readonly places: readonly SayingPlace[];
}

/** A channel, or a thread in it. */
export interface SayingPlace {
  readonly channel: string;
  readonly threadTs?: string;
}

/**
 * Says something on Slack exactly once, though `chat.postMessage` knows no idempotency key and may land after a timeout.
 *
 * A lease in `said.json` is taken first. A holder that died leaves it to expire; the next one then looks for the message
 * by its metadata and only says it if it is not there. A twin that turns up later is deleted (`removeTwins`).
 */
export async function sayOnce(what: Saw, world: SayingWorld): Promise<SaidOnce> {
  const { slot, topic } = what;
  const owner = world.newOwner();
  const nowMs = world.nowMs();
  let before: Saying = { kind: 'unsaid' };
  const said = await changeSaid(topic, world, (now) => {
    before = now[slot];
    if (!mayTakeOver(before, nowMs)) return now;
    const at = new Date(nowMs).toISOString();
    const expiresAt = new Date(nowMs + leaseMs).toISOString();
    const fresh = { kind: 'saying', owner, since: at, expiresAt, channel: '' } as const;
    if (before.kind !== 'saying') return { ...now, [slot]: fresh };
    // What its holder was about to say when it died may be there, or still come.
    const known = before.channel === '' ? now : uncertain(now, nowMs);
    return { ...known, [slot]: { ...before, owner, expiresAt } };
  });
  const mine = said[slot];
  if (mine.kind === 'said') return { kind: 'said', channel: mine.channel, ts: mine.ts, isNew: false };
  if (mine.kind === 'given-up') return mine;
  if (mine.kind !== 'saying' || mine.owner !== owner) return { kind: 'busy' };

  // Whoever looks next need not wait for our lease, and knows where a post before it may have come.
  const asItWas: Saying = mine.channel === '' ? { kind: 'unsaid' } : { ...mine, expiresAt: new Date(nowMs).toISOString() };
  const places = slot === 'reply' ? threadOf(said.parent) : what.places;
  if (places === undefined) return await release(what, owner, world, asItWas, 'the message it belongs to was not said');
  // Slack may have had no time for the post after one without a clear answer: that one may have come.
  const mayStand = said.isUncertain === true && said.wasDeleted !== true;
  if (mine.channel !== '' || mayStand) {
    // The thread that it was said in, if it was: the message it began with may be another one by now.
    const first = { channel: mine.channel, ...(mine.threadTs !== undefined && { threadTs: mine.threadTs }) };
    const where = [first, ...places].filter(({ channel }) => channel !== '');
    const found = await lookFor(
      what,
      { places: where, sinceMs: Date.parse(mayStand ? topic.askedAt : mine.since), goneTs: said.goneTs },
      world,
    ).catch(async (error: unknown) => {
      await release(what, owner, world, asItWas, '');
      throw error;
    });
    if (found !== undefined) return await settleSaid(what, owner, found, false, world);
  }
  return await post(what, owner, places, world);
}

/** Where a message's replies stand: in its thread, or in the one that it stands in itself. */
function threadOf(parent: Saying): readonly SayingPlace[] | undefined {
  return parent.kind === 'said' ? [{ channel: parent.channel, threadTs: parent.threadTs ?? parent.ts }] : undefined;
}

async function post(what: Saw, owner: string, places: readonly SayingPlace[], world: SayingWorld): Promise<SaidOnce> {
  const { slot, topic, message } = what;
  let because = 'there is no channel to say it in';
  for (const { channel, threadTs } of places) {
    const thread = threadTs === undefined ? {} : { threadTs };
    // Written before the post: should we die now, the next one knows where to look.
    const held = await holding(what, owner, world, ({ threadTs: _, ...saying }) => ({ ...saying, channel, ...thread }));
    if (!held) return { kind: 'busy' };
    const told: Told = await world.say.post(channel, message, { event: topic.events[slot], runId: topic.id }, threadTs);
    switch (told.kind) {
      case 'told':
        return await settleSaid(what, owner, { channel: told.channel, ts: told.ts, ...thread }, true, world);
      case 'not-now':
        return await release(what, owner, world, { kind: 'unsaid' }, told.because);
      case 'unknown':
        // The lease stays: until it expires nobody posts, and then somebody looks first.
        await changeSaid(topic, world, (said) => uncertain(said, world.nowMs()));
        return { kind: 'later', because: `Slack gave no clear answer (${told.error})` };
      case 'refused':
        because = `Slack refused to have it in ${channel}: ${told.error}`;
    }
  }
  return await release(what, owner, world, { kind: 'given-up', because }, because);
}

/** Our message, if it is on Slack in one of these places. */
async function lookFor(
  { slot, topic }: Saw,
  { places, sinceMs, goneTs }: { readonly places: readonly SayingPlace[]; readonly sinceMs: number; readonly goneTs: string | undefined },
  { say }: SayingWorld,
): Promise<Where | undefined> {
  const isFirst = (place: SayingPlace, index: number) =>
    places.findIndex(({ channel, threadTs }) => channel === place.channel && threadTs === place.threadTs) === index;
  for (const place of places.filter(isFirst)) {
    // Where we may not look we say it again: twice is better than never.
    const subject = { event: topic.events[slot], runId: topic.id };
    const there = (await say.find(place.channel, subject, sinceMs - lookBackMs, place.threadTs)) ?? [];
    const ts = there.find((one) => one !== goneTs);
    if (ts !== undefined) return { ...place, ts };
  }
  return undefined;
}

/** Where a message stands. */
type Where = SayingPlace & { readonly ts: string };

/** Records that it was said; should somebody else have said it meanwhile, ours is the twin that goes. */
async function settleSaid(what: Saw, owner: string, where: Where, isNew: boolean, world: SayingWorld): Promise<SaidOnce> {
  const { slot, topic } = what;
  const { channel, ts } = where;
  const said = await changeSaid(topic, world, (now) => {
    const saying = now[slot];
    const isTaken = saying.kind === 'said' || (saying.kind === 'saying' && saying.owner !== owner && saying.channel !== '');
    return isTaken ? now : { ...now, [slot]: { kind: 'said', ...where } };
  });
  const stands = said[slot];
  if (stands.kind === 'said' && stands.ts === ts) return { kind: 'said', channel, ts, isNew };
  if (stands.kind === 'said') {
    await world.say.remove(channel, ts);
    return { kind: 'said', channel: stands.channel, ts: stands.ts, isNew: false };
  }
  // Another one holds the lease by now. It looks before it posts, but may have looked before ours arrived.
  await changeSaid(topic, world, (now) => uncertain(now, world.nowMs()));
  return { kind: 'busy' };
}

async function release(what: Saw, owner: string, world: SayingWorld, to: Saying, because: string): Promise<SaidOnce> {
  await changeSaid(what.topic, world, (said) => {
    const saying = said[what.slot];
    return saying.kind === 'saying' && saying.owner === owner ? { ...said, [what.slot]: to } : said;
  });
  return { kind: to.kind === 'given-up' ? 'given-up' : 'later', because };
}

/** Changes the lease if it is still ours. */
async function holding(
  what: Saw,
  owner: string,
  world: SayingWorld,
  change: (saying: Extract<Saying, { kind: 'saying' }>) => Saying,
): Promise<boolean> {
  const said = await changeSaid(what.topic, world, (now) => {
    const saying = now[what.slot];
    return saying.kind === 'saying' && saying.owner === owner ? { ...now, [what.slot]: change(saying) } : now;
  });
  const saying = said[what.slot];
  return saying.kind === 'saying' && saying.owner === owner;
}

/** Deletes all but the recorded one of our messages about this topic: a post whose answer was lost may have landed late. */
export async function removeTwins(topic: Topic, said: Said, world: SayingWorld): Promise<void> {
  if (!said.isUncertain || said.parent.kind !== 'said') return;
  const { channel, ts, threadTs } = said.parent;
  const sinceMs = Date.parse(topic.askedAt) - lookBackMs;
  for (const twin of (await world.say.find(channel, { event: topic.events.parent, runId: topic.id }, sinceMs, threadTs)) ?? []) {
    if (twin !== ts) await world.say.remove(channel, twin);
  }
  if (said.reply.kind !== 'said') return;
  for (const twin of (await world.say.find(channel, { event: topic.events.reply, runId: topic.id }, sinceMs, threadTs ?? ts)) ?? []) {
    if (twin !== said.reply.ts) await world.say.remove(channel, twin);
  }
}

async function changeSaid(topic: Topic, { store }: SayingWorld, change: (said: Said) => Said): Promise<Said> {
  const said = await store.update(topic.key, parseSaid, (now) => change(now ?? nothingSaid));
  return said ?? nothingSaid;
}
