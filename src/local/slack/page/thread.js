import { composer } from './composer.js';
import { byId, node } from './dom.js';
import { messageItem } from './message-item.js';
import { messageLog } from './message-log.js';
import { closePanel, openPanel, showPanel } from './panel.js';
import { act, showTrouble } from './server.js';

/**
 * The panel with one thread.
 *
 * @param channelOf gives the channel with an id, with its messages
 */
export function threadPanel(channelOf, deeds) {
  const log = messageLog(byId('thread-log'), byId('thread-messages'));
  let shown;

  const writer = composer(byId('thread-composer'), async (text) => {
    const [command] = text.split(' ');
    if (text.startsWith('/')) {
      showTrouble(`${command} is not supported in threads. Sorry!`);
      return { kind: 'failed' };
    }
    log.toEnd();
    return await act('say', { ...shown, text });
  });

  const isIn = ({ channelId, ts, threadTs }) =>
    shown !== undefined && channelId === shown.channelId && (ts === shown.threadTs || threadTs === shown.threadTs);

  function put(message) {
    if (!isIn(message)) return;
    log.put(messageItem(message, deeds));
    showCount();
  }

  function showAll() {
    const { messages } = channelOf(shown.channelId);
    log.fill(messages.filter(isIn).map((message) => messageItem(message, deeds)));
    showCount();
  }

  function showCount() {
    const count = byId('thread-messages').querySelectorAll('.message').length - 1;
    byId('thread-messages').querySelector('.divider')?.remove();
    const text = count === 0 ? 'No replies yet' : `${count} ${count === 1 ? 'reply' : 'replies'}`;
    log.find(shown.threadTs)?.after(node('li', { class: 'divider count' }, node('span', {}, text)));
  }

  return {
    open: ({ channelId, ts, threadTs }) => {
      shown = { channelId, threadTs: threadTs ?? ts };
      const channel = channelOf(channelId);
      showAll();
      showPanel('thread', `Thread in #${channel.name}`);
      writer.setUp({ place: shown.threadTs, commands: [], placeholder: 'Reply …', isDisabled: channel.isArchived });
      log.toEnd();
    },
    put,
    /** After a pause in which messages may have come. */
    refresh: () => {
      if (shown !== undefined && openPanel() === 'thread') showAll();
    },
    remove: (message) => {
      if (!isIn(message)) return;
      if (message.ts === shown.threadTs) return closePanel();
      log.remove(message.ts);
      showCount();
    },
    /** Another channel or another person has no use for it. */
    leave: () => {
      shown = undefined;
      if (openPanel() === 'thread') closePanel();
    },
  };
}
