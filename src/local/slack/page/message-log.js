import { node } from './dom.js';

/** A list of messages in a place that scrolls: whoever reads its end stays there while messages and pictures come in. */
export function messageLog(scroller, list) {
  let isAtEnd = true;
  let size = '';
  const sizeNow = () => `${scroller.scrollHeight} ${scroller.clientHeight}`;
  scroller.addEventListener('scroll', () => {
    // While something grows, it is not the person who has moved away from the end.
    if (sizeNow() === size) isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
  });
  const watcher = new ResizeObserver(() => {
    size = sizeNow();
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  });
  for (const part of scroller.children) watcher.observe(part);
  watcher.observe(scroller);

  const find = (ts) => list.querySelector(`:scope > [data-ts="${CSS.escape(ts)}"]`);

  return {
    find,
    clear: () => {
      isAtEnd = true;
      list.replaceChildren();
    },
    /** Puts an item at its place, or in the place of the one with the same `ts`. */
    put: (item) => {
      const old = find(item.dataset.ts);
      if (old) return replace(old, item);
      const next = [...list.children].findLast((one) => Number(one.dataset.ts ?? 0) <= Number(item.dataset.ts));
      if (next) next.after(item);
      else list.prepend(item);
    },
    append: (item) => list.append(item),
    remove: (ts) => find(ts)?.remove(),
    toEnd: () => {
      isAtEnd = true;
      scroller.scrollTop = scroller.scrollHeight;
    },
    /** Shows one message in the middle, marked. */
    address: (ts) => {
      const addressed = ts && find(ts);
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
