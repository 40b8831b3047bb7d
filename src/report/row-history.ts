import { plural } from '../message/text.ts';
import type { Comparison, FailingScenario, FixedScenario, Listed, RunMark } from '../outcome/comparison.ts';
import type { Flakiness } from '../outcome/flakiness.ts';
import type { ScenarioName } from '../outcome/gherkin.ts';
import { precisely } from './precise-time.ts';

/** What earlier runs say of a scenario. */
export interface RowHistory {
  /** In two or three words: `new`, `5 runs in a row`. */
  readonly since: string;
  /** The evidence, as a sentence. */
  readonly past: string;
}

/** A run as one refers to it: when it ended, and from what. */
export const runWords = ({ id, at, commit, ref }: RunMark): string => {
  const code = commit?.slice(0, 7) ?? ref;
  return `${id}, ${at.slice(0, 16).replace('T', ' ')} UTC${code === undefined ? '' : `, ${code}`}`;
};

const flakyWords = (flakiness: Flakiness | undefined): string =>
  flakiness === undefined ? '' : ` It was flaky in ${flakiness.flakyRuns} of its last ${plural(flakiness.runs, 'run')}.`;

const inRow = ({ runs, isLonger }: FailingScenario | FixedScenario): string =>
  `${isLonger === true ? 'at least ' : ''}${plural(runs, 'run')}`;

const ofNew = ({ lastPassed, flakiness }: FailingScenario): RowHistory => ({
  since: 'new',
  past: `${lastPassed === undefined ? 'It has never passed in a run that is remembered.' : `It last passed in ${runWords(lastPassed)}.`}${flakyWords(flakiness)}`,
});

const ofStill = (scenario: FailingScenario): RowHistory => ({
  since: `${inRow(scenario)} in a row`,
  past: `It has failed since ${runWords(scenario.since)}.${flakyWords(scenario.flakiness)}`,
});

const ofFixed = (scenario: FixedScenario): RowHistory => ({
  since: 'fixed',
  past: `It had failed in ${inRow(scenario)}, since ${runWords(scenario.since)}.${flakyWords(scenario.flakiness)}`,
});

function* entries<T extends ScenarioName>({ first }: Listed<T>, historyOf: (one: T) => RowHistory): Generator<[string, RowHistory]> {
  for (const one of first) if (one.id !== undefined) yield [one.id, historyOf(one)];
}

/** What is to be said of scenarios, by their ids: nothing before anything is remembered, for nobody knows then what is new. */
export const rowHistories = (comparison: Comparison): ReadonlyMap<string, RowHistory> =>
  new Map(comparison.runs === 0 ? [] : historiesIn(comparison));

const historiesIn = (comparison: Comparison): readonly (readonly [string, RowHistory])[] => [
  ...entries(comparison.slower, ({ usualMs }) => ({ since: 'slow', past: `It usually takes ${precisely(usualMs)}.` })),
  ...entries(comparison.knownFlaky, ({ flakiness }) => ({ since: 'flaky before', past: flakyWords(flakiness).trim() })),
  ...entries(comparison.newlyFlaky, ({ flakiness }) => ({ since: 'newly flaky', past: flakyWords(flakiness).trim() })),
  ...entries(comparison.fixed, ofFixed),
  ...entries(comparison.stillFailing, ofStill),
  ...entries(comparison.newlyFailing, ofNew),
];
