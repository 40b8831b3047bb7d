import type { Comparison, FailingScenario, Listed, RunMark, SlowerScenario } from './comparison.ts';
import { cut } from './error-text.ts';
import { type Flakiness, flakinessOf } from './flakiness.ts';
import type { ScenarioName } from './gherkin.ts';
import { type History, isBefore, type RememberedRun, type RememberedScenario, type RunToRemember, selectionOf } from './history.ts';
import { pairScenarios } from './scenario-pairs.ts';
import { isFailing, isPassing, type ScenarioResult } from './scenario-result.ts';
import { type Seen, seenOf } from './seen.ts';
import { median, type UsualTime, usualTime } from './usual-time.ts';

const mostListed = 1_000;
const longestName = 150;
/** So many runs without a failure, and a scenario may leave the quarantine. */
const healedAfter = 20;
/** One slow run is chance, and so are two, among hundreds of scenarios. */
const slowBefore = 2;
/** Below it, all scenarios together are as fast as ever. */
const slowPace = 1.5;

/** A scenario of the run, and what is remembered of it. */
interface Compared {
  readonly result: ScenarioResult;
  /** Its verdicts before this run, wherever. */
  readonly before: readonly Seen[];
  /** … those at the run's own ref, if there are any: a branch that is broken breaks nothing on another. */
  readonly line: readonly Seen[];
  readonly now: Seen;
}

/** What is new about a run, in the light of those that ended before it. The history may have the run itself already, or not yet. */
export function compare(history: History, run: RunToRemember): Comparison {
  const earlier = history.runs.filter((other) => other.id !== run.id && isBefore(other, run));
  const isEarlier = new Set(earlier.map(({ id }) => id));
  const pairs = pairScenarios(history.scenarios, run.scenarios);
  const compared = run.scenarios.map((result): Compared => {
    const known = pairs.knownOf(result);
    const before = known === undefined ? [] : seenOf(history, known).filter((seen) => isEarlier.has(seen.run.id));
    const atRef = before.filter((seen) => seen.run.ref === run.ref);
    const now: Seen = { run, mark: markNow(result), isFailing: isFailing(result.verdict) };
    return { result, before, line: atRef.length > 0 ? atRef : before, now };
  });
  const free = compared.filter(({ result }) => result.isQuarantined !== true);
  const failing = free.filter(({ result }) => isFailing(result.verdict));
  const passing = free.filter(({ result }) => isPassing(result.verdict));
  const flaky = passing.flatMap(flakyOf);
  const against =
    earlier.findLast((other) => isLike(run, other) && other.ref === run.ref) ?? earlier.findLast((other) => isLike(run, other));
  return {
    runs: earlier.length,
    ...(against !== undefined && { against: markOf(against) }),
    newlyFailing: listed(failing.filter(({ line }) => line.at(-1)?.isFailing !== true).map((one) => failingOf(one, history))),
    stillFailing: listed(failing.filter(({ line }) => line.at(-1)?.isFailing === true).map((one) => failingOf(one, history))),
    fixed: listed(passing.filter(({ line }) => line.at(-1)?.isFailing === true).map((one) => fixedOf(one, history))),
    newlyFlaky: listed(flaky.filter(({ isKnown }) => !isKnown).map(({ scenario }) => scenario)),
    knownFlaky: listed(flaky.filter(({ isKnown }) => isKnown).map(({ scenario }) => scenario)),
    ...slowerOf(passing),
    ...addedAndRemoved({ history, run, against, earlier: isEarlier, ...pairs }),
    healed: listed(compared.filter(hasHealed).map(({ result }) => nameOf(result))),
  };
}

const markNow = ({ verdict }: ScenarioResult): Seen['mark'] => (verdict === 'flaky' ? 'r' : isFailing(verdict) ? 'f' : 'p');

/** Whether it ran the same scenarios, to their end. */
const isLike = (run: RememberedRun, other: RememberedRun): boolean => isWhole(other) && selectionOf(other) === selectionOf(run);

const isWhole = ({ kind }: RememberedRun): boolean => kind === 'passed' || kind === 'failed';

const listed = <T>(all: readonly T[]): Listed<T> => ({ count: all.length, first: all.slice(0, mostListed) });

function markOf({ id, at, ref, code }: RememberedRun): RunMark {
  const isCommit = code !== undefined && ref !== undefined;
  return { id, at, ...(ref !== undefined && { ref }), ...(isCommit && { commit: code }) };
}

const nameOf = ({ id, feature, uri, line, rule, scenario }: ScenarioResult): ScenarioName => ({
  id,
  feature: cut(feature, longestName),
  uri,
  line,
  ...(rule !== undefined && { rule: cut(rule, longestName) }),
  scenario: cut(scenario, longestName),
});

