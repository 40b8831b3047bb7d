import type { Comparison } from '../outcome/comparison.ts';
import type { Asker, Outcome } from '../outcome/outcome.ts';
import { nextTime } from './daily.ts';
import type { Heard, Hearing, Held, Mute, News, Place } from './hearing.ts';
import { quietUntil } from './quiet.ts';
import { digestOf, type HearSettings, quietOf } from './settings.ts';
import { fixedIn, isAboutEnd, isWhole, mutes, type Trouble, troublesOf } from './troubles.ts';

/** The end of a run, as far as it decides who hears of it. */
export interface End {
  readonly runId: string;
  readonly asker: Asker;
  /** The git ref of the suite; absent: what is in the image. */
  readonly ref?: string;
  readonly outcome: Outcome;
  readonly comparison?: Comparison;
  /** Where it is said. */
  readonly channel: string;
  /** Its message stands already: somebody in Slack asked for it, or had to approve it. */
  readonly isStanding: boolean;
  /** What holds in that channel. */
  readonly settings: HearSettings;
  /** Who is pinged for what nobody owns. */
  readonly everybody: readonly string[];
}

/** So many decisions, open failures and held ends are remembered: an end is told within hours. */
const most = { decided: 200, open: 5_000, held: 1_000 };
/** So many new failures are named when they are told later. */
const mostNamed = 5;
/** … and so many are looked at whether they still fail then. */
const mostKeys = 50;
/** Who was pinged for a scenario is not pinged again for it so soon, though it was mended in between: it may be flaky. */
const pingAgainMs = 24 * 3_600_000;
/** A thread that is older is looked for by nobody. */
const threadLivesMs = 7 * 86_400_000;
/** Nobody reads a longer list of people. */
const mostPings = 10;
/** So many failures of at least half of the scenarios are one trouble of all of them. */
const ofAllFrom = 5;

/**
 * Who hears of a run's end, and what is known after it. The same end again is decided as it was.
 *
 * Nobody is ever pinged for a green end, nor twice for the same known failure; whatever is neither green nor muted is said, now or
 * at the time that is named.
 */
export function hear(hearing: Hearing, end: End, nowMs: number): { readonly hearing: Hearing; readonly heard: Heard } {
  const before = hearing.decided.find(({ runId }) => runId === end.runId);
  if (before !== undefined) return { hearing, heard: before.heard };
  const seen = look(hearing, end, nowMs);
  const whom = pingsOf(end, seen);
  const heard = decide(hearing, end, { ...seen, whom }, nowMs);
  return { heard, hearing: remember(hearing, end, { seen, heard, whom, nowMs }) };
}

/** A run's end beside what is known. */
interface Seen {
  readonly troubles: readonly Trouble[];
  readonly newly: readonly Trouble[];
  /** Those of them for which nobody was pinged of late. */
  readonly unpinged: readonly Trouble[];
  readonly news: News;
  /** Keys of what is mended. */
  readonly closed: ReadonlySet<string>;
  readonly isGreen: boolean;
  readonly isMuted: boolean;
}

function look(hearing: Hearing, { outcome, comparison, ref = '' }: End, nowMs: number): Seen {
  const { open, mutes: muted } = hearing;
  const troubles = troublesOf(outcome, { ref, comparison, muteOf: mutes(muted, nowMs) });
  const known = new Set(open.map(({ key }) => key));
  const fixed = fixedIn(comparison, ref);
  const ended = isWhole(outcome) ? open.filter(({ key }) => isAboutEnd(key, ref)).map(({ key }) => key) : [];
  const newly = troubles.filter(({ key, isMuted, isFlaky, wasFailing }) => !isMuted && !isFlaky && !wasFailing && !known.has(key));
  const isRecent = new Set(recentPings(hearing, nowMs).map(({ key }) => key));
  const [mutedOnes, flaky] = [troubles.filter(({ isMuted }) => isMuted), troubles.filter(({ isMuted, isFlaky }) => isFlaky && !isMuted)];
  return {
    troubles,
    newly,
    unpinged: newly.filter(({ key }) => !isRecent.has(key)),
    news: {
      ...{ newly: newly.length, muted: mutedOnes.length, flaky: flaky.length },
      known: troubles.length - newly.length - mutedOnes.length - flaky.length,
      fixed: [...fixed.values()].filter(({ isFlaky }) => !isFlaky).length + ended.length,
    },
    closed: new Set([...fixed.keys(), ...ended]),
    isGreen: outcome.kind === 'passed',
    isMuted: outcome.kind === 'failed' && troubles.length > 0 && mutedOnes.length === troubles.length,
  };
}

function decide(hearing: Hearing, end: End, { whom, ...seen }: Seen & { readonly whom: readonly string[] }, nowMs: number): Heard {
  const { settings } = end;
  const tellsAsker = end.asker.kind === 'slack' && (settings.asker === 'every end' || !seen.isGreen);
  const place = placeOf(hearing, end, seen, nowMs);
  const isDigest = place.kind === 'nowhere' && place.because === 'digest';
  const quiet = quietOf(settings);
  const quietMs = quiet && whom.length > 0 ? quietUntil(quiet, nowMs) : undefined;
  const heldMs = isDigest ? nextTime(digestOf(settings), nowMs) : quietMs;
  const held = heldMs === undefined ? {} : { heldUntil: new Date(heldMs).toISOString() };
  return { place, pings: heldMs === undefined ? whom : [], ...held, news: seen.news, tellsAsker };
}

