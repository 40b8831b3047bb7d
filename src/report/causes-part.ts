import { plural } from '../message/text.ts';
import { type Cause, groupByCause } from '../outcome/cause.ts';
import { plainText } from '../outcome/error-text.ts';
import type { Failure } from '../outcome/outcome.ts';
import { escapeHtml } from './html.ts';
import type { ReportPage } from './report-page.ts';

const shownCauses = 6;
const shownFailures = 5;
const shownLines = 14;

/** Where on the page a failure is shown. */
type AnchorOf = (failure: Failure) => string | undefined;

const anchorsOf = ({ scenarios }: ReportPage): AnchorOf => {
  const known = new Map(
    scenarios.all.map(({ row }) => [`${scenarios.features[row.feature]?.uri}\n${row.line}\n${row.anchor}`, row.anchor]),
  );
  const byPlace = new Map(scenarios.all.map(({ row }) => [`${scenarios.features[row.feature]?.uri}\n${row.line}`, row.anchor]));
  return ({ uri, line, id }) => known.get(`${uri}\n${line}\ns-${id}`) ?? byPlace.get(`${uri}\n${line}`);
};

const failureItem = (failure: Failure, anchorOf: AnchorOf): string => {
  const { scenario, uri, line, attempts } = failure;
  const anchor = anchorOf(failure);
  const name = `<bdi>${escapeHtml(plainText(scenario).replace(/\s+/g, ' '))}</bdi>`;
  const tries = attempts > 1 ? ` · ${attempts} attempts` : '';
  return `<li>${anchor === undefined ? name : `<a href="#${escapeHtml(anchor)}">${name}</a>`} <span class="soft place">${escapeHtml(`${plainText(uri)}:${line}`)}${tries}</span></li>`;
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

const causeCard = ({ words, failures }: Cause, anchorOf: AnchorOf, page: ReportPage): string => {
  const [first] = failures;
  if (first === undefined) return '';
  const shown = failures.slice(0, shownFailures).map((failure) => failureItem(failure, anchorOf));
  const more =
    failures.length > shownFailures ? `<li class="soft">and ${plural(failures.length - shownFailures, 'more scenario')}</li>` : '';
  const kind = first.status === 'failed' ? '' : ` · ${first.status}`;
  return `<section class="card cause of-${first.status}">
<h3><bdi>${escapeHtml(plainText(words))}</bdi></h3>
<p class="soft">${plural(failures.length, 'scenario')}${kind} · at <bdi>${escapeHtml(plainText(first.step))}</bdi></p>
<ul class="plain">${shown.join('')}${more}</ul>
<div class="evidence"><pre tabindex="0">${escapeHtml(plainText(excerpt(first.error)))}</pre>${pictureOf(first, page)}</div>
</section>`;
};

/** The failures, those of one cause together; nothing when there is none. */
export const causesPart = (page: ReportPage): string => {
  const { outcome } = page;
  const failures = 'failures' in outcome ? outcome.failures : [];
  if (failures.length === 0) return '';
  const causes = groupByCause(failures);
  const anchorOf = anchorsOf(page);
  const cards = causes.slice(0, shownCauses).map((cause) => causeCard(cause, anchorOf, page));
  const more =
    causes.length > shownCauses ? `<p><a href="#show=failed">and ${plural(causes.length - shownCauses, 'more cause')}</a></p>` : '';
  const heading = causes.length === 1 && failures.length > 1 ? 'One cause' : plural(causes.length, 'cause');
  return `<section class="causes" aria-labelledby="causes"><h2 id="causes">${causes.length === 1 && failures.length === 1 ? 'What failed' : `Why: ${heading.toLowerCase()}`}</h2>${cards.join('')}${more}</section>`;
};
