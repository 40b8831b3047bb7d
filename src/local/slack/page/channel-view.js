import { byId, node } from './dom.js';
import { icon } from './icon.js';
import { messageItem } from './message-item.js';
import { divider, messageLog } from './message-log.js';
import { refusalItem } from './refusal.js';

/** Nobody reads more at once; whoever wants to see the rest asks for it. */
const mostAtOnce = 200;

const days = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const dayOf = (ts) => days.format(new Date(Number(ts) * 1000));
const byTime = (one, other) => Number(one.dataset.ts) - Number(other.dataset.ts);

/**
 * The messages of one channel, and what Slack refused to put there.
 *
 * @param deeds what can be done with a message, as `messageItem` takes them
 * @param beginning gives the element that stands above a channel's first message
 */
export function channelView(deeds, beginning) {
  const jump = node('button', { type: 'button', class: 'to-newest', hidden: true }, icon('down'), 'New below');
  const log = messageLog(byId('log'), byId('messages'), (isAway) => {
    jump.hidden = !isAway;
  });
  jump.addEventListener('click', () => {
    log.toEnd();
    byId('log').focus();
  });
  byId('log').after(jump);
  const earlier = node('button', { type: 'button', class: 'button small earlier' });
  earlier.addEventListener('click', () => {
    isWhole = true;
    show();
    byId('log').focus();
  });

  let channel;
  let refusals = [];
  let newSince = '';
  let isWhole = false;
  let from = 0;

  const itemOf = (message) =>
    messageItem(
      message,
      deeds,
      channel.messages.filter(({ threadTs }) => threadTs === message.ts),
    );

  const refusalOf = (refusal) =>
    refusalItem(refusal, (item) => {
      refusals = refusals.filter((one) => one !== refusal);
      deeds.putAway(refusal);
      log.remove(item.id);
    });

  function show() {
    const parents = channel.messages.filter(({ threadTs }) => threadTs === undefined);
    const left = isWhole ? 0 : Math.max(0, parents.length - mostAtOnce);
    from = left === 0 ? 0 : Number(parents[left].ts);
    earlier.textContent = `Show ${left} earlier messages`;
    byId('beginning').replaceChildren(left === 0 ? beginning(channel) : earlier);
    const shown = [...parents.slice(left).map(itemOf), ...refusals.filter(({ atMs }) => atMs / 1000 >= from).map(refusalOf)];
    log.fill(shown.sort(byTime));
    showDividers();
  }

  function showDividers() {
    for (const old of byId('messages').querySelectorAll(':scope > .divider')) old.remove();
    const today = dayOf(Date.now() / 1000);
    let day = '';
    let hasNew = false;
    for (const item of byId('messages').querySelectorAll(':scope > .message')) {
      const itsDay = dayOf(item.dataset.ts);
      if (itsDay !== day) item.before(divider(itsDay === today ? 'Today' : itsDay, 'day'));
      day = itsDay;
      if (hasNew || newSince === '' || Number(item.dataset.ts) <= Number(newSince)) continue;
      item.before(divider('New', 'new'));
      hasNew = true;
    }
  }

  return {
    /**
     * Shows a channel: at its end, at the message with the `ts` that is addressed, or, if it is the one that was shown, where the
     * reader is.
     */
    show: (given, { refused, since, isAnother, addressed }) => {
      channel = given;
      refusals = refused;
      newSince = since;
      if (isAnother) isWhole = false;
      show();
      if (isAnother) log.toEnd();
      if (!addressed) return;
      if (Number(addressed) < from) {
        isWhole = true;
        show();
      }
      log.address(addressed);
    },
    /** A message of this channel that is new or has changed. */
    put: (message) => {
      if (message === undefined || message.threadTs !== undefined || Number(message.ts) < from) return;
      const isNew = !log.find(message.ts);
      log.put(itemOf(message));
      if (isNew) showDividers();
    },
    remove: log.remove,
    refuse: (refusal) => {
      refusals = [...refusals, refusal];
      log.put(refusalOf(refusal));
    },
    toEnd: log.toEnd,
  };
}
