import { duration, plural } from '../message/text.ts';
import { badCount, outcomeWord } from '../message/words.ts';
import type { RememberedRun } from '../outcome/history.ts';
import { passedOf } from '../outcome/standing.ts';
import { median } from '../outcome/usual-time.ts';
import { lookOf, selectionWords } from './history-runs.ts';
import { escapeHtml } from './html.ts';

/** All in the units of a drawing that is scaled to the page. */
const slot = 20;
const leastSlots = 40;
const barHeight = 110;
const signHeight = 22;
const lineHeight = 56;

const fills = { good: 'fill-passed', bad: 'fill-failed', odd: 'fill-unknown' } as const;

const placeOf = (index: number, count: number): number => (Math.max(leastSlots, count) - count + index) * slot;

/** A bar for how long each run took, and below it a sign for what it came to, so that colours are not all there is to see. */
function barOf(run: RememberedRun, x: number, mostMs: number): string {
  const look = lookOf(run.kind);
  const height = run.durationMs === undefined ? 2 : Math.max(2, (run.durationMs / mostMs) * barHeight);
  const took = run.durationMs === undefined ? '' : `, ${duration(run.durationMs)}`;
  const title = `<title>${escapeHtml(`${run.at.slice(0, 16).replace('T', ' ')} UTC: ${outcomeWord(run).word}${took}`)}</title>`;
  return `<g>${title}<rect class="${fills[look]}" x="${x + 2}" y="${(barHeight - height).toFixed(1)}" width="${slot - 4}" height="${height.toFixed(1)}" rx="2"/>${signOf(look, x + slot / 2)}<rect class="hit" x="${x}" y="0" width="${slot}" height="${barHeight + signHeight}"/></g>`;
}

function signOf(look: keyof typeof fills, x: number): string {
  const y = barHeight + signHeight / 2;
  if (look === 'good') return `<path class="mark good" d="M${x - 4} ${y}l3 3l5 -6"/>`;
  if (look === 'bad') return `<path class="mark bad" d="M${x - 4} ${y - 4}l8 8m0 -8l-8 8"/>`;
  return `<path class="mark odd" d="M${x} ${y - 5}v6m0 3.4v.3"/>`;
}

/** How many of its scenarios passed in each run that says so: 1 is all. */
const shareOf = ({ counts }: RememberedRun): number | undefined =>
  counts === undefined || counts.total === 0 ? undefined : Math.max(0, Math.min(1, 1 - (badCount(counts) + counts.unknown) / counts.total));

function sharesChart(runs: readonly RememberedRun[]): string {
  const points = runs.flatMap((run, index) => {
    const share = shareOf(run);
    return share === undefined ? [] : [{ x: placeOf(index, runs.length) + slot / 2, y: 4 + (1 - share) * (lineHeight - 8), share }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const percent = (share: number): string => `${Math.floor(share * 100)} %`;
  const least = Math.min(...points.map(({ share }) => share));
  const words = `Scenarios that did not fail in each run: at least ${percent(least)}, in the last run ${percent(last.share)}.`;
  const line = points.map(({ x, y }) => `${x},${y.toFixed(1)}`).join(' ');
  return `<h3>Scenarios that did not fail <span class="soft">from 0 to 100 %; in the last run ${percent(last.share)}</span></h3>
<svg class="chart" viewBox="0 0 ${Math.max(leastSlots, runs.length) * slot} ${lineHeight}" role="img" aria-label="${words}"><path class="rule" d="M0 4H${Math.max(leastSlots, runs.length) * slot}M0 ${lineHeight - 4}H${Math.max(leastSlots, runs.length) * slot}"/><polyline class="trend" points="${line}"/>${points.map(({ x, y }) => `<circle class="point" cx="${x}" cy="${y.toFixed(1)}" r="3"/>`).join('')}</svg>`;
}

/** How the runs of one selection went, the oldest first: what they came to and how long they took. */
export function runsFigure(all: readonly RememberedRun[], index: number): string {
  const runs = all.slice(-40);
  const times = runs.flatMap(({ durationMs }) => durationMs ?? []);
  const mostMs = Math.max(1, ...times);
  const usualMs = median(times);
  const { passed, of } = passedOf(runs);
  const width = Math.max(leastSlots, runs.length) * slot;
  const usual =
    usualMs === undefined ? '' : `<path class="rule dashed" d="M0 ${(barHeight - (usualMs / mostMs) * barHeight).toFixed(1)}H${width}"/>`;
  const timeWords =
    usualMs === undefined ? '' : ` They took ${duration(Math.min(...times))} to ${duration(mostMs)}, usually ${duration(usualMs)}.`;
  const words = `The last ${plural(runs.length, 'run')}, the oldest first: ${passed} of ${of} passed.${timeWords} The list of runs below has each.`;
  const bars = runs.map((run, at) => barOf(run, placeOf(at, runs.length), mostMs)).join('');
  const id = `trend-${index}`;
  const shown =
    usualMs === undefined ? '' : `; ${passed} of ${of} passed; usually ${duration(usualMs)} (dashed), at most ${duration(mostMs)}`;
  const name = selectionWords(all[0] ?? { id: '', at: '', tags: '', features: [], kind: 'passed' });
  return `<section class="card figure" aria-labelledby="${id}"><h2 id="${id}"><bdi>${escapeHtml(name)}</bdi></h2>
<h3>How long the runs took <span class="soft">the newest at the right${shown}</span></h3>
<svg class="chart" viewBox="0 0 ${width} ${barHeight + signHeight}" role="img" aria-label="${escapeHtml(words)}">${usual}${bars}</svg>
${sharesChart(runs)}</section>`;
}
