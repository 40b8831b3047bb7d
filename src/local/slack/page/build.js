import { menuButton } from './menu.js';

/** Attributes that a message's elements may have; nothing that could run. */
const allowed = new Set(
  'alt aria-label autofocus checked class data-block data-color data-share datetime href label loading maxlength multiple name placeholder rel role selected src start target title type value'.split(
    ' ',
  ),
);

/**
 * Builds elements of the page from the server's description. Text only ever becomes text: nothing is read as HTML.
 *
 * @param nodes strings and `{ tag, attributes, children, act }`, as src/local/slack/view-node.ts describes them
 * @param onAct called with `(act, element, value)` when a person uses an element
 */
export const build = (nodes, onAct) =>
  nodes.map((node) => (typeof node === 'string' ? document.createTextNode(node) : buildElement(node, onAct)));

function buildElement({ tag, attributes = {}, children = [], act }, onAct) {
  if (attributes.class === 'overflow') return menuButton(attributes['aria-label'], build(children, onAct));
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (!allowed.has(name)) throw new Error(`the page does not know the attribute ${name}`);
    element.setAttribute(name, value);
  }
  element.append(...build(children, onAct));
  if (attributes['data-color']) element.style.borderInlineStartColor = attributes['data-color'];
  if (attributes['data-share']) element.style.inlineSize = `${attributes['data-share']}%`;
  if (act) listen(element, act, onAct);
  return element;
}

function listen(element, act, onAct) {
  element.dataset.act = `${act.actionId}/${act.choice ?? ''}`;
  if (element.tagName === 'BUTTON') element.addEventListener('click', () => onAct(act, element, act.choice));
  else if (element.matches('input[type=text]')) {
    // As in Slack: return acts, and does not send the form.
    element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      onAct(act, element, heldBy(element));
    });
  } else element.addEventListener('change', () => onAct(act, element, heldBy(element)));
}

/** What a control holds: a value, or the values of the boxes that are ticked. */
export function heldBy(element) {
  if (element.multiple) return [...element.selectedOptions].map(({ value }) => value);
  if (!element.matches('.boxes')) return element.value;
  const ticked = [...element.querySelectorAll('input:checked')].map(({ value }) => value);
  return element.querySelector('input[type=radio]') ? ticked[0] : ticked;
}