/** The failures in a row at the end of what is remembered. */
function streakOf({ line }: Compared, { hasForgotten }: History) {
  const passed = line.findLastIndex((seen) => !seen.isFailing);
  const streak = line.slice(passed + 1);
  const lastPassed = line[passed]?.run;
  const isLonger = streak.length > 0 && lastPassed === undefined && hasForgotten;
  return { streak, lastPassed, ...(isLonger && { isLonger: true as const }) };
}

const withFlakiness = (seen: readonly Seen[]): { readonly flakiness?: Flakiness } => {
  const flakiness = flakinessOf(seen);
  return flakiness === undefined ? {} : { flakiness };
};

function failingOf(one: Compared, history: History): FailingScenario {
  const { streak, lastPassed, ...longer } = streakOf(one, history);
  return {
    ...nameOf(one.result),
    since: markOf(streak[0]?.run ?? one.now.run),
    runs: streak.length + 1,
    ...longer,
    ...(lastPassed !== undefined && { lastPassed: markOf(lastPassed) }),
    ...withFlakiness([...one.before, one.now]),
  };
}

function fixedOf(one: Compared, history: History) {
  const { streak, lastPassed: _, ...longer } = streakOf(one, history);
  const since = markOf(streak[0]?.run ?? one.now.run);
  return { ...nameOf(one.result), since, runs: streak.length, ...longer, ...withFlakiness([...one.before, one.now]) };
}

function flakyOf({ result, before, now }: Compared) {
  const flakiness = result.verdict === 'flaky' ? flakinessOf([...before, now]) : undefined;
  if (flakiness === undefined) return [];
  return [{ isKnown: flakinessOf(before) !== undefined, scenario: { ...nameOf(result), flakiness } }];
}

const hasHealed = ({ result, before }: Compared): boolean =>
  result.isQuarantined === true &&
  result.verdict === 'passed' &&
  before.length >= healedAfter - 1 &&
  before.slice(1 - healedAfter).every(({ mark }) => mark === 'p');

/** What took too long, though one allows for a run in which everything did. */
function slowerOf(passing: readonly Compared[]): Pick<Comparison, 'slower' | 'pace'> {
  const timed = passing.flatMap(({ result, before }) => {
    const passed = before.filter(({ mark }) => mark === 'p');
    // It must have been slow the times before, too: those are no part of what is usual.
    const usual = usualTime(passed.slice(0, -slowBefore));
    const lastMs = Math.min(...passed.slice(-slowBefore).map(({ tookMs = 0 }) => tookMs));
    return result.verdict !== 'passed' || usual === undefined ? [] : [{ result, usual, lastMs }];
  });
  const pace = median(timed.map(({ result, usual }) => result.durationMs / usual.medianMs)) ?? 1;
  const allowed = Math.max(1, pace);
  const isSlow = (tookMs: number, { longestMs }: UsualTime): boolean => tookMs > longestMs;
  const slower = timed
    .filter(({ result, usual, lastMs }) => isSlow(result.durationMs / allowed, usual) && isSlow(lastMs, usual))
    .map(({ result, usual }): SlowerScenario => ({ ...nameOf(result), tookMs: result.durationMs, usualMs: usual.medianMs }));
  return { slower: listed(slower), ...(pace >= slowPace && { pace: Math.round(pace * 10) / 10 }) };
}

function addedAndRemoved(given: {
  readonly history: History;
  readonly run: RunToRemember;
  readonly against: RememberedRun | undefined;
  readonly earlier: ReadonlySet<string>;
  readonly knownOf: (result: ScenarioResult) => RememberedScenario | undefined;
  readonly resultOf: (known: RememberedScenario) => ScenarioResult | undefined;
}): Pick<Comparison, 'added' | 'removed'> {
  const { history, run, against, earlier, knownOf, resultOf } = given;
  if (against === undefined || run.again !== undefined) return { added: listed([]), removed: listed([]) };
  const wasIn = (at: number, row: RememberedScenario | undefined): boolean => (row?.marks[at] ?? '.') !== '.';
  const at = history.runs.findIndex(({ id }) => id === against.id);
  const gone = isWhole(run) ? history.scenarios.filter((row) => wasIn(at, row) && resultOf(row) === undefined) : [];
  const indexes = [...history.runs.keys()].filter((index) => earlier.has(history.runs[index]?.id ?? ''));
  const isNew = (result: ScenarioResult): boolean => !indexes.some((index) => wasIn(index, knownOf(result)));
  return {
    added: listed(run.scenarios.filter(isNew).map(nameOf)),
    removed: listed(gone.map(({ id, uri, scenario }) => ({ id, uri, scenario }))),
  };
}
