import type { RunRequest, RunWish } from '../run/request.ts';
import type { World } from './world.ts';

/**
 * Tells the person who asked, and only them. Slack takes five such answers within half an hour; afterwards there is nobody
 * left to tell, which is no reason to do the request again.
 *
 * @throws when Slack can't be reached now, so that the request is delivered again
 */
export async function answerAsker(
  { responseUrl, asker }: Pick<RunRequest | RunWish, 'responseUrl' | 'asker'>,
  text: string,
  { say, log }: World,
): Promise<void> {
  if (responseUrl === undefined) return;
  if (!(await say.answer(responseUrl, text))) log('warn', 'answer lost', { by: asker, because: 'Slack does not take it any more' });
}
