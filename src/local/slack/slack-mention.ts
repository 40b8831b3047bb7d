import type { Caller, Interaction } from './slack-caller.ts';
import { tellEvent } from './slack-event.ts';
import type { SlackMessage } from './slack-message.ts';
import type { Workspace } from './slack-workspace.ts';

/** The text with the bot's name as Slack's clients send it: `@coldframe` becomes `<@U0COLDFRAME>`. */
export const withMention = (text: string, { bot }: Workspace): string =>
  text.replace(new RegExp(`(?<![\\w@])@${bot.name}\\b`, 'gi'), `<@${bot.userId}>`);

/** A person has written a message in which the bot is named. Undefined when it is not, or nobody wants to hear of it. */
export async function tellMention(caller: Caller, { channel, ts, threadTs, text, userId }: SlackMessage): Promise<Interaction | undefined> {
  const { bot } = caller.world.state.workspace;
  if (!text.includes(`<@${bot.userId}>`)) return undefined;
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  return await tellEvent(caller, { type: 'app_mention', user: userId, text, ts, channel, event_ts: ts, ...thread });
}
