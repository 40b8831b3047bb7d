import { readReportAssets } from '../../src/app/report-assets.ts';
import type { Mute } from '../../src/hearing/hearing.ts';
import { addRun, type History, noHistory, type RememberedRun } from '../../src/outcome/history.ts';
import type { ScenarioResult } from '../../src/outcome/scenario-result.ts';
import { type HistoryPage, historyPage } from '../../src/report/history-page.ts';

const { history: assets } = await readReportAssets();
const scenarios = [
  ['Login', 'A user with a provider logs in'],
  ['Login', 'A wrong password is refused'],
  ['Login', 'A password is changed'],
  ['Basket', 'A stack is added'],
  ['Basket', 'The basket survives a reload'],
  ['Basket', 'The last one of a kind is reserved'],
  ['Checkout', 'An order is paid with a card'],
  ['Checkout', 'An order is paid by invoice'],
  ['Checkout', 'The confirmation arrives by mail'],
  ['Search', 'A word with an umlaut is found'],
  ['Search', '<b>Hostile</b> & "quoted" words are found'],
  ['Search', 'Nothing is found for nonsense'],
] as const;

/** What a scenario came to in the run with this number: some are flaky, one broke lately, once everything was down. */
function verdictIn(run: number, index: number): ScenarioResult['verdict'] {
  if (run === 21) return 'failed';
  if (index === 4 && run % 6 === 2) return 'failed';
  if (index === 8 && run % 4 === 1) return 'flaky';
  if (index === 2 && run > 33) return 'failed';
  if (index === 7 && run > 10 && run < 15) return 'failed';
  return index === 11 && run < 5 ? 'skipped' : 'passed';
}

const resultIn = (run: number, index: number): ScenarioResult => ({
  id: `scenario-${index}`,
  feature: scenarios[index]?.[0] ?? '',
  uri: `features/${(scenarios[index]?.[0] ?? '').toLowerCase()}.feature`,
  line: 3 + index * 7,
  scenario: scenarios[index]?.[1] ?? '',
  verdict: verdictIn(run, index),
  // The seventh grows slower over time.
  durationMs: 1_500 + index * 2_200 + ((run * 7 + index * 3) % 5) * 300 + (index === 6 ? run * 400 : 0),
  ...(run === 21 && { cause: 'connection refused' }),
});

/** A history of a shop's UI tests: nightly runs of all, a run at each merge with `@smoke`, and one that was cancelled. */
export function aHistory(count = 36): History {
  return Array.from({ length: count }, (_, run) => run).reduce((history, run) => {
    const results = scenarios.map((__, index) => resultIn(run, index));
    const at = new Date(Date.UTC(2026, 9, 18 + run, 4, 40)).toISOString();
    const nightly = addRun(history, {
      ...ended(`staging-${at.slice(0, 10).replaceAll('-', '')}-0430-k3f9qa`, at, results),
      tags: 'not @broken',
    });
    if (run % 3 !== 1) return nightly;
    const later = at.replace('T04:40', 'T13:12');
    const few = results.slice(0, 4);
    return addRun(nightly, {
      ...ended(`staging-${at.slice(0, 10).replaceAll('-', '')}-1310-m2x7pd`, later, few),
      ...{ tags: '@smoke', ref: 'main', code: `${run}`.padStart(40, '4') },
      ...(run === 25 && { kind: 'cancelled' as const }),
    });
  }, noHistory);
}

function ended(id: string, at: string, results: readonly ScenarioResult[]) {
  const count = (verdict: ScenarioResult['verdict']) => results.filter((one) => one.verdict === verdict).length;
  const [failed, flaky, skipped] = [count('failed'), count('flaky'), count('skipped')];
  const passed = results.length - failed - skipped;
  const none = { undefined: 0, ambiguous: 0, pending: 0, unknown: 0 };
  return {
    ...{ id, at, features: [], code: 'sha256:image', scenarios: results },
    kind: failed > 0 ? ('failed' as const) : ('passed' as const),
    counts: { total: results.length, passed, failed, skipped, flaky, ...none },
    durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 20_000),
  };
}

/** A failure of it that somebody has muted. */
export const aMute: Mute = {
  ...{ cause: 'c0ffee00c0ffee00', words: '<b>Button</b> not found', scenarios: ['a', 'gone'], run: 'staging-1', ref: 'main' },
  ...{ by: 'U0GRACE', at: '2026-11-23T04:40:00.000Z', until: '2026-11-30T04:40:00.000Z' },
};

/** The page of such a history, as one text. */
export const historyPageOf = (history: History, more: Partial<HistoryPage> = {}): string =>
  [
    ...historyPage({
      environment: 'staging',
      history,
      mutes: [],
      reportOf: ({ id }: RememberedRun) => `https://bot.example/reports/staging/${id}/report.html?s=signed`,
      latestUrl: 'https://bot.example/reports/staging/latest/report.html?s=signed',
      assets,
      ...more,
    }),
  ].join('');
