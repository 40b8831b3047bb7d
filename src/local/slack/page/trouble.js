import { announce, byId, node, timeNode } from './dom.js';
import { icon } from './icon.js';
import { showPanel } from './panel.js';
import { post } from './server.js';

/** The panel that makes things go wrong, and says what the promise is worth then. `hears` is for the workbench's stream. */
export function troublePanel() {
  const armedList = node('ul', { class: 'armed' });
  const struckList = node('ol', { class: 'struck' });
  const noneArmed = node('p', { class: 'empty' }, 'Nothing is about to go wrong.');
  const noneStruck = node('p', { class: 'empty' }, 'Nothing yet.');
  const cards = node('div', { class: 'cards' });
  let offers = [];
  let lastStruck = 0;

  const titleOf = (kind) => offers.find((offer) => offer.kind === kind)?.title ?? kind;
  const choiceOf = (kind, value) =>
    offers.find((offer) => offer.kind === kind)?.choices.find((choice) => choice.value === value)?.label ?? value;

  function showArmed(armed) {
    noneArmed.hidden = armed.length > 0;
    armedList.replaceChildren(
      ...armed.map(({ id, kind, choice, left }) =>
        node(
          'li',
          {},
          node('span', {}, node('strong', {}, titleOf(kind)), `, ${choiceOf(kind, choice)}`, left > 1 ? ` (${left} times left)` : ''),
          node(
            'button',
            {
              type: 'button',
              class: 'button small',
              'aria-label': `Take back: ${titleOf(kind)}`,
              onclick: () => post('/workbench/take-back', { id }),
            },
            kind === 'expire-token' ? 'Restore' : 'Take back',
          ),
        ),
      ),
    );
    const button = byId('open-trouble');
    button.querySelector('.badge')?.remove();
    if (armed.length > 0)
      button.append(node('span', { class: 'badge' }, String(armed.length), node('span', { class: 'hidden' }, ' waiting')));
  }

  function showStruck(struck) {
    noneStruck.hidden = struck.length > 0;
    struckList.replaceChildren(
      ...struck.map(({ at, kind, what }) =>
        node('li', {}, timeNode(at, { withSeconds: true }), ` ${titleOf(kind)}: `, node('code', {}, what)),
      ),
    );
    const [newest] = struck;
    if (newest && lastStruck !== 0 && newest.at > lastStruck) announce(`Trouble made: ${titleOf(newest.kind)}`);
    lastStruck = newest?.at ?? 1;
  }

  function card({ kind, title, button, choices }) {
    const expectation = node('p', { class: 'expect', id: `expect-${kind}` });
    const choose = node(
      'select',
      { 'aria-label': `${title}: which` },
      ...choices.map(({ value, label }) => node('option', { value }, label)),
    );
    const say = () =>
      expectation.replaceChildren(node('strong', {}, 'Expect: '), choices.find(({ value }) => value === choose.value).expect);
    choose.addEventListener('change', say);
    say();
    const make = node('button', { type: 'button', class: 'button', 'aria-describedby': expectation.id }, button);
    const answer = node('p', { class: 'answer', role: 'status' });
    make.addEventListener('click', async () => {
      const { error, because } = await post('/workbench/trouble', { kind, choice: choose.value });
      answer.textContent = error ?? because ?? '';
    });
    const which = choices.length > 1 ? choose : node('p', { class: 'note' }, choices[0].label);
    return node(
      'section',
      { class: 'card', 'aria-label': title },
      node('h3', {}, title),
      which,
      expectation,
      node('div', {}, make),
      answer,
    );
  }

  byId('trouble').append(
    node(
      'p',
      { class: 'intro' },
      icon('trouble'),
      'Every run ends in exactly one message, and only a run that checked something is green. See what that is worth.',
    ),
    node('section', { 'aria-label': 'Waiting to go wrong' }, node('h3', {}, 'Waiting to go wrong'), noneArmed, armedList),
    cards,
    node('section', { 'aria-label': 'What went wrong' }, node('h3', {}, 'What went wrong'), noneStruck, struckList),
  );

  return {
    open: () => showPanel('trouble', 'Make trouble'),
    hears: {
      offers: (given) => {
        if (offers.length > 0) return;
        offers = given;
        cards.append(...offers.map(card));
      },
      status: ({ armed, struck }) => {
        showArmed(armed);
        showStruck(struck);
      },
    },
  };
}
