import type { Comparison, FailingScenario, FixedScenario, RunMark } from '../outcome/comparison.ts';
import type { Flakiness } from '../outcome/flakiness.ts';
import { code, cut, elapsed, plural } from './text.ts';

/** Words about a scenario that fails, or did, in the light of the runs before: `new`, `fails for 3 days: 5 runs, since …`. */

/** What the comparison says of a scenario, by its id and file. */
export interface Since {
  readonly failing: FailingScenario;
  readonly isNew: boolean;
}

/** @returns undefined for what was not compared: there is no history, the scenario has no name, or there are too many */
export type SinceOf = (scenario: { readonly id?: string; readonly uri: string }) => Since | undefined;

/** Finds what is known of a failure. */
export function sinceIn(comparison: Comparison | undefined): SinceOf {
  if (comparison === undefined || comparison.runs === 0) return () => undefined;
  const all = new Map<string, Since>();
  const key = ({ id = '', uri }: { readonly id?: string; readonly uri: string }) => `${id}\n${uri}`;
  for (const failing of comparison.newlyFailing.first) all.set(key(failing), { failing, isNew: true });
  for (const failing of comparison.stillFailing.first) all.set(key(failing), { failing, isNew: false });
  return (scenario) => all.get(key(scenario));
}

/** Since when a scenario fails. @param at when the run ended, ISO 8601 */
export function sinceWords({ failing, isNew }: Since, at: string): string {
  const flaky = failing.flakiness === undefined ? '' : ` · ${flakyWords(failing.flakiness)}`;
  if (!isNew) return `${forHowLong(failing, at)}, since ${code(failing.since.id)}${atRef(failing.since)}${flaky}`;
  const { lastPassed } = failing;
  if (lastPassed === undefined) return `new: it never passed in the runs I remember${flaky}`;
  return `new: passed ${elapsed(Date.parse(at) - Date.parse(lastPassed.at))} before, in ${code(lastPassed.id)}${atRef(lastPassed)}${flaky}`;
}

/** The same in short: `new`, `fails for 3 days: 5 runs`; empty for what was not compared. */
export const sinceShort = (since: Since | undefined, at: string): string =>
  since === undefined ? '' : since.isNew ? 'new' : forHowLong(since.failing, at);

/** `fails for 3 days: 5 runs`. */
export function forHowLong({ since, runs, isLonger }: FailingScenario, at: string): string {
  const long = isLonger === true ? ' or longer' : '';
  return `fails for ${elapsed(Date.parse(at) - Date.parse(since.at))}${long}: ${plural(runs, 'run')}`;
}

/** `flaky: 3 of its last 20 runs`. */
export const flakyWords = ({ flakyRuns, runs, level }: Flakiness): string =>
  `flaky (${level}): ${flakyRuns} of its last ${plural(runs, 'run')}`;

/** `failed 3 runs, for 2 days`. */
export const failedFor = ({ runs, since, isLonger }: FixedScenario, at: string): string =>
  `failed ${plural(runs, 'run')}, for ${elapsed(Date.parse(at) - Date.parse(since.at))}${isLonger === true ? ' or longer' : ''}`;

const atRef = ({ ref, commit }: RunMark): string =>
  ref === undefined ? '' : ` at ${code(cut(ref, 60))}${commit === undefined ? '' : ` (${commit.slice(0, 7)})`}`;
