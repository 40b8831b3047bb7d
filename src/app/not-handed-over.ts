import { handOverFailedMessage } from '../message/answers.ts';
import type { Message } from '../message/message.ts';
import { errorText, type Log } from './log.ts';

/** Says in the log that a request was not handed over, and which; gives what whoever asked is told. */
export function notHandedOver(
  which: { readonly key: string | undefined } | { readonly runId: string },
  error: unknown,
  { log }: { readonly log: Log },
): Message {
  log('error', 'request not handed over', {
    ...which,
    because: errorText(error),
    next: "look at the event bus and the door's permissions",
  });
  return handOverFailedMessage;
}
