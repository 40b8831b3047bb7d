import { byId, node, plural, quoted } from './dom.js';

const { runs, files, scenarios } = JSON.parse(byId('history').textContent);
/** More names than these help nobody. */
const mostShown = 100;
const reportsLiveMs = 30 * 24 * 60 * 60_000;

/** Everybody reads times in their own zone. */
const localTime = (at) => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const failing = (mark) => 'fouad'.includes(mark);
const passing = (mark) => mark === 'p' || mark === 'r';
const isThere = (mark) => mark !== '.';

/** What became of scenarios from one run to another, in the order people need it. */
const kinds = [
  ['failed, and had passed', (a, b) => passing(a) && failing(b)],
  ['failed, and had no verdict before', (a, b) => !passing(a) && !failing(a) && isThere(a) && failing(b)],
  ['failed in both', (a, b) => failing(a) && failing(b)],
  ['passed, and had failed', (a, b) => failing(a) && passing(b)],
  ['passed only at a retry, and had passed at once', (a, b) => a === 'p' && b === 'r'],
  ['had a verdict, and has none any more', (a, b) => (passing(a) || failing(a)) && isThere(b) && !passing(b) && !failing(b)],
];
const comings = [
  ['new, and failed', (a, b) => !isThere(a) && failing(b)],
  ['new', (a, b) => !isThere(a) && isThere(b) && !failing(b)],
  ['not there any more', (a, b) => isThere(a) && !isThere(b)],
];

function group([title, fits], from, to) {
  const those = scenarios.filter(([, , marks]) => fits(marks[from], marks[to]));
  if (those.length === 0) return undefined;
  const names = those
    .slice(0, mostShown)
    .map(([name, file]) => node('li', {}, quoted(name), ' ', node('span', { class: 'soft' }, files[file])));
  const more = those.length > mostShown && node('li', { class: 'soft' }, `and ${(those.length - mostShown).toLocaleString()} more`);
  return node(
    'div',
    {},
    node('h3', {}, node('b', {}, those.length.toLocaleString()), ` ${title}`),
    node('ul', { class: 'plain' }, names, more),
  );
}

function showChanges() {
  const [from, to] = ['from', 'to'].map((id) => runs.findIndex(([run]) => run === byId(id).value));
  const isAlike = runs[from][1] === runs[to][1];
  // Of runs of different tags, what only one of them had has not come or gone.
  const groups = [...kinds, ...(isAlike ? comings : [])].map((kind) => group(kind, from, to)).filter((one) => one !== undefined);
  const both = scenarios.filter(([, , marks]) => isThere(marks[from]) && isThere(marks[to])).length;
  const said =
    from === to
      ? 'That is one run twice.'
      : `${plural(both, 'scenario')} in both${isAlike ? '' : '; the two runs were of different tags, features or refs'}.${groups.length === 0 ? ' Nothing has changed.' : ''}`;
  byId('changes').replaceChildren(node('p', { class: 'soft' }, said), ...(from === to ? [] : groups));
}

/** An address can name two runs: `#compare=staging-…..staging-…`. */
function chosenByAddress() {
  const [, from, to] = /^#compare=([a-z0-9-]+)\.\.([a-z0-9-]+)$/.exec(location.hash) ?? [];
  const isKnown = (id) => runs.some(([run]) => run === id);
  return isKnown(from) && isKnown(to) ? [from, to] : undefined;
}

/** At first the newest run, and the one before it that was alike. */
function firstChoice() {
  const newest = runs.length - 1;
  const before = runs.slice(0, newest).findLastIndex(([, selection]) => selection === runs[newest][1]);
  return [runs[before < 0 ? newest - 1 : before][0], runs[newest][0]];
}

function choose([from, to]) {
  byId('from').value = from;
  byId('to').value = to;
  showChanges();
}

for (const time of document.querySelectorAll('time')) {
  time.title = time.dateTime;
  time.textContent = time.closest('header')
    ? new Date(time.dateTime).toLocaleDateString(undefined, { dateStyle: 'medium' })
    : localTime(time.dateTime);
}
for (const option of document.querySelectorAll('option')) option.textContent = `${localTime(option.dataset.at)} ${option.dataset.words}`;
for (const link of document.querySelectorAll('a[data-ended]'))
  if (Date.now() - Date.parse(link.dataset.ended) > reportsLiveMs) link.replaceWith(...link.childNodes);

if (runs.length > 1) {
  byId('choose').hidden = false;
  choose(chosenByAddress() ?? firstChoice());
  byId('choose').addEventListener('change', () => {
    history.replaceState(null, '', `#compare=${byId('from').value}..${byId('to').value}`);
    showChanges();
  });
  addEventListener('hashchange', () => {
    const chosen = chosenByAddress();
    if (chosen) choose(chosen);
  });
}
