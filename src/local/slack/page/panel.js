import { byId } from './dom.js';
import { icon } from './icon.js';

const contents = ['thread', 'inspector', 'trouble'];
let opener;
let onClosed = () => {};

/** What the panel beside the channel shows: a content's id, or undefined. */
export const openPanel = () => contents.find((id) => !byId('panel').hidden && !byId(id).hidden);

/** Shows one content, with its title; the keyboard goes there. */
export function showPanel(id, title) {
  const { activeElement } = document;
  if (!byId('panel').contains(activeElement)) opener = activeElement;
  for (const one of contents) byId(one).hidden = one !== id;
  byId('panel').hidden = false;
  byId('panel').className = id;
  byId('panel-title').textContent = title;
  byId('panel-title').focus();
  showState();
}

/** Closes the panel; the keyboard goes back to where it came from. */
export function closePanel() {
  byId('panel').hidden = true;
  showState();
  onClosed();
  if (opener?.isConnected) opener.focus();
}

function showState() {
  const open = openPanel();
  document.body.classList.toggle('with-panel', open !== undefined);
  for (const id of ['inspector', 'trouble']) byId(`open-${id}`).setAttribute('aria-expanded', String(open === id));
}

/** Connects the button and the key that close the panel. */
export function connectPanel(closed) {
  onClosed = closed;
  byId('panel-close').append(icon('close'));
  byId('panel-close').addEventListener('click', closePanel);
  byId('panel').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    closePanel();
  });
}
