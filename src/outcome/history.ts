import { noTime, toTimeCode } from './duration-code.ts';
import type { Counts, OutcomeKind } from './outcome.ts';
import { pairScenarios } from './scenario-pairs.ts';
import { isPassing, type ScenarioResult } from './scenario-result.ts';
import { troubleOfAll } from './trouble-of-all.ts';

/** A run that has ended, as far as it is remembered. */
export interface RememberedRun {
  readonly id: string;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** Stands for the suite's code: a commit's hash, an image's digest. Absent: not known; such runs are taken for one code. */
  readonly code?: string;
  /** Git ref that was asked for; absent: the suite in the image. */
  readonly ref?: string;
  readonly tags: string;
  readonly features: readonly string[];
  /** The run it runs a part of again; absent: it ran all that tags and features say. */
  readonly again?: string;
  readonly kind: OutcomeKind;
  readonly counts?: Counts;
  readonly durationMs?: number;
  /** A run in which everything took longer: how many times as long as usual (`Comparison.pace`). */
  readonly pace?: number;
  /** From asking for its tasks until the first scenario of each began, in milliseconds: the middle one of its shards. Absent: not known. */
  readonly startMs?: number;
  /** How often the environment's links had been revoked when its report was made; absent: never. */
  readonly links?: number;
  /** Who asked for it in Slack; absent: nobody there. */
  readonly by?: string;
}

/** What is remembered of a scenario. Both texts have one character for each of the history's runs, in their order. */
export interface RememberedScenario {
  /** `scenarioId` */
  readonly id: string;
  /** Where it was last seen, and what it was called there. */
  readonly uri: string;
  readonly scenario: string;
  /** Its tags there, with the at sign, a space between two; absent: none, or an older version has written it. */
  readonly tags?: string;
  /** A `Mark` for each run. */
  readonly marks: string;
  /** How long it took in each run that it passed (duration-code.ts). */
  readonly took: string;
}

/**
 * What is remembered of an environment's runs: a bounded record of the last ones, the oldest first.
 * It may be made of ends that come in any order, any of them more than once.
 */
export interface History {
  readonly version: 1;
  readonly runs: readonly RememberedRun[];
  readonly scenarios: readonly RememberedScenario[];
  /** There were runs before the first of these. */
  readonly hasForgotten: boolean;
  /** How many runs were ever added, since that is counted: of two histories of an environment the newer has more. */
  readonly added?: number;
}

/** A run that has ended, with what its scenarios came to. */
export interface RunToRemember extends RememberedRun {
  readonly scenarios: readonly ScenarioResult[];
}

/**
 * What became of a scenario in a run: passed, passed at a Retry, failed, failed with most Others for one cause, undefined,
 * ambiguous, pending (to Do), skipped; `-`: there, without a verdict; `.`: not there.
 */
export type Mark = 'p' | 'r' | 'f' | 'o' | 'u' | 'a' | 'd' | 's' | '-' | '.';

/** The runs of one selection at one ref that are remembered. */
const mostOfOne = 40;
/** … and of all. */
const mostRuns = 100;
/** More scenarios than that, and those that were seen last stay. */
const mostScenarios = 30_000;
const longestName = 150;
const longestTags = 300;

export const noHistory: History = { version: 1, runs: [], scenarios: [], hasForgotten: false };

const marksOf: Readonly<Record<ScenarioResult['verdict'], Mark>> = {
  passed: 'p',
  flaky: 'r',
  failed: 'f',
  undefined: 'u',
  ambiguous: 'a',
  pending: 'd',
  skipped: 's',
  unknown: '-',
};

/** Which scenarios a run was to run, and of which code: runs that are alike in it are compared with each other. */
export const selectionOf = ({ tags, features, again }: RememberedRun): string => JSON.stringify([tags, features, again !== undefined]);

/** In the order of their ends; the id decides where that is the same. */
export const isBefore = (a: RememberedRun, b: RememberedRun): boolean => a.at < b.at || (a.at === b.at && a.id < b.id);

