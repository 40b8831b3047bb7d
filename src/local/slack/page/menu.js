import { node } from './dom.js';
import { icon } from './icon.js';

/**
 * A button that opens a list of actions: arrows move, Escape and a click elsewhere close.
 *
 * @param entries buttons
 */
export function menuButton(label, entries) {
  const list = node('div', { class: 'menu', role: 'menu', 'aria-label': label, hidden: true }, ...entries);
  const button = node(
    'button',
    { type: 'button', class: 'button menu-button', 'aria-haspopup': 'menu', 'aria-expanded': 'false', 'aria-label': label },
    icon('more'),
  );
  for (const entry of entries) {
    entry.setAttribute('role', 'menuitem');
    entry.tabIndex = -1;
    entry.addEventListener('click', () => show(false));
  }

  function show(isOpen) {
    list.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) return;
    const { bottom, right } = list.getBoundingClientRect();
    list.classList.toggle('above', bottom > innerHeight);
    list.classList.toggle('leftwards', right > innerWidth);
    entries[0]?.focus();
  }

  button.addEventListener('click', () => show(list.hidden));
  const whole = node('span', { class: 'menu-place' }, button, list);
  whole.addEventListener('focusout', ({ relatedTarget }) => {
    if (!whole.contains(relatedTarget)) show(false);
  });
  whole.addEventListener('keydown', (event) => {
    if (list.hidden) return;
    const at = entries.indexOf(document.activeElement);
    const to = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    if (to === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (to !== undefined) return entries[to].focus();
    show(false);
    button.focus();
  });
  return whole;
}
