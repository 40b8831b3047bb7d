import { choice, isNarrowed } from './choice.js';
import { features, kindOf, rows, wordOf } from './data.js';
import { byId, node } from './dom.js';
import { open } from './items.js';
import { showList } from './list.js';

const order = ['failed', 'undefined', 'ambiguous', 'pending', 'quarantined', 'unknown', 'flaky', 'skipped', 'passed'];

function chip(kind, count) {
  const box = node('input', { type: 'checkbox', value: kind, onchange: () => choose(kind, box.checked) });
  return node('label', { class: `chip of-${kind}` }, box, ` ${wordOf(kind)} `, node('b', {}, count.toLocaleString('en')));
}

function choose(kind, isOn) {
  if (isOn) choice.kinds.add(kind);
  else choice.kinds.delete(kind);
  openChosen();
  showList();
}

/** What somebody looks for should not be hidden in a feature that is closed. */
function openChosen() {
  if (isNarrowed()) for (const { feature } of rows) open.features.add(feature);
}

const option = (value, text) => node('option', { value }, text);

function fillFilters() {
  const counted = order.map((kind) => [kind, rows.filter((row) => row.status === kind || kindOf(row) === kind).length]);
  byId('chips').append(...counted.filter(([, count]) => count > 0).map(([kind, count]) => chip(kind, count)));
  byId('feature').append(...features.map(({ name, uri }, index) => option(index, name === uri ? uri : `${name} (${uri})`)));
  const tags = [...new Set(rows.flatMap(({ tags = [] }) => tags))].toSorted();
  byId('tag').append(...tags.map((tag) => option(tag, tag)));
  byId('tag').parentElement.hidden = tags.length === 0;
  byId('feature').parentElement.hidden = features.length < 2;
}

/** Chooses nothing but these kinds, or what failed for one cause: what the links `#show=failed` and `#cause=2` ask for. */
export function chooseOnly({ kinds = [], cause } = {}) {
  byId('filters').reset();
  Object.assign(choice, { words: [], kinds: new Set(kinds), feature: '', tag: '', cause });
  for (const box of byId('chips').querySelectorAll('input')) box.checked = choice.kinds.has(box.value);
  openChosen();
  showList();
}

function toggleAll() {
  const isAllOpen = open.features.size === features.length;
  open.features = new Set(isAllOpen ? [] : features.keys());
  byId('expand').textContent = isAllOpen ? 'Expand all' : 'Collapse all';
  showList();
}

/** Lets people choose what they see. */
export function startFilters() {
  fillFilters();
  byId('filters').hidden = false;
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  byId('search').addEventListener('input', ({ target }) => {
    choice.words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
    openChosen();
    showList();
  });
  for (const name of ['feature', 'tag'])
    byId(name).addEventListener('change', ({ target }) => {
      choice[name] = target.value;
      openChosen();
      showList();
    });
  byId('expand').addEventListener('click', toggleAll);
  byId('reset').addEventListener('click', () => chooseOnly());
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, select, textarea')) return;
    event.preventDefault();
    byId('search').focus();
  });
}
