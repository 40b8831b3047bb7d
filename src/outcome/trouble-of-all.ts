import { isFailing, isPassing, type ScenarioResult } from './scenario-result.ts';

/** Fewer failures of one cause may be chance. */
const least = 5;

/**
 * The cause for which at least half of the scenarios failed that have a verdict: the environment was down, or something that
 * all of them need. It says nothing of any one of them. Undefined: there is no such cause.
 */
export function troubleOfAll(results: readonly ScenarioResult[]): string | undefined {
  const failing = results.filter(({ verdict }) => isFailing(verdict));
  const ran = failing.length + results.filter(({ verdict }) => isPassing(verdict)).length;
  const byCause = [...Map.groupBy(failing, ({ cause }) => cause)];
  const most = Math.max(least, ran / 2);
  return byCause.find(([cause, those]) => cause !== undefined && those.length >= most)?.[0];
}
