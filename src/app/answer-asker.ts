import { refusedMessage } from '../message/answers.ts';
import type { Message } from '../message/message.ts';
import type { RunRequest } from '../run/request.ts';
import type { World } from './world.ts';

/**
 * Tells the person who asked, and only them. Slack takes five such answers within half an hour; afterwards there is nobody
 * left to tell, which is no reason to do the request again.
 *
 * @throws when Slack can't be reached now, so that the request is delivered again
 */
export async function answerAsker(
  { responseUrl, asker, channel, threadTs }: Pick<RunRequest, 'responseUrl' | 'asker' | 'channel' | 'threadTs'>,
  said: string | Message,
  { say, log }: World,
): Promise<void> {
  const message = typeof said === 'string' ? refusedMessage(said) : said;
  if (responseUrl === undefined && asker.kind !== 'slack') return;
  const isTold =
    responseUrl !== undefined
      ? await say.answer(responseUrl, typeof said === 'string' ? said : message)
      : asker.kind === 'slack' && (await say.whisper({ channel, userId: asker.userId, threadTs }, message));
  if (!isTold) log('warn', 'answer lost', { by: asker, because: 'Slack does not take it any more' });
}
