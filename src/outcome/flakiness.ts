import type { Seen } from './seen.ts';

/** How often a scenario passed and failed though nothing in the suite had changed. */
export interface Flakiness {
  /** Of `runs`, in how many it passed only at a retry, or failed (or passed) just in passing between two that went the other way. */
  readonly flakyRuns: number;
  /** The last runs in which it has a verdict, at most 20. */
  readonly runs: number;
  /** Up to 10 percent; up to 50; more. The limits are Cypress Cloud's. */
  readonly level: 'low' | 'medium' | 'high';
}

const lastRuns = 20;
/** What failed for longer than this and then passed was broken and mended. */
const longestSpell = 2;

/**
 * Undefined for a scenario that nothing says is flaky. One spell between two of the other kind is no evidence: a deployment of the
 * app under test breaks a scenario and the next one mends it. Two of them are, and so is a pass at a retry.
 *
 * @param seen in the order of the runs
 */
export function flakinessOf(seen: readonly Seen[]): Flakiness | undefined {
  // Of an hour in which everything failed nothing can be said of this one.
  const last = seen.filter(({ mark }) => mark !== 'o').slice(-lastRuns);
  const spells = spellsOf(last);
  const retried = last.filter(({ mark }) => mark === 'r');
  if (retried.length === 0 && spells.length < 2) return undefined;
  const flakyRuns = new Set([...retried, ...spells.flat()]).size;
  const rate = flakyRuns / last.length;
  return { flakyRuns, runs: last.length, level: rate > 0.5 ? 'high' : rate > 0.1 ? 'medium' : 'low' };
}

/**
 * The short spells of one verdict between two of the other, where one of these had the very same code: what changed the verdict then
 * was not the suite. A branch that is broken is no such thing.
 */
function spellsOf(seen: readonly Seen[]): readonly (readonly Seen[])[] {
  const spells: Seen[][] = [];
  for (const one of seen) {
    const spell = spells.at(-1);
    if (spell?.[0]?.isFailing === one.isFailing) spell.push(one);
    else spells.push([one]);
  }
  const isEvidence = (spell: readonly Seen[], at: number): boolean =>
    at > 0 &&
    at < spells.length - 1 &&
    spell.length <= longestSpell &&
    hasCodeOf(spell, [...(spells[at - 1] ?? []), ...(spells[at + 1] ?? [])]);
  const between = spells.filter(isEvidence);
  // Where two spells touch, it is the failing one that came and went; the passing one between is as it should be.
  const failing = between.filter(([first]) => first?.isFailing);
  return failing.length > 0 ? failing : between;
}

const hasCodeOf = (spell: readonly Seen[], others: readonly Seen[]): boolean =>
  spell.some(({ run }) => others.some((other) => other.run.code === run.code));
