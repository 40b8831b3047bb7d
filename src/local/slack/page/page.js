import { appHome } from './app-home.js';
import { showChannels, titleOf } from './channel-list.js';
import { channelView } from './channel-view.js';
import { composer } from './composer.js';
import { confirmed, connectLightbox, connectModal, heldByModal, showModal } from './dialogs.js';
import { announce, byId, node } from './dom.js';
import { icon } from './icon.js';
import { inspector } from './inspector.js';
import { menuButton } from './menu.js';
import { closePanel, connectPanel, openPanel } from './panel.js';
import { act, actAs, listen, showTrouble } from './server.js';
import { threadPanel } from './thread.js';
import { troublePanel } from './trouble.js';
import { markRead, readUpTo, unreadIn } from './unread.js';

let state;
let leave = () => {};
let newSince = '';

const channelBy = (id) => state.channels.find((one) => one.id === id);
const current = () => channelBy(location.hash.slice(1).split('/')[0]) ?? state.channels[0];

// Whoever has no mouse scrolls with the keyboard.
for (const id of ['log', 'thread-log']) byId(id).tabIndex = 0;

const deeds = {
  act: ({ channelId, ts }) => perform({ channelId, messageTs: ts }),
  openThread: (message) => thread.open(message),
  showJson: (message) => {
    hearWorkbench();
    inspect.showMessage(message, state.me);
  },
  dismiss: ({ channelId, ts }) => act('dismiss', { channelId, ts }),
  shortcuts: () => state.shortcuts.filter(({ type }) => type === 'message'),
  useShortcut: (callbackId, { channelId, ts }) => act('shortcut', { callbackId, channelId, messageTs: ts }),
  putAway: (refusal) => {
    state.refusals = state.refusals.filter(({ id }) => id !== refusal.id);
  },
  copyLink: async ({ channelId, ts }) => {
    await navigator.clipboard.writeText(`${location.origin}/archives/${channelId}/p${ts.replace('.', '')}`);
    announce('The link is copied');
  },
};

const log = channelView(deeds, beginning);
const thread = threadPanel(channelBy, deeds);
const home = appHome(() => showChannel());
const inspect = inspector();
const trouble = troublePanel();
const writer = composer(byId('composer'), (text) => {
  // Who says something wants to see what comes of it.
  log.toEnd();
  return act(text.startsWith('/') ? 'command' : 'say', { channelId: current().id, text });
});

// ---- what the server says

function connect(userId) {
  leave();
  leave = listen(
    `/page/events?as=${encodeURIComponent(userId)}`,
    {
      state: (given) => {
        state = given;
        actAs(state.me);
        showTrouble('');
        showAll();
      },
      message: hear,
      deleted: forget,
      refusal: (refusal) => {
        state.refusals.push(refusal);
        if (isHere(refusal)) log.refuse(refusal);
        announce(`Slack refused ${refusal.what}: ${refusal.error}`);
      },
      modal: (view) => showModal(view, performInModal(view?.id)),
      home: (view) => {
        state.home = view ?? undefined;
        if (home.isShown()) showChannel();
      },
    },
    { onBroken: () => showTrouble('The local Slack does not answer; trying again …') },
  );
}

let hearsWorkbench = false;

/** From the first time that somebody looks behind the messages. */
function hearWorkbench() {
  if (hearsWorkbench || !state.hasWorkbench) return;
  hearsWorkbench = true;
  const both = (name) => (value) => {
    for (const { hears } of [inspect, trouble]) hears[name]?.(value);
  };
  const listeners = Object.fromEntries(['offers', 'entries', 'status', 'log'].map((name) => [name, both(name)]));
  listen('/workbench/events', listeners, { isForEyes: true });
}

/** A message that is new or has changed. */
function hear(message) {
  const { messages } = channelBy(message.channelId);
  const place = messages.findIndex(({ ts }) => ts === message.ts);
  const before = messages[place];
  if (place < 0) messages.push(message);
  else messages[place] = message;
  showMessage(message);
  thread.put(message);
  if (place < 0) seen();
  tell(message, before);
  if (message.threadTs) showMessage(messages.find(({ ts }) => ts === message.threadTs));
}

function forget(message) {
  const { messages } = channelBy(message.channelId);
  messages.splice(
    messages.findIndex(({ ts }) => ts === message.ts),
    1,
  );
  if (message.channelId === current().id) log.remove(message.ts);
  thread.remove(message);
  if (message.threadTs) showMessage(messages.find(({ ts }) => ts === message.threadTs));
}

/** Says a message aloud when it comes, and again only when more than its numbers have changed. */
function tell({ author, summary, channelId, mentionsMe }, before) {
  const words = (text) => text?.replaceAll(/\d+/g, '');
  if (author.id === state.me || words(before?.summary) === words(summary)) return;
  if (channelId === current().id || mentionsMe) announce(`${author.name}: ${summary}`);
}

// ---- what the page shows

function showAll() {
  byId('team').textContent = state.team;
  byId('me').replaceChildren(...state.people.map(({ id, name }) => new Option(name, id, false, id === state.me)));
  for (const id of ['open-inspector', 'open-trouble']) byId(id).hidden = !state.hasWorkbench;
  // Who was never here has nothing to catch up with, but for what comes from now on.
  for (const channel of state.channels) if (readUpTo(state.me, channel.id) === '') markRead(state.me, channel);
  showChannel();
  thread.refresh();
  showModal(state.modal, performInModal(state.modal?.id));
  showShortcuts();
}

