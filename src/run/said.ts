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

/** Remembers the newest revision that Slack has shown; an older one never replaces it. */
export function confirm(said: Said, revision: number, sentAt: string): Said {
  const { confirmed } = said;
  const isNewer =
    confirmed === undefined || revision > confirmed.revision || (revision === confirmed.revision && sentAt > confirmed.sentAt);
  return isNewer ? { ...said, confirmed: { revision, sentAt } } : said;
}
