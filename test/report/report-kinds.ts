import type { Comparison } from '../../src/outcome/comparison.ts';
import type { Asker, Outcome } from '../../src/outcome/outcome.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import type { ReportPage } from '../../src/report/report-page.ts';
import { ending, readStream, recorded } from '../outcome/streams.ts';
import { aSuite, assertion, refused, type SuiteShape, timeout } from './a-suite.ts';
import { pageOf } from './pages.ts';

const facts: ReportPage['facts'] = [
  { label: 'Environment', value: 'staging · shop.example.com' },
  { label: 'Scenarios', value: 'all' },
  { label: 'Suite', value: 'main (3f1c2ab) of github.com/example/shop-tests' },
  { label: 'Asked for by', value: 'somebody in Slack' },
  { label: 'Started', value: '', at: '2026-11-27T09:12:00Z' },
  { label: 'Took', value: '3 min 12 s' },
  { label: 'Run', value: 'staging-20261127-0912-k3f9qa' },
];

const links: ReportPage['links'] = ['Cucumber’s report', 'Messages', 'Latest report'].map((label) => ({
  label,
  href: 'https://bot.example.com/reports/x',
  title: label,
}));

const by: Asker = { kind: 'slack', userId: 'U0ADA' };

const outcomeOf = (shape: SuiteShape, known: Parameters<typeof ending>[1] = {}): Outcome => verdict(ending(judge(aSuite(shape)), known));

const runMark = { id: 'staging-20261126-1731-m2c7xd', at: '2026-11-26T17:35:00.000Z', commit: '9d01e4c5a7b2f3e8d6c1b0a9f8e7d6c5b4a39281' };
const none = { count: 0, first: [] };

/** What the runs before say: what fails is new, one scenario was mended, one takes longer. */
function comparisonOf(shape: SuiteShape): Comparison {
  const { failures, flaky } = judge(aSuite(shape));
  const passed = judge(aSuite({ ...shape, fateOf: () => 'fails' })).failures.map(({ failure }) => failure);
  const [mended, slow] = [passed[5], shape.isCutOff === true ? undefined : passed[25]];
  const newlyFailing = failures.map(({ failure }) => ({ ...failure, since: runMark, runs: 1, lastPassed: runMark }));
  const evidence = { flakyRuns: 3, runs: 20, level: 'medium' } as const;
  return {
    runs: 34,
    against: runMark,
    newlyFailing: { count: newlyFailing.length, first: newlyFailing },
    stillFailing: none,
    fixed: mended === undefined ? none : { count: 1, first: [{ ...mended, since: runMark, runs: 4 }] },
    newlyFlaky: none,
    knownFlaky: { count: flaky.length, first: flaky.map((flake) => ({ ...flake, flakiness: evidence })) },
    slower: slow === undefined ? none : { count: 1, first: [{ ...slow, tookMs: 3_400, usualMs: 1_100 }] },
    added: none,
    removed: none,
    healed: none,
  };
}

const small: SuiteShape = { features: 6, scenarios: 41 };

/** How a report looks for each way a run can end: `failed` → its HTML. */
export function reportKinds(picture: string): ReadonlyMap<string, string> {
  const page = (shape: SuiteShape, outcome: Outcome = outcomeOf(shape)): string =>
    pageOf(aSuite(shape), { outcome, comparison: comparisonOf(shape), facts, links, screenshotUrl: () => picture }, () => picture).html;
  const failing: SuiteShape = {
    ...small,
    fateOf: (number) => (number === 17 ? 'fails' : number === 30 ? 'is flaky' : 'passes'),
    screenshot: 'attachments/shot.png',
  };
  const mass: SuiteShape = {
    features: 25,
    scenarios: 400,
    fateOf: (number) => (number % 4 === 1 ? 'passes' : 'fails'),
    errorOf: (number) => (number === 40 ? assertion : number === 60 ? timeout : refused),
  };
  const flaky: SuiteShape = { ...small, fateOf: (number) => (number === 12 || number === 33 ? 'is flaky' : 'passes') };
  const cut: SuiteShape = {
    ...small,
    isCutOff: true,
    fateOf: (number) => (number < 20 ? (number === 9 ? 'fails' : 'passes') : number === 20 ? 'never ends' : 'never begins'),
    screenshot: 'attachments/shot.png',
  };
  const stop = {
    what: 'The container was killed because it ran out of memory.',
    next: 'Give the task more memory (`memoryMb` in coldframe.yml) or run fewer workers.',
    raw: 'OutOfMemoryError: Container killed due to memory usage',
    isTransient: false,
  };
  const broken = readStream([recorded.get('parse-error') ?? '']);
  return new Map([
    ['passed', page(small)],
    ['failed', page(failing)],
    ['one-cause', page(mass)],
    ['flaky', page(flaky)],
    ['broken', pageOf(broken, { facts, links }).html],
    ['empty', page({ features: 0, scenarios: 0 })],
    ['unfinished', page(cut, outcomeOf(cut, { result: undefined, stop }))],
    ['cancelled', page(cut, outcomeOf(cut, { result: undefined, stop, cancel: { by } }))],
  ]);
}