/** The history with one more run. A run that it has already, or that is too old for it, changes nothing. */
export function addRun(history: History, run: RunToRemember): History {
  if (history.runs.some(({ id }) => id === run.id)) return history;
  const at = history.runs.findLastIndex((other) => isBefore(other, run)) + 1;
  const { scenarios: results, ...remembered } = run;
  return forget({
    ...history,
    added: addedTo(history) + 1,
    runs: history.runs.toSpliced(at, 0, remembered),
    scenarios: withResults(history, results, at),
  });
}

/** How many runs were added; before they were counted, those that are there. */
export const addedTo = ({ added, runs }: History): number => added ?? runs.length;

/** The scenarios with a column for a run at `at`. */
function withResults({ runs, scenarios }: History, results: readonly ScenarioResult[], at: number): readonly RememberedScenario[] {
  const ofAll = troubleOfAll(results);
  const marked = (result: ScenarioResult): Mark => (ofAll !== undefined && result.cause === ofAll ? 'o' : marksOf[result.verdict]);
  const pairs = pairScenarios(scenarios, results);
  const known = scenarios.map((row) => {
    const result = pairs.resultOf(row);
    const { marks: _, took: __, ...named } = row;
    // Files are renamed: the newest name is the one to know it by.
    const name = result === undefined || lastSeen(row) > at ? named : nameOf(result);
    return { ...name, ...columns(row, at, result, marked) };
  });
  const added = pairs.unpaired.map((result) => ({
    ...nameOf(result),
    ...columns({ marks: '.'.repeat(runs.length), took: noTime.repeat(runs.length) }, at, result, marked),
  }));
  return [...known, ...added];
}

const nameOf = ({ id, uri, scenario, tags = [] }: ScenarioResult) => ({
  id,
  uri,
  scenario: scenario.slice(0, longestName),
  ...(tags.length > 0 && { tags: tags.join(' ').slice(0, longestTags) }),
});

function columns(
  { marks, took }: Pick<RememberedScenario, 'marks' | 'took'>,
  at: number,
  result: ScenarioResult | undefined,
  marked: (result: ScenarioResult) => Mark,
): Pick<RememberedScenario, 'marks' | 'took'> {
  const mark: Mark = result === undefined ? '.' : marked(result);
  const time = result !== undefined && isPassing(result.verdict) ? toTimeCode(result.durationMs) : noTime;
  return { marks: inserted(marks, at, mark), took: inserted(took, at, time) };
}

const inserted = (text: string, at: number, character: string): string => text.slice(0, at) + character + text.slice(at);

/** Index of the last run that it was in. */
const lastSeen = ({ marks }: RememberedScenario): number => /\.*$/.exec(marks)?.index ?? 0;

/** Leaves out the oldest runs of which there are too many, and scenarios that no run has any more. */
function forget(history: History): History {
  const { runs } = history;
  const ofOne = [...Map.groupBy(runs.keys(), (at) => lineOf(runs[at])).values()].flatMap((those) => those.slice(-mostOfOne));
  const kept = ofOne.toSorted((a, b) => a - b).slice(-mostRuns);
  if (kept.length === runs.length && history.scenarios.length <= mostScenarios) return history;
  const picked = (text: string): string => kept.map((at) => text[at]).join('');
  const scenarios = history.scenarios
    .map((row) => ({ ...row, marks: picked(row.marks), took: picked(row.took) }))
    .filter(({ marks }) => /[^.]/.test(marks));
  return {
    ...history,
    runs: kept.flatMap((at) => runs[at] ?? []),
    scenarios: scenarios.length <= mostScenarios ? scenarios : newest(scenarios),
    hasForgotten: history.hasForgotten || kept.length < runs.length,
  };
}

const lineOf = (run: RememberedRun | undefined): string => (run === undefined ? '' : JSON.stringify([run.ref, selectionOf(run)]));

const newest = (scenarios: readonly RememberedScenario[]): readonly RememberedScenario[] =>
  scenarios.toSorted((a, b) => lastSeen(b) - lastSeen(a) || (a.id < b.id ? -1 : 1)).slice(0, mostScenarios);
