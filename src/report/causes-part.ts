import { plural } from '../message/text.ts';
import { plainText } from '../outcome/error-text.ts';
import type { Failure } from '../outcome/outcome.ts';
import type { ShownCause } from './causes.ts';
import { escapeHtml } from './html.ts';
import type { ReportPage } from './report-page.ts';
import { rowHistories } from './row-history.ts';

const mostCauses = 6;
const shownFailures = 5;
const shownLines = 14;

/** Since when it fails, by its scenario's id. */
type Since = (id: string | undefined) => string | undefined;

const sinceOf = ({ comparison }: ReportPage): Since => {
  const histories = comparison === undefined ? undefined : rowHistories(comparison);
  return (id) => histories?.get(id ?? '')?.since;
};

const failureItem = ({ failure, row }: ShownCause['failures'][number], sinceOf: Since): string => {
  const { scenario, uri, line, attempts } = failure;
  const name = `<bdi>${escapeHtml(plainText(scenario).replace(/\s+/g, ' '))}</bdi>`;
  const tries = attempts > 1 ? ` · ${attempts} attempts` : '';
  const linked = row === undefined ? name : `<a href="#${escapeHtml(row.anchor)}">${name}</a>`;
  const since = sinceOf(failure.id);
  const badge = since === undefined ? '' : ` <span class="badge">${escapeHtml(since)}</span>`;
  return `<li>${linked}${badge} <span class="soft place">${escapeHtml(`${plainText(uri)}:${line}`)}${tries}</span></li>`;
};

const excerpt = (error: string): string => {
  const lines = error.split('\n');
  return lines.length > shownLines ? [...lines.slice(0, shownLines), '…'].join('\n') : error;
};

const pictureOf = (failure: Failure, { screenshotUrl }: ReportPage): string => {
  if (failure.screenshot === undefined || screenshotUrl === undefined) return '';
  const url = escapeHtml(screenshotUrl(failure.screenshot, failure.shard ?? 1));
  const alt = escapeHtml(`Screenshot at the failure of: ${plainText(failure.scenario)}`);
  return `<a class="shot" href="${url}" target="_blank" rel="noopener"><img src="${url}" alt="${alt}" loading="lazy"></a>`;
};

/** The error and what was on the screen; what the card's heading says already is not said again. */
const evidenceOf = (failure: Failure, page: ReportPage): string => {
  const { status, error } = failure;
  const isSaid = status !== 'failed' && !error.includes('\n');
  const said = isSaid ? '' : `<pre tabindex="0">${escapeHtml(plainText(excerpt(error)))}</pre>`;
  const evidence = said + pictureOf(failure, page);
  return evidence === '' ? '' : `<div class="evidence">${evidence}</div>\n`;
};

const causeCard = ({ words, failures }: ShownCause, number: number, page: ReportPage): string => {
  const since = sinceOf(page);
  const first = failures[0]?.failure;
  if (first === undefined) return '';
  const left = failures.length - shownFailures;
  const more = left > 0 ? `<li><a href="#cause=${number}">and ${plural(left, 'more scenario')}</a></li>` : '';
  const kind = first.status === 'failed' ? '' : ` · ${first.status}`;
  return `<section class="card cause of-${first.status}">
<h3><bdi>${escapeHtml(plainText(words))}</bdi></h3>
<p class="soft">${plural(failures.length, 'scenario')}${kind} · at <bdi>${escapeHtml(plainText(first.step))}</bdi></p>
<ul class="plain">${failures
    .slice(0, shownFailures)
    .map((failure) => failureItem(failure, since))
    .join('')}${more}</ul>
${evidenceOf(first, page)}</section>`;
};

const headingOf = (causes: readonly ShownCause[]): string => {
  const [only, ...others] = causes;
  if (only === undefined || others.length > 0) return `Why: ${plural(causes.length, 'cause')}`;
  return only.failures.length === 1 ? 'What failed' : 'Why: one cause';
};

/** What failed the run, those of one cause together; nothing when nothing did. */
export const causesPart = (causes: readonly ShownCause[], page: ReportPage): string => {
  if (causes.length === 0) return '';
  const cards = causes.slice(0, mostCauses).map((cause, number) => causeCard(cause, number, page));
  const left = causes.length - mostCauses;
  const more = left > 0 ? `<p><a href="#show=failed">and ${plural(left, 'more cause')}</a></p>` : '';
  return `<section class="causes" aria-labelledby="causes"><h2 id="causes">${headingOf(causes)}</h2>${cards.join('')}${more}</section>`;
};
