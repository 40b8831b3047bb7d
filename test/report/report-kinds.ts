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

const small: SuiteShape = { features: 6, scenarios: 41 };

/** How a report looks for each way a run can end: `failed` → its HTML. */
export function reportKinds(picture: string): ReadonlyMap<string, string> {
  const page = (shape: SuiteShape, outcome: Outcome = outcomeOf(shape)): string =>
    pageOf(aSuite(shape), { outcome, facts, links, screenshotUrl: () => picture }, () => picture).html;
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
