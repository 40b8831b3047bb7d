import { duration } from '../message/text.ts';
import { countsPhrase, outcomeWord } from '../message/words.ts';
import type { RememberedRun } from '../outcome/history.ts';
import type { OutcomeKind } from '../outcome/outcome.ts';
import type { HistoryPage } from './history-page.ts';
import { escapeHtml } from './html.ts';

/** How an outcome looks among many; a word says the same. */
export const lookOf = (kind: OutcomeKind): 'good' | 'bad' | 'odd' =>
  kind === 'passed' ? 'good' : kind === 'failed' || kind === 'broken' ? 'bad' : 'odd';

/** `2026-11-27 09:15`, in UTC, before the page's script has shown the reader's own time. */
const minuteOf = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** What was run: `@smoke at main`. */
export const selectionWords = ({ tags, features, ref, again }: RememberedRun): string => {
  const what = [tags, features.join(', ')].filter((part) => part !== '').join(' in ') || 'all scenarios';
  return `${again === undefined ? '' : 'a part again of '}${what}${ref === undefined ? '' : ` at ${ref}`}`;
};

/** A run to choose. */
export const runOption = (run: RememberedRun): string =>
  `<option value="${escapeHtml(run.id)}" data-at="${escapeHtml(run.at)}" data-words="${escapeHtml(`${outcomeWord(run).word}, ${selectionWords(run)}`)}">${escapeHtml(`${minuteOf(run.at)} UTC ${outcomeWord(run).word}, ${selectionWords(run)}`)}</option>`;

const runItem = (run: RememberedRun, reportUrl: string | undefined): string => {
  const time = `<time datetime="${escapeHtml(run.at)}">${escapeHtml(minuteOf(run.at))} UTC</time>`;
  const when =
    reportUrl === undefined ? time : `<a href="${escapeHtml(reportUrl)}" data-ended="${escapeHtml(run.at)}" rel="noopener">${time}</a>`;
  const counts = run.counts === undefined || run.counts.total === 0 ? '' : countsPhrase(run.counts);
  const took = run.durationMs === undefined ? '' : duration(run.durationMs);
  return `<li id="${escapeHtml(run.id)}"><span class="when">${when}</span><span class="came ${lookOf(run.kind)}">${escapeHtml(outcomeWord(run).word)}</span><span>${escapeHtml(counts)}</span><span class="ms">${took}</span><span class="soft line"><bdi>${escapeHtml(selectionWords(run))}</bdi> · ${escapeHtml(run.id)}</span></li>`;
};

/** All runs that are remembered, the newest first: what the charts show, in words. */
export const runsPart = ({ history, reportOf }: HistoryPage): string =>
  history.runs.length === 0
    ? '<section class="card" id="runs"><h2>Runs</h2><p>None has ended yet.</p></section>'
    : `<section class="card" aria-labelledby="runs" tabindex="-1"><h2 id="runs">Runs <span class="soft">the last ${history.runs.length}; reports are kept for 30 days</span></h2><ol class="plain runs">${history.runs
        .toReversed()
        .map((run) => runItem(run, reportOf(run)))
        .join('')}</ol></section>`;
