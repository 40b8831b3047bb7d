import { byId, node } from './dom.js';
import { icon } from './icon.js';
import { unreadIn } from './unread.js';

/** What a channel is called. */
export const titleOf = ({ name, kind }) => (kind === 'direct' ? name : `#${name}`);

/** Shows the channels of a person, with what there is to read; the keyboard stays where it is. */
export function showChannels({ me, channels }, current) {
  const focused = byId('nav').contains(document.activeElement) ? document.activeElement.getAttribute('href') : undefined;
  byId('channels').replaceChildren(...channels.filter(({ kind }) => kind !== 'direct').map((one) => channelItem(one, one === current, me)));
  byId('apps').replaceChildren(...channels.filter(({ kind }) => kind === 'direct').map((one) => channelItem(one, one === current, me)));
  if (focused)
    byId('nav')
      .querySelector(`a[href="${CSS.escape(focused)}"]`)
      ?.focus();
}

function channelItem(channel, isCurrent, me) {
  const unread = isCurrent ? [] : unreadIn(me, channel);
  const calls = channel.kind === 'direct' ? unread.length : unread.filter(({ mentionsMe, isPrivate }) => mentionsMe || isPrivate).length;
  const sign = {
    open: () => icon('hash'),
    private: () => icon('lock'),
    direct: () => node('img', { class: 'icon', src: '/page/icon.svg', alt: '' }),
  };
  const notes = [channel.kind === 'private' && 'private', channel.isArchived && 'archived'].filter(Boolean).join(', ');
  const link = node(
    'a',
    { href: `#${channel.id}`, class: unread.length > 0 ? 'unread' : undefined, 'aria-current': isCurrent ? 'page' : undefined },
    sign[channel.kind](),
    node('span', { class: 'name' }, channel.name),
    notes && node('small', {}, notes),
    unread.length > 0 && calls === 0 ? node('span', { class: 'hidden' }, 'unread') : '',
    calls > 0 ? node('span', { class: 'badge' }, String(calls), node('span', { class: 'hidden' }, ' for you')) : '',
  );
  return node('li', {}, link);
}
