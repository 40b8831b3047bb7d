import { plural } from '../message/text.ts';
import { plainText } from '../outcome/error-text.ts';
import type { Failure } from '../outcome/outcome.ts';
import type { ShownCause } from './causes.ts';
import { escapeHtml } from './html.ts';
import type { ReportPage } from './report-page.ts';

const mostCauses = 6;
const shownFailures = 5;
const shownLines = 14;

const failureItem = ({ failure, row }: ShownCause['failures'][number]): string => {
  const { scenario, uri, line, attempts } = failure;
  const name = `<bdi>${escapeHtml(plainText(scenario).replace(/\s+/g, ' '))}</bdi>`;
  const tries = attempts > 1 ? ` · ${attempts} attempts` : '';
  const linked = row === undefined ? name : `<a href="#${escapeHtml(row.anchor)}">${name}</a>`;
  return `<li>${linked} <span class="soft place">${escapeHtml(`${plainText(uri)}:${line}`)}${tries}</span></li>`;
};

const excerpt = (error: string): string => {
  const lines = error.split('\n');
  return lines.length > shownLines ? [...lines.slice(0, shownLines), '…'].join('\n') : error;
};

const pictureOf = (failure: Failure, { screenshotUrl }: ReportPage): string => {
  if (failure.screenshot === undefined || screenshotUrl === undefined) return '';
  const url = escapeHtml(screenshotUrl(failure.screenshot));
  const alt = escapeHtml(`Screenshot at the failure of: ${plainText(failure.scenario)}`);
  return `<a class="shot" href="${url}" target="_blank" rel="noopener"><img src="${url}" alt="${alt}" loading="lazy"></a>`;
};

const causeCard = ({ words, failures }: ShownCause, number: number, page: ReportPage): string => {
  const first = failures[0]?.failure;
  if (first === undefined) return '';
  const left = failures.length - shownFailures;
  const more = left > 0 ? `<li><a href="#cause=${number}">and ${plural(left, 'more scenario')}</a></li>` : '';
  const kind = first.status === 'failed' ? '' : ` · ${first.status}`;
  return `<section class="card cause of-${first.status}">
<h3><bdi>${escapeHtml(plainText(words))}</bdi></h3>
<p class="soft">${plural(failures.length, 'scenario')}${kind} · at <bdi>${escapeHtml(plainText(first.step))}</bdi></p>
<ul class="plain">${failures.slice(0, shownFailures).map(failureItem).join('')}${more}</ul>
<div class="evidence"><pre tabindex="0">${escapeHtml(plainText(excerpt(first.error)))}</pre>${pictureOf(first, page)}</div>
</section>`;
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