/** Where an end is said: what somebody asked for where it stands, the rest as the channel wants to have it. */
function placeOf(hearing: Hearing, end: End, { isGreen, isMuted, news, closed }: Seen, nowMs: number): Place {
  if (end.isStanding) return { kind: 'standing' };
  if (end.asker.kind === 'slack') return { kind: 'channel' };
  const goesOn = threadFor(hearing, end, nowMs);
  switch (end.settings.runs) {
    case 'every run':
      return { kind: 'channel' };
    case 'failures and recoveries':
      if (isGreen) return closed.size > 0 ? { kind: 'channel' } : { kind: 'nowhere', because: 'green' };
      return isMuted ? goesOn : { kind: 'channel' };
    case 'only changes':
      if (news.newly > 0 || news.fixed > 0) return { kind: 'channel' };
      if (isGreen) return { kind: 'nowhere', because: 'green' };
      return isMuted ? { kind: 'nowhere', because: 'muted' } : goesOn;
    case 'digest':
      return { kind: 'nowhere', because: 'digest' };
  }
}

function threadFor({ last }: Hearing, { channel }: End, nowMs: number): Place {
  const isThere = last !== undefined && last.channel === channel && nowMs - Date.parse(last.at) < threadLivesMs;
  return isThere ? { kind: 'thread', channel: last.channel, ts: last.ts } : { kind: 'channel' };
}

/** Who is to know of the new failures: their owners, or everybody where they have none, or where it is a trouble of all. */
function pingsOf({ asker, ref, everybody, outcome }: End, { newly, unpinged, isGreen }: Seen): readonly string[] {
  // A branch is its asker's, who is told.
  const isOwnBranch = asker.kind === 'slack' && ref !== undefined;
  if (isGreen || newly.length === 0 || isOwnBranch || outcome.kind === 'cancelled') return [];
  const total = 'counts' in outcome ? outcome.counts.total : 0;
  const isOfAll = newly.length >= Math.max(ofAllFrom, total / 2);
  const owners = unpinged.flatMap((one) => one.owners ?? everybody);
  if (owners.length === 0) return [];
  return [...new Set(isOfAll && everybody.length > 0 ? everybody : owners)].slice(0, mostPings);
}

const recentPings = ({ pinged }: Hearing, nowMs: number) => pinged.filter(({ at }) => nowMs - Date.parse(at) < pingAgainMs);

function remember(
  hearing: Hearing,
  end: End,
  { seen, heard, whom, nowMs }: { readonly seen: Seen; readonly heard: Heard; readonly whom: readonly string[]; readonly nowMs: number },
): Hearing {
  const at = new Date(nowMs).toISOString();
  const { runId, channel, outcome } = end;
  const open = hearing.open.filter(({ key }) => !seen.closed.has(key));
  const isOpen = new Set(open.map(({ key }) => key));
  const added = seen.troubles.filter(({ key }) => !isOpen.has(key)).map(({ key }) => ({ key, since: runId }));
  const pinged = whom.length === 0 ? [] : seen.unpinged.map(({ key }) => ({ key, at }));
  const held: Held | undefined =
    heard.heldUntil === undefined
      ? undefined
      : {
          ...{ runId, channel, at, until: heard.heldUntil, kind: outcome.kind, news: seen.news },
          why: heard.place.kind === 'nowhere' ? 'digest' : 'quiet',
          keys: seen.newly.slice(0, mostKeys).map(({ key }) => key),
          newly: seen.newly.slice(0, mostNamed).map(({ name }) => name.slice(0, 200)),
          pings: whom,
        };
  return {
    ...hearing,
    open: [...open, ...added].slice(-most.open),
    pinged: [...recentPings(hearing, nowMs), ...pinged].slice(-most.open),
    mutes: hearing.mutes.filter((mute) => !isOver(mute, end, nowMs)),
    decided: [...hearing.decided, { runId, heard }].slice(-most.decided),
    held: held === undefined ? hearing.held : bounded([...hearing.held, held]),
  };
}

/** Of too many, those that are green are counted by the page of the environment's runs alone. */
const bounded = (held: readonly Held[]): readonly Held[] =>
  held.length <= most.held ? held : held.filter(({ kind }) => kind !== 'passed').slice(-most.held);

/** A mute is over when its time is, or when what it is about passes. */
function isOver({ until, scenarios, ref }: Mute, { comparison, ref: endRef }: End, nowMs: number): boolean {
  if (Date.parse(until) <= nowMs) return true;
  if (ref !== endRef || comparison === undefined) return false;
  const failing = new Set([...comparison.newlyFailing.first, ...comparison.stillFailing.first].map(({ id }) => id));
  return comparison.fixed.first.some(({ id = '' }) => scenarios.includes(id)) && !scenarios.some((id) => failing.has(id));
}
