import { type QueryState, rowsAtOnce } from '../aws/log-insights.ts';
import type { AskedQuery, UnderWay } from '../coldstart/request.ts';

/** A query, and how it is going. */
export interface Looked {
  readonly query: AskedQuery;
  readonly state: QueryState;
}

/** Complete queries that answer the question. */
export interface Found {
  readonly queries: readonly AskedQuery[];
  readonly toMs: number;
  readonly bytesScanned: number;
  readonly isHot: boolean;
}

/** What is to be done after a look at all queries. */
export type Step =
  | ({ readonly kind: 'found' } & Found)
  /** `stopped` are of no use any more. */
  | { readonly kind: 'go-on'; readonly underWay: UnderWay; readonly stopped: readonly Looked[]; readonly bytesScanned: number }
  /** A sentence for the person, with the way out. */
  | { readonly kind: 'refused'; readonly because: string };

type Piece = Omit<AskedQuery, 'queryId'>;

/** More lines than this are not read: that is about as many as fit into one pass of a function that lives for half a minute. */
const mostLines = 400_000;

/**
 * Decides how a question goes on. A query gives so many rows and no more: one that has more is asked again in parts of time. Where
 * there are more lines than we can read, CloudWatch counts the warm calls, and only what tells of cold starts is read.
 */
export function nextStep(underWay: UnderWay, looked: readonly Looked[]): Step {
  const { waiting, toMs, isHot = false, spentBytes = 0 } = underWay;
  const failed = looked.find(({ state }) => state.kind === 'failed');
  if (failed?.state.kind === 'failed') return { kind: 'refused', because: failedText(failed.state.status) };

  const bytesScanned = spentBytes + bytesOf(looked);
  const lines = looked.filter(({ query }) => query.wanted !== 'warm-calls').reduce((sum, { state }) => sum + matchedOf(state), 0);
  if (lines > mostLines) {
    if (isHot) return { kind: 'refused', because: tooManyText(lines) };
    const pieces = [...looked.map(({ query }) => query), ...waiting].flatMap(asHot);
    return {
      kind: 'go-on',
      underWay: { ...underWay, queries: [], waiting: pieces, isHot: true, spentBytes: bytesScanned },
      stopped: looked,
      bytesScanned,
    };
  }

  const [tooMany, fit] = [looked.filter(hasTooMany), looked.filter((one) => !hasTooMany(one))];
  const queries = fit.map(({ query }) => query);
  const left = [...waiting, ...tooMany.flatMap(({ query, state }) => split(query, matchedOf(state)))];
  if (left.length === 0 && fit.every(({ state }) => state.kind === 'complete'))
    return { kind: 'found', queries, toMs, bytesScanned, isHot };
  return {
    kind: 'go-on',
    underWay: { ...underWay, queries, waiting: left, spentBytes: spentBytes + bytesOf(tooMany) },
    stopped: [],
    bytesScanned,
  };
}

const matchedOf = (state: QueryState): number => (state.kind === 'failed' ? 0 : state.matched);

const bytesOf = (looked: readonly Looked[]): number =>
  looked.reduce((sum, { state }) => sum + (state.kind === 'failed' ? 0 : state.bytesScanned), 0);

/** Counted calls are rows of functions and hours: there are never too many. */
const hasTooMany = ({ query, state }: Looked): boolean =>
  query.wanted !== 'warm-calls' && state.kind === 'complete' && state.matched > rowsAtOnce;

/** The same time and functions, in two queries: what tells of cold starts, and how many calls were warm. */
const asHot = ({ groups, fromMs, toMs }: Piece): readonly Piece[] => [
  { groups, fromMs, toMs, wanted: 'cold-lines' },
  { groups, fromMs, toMs, wanted: 'warm-calls' },
];

/** The same question in as many parts of time as make each small enough, calls being spread as they are. */
function split({ groups, fromMs, toMs, wanted }: AskedQuery, matched: number): readonly Piece[] {
  const parts = Math.min(64, Math.ceil((1.5 * matched) / rowsAtOnce));
  const stepMs = Math.max(1_000, Math.ceil((toMs - fromMs) / parts / 1_000) * 1_000);
  const starts = Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);
  const what = wanted !== undefined && { wanted };
  return starts.map((from) => ({ groups, fromMs: from, toMs: Math.min(toMs, from + stepMs), ...what }));
}

const failedText = (status: string): string =>
  status === 'Timeout'
    ? 'CloudWatch gave up after an hour. Ask for a shorter window, or for fewer functions.'
    : `CloudWatch ended the query (${status}). Please ask again; if it happens twice, ask for a shorter window.`;

const tooManyText = (lines: number): string =>
  `That is more than I can count: ${lines.toLocaleString('en')} cold starts and failures, and I take ${mostLines.toLocaleString('en')}. Ask for a shorter window or fewer functions, or export the log and use \`npm run coldframe -- coldstarts --from-file\`.`;