let shownChannel;
let shownHash;

function showChannel() {
  const channel = current();
  const key = `${state.me} ${channel.id}`;
  const isAnother = shownChannel !== key;
  if (shownChannel !== undefined && isAnother) thread.leave();
  if (isAnother) newSince = unreadIn(state.me, channel).length > 0 ? readUpTo(state.me, channel.id) : '';
  shownChannel = key;
  byId('channel-name').textContent = titleOf(channel);
  byId('channel-note').textContent = [channel.kind === 'private' && 'private', channel.isArchived && 'archived'].filter(Boolean).join(', ');
  const placeholder = channel.isArchived ? 'This channel is archived' : `Message ${titleOf(channel)}, or / for a command`;
  writer.setUp({ place: key, commands: state.commands, placeholder, isDisabled: channel.isArchived });
  home.show(channel, state.home, state.app, (viewId) => perform({ viewId }));
  const isAddressed = shownHash !== location.hash;
  shownHash = location.hash;
  log.show(channel, {
    refused: state.refusals.filter(isHere),
    since: newSince,
    isAnother,
    ...(isAddressed && { addressed: shownHash.split('/')[1] }),
  });
  seen();
  closeNavigation();
}

/** The top of a channel: what it is, and, for those who are new, what to type. */
function beginning(channel) {
  const offers = channel.isArchived || channel.kind === 'direct' ? [] : state.suggestions;
  return node(
    'div',
    { class: 'beginning' },
    node('h3', {}, `This is the beginning of ${titleOf(channel)}`),
    offers.length > 0 ? node('p', {}, 'Nothing here leaves this machine. Try a command:') : '',
    node(
      'ul',
      {},
      ...offers.map(({ text, shows }) =>
        node('li', {}, node('button', { type: 'button', class: 'suggestion', onclick: () => writer.write(text) }, text), ` ${shows}`),
      ),
    ),
  );
}

function showMessage(message) {
  if (message?.channelId === current().id) log.put(message);
}

/** In its channel; where nobody can tell the channel, in the one that is looked at. */
const isHere = ({ channelId }) => (channelId ?? current().id) === current().id;

/** What is on the screen is read, as long as somebody looks. */
function seen() {
  const channel = current();
  if (document.visibilityState === 'visible') markRead(state.me, channel);
  showChannels(state, channel);
  const unread = state.channels.reduce((sum, one) => sum + (unreadIn(state.me, one).length > 0 ? 1 : 0), 0);
  document.title = `${unread > 0 ? '* ' : ''}${titleOf(channel)} – ${state.team}`;
}

// ---- what the person does

const perform = (place) => async (chosen, element, value) => {
  if (chosen.confirm && !(await confirmed(chosen.confirm))) return;
  if (chosen.url) open(chosen.url, '_blank', 'noopener');
  element.setAttribute('aria-busy', 'true');
  await act('press', { ...place, blockId: chosen.blockId, actionId: chosen.actionId, ...(value === undefined ? {} : { value }) });
  element.removeAttribute('aria-busy');
};

/** Slack tells the app what the whole modal holds, whatever of it was used. */
const performInModal = (viewId) => (chosen, element, value) => perform({ viewId, choices: heldByModal() })(chosen, element, value);

/** The app's own shortcuts, beside the place to write, as in Slack. */
function showShortcuts() {
  const entries = state.shortcuts
    .filter(({ type }) => type === 'global')
    .map(({ name, callbackId }) =>
      node('button', { type: 'button', class: 'button', onclick: () => act('shortcut', { callbackId }) }, name),
    );
  byId('shortcuts').replaceChildren(...(entries.length === 0 ? [] : [menuButton('Shortcuts', entries)]));
}

function closeNavigation() {
  document.body.classList.remove('with-nav');
  byId('nav-toggle').setAttribute('aria-expanded', 'false');
}

byId('nav-toggle').append(icon('menu'));
byId('nav-toggle').addEventListener('click', () => {
  const isOpen = document.body.classList.toggle('with-nav');
  byId('nav-toggle').setAttribute('aria-expanded', String(isOpen));
  if (isOpen) byId('nav').querySelector('a')?.focus();
});
byId('nav').addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || !document.body.classList.contains('with-nav')) return;
  closeNavigation();
  byId('nav-toggle').focus();
});
for (const [id, content] of [
  ['inspector', inspect],
  ['trouble', trouble],
]) {
  byId(`open-${id}`).prepend(icon(id));
  byId(`open-${id}`).addEventListener('click', () => {
    hearWorkbench();
    if (openPanel() === id) closePanel();
    else content.open();
  });
}

addEventListener('hashchange', () => state && showChannel());
document.addEventListener('visibilitychange', () => state && seen());
byId('me').addEventListener('change', ({ target }) => {
  sessionStorage.setItem('me', target.value);
  connect(target.value);
});
connectPanel(() => {});
connectLightbox();
connectModal({ submit: (viewId, choices) => act('submit', { viewId, choices }), close: (viewId) => act('close', { viewId }) });
connect(sessionStorage.getItem('me') ?? '');
