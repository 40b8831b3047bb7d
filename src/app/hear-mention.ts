import type { Message } from '../message/message.ts';
import type { Interaction } from '../slack/interaction.ts';
import { askForRun } from './ask-for-run.ts';
import { shownKey } from './mask.ts';
import { notHandedOver } from './not-handed-over.ts';
import type { DoorWorld } from './world.ts';

/** What was said to the bot, without its name and without the word that people put before an order. */
const orderIn = (text: string): string =>
  text
    .replace(/<@[UW][A-Z0-9]{2,20}(?:\|[^>]*)?>/, '')
    .trim()
    .replace(/^(?:please\s+)?(?:run|test)(?:\s+|$)/i, '');

/**
 * Somebody spoke to the bot, as one does in threads, where Slack has no commands: the same words, the same run, the same answers for
 * nobody else. Slack delivers an event again that it thinks was not heard: it is the same request.
 */
export async function hearMention(said: Extract<Interaction, { kind: 'mentioned' }>, door: DoorWorld): Promise<void> {
  const { userId, channelId, ts, threadTs, askedAt } = said;
  const key = `mention:${channelId}:${ts}`;
  const text = orderIn(said.text);
  const thread = threadTs === undefined ? {} : { threadTs };
  const answer = async ({ text: words, blocks }: Message) => {
    const told = await door.slack('chat.postEphemeral', {
      channel: channelId,
      user: userId,
      text: words,
      blocks,
      ...(threadTs !== undefined && { thread_ts: threadTs }),
    });
    if (told.kind === 'refused') door.log('warn', 'answer lost', { by: userId, because: told.error });
  };
  try {
    const came = await askForRun({ text, userId, channelId, key, askedAt, isConfirmed: false, ...thread }, door);
    if (came.kind === 'answer') await answer(came.message);
  } catch (error) {
    await answer(notHandedOver({ key: shownKey(key) }, error, door));
  }
}
