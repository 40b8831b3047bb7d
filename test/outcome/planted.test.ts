import { expect, it } from 'vitest';
import { chance } from '../../src/coldstart/chance.ts';
import { compare } from '../../src/outcome/compare.ts';
import type { Comparison, Listed } from '../../src/outcome/comparison.ts';
import { addRun, type History, noHistory, type RunToRemember } from '../../src/outcome/history.ts';
import { someOf } from '../every-row.ts';
import { type Attempt, type File, ranSuite, type Written } from './a-suite-in-time.ts';

/**
 * Sixty runs of one environment, in which we know what is the matter because we planted it. Each run goes through the product's own
 * way: feature files parsed by Cucumber, messages folded, compared, remembered.
 */
const runCount = 60;

/** What was planted, by the scenario's feature and name. Runs count from 0; `to` is the first that is well again. */
const regressions = [
  { of: 'Feature 2: Scenario 1', from: 5, to: 6 },
  { of: 'Feature 3: Scenario 2', from: 8, to: 20 },
  { of: 'Feature 4: Outline (what: two)', from: 12, to: 31 },
  { of: 'Feature 5: Scenario 4', from: 18, to: 23 },
  { of: 'Feature 6: Ruled', from: 21, to: 24 },
  { of: 'Feature 7: Scenario 5', from: 33, to: 39 },
  { of: 'Feature 8: Scenario 6', from: 54, to: 99 },
  // Older than what is remembered.
  { of: 'Feature 9: Scenario 1', from: 2, to: 57 },
];
const flakes = [1, 5, 9, 13, 17, 21].map((feature) => `Feature ${feature}: Scenario 3`);
const flakeRate = 0.2;
const slowFrom = 30;
const slow = ['Feature 10: Scenario 2', 'Feature 11: Outline (what: three)'];
const outage = 42;
const slowRun = 46;
const cancelled = 50;
const renamed = 15;
const moved = 10;
const addedAt = 25;
const rowRemovedAt = 28;
const removedAt = 35;

const filesAt = (run: number): readonly File[] =>
  Array.from({ length: 24 }, (_, feature): File => {
    const scenarios: Written[] = Array.from({ length: 7 }, (_, scenario) => ({ name: `Scenario ${scenario}` }));
    const rows = feature === 12 && run >= rowRemovedAt ? ['one', 'two'] : ['one', 'two', 'three'];
    scenarios.push({ name: 'Outline', rows }, { name: 'Ruled', rule: 'A rule' });
    if (feature === 14 && run >= addedAt) scenarios.unshift({ name: 'Newcomer' });
    const folder = run >= renamed && feature % 2 === 0 ? 'features/moved/' : 'features/';
    const above = run >= moved && feature % 3 === 0 ? run : 0;
    return {
      uri: `${folder}${feature}.feature`,
      feature: `Feature ${feature}`,
      above,
      scenarios: feature === 16 && run >= removedAt ? scenarios.slice(1) : scenarios,
    };
  });

const keyOf = ({ feature, scenario }: { readonly feature: string; readonly scenario: string }): string => `${feature}: ${scenario}`;

function attemptsAt(run: number, random: () => number, retry: number) {
  return (uri: string, scenario: string): readonly Attempt[] => {
    const key = `Feature ${/(\d+)\.feature$/.exec(uri)?.[1]}: ${scenario}`;
    const bell = random() + random() + random() + random() - 2;
    const usualMs = 500 + ((key.length * 977 + Number(/\d+/.exec(key)?.[0]) * 613) % 9_000);
    const factor = (slow.includes(key) && run >= slowFrom ? 3 : 1) * (run === slowRun ? 2 : 1);
    const durationMs = usualMs * Math.exp(bell * 0.43) * factor;
    const fails = { durationMs, error: `Error: ${key} is broken` };
    if (run === outage) return [{ durationMs, error: 'page.goto: net::ERR_CONNECTION_REFUSED at https://staging.example.com/' }];
    if (regressions.some(({ of, from, to }) => of === key && run >= from && run < to))
      return Array.from({ length: retry + 1 }, () => fails);
    if (!flakes.includes(key)) return [{ durationMs }];
    const tries: Attempt[] = [];
    do tries.push(random() < flakeRate ? fails : { durationMs });
    while (tries.at(-1)?.error !== undefined && tries.length <= retry);
    return tries;
  };
}

/** The run with this number, and what a look at it says. */
interface Looked {
  readonly run: RunToRemember;
  readonly comparison: Comparison;
}

function sixtyRuns(seed: number, retry: number): readonly Looked[] {
  const random = chance(seed);
  let history: History = noHistory;
  return Array.from({ length: runCount }, (_, number): Looked => {
    const ran = ranSuite(filesAt(number), attemptsAt(number, random, retry), number === cancelled ? 100 : undefined);
    const kind = number === cancelled ? 'cancelled' : (ran.counts?.failed ?? 0) > 0 ? 'failed' : 'passed';
    const at = new Date(Date.UTC(2026, 10, 1 + number)).toISOString();
    // The suite's code changes every fourth run.
    const run: RunToRemember = { id: `run-${number}`, at, code: `c${Math.floor(number / 4)}`, tags: '', features: [], kind, ...ran };
    const comparison = compare(history, run);
    history = addRun(history, { ...run, ...(comparison.pace !== undefined && { pace: comparison.pace }) });
    return { run, comparison };
  });
}

