import type { Catalogue } from '../run/catalogue.ts';
import type { RunCommand } from '../run/command.ts';
import type { Message } from './message.ts';

/** A refusal, with the way out in its words. */
export function refusedMessage(because: string): Message {
  return { text: because, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: because } }] };
}

/** How to use the command, and where it may go. */
export function helpMessage(catalogue: Catalogue): Message {
  return refusedMessage([...catalogue.keys()].join(', '));
}

/** "Are you sure?", for environments that ask; the button carries what was typed. */
export function confirmMessage(command: RunCommand, typed: string): Message {
  return refusedMessage(`${command.environment} ${typed}`);
}

/** What stands in the place of the question once it was answered. */
export function confirmedMessage(typed: string): Message {
  return refusedMessage(typed);
}

/** The request could not be handed over: nothing was started. */
export const handOverFailedMessage: Message = refusedMessage('I could not hand this over: AWS did not take it. Nothing was started; please try again.');
