import { node } from './dom.js';

const perWindow = 40;
/** So many are built whole: the browser's own search finds everything in them. */
const smallList = 6;

/**
 * A long list of which only what is near the screen is built: ten thousand rows are two hundred boxes, three of them filled.
 *
 * @param container where it stands
 * @param build makes the element of an item
 */
export function windowedList(container, build) {
  let windows = [];
  let itemHeight = 44;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const one = windows.find(({ element }) => element === target);
        if (one) (isIntersecting ? fill : empty)(one);
      }
    },
    { rootMargin: '600px 0px' },
  );

  function fill(one) {
    if (one.isFilled) return;
    one.isFilled = true;
    one.element.replaceChildren(...one.items.map(build));
    one.element.style.minHeight = '';
  }

  function empty(one) {
    // Nobody loses their place: not the one who reads by keyboard, not the one who marks text.
    if (!one.isFilled || one.element.contains(document.activeElement) || getSelection()?.containsNode(one.element, true)) return;
    one.element.style.minHeight = `${one.element.offsetHeight}px`;
    one.element.replaceChildren();
    one.isFilled = false;
  }

  return {
    /** Shows these items instead of those before. */
    show(items) {
      observer.disconnect();
      windows = [];
      for (let from = 0; from < items.length; from += perWindow) {
        const part = items.slice(from, from + perWindow);
        const element = node('div', { class: 'window' });
        element.style.minHeight = `${part.length * itemHeight}px`;
        windows.push({ element, items: part, isFilled: false });
      }
      container.replaceChildren(...windows.map(({ element }) => element));
      if (windows[0]) fill(windows[0]);
      itemHeight = windows[0] ? windows[0].element.offsetHeight / windows[0].items.length : itemHeight;
      if (windows.length <= smallList) windows.forEach(fill);
      else for (const { element } of windows) observer.observe(element);
    },
    /** Builds the first item that `is` holds for, wherever it is. */
    reach(is) {
      const found = windows.find(({ items }) => items.some(is));
      if (found) fill(found);
    },
    /** Builds everything: for paper. */
    fillAll() {
      windows.forEach(fill);
    },
  };
}
