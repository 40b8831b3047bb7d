import { duration, plural } from '../message/text.ts';
import { plainText } from '../outcome/error-text.ts';
import type { Counts, OutcomeKind } from '../outcome/outcome.ts';
import { scenarioAnchor } from '../outcome/scenario-id.ts';
import type { ShownCause } from './causes.ts';
import { causesPart } from './causes-part.ts';
import { comparisonPart } from './comparison-part.ts';
import { escapeHtml } from './html.ts';
import { listShell } from './list-shell.ts';
import { precisely } from './precise-time.ts';
import type { Fact, ReportPage } from './report-page.ts';
import type { Row, Status } from './scenario-details.ts';
import { verdictText } from './verdict-text.ts';

const shownSlowest = 5;
const shownFlakes = 5;
/** More causes than these stand beside what else there is to know, not above it. */
const mostAbove = 2;

/** What an outcome looks like; the words say the same. */
const looks: Readonly<Record<OutcomeKind, 'good' | 'bad' | 'odd'>> = {
  passed: 'good',
  failed: 'bad',
  broken: 'bad',
  empty: 'odd',
  unfinished: 'odd',
  'timed-out': 'odd',
  cancelled: 'odd',
  'not-started': 'odd',
};

const signs = {
  good: '<path d="M7 12.5l3.2 3.2L17 9"/>',
  bad: '<path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/>',
  odd: '<path d="M12 7v6M12 16.2v.3"/>',
} as const;

/** From the worst to the best: what is wrong is seen first. */
const statuses: readonly Status[] = ['failed', 'undefined', 'ambiguous', 'pending', 'unknown', 'skipped', 'passed'];

const statusWords: Readonly<Record<Status, string>> = {
  failed: 'failed',
  undefined: 'undefined',
  ambiguous: 'ambiguous',
  pending: 'pending',
  unknown: 'without a verdict',
  skipped: 'skipped',
  passed: 'passed',
};

const number = (count: number): string => count.toLocaleString('en');

const timeNode = (iso: string): string =>
  `<time datetime="${escapeHtml(iso)}">${escapeHtml(iso.slice(0, 16).replace('T', ' '))} UTC</time>`;

const verdictPart = (page: ReportPage): string => {
  const { outcome } = page;
  const { heading, phrase } = verdictText(page.name, outcome);
  const took = 'durationMs' in outcome ? ` · ${duration(outcome.durationMs)}` : '';
  const look = looks[outcome.kind];
  return `<div class="verdict ${look}">
<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="11"/>${signs[look]}</svg>
<div><h1>${escapeHtml(heading)}</h1>
<p class="phrase">${escapeHtml(phrase.charAt(0).toUpperCase() + phrase.slice(1) + took)}</p></div>
</div>`;
};

const linksPart = ({ links }: ReportPage): string =>
  links.length === 0
    ? ''
    : `<nav class="links" aria-label="Beside this page"><ul>${links
        .map(
          ({ label, href, title }) =>
            `<li><a href="${escapeHtml(href)}" title="${escapeHtml(title)}" rel="noopener">${escapeHtml(label)}</a></li>`,
        )
        .join('')}</ul></nav>`;

/** How many scenarios came to what: a bar, and the same in words, each of which shows them. */
const countsPart = (counts: Counts): string => {
  if (counts.total === 0) return '';
  let x = 0;
  const present = statuses.filter((status) => counts[status] > 0);
  const parts = present.map((status) => {
    const width = (counts[status] / counts.total) * 1000;
    const part = `<rect class="fill-${status}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="10"/>`;
    x += width;
    return part;
  });
  const words = present.map(
    (status) =>
      `<li><a href="#show=${status}" class="count of-${status}"><span class="dot" aria-hidden="true"></span><b>${number(counts[status])}</b> ${statusWords[status]}</a></li>`,
  );
  const flaky =
    counts.flaky === 0
      ? ''
      : `<li><a href="#show=flaky" class="count of-flaky"><span class="dot" aria-hidden="true"></span><b>${number(counts.flaky)}</b> of them flaky</a></li>`;
  return `<div class="counts"><svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${parts.join('')}</svg>
<ul>${words.join('')}${flaky}</ul></div>`;
};

