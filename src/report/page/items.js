import { attemptsView, triesWords } from './attempts.js';
import { attemptsOf, features, kindOf, rows, wordOf } from './data.js';
import { duration, node, plural, quoted, sign } from './dom.js';

/** Which features and scenarios are open, by their numbers. */
export const open = { features: new Set(), scenarios: new Set() };

const isBad = ({ status }) => status !== 'passed' && status !== 'skipped';

/** What is worth a look is open from the beginning; a small suite is all open. */
export function openFirst() {
  for (const row of rows) if (rows.length <= 60 || isBad(row) || kindOf(row) === 'flaky') open.features.add(row.feature);
}

function tallyOf(indexes) {
  const counts = new Map();
  for (const index of indexes) counts.set(kindOf(rows[index]), (counts.get(kindOf(rows[index])) ?? 0) + 1);
  const bad = [...counts].filter(([kind]) => kind !== 'passed');
  return [
    ...bad.map(([kind, count]) => node('span', { class: `tally of-${kind}` }, `${count} ${wordOf(kind)}`)),
    node('span', { class: 'soft' }, plural(indexes.length, 'scenario')),
  ];
}

/** @param onToggle called with the feature's number */
export function featureView({ feature, indexes }, onToggle) {
  const { name, uri } = features[feature];
  const toggle = node(
    'button',
    { type: 'button', 'aria-expanded': String(open.features.has(feature)), onclick: () => onToggle(feature) },
    node('span', { class: 'words' }, quoted(name), node('span', { class: 'soft uri' }, quoted(uri))),
    node('span', { class: 'tallies' }, tallyOf(indexes)),
  );
  return node('div', { class: 'feature', id: `feature-${feature}` }, node('h3', {}, toggle));
}

function aboutView(row) {
  const { uri } = features[row.feature];
  const parts = [
    node('code', {}, `${uri}:${row.line}`),
    row.rule && node('span', {}, 'Rule: ', quoted(row.rule)),
    row.tags && node('span', {}, quoted(row.tags.join(' '))),
    row.attempts && node('span', {}, triesWords(row.attempts)),
    row.past && node('span', {}, row.past),
    node('a', { href: `#${row.anchor}` }, 'Link to this scenario'),
  ];
  return node(
    'p',
    { class: 'about soft' },
    parts.filter((part) => part),
  );
}

const bodyView = (index) =>
  node('div', { class: 'body', id: `body-${index}` }, aboutView(rows[index]), attemptsView(rows[index], attemptsOf(index)));

export function scenarioView({ index }) {
  const row = rows[index];
  const kind = kindOf(row);
  const word = row.status === 'unknown' ? (row.why ?? wordOf(kind)) : wordOf(kind);
  const toggle = node(
    'button',
    { type: 'button', 'aria-expanded': String(open.scenarios.has(index)), onclick: () => toggleScenario(index, article) },
    sign(kind, word),
    node(
      'span',
      { class: 'words' },
      quoted(row.name),
      row.tags && node('span', { class: 'soft tags' }, quoted(row.tags.join(' '))),
      row.since && node('span', { class: 'badge' }, row.since),
      row.error && node('span', { class: 'soft why' }, quoted(row.error)),
    ),
    kind !== 'passed' && node('span', { class: `tally of-${kind}`, 'aria-hidden': 'true' }, word),
    row.ms > 0 && node('span', { class: 'ms' }, duration(row.ms)),
  );
  const article = node('article', { class: `scenario of-${kind}`, id: row.anchor }, node('h4', {}, toggle));
  if (open.scenarios.has(index)) article.append(bodyView(index));
  return article;
}

function toggleScenario(index, article) {
  const isOpen = open.scenarios.has(index);
  if (isOpen) open.scenarios.delete(index);
  else open.scenarios.add(index);
  article.querySelector('button').setAttribute('aria-expanded', String(!isOpen));
  if (isOpen) article.querySelector('.body').remove();
  else article.append(bodyView(index));
}
