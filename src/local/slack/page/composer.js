import { node } from './dom.js';
import { icon } from './icon.js';

const mostLines = 8;
let composers = 0;

/**
 * Makes a form the place to write: Enter sends, Shift and Enter begins a new line, and `/` offers the commands.
 *
 * @param send called with the text; resolves to the answer: after `{ kind: 'failed' }`, the text is there again
 * @returns what sets it up for a channel
 */
export function composer(form, send) {
  composers += 1;
  const id = (part) => (form.id === 'composer' ? `composer-${part}` : `composer-${composers}-${part}`);
  const input = node('textarea', {
    id: id('text'),
    name: 'text',
    rows: '1',
    spellcheck: 'false',
    enterkeyhint: 'send',
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': id('list'),
    'aria-describedby': id('hint'),
    // Until it is set up, there is nobody to send anything to.
    disabled: true,
  });
  const list = node('ul', { id: id('list'), class: 'offers', role: 'listbox', 'aria-label': 'Commands', hidden: true });
  const hint = node('p', { id: id('hint'), class: 'hint' });
  form.append(
    node('label', { class: 'hidden', for: id('text') }, 'Message or slash command'),
    list,
    node(
      'div',
      { class: 'composer-box' },
      input,
      node('button', { class: 'button primary send', type: 'submit', 'aria-label': 'Send' }, icon('send')),
    ),
    hint,
  );
  let commands = [];
  let offered = [];
  let chosen = 0;
  let isClosed = false;
  /** What was sent, the oldest first, and what of it is called back at the moment. */
  const sent = [];
  let recalled = 0;
  /** What is written and not sent yet, by the place it is for. */
  const drafts = new Map();
  let place = '';

  function grow() {
    input.rows = Math.min(mostLines, input.value.split('\n').length);
  }

  function show() {
    const typed = input.value;
    const isName = /^\/\S*$/.test(typed);
    offered = isName && !isClosed ? commands.filter(({ command }) => command.startsWith(typed)) : [];
    chosen = Math.min(chosen, Math.max(0, offered.length - 1));
    list.hidden = offered.length === 0;
    list.replaceChildren(...offered.map(offerNode));
    input.setAttribute('aria-expanded', String(offered.length > 0));
    if (offered.length > 0) input.setAttribute('aria-activedescendant', id(`offer-${chosen}`));
    else input.removeAttribute('aria-activedescendant');
    const known = commands.find(({ command }) => `${typed} `.startsWith(`${command} `));
    hint.replaceChildren(...(known ? [node('code', {}, `${known.command} ${known.usageHint}`), ` ${known.description}`] : []));
    grow();
  }

  function offerNode({ command, usageHint, description }, index) {
    const name = node('span', {}, node('strong', {}, command), ' ', node('span', { class: 'usage' }, usageHint));
    const offer = node(
      'li',
      { id: id(`offer-${index}`), role: 'option', 'aria-selected': String(index === chosen) },
      name,
      node('small', {}, description),
    );
    offer.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      take(index);
    });
    return offer;
  }

  function take(index) {
    write(`${offered[index].command} `);
  }

  function write(text) {
    input.value = text;
    isClosed = false;
    chosen = 0;
    show();
    input.focus();
    input.setSelectionRange(text.length, text.length);
  }

  /** Up and down, as in a shell: from an empty field, or from what was called back. */
  const isRecall = ({ key }) => (key === 'ArrowUp' || key === 'ArrowDown') && input.value === (sent[recalled] ?? '');

  function recall(by) {
    recalled = Math.max(0, Math.min(sent.length, recalled + by));
    write(sent[recalled] ?? '');
  }

  function key(event) {
    const isOpen = offered.length > 0;
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : offered.length - 1)) % offered.length;
      show();
    } else if (isOpen && event.key === 'Escape') {
      isClosed = true;
      show();
    } else if (isOpen && (event.key === 'Tab' || (event.key === 'Enter' && input.value !== offered[chosen].command))) take(chosen);
    else if (isRecall(event)) recall(event.key === 'ArrowUp' ? -1 : 1);
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) form.requestSubmit();
    else return;
    event.preventDefault();
  }

  input.addEventListener('keydown', key);
  input.addEventListener('input', () => {
    isClosed = false;
    show();
  });
  input.addEventListener('blur', () => {
    isClosed = true;
    show();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    sent.push(text);
    recalled = sent.length;
    input.value = '';
    show();
    const answer = await send(text);
    if (answer?.kind === 'failed' && input.value === '') write(text);
  });

  return {
    setUp: (given) => {
      commands = given.commands;
      if (given.place !== place) {
        drafts.set(place, input.value);
        place = given.place;
        input.value = drafts.get(place) ?? '';
      }
      input.placeholder = given.placeholder;
      input.disabled = given.isDisabled;
      form.querySelector('.send').disabled = given.isDisabled;
      show();
    },
    write,
    focus: () => input.focus(),
  };
}