const keys = (list: Listed<{ readonly feature: string; readonly scenario: string }>): readonly string[] => list.first.map(keyOf);

/** What was planted and not found, and what was found and not planted, in words. */
function wrong(looked: readonly Looked[], retry: number) {
  const missed: string[] = [];
  const falseAlarms: string[] = [];
  const at = (number: number): Comparison => looked[number]?.comparison ?? expect.fail('there is no such run');
  const must = (isFound: boolean, what: string) => isFound || missed.push(what);

  for (const { of, from, to } of regressions) {
    must(keys(at(from).newlyFailing).includes(of), `${of} is new in ${from}`);
    for (let number = from + 1; number < Math.min(to, runCount); number += 1) {
      if (number === cancelled && !looked[number]?.run.scenarios.some((one) => keyOf(one) === of && one.verdict === 'failed')) continue;
      const still = at(number).stillFailing.first.find((one) => keyOf(one) === of);
      const ran = looked
        .slice(from, number + 1)
        .filter(({ run }) => run.scenarios.some((one) => keyOf(one) === of && one.verdict === 'failed'));
      const isRemembered = number - from < 40;
      must(still !== undefined, `${of} still fails in ${number}`);
      if (isRemembered)
        must(
          still?.since.id === `run-${from}` && still.runs === ran.length && still.isLonger !== true,
          `${of} fails since ${from}, said in ${number}`,
        );
      else must(still?.isLonger === true, `${of} fails for longer than is remembered, said in ${number}`);
    }
    if (to < runCount) must(keys(at(to).fixed).includes(of), `${of} is fixed in ${to}`);
  }
  for (const of of flakes) {
    const failedAtFirst = looked.findIndex(({ run }) => run.scenarios.some((one) => keyOf(one) === of && one.verdict === 'flaky'));
    if (failedAtFirst >= 0) {
      const { newlyFlaky, knownFlaky } = at(failedAtFirst);
      must([...keys(newlyFlaky), ...keys(knownFlaky)].includes(of), `${of} is flaky in ${failedAtFirst}`);
    }
    if (retry > 0) continue;
    const suspected = looked.some(({ comparison }) =>
      [...comparison.newlyFailing.first, ...comparison.fixed.first].some((one) => keyOf(one) === of && one.flakiness !== undefined),
    );
    must(suspected, `${of} is known as flaky`);
  }
  for (const of of slow)
    must(
      [2, 3, 4, 5, 6].some((after) => keys(at(slowFrom + after).slower).includes(of)),
      `${of} is slower`,
    );
  must(at(slowRun).pace !== undefined, 'the slow run');
  must(keys(at(addedAt).added).join() === 'Feature 14: Newcomer', 'the new scenario');
  must(
    at(rowRemovedAt)
      .removed.first.map(({ scenario }) => scenario)
      .join() === 'Outline (what: three)',
    'the row that was removed',
  );
  must(
    at(removedAt)
      .removed.first.map(({ scenario }) => scenario)
      .join() === 'Scenario 0',
    'the scenario that was removed',
  );
  must(at(outage).newlyFailing.count > 200 && at(outage + 1).fixed.count > 200, 'the outage');

  const isExplained = (key: string, number: number): boolean =>
    flakes.includes(key) ||
    number === outage ||
    number === outage + 1 ||
    regressions.some(({ of, from, to }) => of === key && number >= from && number <= to);
  for (const [number, { comparison }] of looked.entries()) {
    const { newlyFailing, stillFailing, fixed, newlyFlaky, knownFlaky, slower, added, removed, pace } = comparison;
    const alarm = (key: string, what: string) => falseAlarms.push(`${key} is ${what} in ${number}`);
    for (const one of [...newlyFailing.first, ...stillFailing.first, ...fixed.first]) {
      if (!isExplained(keyOf(one), number)) alarm(keyOf(one), 'failing or fixed');
      if (one.flakiness !== undefined && !flakes.includes(keyOf(one))) alarm(keyOf(one), 'called flaky');
    }
    for (const key of [...keys(newlyFlaky), ...keys(knownFlaky)]) if (!flakes.includes(key)) alarm(key, 'flaky');
    for (const key of keys(slower)) if (!slow.includes(key)) alarm(key, 'slower');
    if (pace !== undefined && number !== slowRun) alarm('all', 'slower');
    if (added.count > 0 && number !== addedAt) alarm(keys(added).join(), 'new');
    if (removed.count > 0 && number !== rowRemovedAt && number !== removedAt) alarm('something', 'removed');
  }
  return { missed, falseAlarms };
}

const retries = [
  ['with a retry', 1],
  ['without retries', 0],
] as const;
it.each(someOf(retries, 2))('over sixty runs %s, what was planted is found, and nothing else is said', (name, retry) => {
  const seeds = someOf([1, 2, 3], 3);
  const found = seeds.map((seed) => wrong(sixtyRuns(seed, retry), retry));
  const missed = found.flatMap((one) => one.missed);
  const falseAlarms = found.flatMap((one) => one.falseAlarms);
  console.log(
    `${name}: ${missed.length} missed, ${falseAlarms.length} false alarms in ${seeds.length * runCount} runs of 240 scenarios`,
    falseAlarms,
  );
  expect(missed).toEqual([]);
  expect(falseAlarms.length).toBeLessThanOrEqual(seeds.length);
});
