import { troubleWith } from './slack-answers.ts';
import type { Caller, Interaction } from './slack-caller.ts';
import { messageShortcutPayload, shortcutPayload } from './slack-payloads.ts';

/** A shortcut of the app's manifest. */
export interface OfferedShortcut {
  readonly name: string;
  readonly callbackId: string;
  readonly description: string;
  readonly type: 'global' | 'message';
}

/** A person uses a shortcut of the app, or, with a message, one of that message. */
export interface ShortcutUse {
  readonly userId: string;
  readonly callbackId: string;
  readonly channelId?: string;
  readonly messageTs?: string;
}

export async function shortcut(caller: Caller, { userId, callbackId, channelId = '', messageTs }: ShortcutUse): Promise<Interaction> {
  const { world, responseUrls, personBy, place, interact } = caller;
  const { state, triggers } = world;
  const { workspace } = state;
  const common = { workspace, callbackId, triggerId: triggers.issue(userId), actionTs: state.nextTs() };
  const payloadOf = () => {
    if (messageTs === undefined) return shortcutPayload({ ...common, person: personBy(userId) });
    const { channel, person } = place(channelId, userId);
    const message = state.find(channelId, messageTs);
    if (message === undefined) throw new RangeError(`there is no message ${messageTs} in ${channelId}`);
    const path = responseUrls.issue({ kind: 'action', userId, channel: channelId, original: message });
    return messageShortcutPayload({ ...common, person, channel, message, responseUrl: `${world.url()}${path}` });
  };
  const { delivery, received } = await interact(`shortcut ${callbackId}`, payloadOf());
  const trouble = troubleWith(received);
  return trouble === undefined ? { kind: 'taken', delivery } : { kind: 'failed', delivery, ...trouble };
}
