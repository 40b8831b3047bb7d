import type { Heard } from '../hearing/hearing.ts';

/**
 * Something that must be said once, though saying it may be interrupted anywhere: `saying` is a lease. Whoever finds it
 * expired looks on Slack whether it was said, and only then says it.
 */
export type Saying =
  | { readonly kind: 'unsaid' }
  | {
      readonly kind: 'saying';
      readonly owner: string;
      readonly since: string;
      readonly expiresAt: string;
      readonly channel: string;
      readonly threadTs?: string;
    }
  /** `threadTs`: in the thread of another message. */
  | { readonly kind: 'said'; readonly channel: string; readonly ts: string; readonly threadTs?: string }
  /** Slack will not have it (`channel_not_found`), or somebody deleted it. */
  | { readonly kind: 'given-up'; readonly because: string };

/** What Slack was told of a run: the content of `said.json`. */
export interface Said {
  readonly version: 1;
  /** The one message of the run. */
  readonly parent: Saying;
  /** The one reply in its thread that notifies people. */
  readonly reply: Saying;
  /** The newest revision that Slack has confirmed, and when that update was sent (ISO 8601). */
  readonly confirmed?: { readonly revision: number; readonly sentAt: string };
  /** ISO 8601, when somebody last set about to tell progress. */
  readonly progressAt?: string;
  /** A post's result was once unknown: a twin of the message may exist, or still come. */
  readonly isUncertain?: boolean;
  /** ISO 8601, when that was last so. */
  readonly uncertainAt?: string;
  /** The message was deleted, or could not be changed any more, once; it was said again. */
  readonly wasDeleted?: boolean;
  /** Of the one that was: it may still stand where it cannot be changed, and is not the new one. */
  readonly goneTs?: string;
  /** How often Slack has refused the end, since when (ISO 8601), for reasons that we do not know, and has shown nothing meanwhile. */
  readonly doubt?: { readonly since: string; readonly times: number };
  /** Who hears of the run's end; absent: it has not ended. */
  readonly heard?: Heard;
}

export const nothingSaid: Said = { version: 1, parent: { kind: 'unsaid' }, reply: { kind: 'unsaid' } };

/** Whether nobody is known to be saying it at `nowMs`. */
export function mayTakeOver(saying: Saying, nowMs: number): boolean {
  return saying.kind === 'unsaid' || (saying.kind === 'saying' && Date.parse(saying.expiresAt) <= nowMs);
}

/** Remembers that a post's result is not known. */
export const uncertain = (said: Said, nowMs: number): Said => ({ ...said, isUncertain: true, uncertainAt: new Date(nowMs).toISOString() });

/** Remembers that Slack has refused the end for a reason that we do not know. */
export const doubted = (said: Said, nowMs: number): Said => {
  const { since, times } = said.doubt ?? { since: new Date(nowMs).toISOString(), times: 0 };
  return { ...said, doubt: { since, times: times + 1 } };
};

/** A refusal that we do not know is believed when it has come so often, for so long: Slack has more reasons than are documented, and some pass. */
const doubtMs = 15 * 60_000;
const leastDoubts = 3;

/** Whether a refusal for a reason that we do not know is to be taken for one that does not pass. */
export const isBelieved = ({ doubt }: Said, nowMs: number): boolean =>
  doubt !== undefined && doubt.times >= leastDoubts && nowMs >= Date.parse(doubt.since) + doubtMs;

/** Remembers the newest revision that Slack has shown; an older one never replaces it. */
export function confirm({ doubt: _, ...said }: Said, revision: number, sentAt: string): Said {
  const { confirmed } = said;
  const isNewer =
    confirmed === undefined || revision > confirmed.revision || (revision === confirmed.revision && sentAt > confirmed.sentAt);
  return isNewer ? { ...said, confirmed: { revision, sentAt } } : said;
}
