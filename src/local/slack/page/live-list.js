import { node } from './dom.js';

/**
 * A list whose items stay while what they show changes, so that what is open stays open.
 *
 * @param keyOf gives what tells the items apart
 * @param make gives `{ element, update(value), hear(lines), refresh() }` for a value
 */
export function liveList(name, emptyText, keyOf, make) {
  const items = new Map();
  const list = node('ul', { class: name });
  const empty = node('p', { class: 'empty' }, emptyText);
  const element = node('div', {}, empty, list);

  return {
    element,
    show: (values, isShown = () => true) => {
      const shown = values.filter(isShown);
      const keys = new Set(shown.map(keyOf));
      for (const [key, item] of items) {
        if (keys.has(key)) continue;
        item.element.remove();
        items.delete(key);
      }
      for (const [index, value] of shown.entries()) {
        const item = items.get(keyOf(value)) ?? make(value);
        items.set(keyOf(value), item);
        item.update(value);
        if (list.children[index] !== item.element) list.insertBefore(item.element, list.children[index] ?? null);
      }
      empty.hidden = shown.length > 0;
    },
    log: (lines) => {
      for (const item of items.values()) item.hear(lines);
    },
    refresh: () => {
      for (const item of items.values()) item.refresh();
    },
  };
}
