import type { Message } from '../message/message.ts';
import { escapeText } from '../message/text.ts';

/** A slash command, freed of Slack's form. */
export interface Typed {
  /** `/run-tests` */
  readonly command: string;
  /** What stands after it. */
  readonly text: string;
  readonly userId: string;
  readonly channelId: string;
  readonly triggerId: string;
  readonly responseUrl: string;
  /** ISO 8601, from the signed request. */
  readonly askedAt: string;
}

/** The commands in the app's manifest. */
export const command = '/run-tests';
export const coldStartsCommand = '/coldstarts';

/** What is done about a command; a message is shown to whoever typed it. */
export type OnCommand = (typed: Typed) => Promise<Message | undefined>;

/**
 * What Slack gets as the answer to a command: JSON for its author's eyes, or nothing, which says that it was heard.
 *
 * Bolt is not asked: it takes three times as long to start as everything else that a command needs (docs/benchmarks.md).
 */
export async function answerCommand(typed: Typed, listening: Readonly<Record<string, OnCommand>>): Promise<object | undefined> {
  const listener = Object.hasOwn(listening, typed.command) ? listening[typed.command] : undefined;
  if (listener === undefined) {
    const known = Object.keys(listening).join(' and ');
    return {
      response_type: 'ephemeral',
      text: `I don't know ${escapeText(typed.command)}. I listen to ${known}: try \`${command} help\`.`,
    };
  }
  const message = await listener(typed);
  return message && { response_type: 'ephemeral', text: message.text, blocks: message.blocks };
}
