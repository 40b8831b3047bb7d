import { node } from './dom.js';

/**
 * A list of messages in a place that scrolls: whoever reads its end stays there while messages and pictures come in.
 *
 * @param onAway called with whether the reader is away from the end, and something came in there
 */
export function messageLog(scroller, list, onAway = () => {}) {
  const items = new Map();
  let isAtEnd = true;
  let top = 0;
  function look() {
    // What grows below moves nobody upwards: only a person does that.
    const hasMovedUp = scroller.scrollTop < top;
    top = scroller.scrollTop;
    if (scroller.scrollHeight - top - scroller.clientHeight < 40) isAtEnd = true;
    else if (hasMovedUp) isAtEnd = false;
  }
  scroller.addEventListener('scroll', () => {
    look();
    if (isAtEnd) onAway(false);
  });
  const watcher = new ResizeObserver(() => {
    // Somebody may have moved up a moment ago, and the event that says so is still to come.
    look();
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  });
  for (const part of scroller.children) watcher.observe(part);
  watcher.observe(scroller);

  /** A message goes by its `ts`; what has an id of its own, by that. */
  const keyOf = ({ id, dataset }) => id || dataset.ts;
  const find = (key) => items.get(key);

  function insert(item) {
    look();
    // What is new is nearly always the newest.
    let before = list.lastElementChild;
    while (before && Number(before.dataset.ts ?? 0) > Number(item.dataset.ts)) before = before.previousElementSibling;
    if (before) before.after(item);
    else list.prepend(item);
    if (!isAtEnd && item === list.lastElementChild) onAway(true);
  }

  function toEnd() {
    isAtEnd = true;
    onAway(false);
    scroller.scrollTop = scroller.scrollHeight;
  }

  return {
    find,
    /** The items from the first to the last, all at once. A reader who is somewhere else than at the end stays there. */
    fill: (given) => {
      items.clear();
      for (const item of given) items.set(keyOf(item), item);
      const toItsEnd = scroller.scrollHeight - scroller.scrollTop;
      list.replaceChildren(...given);
      if (isAtEnd) toEnd();
      else scroller.scrollTop = scroller.scrollHeight - toItsEnd;
    },
    /** Puts an item at its place, or in the place of the one it replaces. */
    put: (item) => {
      const old = find(keyOf(item));
      items.set(keyOf(item), item);
      if (old) replace(old, item);
      else insert(item);
    },
    remove: (key) => {
      find(key)?.remove();
      items.delete(key);
    },
    toEnd,
    /** Shows one message in the middle, marked. */
    address: (ts) => {
      const addressed = find(ts);
      if (!addressed) return;
      isAtEnd = false;
      addressed.classList.add('addressed');
      addressed.scrollIntoView({ block: 'center' });
    },
  };
}

/** Keeps the keyboard where it was: block ids change, so the same action at the same place counts. */
function replace(old, item) {
  const focused = old.contains(document.activeElement) ? document.activeElement : undefined;
  const key =
    focused?.dataset.act === undefined
      ? focused && `[aria-label="${CSS.escape(focused.getAttribute('aria-label') ?? '')}"]`
      : `[data-act="${CSS.escape(focused.dataset.act)}"]`;
  const same = (within) => (key ? [...within.querySelectorAll(key)] : []);
  const place = same(old).indexOf(focused);
  if (old.classList.contains('addressed')) item.classList.add('addressed');
  old.replaceWith(item);
  if (focused) (same(item)[place] ?? item.querySelector('.actions button'))?.focus();
}

/** A line between the messages of two days, or before what is new. */
export const divider = (text, name) => node('li', { class: `divider ${name}` }, node('span', {}, text));
