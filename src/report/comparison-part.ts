import { plural } from '../message/text.ts';
import type { Comparison, Listed } from '../outcome/comparison.ts';
import { plainText } from '../outcome/error-text.ts';
import { escapeHtml } from './html.ts';
import { precisely } from './precise-time.ts';
import { rowHistories, runWords } from './row-history.ts';
import type { Row } from './scenario-details.ts';

const shownOfEach = 4;

/** What is told of a scenario in one line; `id` leads to it, where the run has it. */
interface Told {
  readonly id?: string;
  readonly scenario: string;
}

/** Finds the row of a scenario by its id. */
export type RowOf = (id: string | undefined) => Row | undefined;

const item = (told: Told, rowOf: RowOf, words: string): string => {
  const row = rowOf(told.id);
  const name = `<bdi>${escapeHtml(plainText(told.scenario).replace(/\s+/g, ' '))}</bdi>`;
  const linked = row === undefined ? name : `<a href="#${escapeHtml(row.anchor)}">${name}</a>`;
  return `<li>${linked}${words === '' ? '' : ` <span class="soft">${escapeHtml(words)}</span>`}</li>`;
};

const group = <T extends Told>(
  title: string,
  { count, first }: Listed<T>,
  rowOf: RowOf,
  wordsOf: (one: T) => string = () => '',
): string => {
  if (count === 0) return '';
  const items = first.slice(0, shownOfEach).map((one) => item(one, rowOf, wordsOf(one)));
  const left = count - items.length;
  const more = left > 0 ? `<li class="soft">and ${left.toLocaleString('en')} more</li>` : '';
  return `<h3><b>${count.toLocaleString('en')}</b> ${title}</h3><ul class="plain">${items.join('')}${more}</ul>`;
};

const paceWords = ({ pace }: Comparison): string =>
  pace === undefined ? '' : `<p>Everything took ${pace.toFixed(1)} times as long as usual: the environment is slow, or the machine is.</p>`;

/** What is new since the runs before, with the evidence; nothing when there is nothing to compare with. */
export const comparisonPart = (comparison: Comparison | undefined, rowOf: RowOf): string => {
  if (comparison === undefined || comparison.runs === 0) return '';
  const histories = rowHistories(comparison);
  const since = ({ id }: Told): string => histories.get(id ?? '')?.since ?? '';
  const groups = [
    group('newly failing', comparison.newlyFailing, rowOf),
    group('still failing', comparison.stillFailing, rowOf, since),
    group('fixed', comparison.fixed, rowOf, ({ runs }) => `after ${plural(runs, 'run')}`),
    group('newly flaky', comparison.newlyFlaky, rowOf),
    group('slower than usual', comparison.slower, rowOf, ({ tookMs, usualMs }) => `${precisely(tookMs)} instead of ${precisely(usualMs)}`),
    group('new', comparison.added, rowOf),
    group('no longer there', comparison.removed, rowOf),
    group('may leave the quarantine', comparison.healed, rowOf),
  ].join('');
  const against = comparison.against === undefined ? '' : `<p class="soft">${escapeHtml(runWords(comparison.against))}</p>`;
  const told = groups === '' ? '<p>Nothing has changed.</p>' : groups;
  return `<section class="card since" aria-labelledby="since"><h2 id="since">Since the run before</h2>${against}${paceWords(comparison)}${told}</section>`;
};
