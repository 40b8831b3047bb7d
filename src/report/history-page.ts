import type { Mute } from '../hearing/hearing.ts';
import { plural } from '../message/text.ts';
import { addedTo, type History, type RememberedRun, selectionOf } from '../outcome/history.ts';
import { flakiestOf, knownScenarios, passedOf, slowestOf } from '../outcome/standing.ts';
import { runsFigure } from './history-charts.ts';
import { mutedPart } from './history-mutes.ts';
import { runOption, runsPart } from './history-runs.ts';
import { flakiestPart, slowestPart } from './history-scenarios.ts';
import { dataElement, escapeHtml } from './html.ts';
import { pageHead } from './page-head.ts';
import type { PageAssets } from './report-page.ts';

/** Everything the page of an environment's last runs is made of. */
export interface HistoryPage {
  readonly environment: string;
  readonly history: History;
  /** What is muted now. */
  readonly mutes: readonly Mute[];
  /** The address of a run's report; undefined: there is none any more. */
  readonly reportOf: (run: RememberedRun) => string | undefined;
  /** The newest report. */
  readonly latestUrl: string;
  readonly assets: PageAssets;
}

/** A chart for each of so many selections: those with the most runs. */
const mostFigures = 6;
/** One or two runs are no trend. */
const leastRuns = 3;

const headOf = ({ environment, assets }: HistoryPage): string => pageHead(`${environment}: history`, assets, []);

function summaryWords({ runs }: History): string {
  const { passed, of } = passedOf(runs);
  if (of === 0) return `${plural(runs.length, 'run')}, none of which says anything yet`;
  return `${passed} of ${plural(of, 'run')} passed (${Math.round((passed / of) * 100)} %)`;
}

const topPart = ({ environment, history, latestUrl }: HistoryPage): string => {
  const [first] = history.runs;
  const since = first === undefined ? '' : ` since <time datetime="${escapeHtml(first.at)}">${escapeHtml(first.at.slice(0, 10))}</time>`;
  const forgotten = addedTo(history) - history.runs.length;
  const before = forgotten > 0 ? `; ${plural(forgotten, 'older run')} forgotten` : '';
  return `<header class="top">
<div><h1>${escapeHtml(environment)}: history</h1>
<p class="phrase">${summaryWords(history)}${since}${before}</p></div>
<nav class="links" aria-label="Beside this page"><ul><li><a href="${escapeHtml(latestUrl)}" rel="noopener">Latest report</a></li></ul></nav>
</header>`;
};

/** A chart for each selection: a run of three scenarios says nothing about the time of one of three hundred. */
function figuresPart({ history }: HistoryPage): string {
  const lines = [...Map.groupBy(history.runs, (run) => JSON.stringify([run.ref ?? '', selectionOf(run)])).values()]
    .filter((runs) => runs.length >= leastRuns)
    .toSorted((a, b) => b.length - a.length);
  if (lines.length === 0)
    return '<section class="card" aria-labelledby="trend"><h2 id="trend">Trend</h2><p class="soft">After three runs of the same tags there is a trend to show.</p></section>';
  return lines
    .slice(0, mostFigures)
    .map((runs, index) => runsFigure(runs, index))
    .join('\n');
}

const comparePart = ({ history: { runs } }: HistoryPage): string => {
  if (runs.length < 2) return '';
  const options = runs.toReversed().map(runOption).join('');
  return `<section class="card compare" aria-labelledby="compare"><h2 id="compare">What changed between two runs</h2>
<form id="choose" hidden><label>From <select id="from">${options}</select></label> <label>to <select id="to">${options}</select></label></form>
<noscript><p class="note">Runs are compared by a script, which is switched off here.</p></noscript>
<div id="changes" role="status"></div></section>`;
};

/** What the page's script compares runs by: their names, and of each scenario a character for each of them. */
const dataOf = ({ runs, scenarios }: History): string => {
  const files = [...new Set(scenarios.map(({ uri }) => uri))];
  const place = new Map(files.map((uri, at) => [uri, at]));
  const selections = runs.map(selectionOf);
  return JSON.stringify({
    runs: runs.map(({ id, ref }, at) => [id, [ref ?? '', selections[at]].join(' ')]),
    files,
    scenarios: scenarios.map(({ scenario, uri, marks }) => [scenario, place.get(uri), marks]),
  });
};

/** The page of an environment's last runs, in pieces of HTML: one file that needs nothing else. */
export function* historyPage(page: HistoryPage): Generator<string> {
  const known = knownScenarios(page.history);
  yield headOf(page);
  yield `<body>\n<a class="skip" href="#runs">Skip to the runs</a>\n${topPart(page)}\n<main>\n`;
  yield `<div class="whole">${figuresPart(page)}</div>\n`;
  yield `<div class="row">${flakiestPart(flakiestOf(known), page.history)}${slowestPart(slowestOf(known), page.history)}</div>\n`;
  yield `<div class="whole">${mutedPart(page.mutes, page.history)}</div>\n`;
  yield `<div class="whole">${comparePart(page)}</div>\n`;
  yield `<div class="whole">${runsPart(page)}</div>\n</main>\n`;
  yield dataElement('id="history"', dataOf(page.history));
  yield `<script>${page.assets.script}</script>\n</body>\n</html>\n`;
}
