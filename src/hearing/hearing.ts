import type { OutcomeKind } from '../outcome/outcome.ts';
import { type HearSettings, parseSettings } from './settings.ts';

/** What an environment's channels have heard, and what they want to hear: the content of `hearing.json`. */
export interface Hearing {
  readonly version: 1;
  /** What fails, and since which run: nobody is pinged twice for it. The newest last. */
  readonly open: readonly OpenFailure[];
  /** For what somebody was pinged within the last day. */
  readonly pinged: readonly Pinged[];
  readonly mutes: readonly Mute[];
  /** What was decided about the last ends, so that it is decided once. */
  readonly decided: readonly Decided[];
  /** What is to be said later: when quiet hours end, or in the digest. */
  readonly held: readonly Held[];
  /** The channel's last message about a failure that nobody asked for: what goes on failing is said in its thread. */
  readonly last?: LastTold;
  /** What was changed in Slack, by channel: it overrides coldframe.yml. */
  readonly settings?: Readonly<Record<string, ChangedSettings>>;
  /** ISO 8601: then the object could not be read, and what had been changed and muted in Slack is gone. Until somebody saves settings. */
  readonly lostAt?: string;
}

export interface OpenFailure {
  /** `troubleKey` */
  readonly key: string;
  /** The run in which it began. */
  readonly since: string;
}

/** A ping for a failure. */
export interface Pinged {
  readonly key: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A known failure that pings nobody until it is mended, or until a time. */
export interface Mute {
  /** Hash of the cause (`causeHash`). */
  readonly cause: string;
  /** The cause in words, as the run had it. */
  readonly words: string;
  /** The scenarios that failed for it then: when they pass, it is over. */
  readonly scenarios: readonly string[];
  /** The run in whose message it was muted, and its ref. */
  readonly run: string;
  readonly ref?: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly until: string;
}

/** How many ends of runs come to what: the news of one. */
export interface News {
  /** Failures that nobody has heard of. */
  readonly newly: number;
  /** … that were known, … that are muted, … that are flaky and failed again. */
  readonly known: number;
  readonly muted: number;
  readonly flaky: number;
  /** What failed before and passes now. */
  readonly fixed: number;
}

/** Where the end of a run is said. */
export type Place =
  /** In the run's message, which stands already. */
  | { readonly kind: 'standing' }
  /** In a message of its own. */
  | { readonly kind: 'channel' }
  /** In the thread of the message about the failure that goes on. */
  | { readonly kind: 'thread'; readonly channel: string; readonly ts: string }
  /** Nowhere for now. */
  | { readonly kind: 'nowhere'; readonly because: 'green' | 'muted' | 'digest' };

/** Who hears of a run's end: decided once, and kept with what was said of the run. */
export interface Heard {
  readonly place: Place;
  /** Slack user and user group ids that are pinged with it. */
  readonly pings: readonly string[];
  /** ISO 8601: what is held back is said then. */
  readonly heldUntil?: string;
  readonly news: News;
  /** Whether the asker is told that it has ended. */
  readonly tellsAsker: boolean;
}

export interface Decided {
  readonly runId: string;
  readonly heard: Heard;
}

/** The end of a run that is to be said later. */
export interface Held {
  readonly runId: string;
  /** Where. */
  readonly channel: string;
  readonly at: string;
  readonly until: string;
  readonly why: 'quiet' | 'digest';
  readonly kind: OutcomeKind;
  /** The keys of what was new, of the first. */
  readonly keys: readonly string[];
  /** The names of the first new failures. */
  readonly newly: readonly string[];
  readonly news: News;
  readonly pings: readonly string[];
}

/** Where a failure was last said in a message of its own. */
export interface LastTold {
  readonly channel: string;
  readonly ts: string;
  readonly at: string;
}

/** Settings that somebody changed in Slack. */
export interface ChangedSettings {
  readonly settings: HearSettings;
  readonly by: string;
  readonly at: string;
  /** Names the change: the same for the same wish, however often it is delivered. */
  readonly change: string;
}

export const nothingHeard: Hearing = { version: 1, open: [], pinged: [], mutes: [], decided: [], held: [] };

/** What holds in a channel, and whose word that is. */
export type Holding =
  /** As coldframe.yml has it: nobody has changed anything. */
  | { readonly kind: 'written'; readonly settings: HearSettings }
  | ({ readonly kind: 'changed' } & ChangedSettings)
  /** Somebody has, but what is kept of that cannot be read: a failure must be heard of, so coldframe.yml holds. */
  | { readonly kind: 'damaged'; readonly settings: HearSettings };

/** What holds in a channel: what was changed there, else what coldframe.yml says. */
export function holdingIn({ settings = {} }: Hearing, channel: string, written: HearSettings): Holding {
  const changed = Object.hasOwn(settings, channel) ? settings[channel] : undefined;
  if (changed === undefined) return { kind: 'written', settings: written };
  const parsed = parseSettings(changed?.settings);
  const isWhole = parsed !== undefined && isText(changed.by) && isText(changed.change) && !Number.isNaN(Date.parse(changed.at));
  return isWhole ? { ...changed, kind: 'changed', settings: parsed } : { kind: 'damaged', settings: written };
}

const isText = (value: unknown): boolean => typeof value === 'string';

/** Names what holds: who saves settings has seen that one, or it is not saved. Undefined: coldframe.yml. */
export const stampOf = (holding: Holding): string | undefined =>
  holding.kind === 'written' ? undefined : holding.kind === 'damaged' ? 'damaged' : holding.change;

/** With a channel's settings changed, or as coldframe.yml has them. */
export function withSettings(hearing: Hearing, channel: string, changed: ChangedSettings | undefined): Hearing {
  const { settings = {}, lostAt: _, ...rest } = hearing;
  const others = Object.entries(settings).filter(([one]) => one !== channel);
  const all = changed === undefined ? others : [...others, [channel, changed] as const];
  return { ...rest, ...(all.length > 0 && { settings: Object.fromEntries(all) }) };
}
