import { node, timeNode } from './dom.js';
import { icon } from './icon.js';

/** What Slack would have refused, said loudly where the message would have stood. `putAway` is called with the item. */
export function refusalItem({ id, atMs, what, error, because }, putAway) {
  const item = node(
    'li',
    { class: 'refusal', id: `refusal-${id}` },
    node('p', {}, node('strong', {}, `Slack refused ${what}: ${error}`), ' ', timeNode(atMs)),
    node('ul', {}, ...because.map((one) => node('li', {}, one))),
    node('p', { class: 'note' }, 'The message would not have arrived. This note stands here only, on your machine.'),
    node(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Put the note away', onclick: () => putAway(item) },
      icon('close'),
    ),
  );
  item.dataset.ts = String(atMs / 1000);
  return item;
}