const toldPart = ({ name, outcome, notes }: ReportPage): string => {
  const { sentences, output } = verdictText(name, outcome);
  const said = sentences.map((sentence) => `<p>${escapeHtml(plainText(sentence).replaceAll('`', ''))}</p>`).join('');
  const notBegun = 'notBegun' in outcome && outcome.notBegun !== undefined ? notBegunPart(outcome.notBegun) : '';
  const box = said + (output === undefined ? '' : `<pre tabindex="0">${escapeHtml(plainText(output))}</pre>`) + notBegun;
  const noted = notes.map((note) => `<p class="note" role="note">${escapeHtml(plainText(note))}</p>`).join('');
  return (box === '' ? '' : `<section class="card told" aria-label="What happened">${box}</section>`) + noted;
};

const notBegunPart = ({ count, first }: { readonly count: number; readonly first: readonly string[] }): string => {
  const more = count > first.length ? `<li>and ${number(count - first.length)} more</li>` : '';
  const names = first.map((name) => `<li><bdi>${escapeHtml(plainText(name))}</bdi></li>`).join('');
  return `<details><summary>${plural(count, 'scenario')} had not begun</summary><ul>${names}${more}</ul></details>`;
};

const factsPart = ({ facts }: ReportPage): string => {
  if (facts.length === 0) return '';
  const shown = ({ value, at }: Fact): string => (at === undefined ? escapeHtml(plainText(value)) : timeNode(at));
  const all = facts.map((fact) => `<div><dt>${escapeHtml(fact.label)}</dt><dd>${shown(fact)}</dd></div>`).join('');
  return `<dl class="facts" aria-label="This run">${all}</dl>`;
};

const scenarioLink = ({ anchor, name }: Row): string => `<a href="#${escapeHtml(anchor)}"><bdi>${escapeHtml(name)}</bdi></a>`;

const slowestPart = ({ scenarios }: ReportPage): string => {
  const slowest = scenarios.all
    .map(({ row }) => row)
    .filter(({ ms = 0 }) => ms > 0)
    .toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
    .slice(0, shownSlowest);
  const most = slowest[0]?.ms ?? 0;
  if (slowest.length < 2) return '';
  const items = slowest.map((row) => {
    const width = Math.max(1, ((row.ms ?? 0) / most) * 100).toFixed(1);
    return `<li><span class="pair">${scenarioLink(row)}<span class="ms">${precisely(row.ms ?? 0)}</span></span><svg class="meter" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="3"/></svg></li>`;
  });
  return `<section class="card" aria-labelledby="slowest"><h2 id="slowest">Slowest</h2><ol class="plain">${items.join('')}</ol></section>`;
};

const isFlaky = ({ status, error }: Row): boolean => status === 'passed' && error !== undefined;

const flakyPart = ({ scenarios }: ReportPage): string => {
  const flaky = scenarios.all.map(({ row }) => row).filter(isFlaky);
  if (flaky.length === 0) return '';
  const items = flaky
    .slice(0, shownFlakes)
    .map(
      (row) =>
        `<li><span class="pair">${scenarioLink(row)}<span class="ms">attempt ${row.attempts ?? 1}</span></span><span class="soft line">${escapeHtml(row.error ?? '')}</span></li>`,
    );
  const more = flaky.length > shownFlakes ? `<li><a href="#show=flaky">and ${number(flaky.length - shownFlakes)} more</a></li>` : '';
  return `<section class="card" aria-labelledby="flaky"><h2 id="flaky">Flaky <span class="soft">passed, but not at first</span></h2><ul class="plain">${items.join('')}${more}</ul></section>`;
};

/** What came of the run, in one screen, without a script; below it the place for the scenarios. */
export const firstScreen = (page: ReportPage, shownCauses: readonly ShownCause[]): string => {
  const counts = 'counts' in page.outcome ? page.outcome.counts : undefined;
  const causes = causesPart(shownCauses, page);
  const told = toldPart(page);
  const rows = new Map(page.scenarios.all.map(({ row }) => [row.anchor, row]));
  const since = comparisonPart(page.comparison, (id) => rows.get(scenarioAnchor(id ?? '')));
  const lists = `${since}${flakyPart(page)}${slowestPart(page)}`;
  return `<a class="skip" href="#scenarios">Skip to the scenarios</a>
<header class="top">
${verdictPart(page)}
${linksPart(page)}
</header>
<main>
${counts === undefined ? '' : countsPart(counts)}
${factsPart(page)}
${told === '' ? '' : `<div class="whole">${told}</div>`}
${shownCauses.length > mostAbove ? `<div class="columns"><div>${causes}</div><div>${lists}</div></div>` : `${causes}<div class="row">${lists}</div>`}
${listShell(page)}
</main>
`;
};
