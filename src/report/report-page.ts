import type { Comparison } from '../outcome/comparison.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { causeNumbers, type ShownCause, shownCauses } from './causes.ts';
import { firstScreen } from './first-screen.ts';
import { dataElement } from './html.ts';
import { pageHead } from './page-head.ts';
import { type RowHistory, rowHistories } from './row-history.ts';
import type { Row, Scenarios } from './scenario-details.ts';
import { verdictText } from './verdict-text.ts';

/** Something worth knowing of a run: `Asked for by`, `somebody in Slack`. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  /** ISO 8601: the value is this time, and the reader's own zone is shown. */
  readonly at?: string;
}

/** What stands beside the page. */
export interface PageLink {
  readonly label: string;
  readonly href: string;
  /** What it is good for. */
  readonly title: string;
}

/** The page's own script and styles (src/report/page). */
export interface PageAssets {
  readonly script: string;
  readonly styles: string;
}

/** Everything the report of a run is made of. */
export interface ReportPage {
  /** What was tested: the environment's name. */
  readonly name: string;
  /** Names the run in the page's title. */
  readonly runId?: string;
  readonly outcome: Outcome;
  /** What is new since the runs before; absent: nothing is known of them. */
  readonly comparison?: Comparison | undefined;
  readonly facts: readonly Fact[];
  readonly links: readonly PageLink[];
  /** What the page itself cannot show, and why. */
  readonly notes: readonly string[];
  readonly scenarios: Scenarios;
  readonly assets: PageAssets;
  /** Where pictures may come from. */
  readonly pictureOrigins: readonly string[];
  /** The screenshot of a failure, by its name in the outcome. */
  readonly screenshotUrl?: (screenshot: string, shard: number) => string;
}

/** How many scenarios' steps stand in one element: it is read when one of them is opened. */
const perElement = 100;

const headOf = ({ name, runId, outcome, assets, pictureOrigins }: ReportPage): string =>
  pageHead([verdictText(name, outcome).heading, runId].filter((part) => part !== undefined).join(' · '), assets, pictureOrigins);

/** The rows, with what the page as a whole knows of them. */
const toldRows = ({ scenarios, comparison }: ReportPage, causes: readonly ShownCause[]): readonly Row[] => {
  const numbers = causeNumbers(causes);
  const histories = comparison === undefined ? new Map<string, RowHistory>() : rowHistories(comparison);
  return scenarios.all.map(({ row }) => {
    const cause = numbers.get(row);
    return { ...row, ...(cause !== undefined && { cause }), ...histories.get(row.anchor.slice('s-'.length)) };
  });
};

function* listData(page: ReportPage, causes: readonly ShownCause[]): Generator<string> {
  yield dataElement('id="features"', JSON.stringify(page.scenarios.features));
  yield dataElement('id="rows"', JSON.stringify(toldRows(page, causes)));
}

function* detailsData({ all }: Scenarios): Generator<string> {
  for (let from = 0; from < all.length; from += perElement) {
    const attempts = all.slice(from, from + perElement).map((scenario) => scenario.attempts ?? 'null');
    yield dataElement('class="details"', `[${attempts.join(',\n')}]`);
  }
}

/**
 * The report of a run, in pieces of HTML: one file that is complete but for its pictures. What came of the run is plain HTML;
 * the scenarios are data, which the page's script shows as they are looked at.
 */
export function* reportPage(page: ReportPage): Generator<string> {
  const causes = shownCauses(page.outcome, page.scenarios);
  yield headOf(page);
  yield `<body data-per-element="${perElement}">\n${firstScreen(page, causes)}`;
  yield* listData(page, causes);
  yield* detailsData(page.scenarios);
  yield `<script>${page.assets.script}</script>\n</body>\n</html>\n`;
}
