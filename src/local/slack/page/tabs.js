import { node } from './dom.js';

/**
 * Tabs as assistive technology knows them: arrows move between them.
 *
 * @param entries `{ id, title, content }`
 * @returns the element, and `choose(id)`
 */
export function tabs(label, entries, onChosen = () => {}) {
  const buttons = entries.map(({ id, title, content }) => {
    content.id = `${id}-content`;
    content.setAttribute('role', 'tabpanel');
    content.setAttribute('aria-labelledby', `${id}-tab`);
    return node('button', { type: 'button', role: 'tab', id: `${id}-tab`, 'aria-controls': content.id, onclick: () => choose(id) }, title);
  });

  function choose(id) {
    for (const [index, entry] of entries.entries()) {
      const isChosen = entry.id === id;
      entry.content.hidden = !isChosen;
      buttons[index].setAttribute('aria-selected', String(isChosen));
      buttons[index].tabIndex = isChosen ? 0 : -1;
    }
    onChosen(id);
  }

  const list = node('div', { role: 'tablist', 'aria-label': label, class: 'tabs' }, ...buttons);
  list.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = buttons.at(to % buttons.length);
    next.focus();
    next.click();
  });
  return { element: list, choose };
}
