import { type Flakiness, flakinessOf } from './flakiness.ts';
import { addedTo, type History, type RememberedRun, type RememberedScenario } from './history.ts';
import { type Seen, seenOf } from './seen.ts';
import { median } from './usual-time.ts';

/** How an environment stands after its last runs: small enough to be read for a message. */
export interface Standing {
  readonly version: 1;
  /** `addedTo` of the history it was made of: the greater is the newer. */
  readonly added: number;
  /** The last ones, the newest last. */
  readonly runs: readonly RememberedRun[];
  readonly flakiest: readonly FlakyName[];
}

/** A flaky scenario, by its name. */
export interface FlakyName {
  readonly uri: string;
  readonly scenario: string;
  readonly flakiness: Flakiness;
}

/** A scenario that is remembered, and what can be said of it. */
export interface KnownScenario {
  readonly row: RememberedScenario;
  /** Its verdicts, in the order of the runs. */
  readonly seen: readonly Seen[];
  readonly flakiness?: Flakiness;
  /** The median of the last five times it passed. */
  readonly usualMs?: number;
}

const runsInMessages = 30;
const flakiestInMessages = 5;
/** What none of so many last runs had is no concern any more. */
const lastRuns = 40;
const lastTimes = 5;

/** What is known of each scenario that one of the last runs had. */
export function knownScenarios(history: History): readonly KnownScenario[] {
  return history.scenarios.flatMap((row): readonly KnownScenario[] => {
    if (/^\.*$/.test(row.marks.slice(-lastRuns))) return [];
    const seen = seenOf(history, row);
    const flakiness = flakinessOf(seen);
    const usualMs = median(seen.flatMap(({ tookMs }) => tookMs ?? []).slice(-lastTimes));
    return [{ row, seen, ...(flakiness !== undefined && { flakiness }), ...(usualMs !== undefined && { usualMs }) }];
  });
}

/** Those that are flaky, the worst first. */
export const flakiestOf = (known: readonly KnownScenario[]): readonly (KnownScenario & { readonly flakiness: Flakiness })[] =>
  known
    .flatMap((one) => (one.flakiness === undefined ? [] : [{ ...one, flakiness: one.flakiness }]))
    .toSorted((a, b) => b.flakiness.flakyRuns / b.flakiness.runs - a.flakiness.flakyRuns / a.flakiness.runs || byName(a.row, b.row));

/** Those that take longest, the slowest first. */
export const slowestOf = (known: readonly KnownScenario[]): readonly (KnownScenario & { readonly usualMs: number })[] =>
  known
    .flatMap((one) => (one.usualMs === undefined ? [] : [{ ...one, usualMs: one.usualMs }]))
    .toSorted((a, b) => b.usualMs - a.usualMs || byName(a.row, b.row));

const byName = (a: RememberedScenario, b: RememberedScenario): number => (a.id < b.id ? -1 : 1);

/** How the environment stands, as its history has it. */
export const standingOf = (history: History, known: readonly KnownScenario[] = knownScenarios(history)): Standing => ({
  version: 1,
  added: addedTo(history),
  runs: history.runs.slice(-runsInMessages),
  flakiest: flakiestOf(known)
    .slice(0, flakiestInMessages)
    .map(({ row: { uri, scenario }, flakiness }) => ({ uri, scenario, flakiness })),
});

/** Whether `a` was made of an older history. One that was deleted and begun anew counts from one again, and goes on in time. */
export function isOlder(a: Standing, b: Standing): boolean {
  const [atA, atB] = [a, b].map(({ runs }) => runs.at(-1)?.at ?? '');
  return atA === atB ? a.added < b.added : (atA ?? '') < (atB ?? '');
}

/** How many of the runs that say something about the environment have passed: not those that somebody cancelled, or that never began. */
export function passedOf(runs: readonly RememberedRun[]): { readonly passed: number; readonly of: number } {
  const telling = runs.filter(({ kind }) => kind !== 'cancelled' && kind !== 'not-started');
  return { passed: telling.filter(({ kind }) => kind === 'passed').length, of: telling.length };
}
