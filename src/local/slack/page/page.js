import { build } from './build.js';
import { confirmed, connectModal, showModal } from './dialogs.js';

const byId = (id) => document.getElementById(id);
const [log, list, composer, input, status] = ['log', 'messages', 'composer', 'composer-text', 'status'].map(byId);
// Whoever has no mouse scrolls with the keyboard.
log.tabIndex = 0;

let state;
let events;

const channel = () => state.channels.find(({ id }) => id === location.hash.slice(1).split('/')[0]) ?? state.channels[0];

// ---- what the server says

function connect(userId) {
  events?.close();
  events = new EventSource(`/page/events?as=${encodeURIComponent(userId)}`);
  const on = (name, act) => events.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on('state', (value) => {
    state = value;
    status.textContent = '';
    showAll();
  });
  on('message', (message) => {
    const messages = messagesOf(message);
    const place = messages.findIndex(({ ts }) => ts === message.ts);
    if (place < 0) messages.push(message);
    else messages[place] = message;
    showMessage(message);
  });
  on('deleted', (message) => {
    const messages = messagesOf(message);
    messages.splice(
      messages.findIndex(({ ts }) => ts === message.ts),
      1,
    );
    byId(`m${message.ts}`)?.remove();
  });
  on('modal', (view) => showModal(view, act({ viewId: view?.id })));
  events.onerror = () => {
    status.textContent = 'The local Slack does not answer; trying again …';
  };
}

const messagesOf = ({ channelId }) => state.channels.find(({ id }) => id === channelId).messages;

// ---- what the page shows

function showAll() {
  byId('team').textContent = state.team;
  byId('me').replaceChildren(...state.people.map(({ id, name }) => new Option(name, id, false, id === state.me)));
  byId('commands').replaceChildren(...state.commands.map(({ command, usageHint }) => new Option(usageHint, `${command} `)));
  showChannel();
  showModal(state.modal, act({ viewId: state.modal?.id }));
}

function showChannel() {
  const shown = channel();
  byId('channels').replaceChildren(...state.channels.map(channelLink));
  byId('channel-name').textContent = titleOf(shown);
  document.title = `${titleOf(shown)} – ${state.team}`;
  input.placeholder = shown.isArchived ? 'This channel is archived' : `Message ${titleOf(shown)}, or / for a command`;
  input.disabled = shown.isArchived;
  isAtEnd = true;
  list.replaceChildren();
  for (const message of shown.messages) showMessage(message);
  showAddressed();
}

const titleOf = ({ id, name }) => (id.startsWith('D') ? name : `#${name}`);

/** What is special about a channel, for the list of channels. */
const kindOf = ({ id, isPrivate, isArchived }) =>
  [isPrivate && !id.startsWith('D') && 'private', isArchived && 'archived'].filter(Boolean).join(', ');

function channelLink(one) {
  const link = document.createElement('a');
  link.href = `#${one.id}`;
  link.append(titleOf(one), ' ', node('small', '', kindOf(one)));
  if (one.id === channel().id) link.setAttribute('aria-current', 'page');
  const item = document.createElement('li');
  item.append(link);
  return item;
}

/** A link to one message leads to it. */
function showAddressed() {
  const [, ts] = location.hash.slice(1).split('/');
  const addressed = ts && byId(`m${ts}`);
  if (!addressed) return;
  addressed.classList.add('addressed');
  addressed.scrollIntoView({ block: 'center' });
}

function showMessage(message) {
  if (message.channelId !== channel().id) return;
  const element = messageElement(message);
  const old = byId(`m${message.ts}`);
  if (old) replace(old, element);
  else placeFor(message).append(element);
}

// Whoever reads the end stays there while messages and images come in; whoever has scrolled up stays where they are.
let isAtEnd = true;
log.addEventListener('scroll', () => {
  isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
});
new ResizeObserver(() => {
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}).observe(list);

/** Answers stand below what they answer. */
function placeFor({ threadTs }) {
  const parent = threadTs && byId(`m${threadTs}`);
  return parent ? parent.querySelector(':scope > .replies') : list;
}

/** Keeps the replies, and the keyboard where it was: block ids change, so the same action at the same place counts. */
function replace(old, element) {
  const { act: focused } = old.contains(document.activeElement) ? document.activeElement.dataset : {};
  const same = (within) => [...within.querySelectorAll(`[data-act="${CSS.escape(focused ?? '')}"]`)];
  const place = same(old).indexOf(document.activeElement);
  element.querySelector(':scope > .replies').replaceChildren(...old.querySelector(':scope > .replies').children);
  old.replaceWith(element);
  same(element)[place]?.focus();
}

function messageElement({ channelId, ts, author, isEdited, isPrivate, content }) {
  const element = document.createElement('li');
  element.id = `m${ts}`;
  element.className = `message ${author.kind}${isPrivate ? ' private' : ''}`;
  const body = node('div', 'body', ...build(content, act({ channelId, messageTs: ts })));
  element.append(
    ...(isPrivate ? [node('p', 'note', 'Only visible to you')] : []),
    node(
      'p',
      'author',
      node('strong', '', author.name),
      author.kind === 'app' ? node('span', 'tag', 'APP') : '',
      timeOf(ts),
      isEdited ? node('span', 'note', ' (edited)') : '',
    ),
    body,
    node('ol', 'replies'),
  );
  return element;
}

function timeOf(ts) {
  const at = new Date(Number(ts) * 1000);
  const time = node('time', '', at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' }));
  time.dateTime = at.toISOString();
  time.title = at.toLocaleString();
  return time;
}

function node(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children);
  return element;
}

// ---- what the person does

const act = (place) => async (chosen, element, value) => {
  if (chosen.confirm && !(await confirmed(chosen.confirm))) return;
  if (chosen.url) open(chosen.url, '_blank', 'noopener');
  element.setAttribute('aria-busy', 'true');
  await send('press', { ...place, blockId: chosen.blockId, actionId: chosen.actionId, ...(value === undefined ? {} : { value }) });
  element.removeAttribute('aria-busy');
};

async function send(deed, body) {
  try {
    const response = await fetch(`/page/${deed}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId: state.me, ...body }),
    });
    const answer = await response.json();
    status.textContent = answer.because ?? answer.error ?? '';
    return answer;
  } catch (error) {
    status.textContent = `The local Slack does not answer: ${error.message}`;
    return { kind: 'failed', because: status.textContent };
  }
}

composer.addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (text === '') return;
  input.value = '';
  showHint();
  await send(text.startsWith('/') ? 'command' : 'say', { channelId: channel().id, text });
});

function showHint() {
  const typed = input.value.trimStart();
  const offered = typed.startsWith('/') && state.commands.find(({ command }) => `${typed} `.startsWith(`${command} `));
  byId('hint').textContent = offered ? `${offered.command} ${offered.usageHint} – ${offered.description}` : '\u00a0';
}

input.addEventListener('input', showHint);
addEventListener('hashchange', showChannel);
byId('me').addEventListener('change', ({ target }) => {
  sessionStorage.setItem('me', target.value);
  connect(target.value);
});
connectModal({ submit: (viewId, choices) => send('submit', { viewId, choices }), close: (viewId) => send('close', { viewId }) });
connect(sessionStorage.getItem('me') ?? '');
