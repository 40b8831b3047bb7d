import { build } from './build.js';
import { node, timeNode } from './dom.js';
import { icon } from './icon.js';
import { menuButton } from './menu.js';

/**
 * A message as an item of a list.
 *
 * @param deeds `act(message)` gives what the message's controls call; `openThread`, `showJson`, `dismiss`, `copyLink` take the message
 * @param replies the messages of its thread; absent within a thread
 */
export function messageItem(message, deeds, replies) {
  const { author, isPrivate, isEdited, content, ts } = message;
  const head = node(
    'p',
    { class: 'author' },
    node('strong', {}, author.name),
    author.kind === 'app' ? node('span', { class: 'tag' }, 'APP') : '',
    timeNode(Number(ts) * 1000),
    isEdited ? node('span', { class: 'note' }, '(edited)') : '',
  );
  const item = node(
    'li',
    { class: `message by-${author.kind}${isPrivate ? ' private' : ''}` },
    isPrivate ? privacyNote(message, deeds) : '',
    avatar(author),
    node(
      'div',
      { class: 'said' },
      head,
      node('div', { class: 'body' }, ...build(content, deeds.act(message))),
      replies?.length > 0 ? threadBar(message, replies, deeds) : '',
    ),
    toolbar(message, deeds, replies !== undefined),
  );
  item.dataset.ts = ts;
  return item;
}

function privacyNote(message, { dismiss }) {
  return node(
    'p',
    { class: 'privacy' },
    icon('eye'),
    'Only visible to you',
    node('button', { type: 'button', class: 'as-link', onclick: () => dismiss(message) }, 'Dismiss'),
  );
}

function avatar({ kind, name, id }) {
  if (kind === 'app') return node('img', { class: 'avatar', src: '/page/icon.svg', alt: '' });
  const letters = name
    .split(' ')
    .map((part) => part[0])
    .join('')
    .slice(0, 2);
  const tone = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 5;
  return node('span', { class: `avatar tone-${tone}`, 'aria-hidden': 'true' }, letters);
}

function threadBar(message, replies, { openThread }) {
  const last = replies.at(-1);
  const count = `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`;
  return node(
    'button',
    {
      type: 'button',
      class: `thread-bar${replies.some(({ mentionsMe }) => mentionsMe) ? ' for-me' : ''}`,
      onclick: () => openThread(message),
    },
    avatar(last.author),
    node('span', { class: 'count' }, count),
    node('span', { class: 'last' }, 'last at ', timeNode(Number(last.ts) * 1000)),
  );
}

function toolbar(message, { openThread, showJson, copyLink, shortcuts, useShortcut }, isInChannel) {
  const tool = (label, sign, onclick) =>
    node('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick }, icon(sign));
  const shortcutEntry = ({ name, callbackId }) =>
    node('button', { type: 'button', class: 'button', onclick: () => useShortcut(callbackId, message) }, name);
  const canReply = isInChannel && !message.isPrivate;
  return node(
    'div',
    { class: 'tools', role: 'group', 'aria-label': `What to do with the message of ${message.author.name}` },
    canReply ? tool('Reply in thread', 'thread', () => openThread(message)) : '',
    tool('Show as JSON', 'json', () => showJson(message)),
    message.isPrivate ? '' : tool('Copy link', 'link', () => copyLink(message)),
    message.isPrivate || shortcuts().length === 0 ? '' : menuButton('Message actions', shortcuts().map(shortcutEntry)),
  );
}
