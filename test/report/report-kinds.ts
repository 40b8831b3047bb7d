import { duration } from '../../src/message/text.ts';
import type { Comparison } from '../../src/outcome/comparison.ts';
import type { Asker, Outcome } from '../../src/outcome/outcome.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import type { ReportPage } from '../../src/report/report-page.ts';
import { ending, readStream, recorded } from '../outcome/streams.ts';
import { aSuite, assertion, refused, type SuiteShape, timeout } from './a-suite.ts';
import { pageOf } from './pages.ts';

const factsOf = (took: string): ReportPage['facts'] => [
  { label: 'Environment', value: 'staging · shop.example.com' },
  { label: 'Scenarios', value: 'all' },
  { label: 'Suite', value: 'main (3f1c2ab) of github.com/example/shop-tests' },
  { label: 'Asked for by', value: 'somebody in Slack' },
  { label: 'Started', value: '', at: '2026-11-27T09:12:00Z' },
  { label: 'Took', value: took },
  { label: 'Run', value: 'staging-20261127-0912-k3f9qa' },
];

const links: ReportPage['links'] = ['Cucumber’s report', 'JUnit XML', 'Messages', 'Latest report'].map((label) => ({
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

/** A run as people are told of it: its messages, what they come to, what the runs before say. */
interface Kind {
  readonly shape: SuiteShape;
  readonly outcome: Outcome;
  readonly comparison: Comparison;
}

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

const kindOf = (shape: SuiteShape, outcome: Outcome = outcomeOf(shape)): Kind => ({ shape, outcome, comparison: comparisonOf(shape) });

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['passed', kindOf(small)],
  ['failed', kindOf(failing)],
  ['one-cause', kindOf(mass)],
  ['flaky', kindOf(flaky)],
  ['empty', kindOf({ features: 0, scenarios: 0 })],
  ['unfinished', kindOf(cut, outcomeOf(cut, { result: undefined, stop }))],
  ['cancelled', kindOf(cut, outcomeOf(cut, { result: undefined, stop, cancel: { by } }))],
]);

/** What is told of each way a run can end: `failed` → its outcome. */
export const outcomeKinds: ReadonlyMap<string, Pick<Kind, 'outcome'> & Partial<Kind>> = new Map<
  string,
  Pick<Kind, 'outcome'> & Partial<Kind>
>([...kinds, ['broken', { outcome: verdict(ending(judge(broken))) }]]);

/** How a report looks for each way a run can end: `failed` → its HTML. */
export function reportKinds(picture: string): ReadonlyMap<string, string> {
  const page = ({ shape, outcome, comparison }: Kind): string => {
    const took = 'durationMs' in outcome ? outcome.durationMs + 9_000 : 94_000;
    const about = { outcome, comparison, facts: factsOf(duration(took)), links, screenshotUrl: () => picture };
    return pageOf(aSuite(shape), about, () => picture).html;
  };
  return new Map([
    ...[...kinds].map(([name, kind]) => [name, page(kind)] as const),
    ['broken', pageOf(broken, { facts: factsOf('9 s'), links }).html],
  ]);
}
