import { parseColdStarts } from '../coldstart/command.ts';
import { mayAsk } from '../coldstart/settings.ts';
import { refusedMessage } from '../message/answers.ts';
import { coldStartsHelp } from '../message/cold-starts-help.ts';
import type { Message } from '../message/message.ts';
import type { Asked } from './asked.ts';
import { shownKey } from './mask.ts';
import type { DoorWorld } from './world.ts';

/** A question about cold starts, as the door has verified it: `text` is what stands after `/coldstarts`. */
export type AskedColdStarts = Pick<Asked, 'text' | 'userId' | 'channelId' | 'key' | 'askedAt' | 'responseUrl'>;

const notSetUp =
  'Nobody has said yet which functions I may look at: add `coldStarts:` with `functions: [orders-]` to coldframe.yml and deploy again.';

/**
 * Takes a question at the door: an answer only the asker sees, or undefined when it was handed over.
 *
 * @throws when it could not be handed over
 */
export async function askForColdStarts(asked: AskedColdStarts, { coldStarts, bus, log }: DoorWorld): Promise<Message | undefined> {
  if (coldStarts === undefined) return refusedMessage(notSetUp);
  const parsed = parseColdStarts(asked.text);
  if (parsed.kind === 'help') return coldStartsHelp(coldStarts);
  if (parsed.kind === 'refused') return refusedMessage(parsed.because);
  const may = mayAsk(coldStarts, asked.userId, asked.channelId);
  if (may.kind === 'refused') return refusedMessage(may.because);
  const { key, askedAt, userId, channelId: channel, text, responseUrl } = asked;
  await bus.put({
    detailType: 'Cold Starts Requested',
    detail: { version: 1, key, askedAt, userId, channel, text: text.trim(), ...(responseUrl !== undefined && { responseUrl }) },
  });
  log('info', 'cold starts asked', { key: shownKey(key), by: userId });
  return undefined;
}
