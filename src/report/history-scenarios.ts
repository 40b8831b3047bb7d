import { plural } from '../message/text.ts';
import { plainText } from '../outcome/error-text.ts';
import type { Flakiness } from '../outcome/flakiness.ts';
import type { History } from '../outcome/history.ts';
import type { Seen } from '../outcome/seen.ts';
import type { KnownScenario } from '../outcome/standing.ts';
import { escapeHtml } from './html.ts';
import { precisely } from './precise-time.ts';

const shown = 15;
const shownSlow = 10;
/** So many of its last verdicts are drawn. */
const drawn = 30;
const cell = 8;
const stripHeight = 16;

/** Verdicts in a row, the newest last: `passed 3 times, failed, passed 12 times`. */
function stripWords(seen: readonly Seen[]): string {
  const spells: { word: string; count: number }[] = [];
  for (const { mark, isFailing } of seen) {
    const word = isFailing ? 'failed' : mark === 'r' ? 'passed at a retry' : 'passed';
    const last = spells.at(-1);
    if (last?.word === word) last.count += 1;
    else spells.push({ word, count: 1 });
  }
  return spells.map(({ word, count }) => (count === 1 ? word : `${word} ${count} times`)).join(', ');
}

/** Its last verdicts: high is failed, middle is passed at a retry, low is passed. */
function strip(all: readonly Seen[]): string {
  const seen = all.slice(-drawn);
  const cells = seen.map(({ mark, isFailing }, index) => {
    const height = isFailing ? stripHeight : mark === 'r' ? stripHeight * 0.65 : stripHeight * 0.35;
    const fill = isFailing ? 'fill-failed' : mark === 'r' ? 'fill-unknown' : 'fill-passed';
    return `<rect class="${fill}" x="${(drawn - seen.length + index) * cell + 1}" y="${(stripHeight - height).toFixed(1)}" width="${cell - 2}" height="${height.toFixed(1)}" rx="1"/>`;
  });
  const words = `Its last ${plural(seen.length, 'verdict')}, the oldest first: ${stripWords(seen)}`;
  return `<svg class="strip" viewBox="0 0 ${drawn * cell} ${stripHeight}" role="img" aria-label="${words}"><title>${words}</title>${cells.join('')}</svg>`;
}

/** How long it took the last times that it passed, as a line. */
function timeLine(seen: readonly Seen[]): string {
  const times = seen.flatMap(({ tookMs }) => tookMs ?? []).slice(-drawn);
  const most = Math.max(1, ...times);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || times.length < 2) return '';
  const points = times.map(
    (ms, index) => `${(drawn - times.length + index) * cell + cell / 2},${(stripHeight - 1 - (ms / most) * (stripHeight - 3)).toFixed(1)}`,
  );
  const words = `The last ${times.length} times it passed it took ${precisely(Math.min(...times))} to ${precisely(most)}, first ${precisely(first)}, last ${precisely(last)}`;
  return `<svg class="strip" viewBox="0 0 ${drawn * cell} ${stripHeight}" role="img" aria-label="${words}"><title>${words}</title><polyline class="trend" points="${points.join(' ')}"/></svg>`;
}

const item = ({ row }: KnownScenario, figure: string, drawing: string, more: string): string =>
  `<li><span class="pair"><bdi>${escapeHtml(plainText(row.scenario).replace(/\s+/g, ' '))}</bdi><span class="ms">${escapeHtml(figure)}</span></span>${drawing}<span class="soft line">${escapeHtml(`${row.uri}${more}`)}</span></li>`;

const card = (id: string, heading: string, hint: string, items: readonly string[], none: string): string =>
  `<section class="card" aria-labelledby="${id}"><h2 id="${id}">${heading} <span class="soft">${hint}</span></h2>${
    items.length === 0 ? `<p class="soft">${none}</p>` : `<ol class="plain ranked">${items.join('')}</ol>`
  }</section>`;

const left = (count: number): readonly string[] =>
  count > shown ? [`<li class="soft">and ${(count - shown).toLocaleString('en')} more</li>`] : [];

/** The flakiest scenarios, with their last verdicts. */
export const flakiestPart = (flaky: readonly (KnownScenario & { readonly flakiness: Flakiness })[], { runs }: History): string =>
  card(
    'flakiest',
    'Flakiest',
    'high: failed; middle: passed at a retry; low: passed',
    [
      ...flaky
        .slice(0, shown)
        .map((one) =>
          item(one, `${one.flakiness.flakyRuns} of ${plural(one.flakiness.runs, 'run')}`, strip(one.seen), ` · ${one.flakiness.level}`),
        ),
      ...left(flaky.length),
    ],
    runs.length === 0 ? 'Nothing has run yet.' : 'No scenario is flaky, as far as its last twenty runs tell.',
  );

/** The slowest scenarios, with how long they took. */
export const slowestPart = (slow: readonly (KnownScenario & { readonly usualMs: number })[], { runs }: History): string =>
  card(
    'slowest',
    'Slowest',
    'the median of its last five passes, and how it went',
    slow.slice(0, shownSlow).map((one) => item(one, precisely(one.usualMs), timeLine(one.seen), '')),
    runs.length === 0 ? 'Nothing has run yet.' : 'Nothing has passed yet.',
  );
