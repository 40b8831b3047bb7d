import type { Message } from '../message/message.ts';
import type { RunId } from '../run/run-id.ts';

/** What somebody in Slack asked for, as the door has verified it. */
export interface Asked {
  /** What stands after `/run-tests`. */
  readonly text: string;
  readonly userId: string;
  /** Empty: nowhere in particular. */
  readonly channelId: string;
  /** The same key is the same request: the command's trigger_id, or message, action and subject of a button. */
  readonly key: string;
  /** ISO 8601, from the signed request. */
  readonly askedAt: string;
  readonly responseUrl?: string;
  /** The thread it was said in. */
  readonly threadTs?: string;
  /** A run of the same words may be on. */
  readonly beside?: true;
  /** … and is cancelled for this one. */
  readonly instead?: RunId;
  /** To show a question in a modal; absent: it is asked in a message. */
  readonly triggerId?: string;
  /** The person has confirmed, or it is a button that asked. */
  readonly isConfirmed: boolean;
}

/** `accepted`: handed over, the run's message will follow. `answer`: only for the asker; nothing was started. */
export type Answer = { readonly kind: 'accepted' } | { readonly kind: 'answer'; readonly message: Message };
