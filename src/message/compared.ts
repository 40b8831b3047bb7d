import type { Comparison, Listed } from '../outcome/comparison.ts';
import type { Failure, Flake, Outcome } from '../outcome/outcome.ts';
import { context, contextMost, packed } from './blocks.ts';
import type { Part } from './fit.ts';
import { failedFor, flakyWords } from './since.ts';
import { cut, duration, escapeText, oneLine, plural } from './text.ts';

const shown = 3;

/** What else there is to say of a run beside its failures: a line for each thing, and none for what did not happen. */
export function comparedParts(outcome: Outcome, comparison: Comparison | undefined, at: string): Part {
  const flaky = 'flaky' in outcome ? outcome.flaky : [];
  const quarantined = 'quarantined' in outcome ? (outcome.quarantined ?? []) : [];
  const lines = [
    line('Flaky', { count: flaky.length, first: flaky }, (flake) => `passed at attempt ${flake.attempts}${newOrKnown(flake, comparison)}`),
    line('In quarantine, failed', { count: quarantined.length, first: quarantined }, statusWords),
    ...(comparison === undefined ? [] : comparedLines(comparison, at)),
  ].filter((words) => words !== undefined);
  return packed(lines, contextMost, context);
}

const comparedLines = (
  { fixed, slower, pace, added, removed, healed, against }: Comparison,
  at: string,
): readonly (string | undefined)[] => [
  line('Fixed', fixed, (one) => failedFor(one, at)),
  pace === undefined ? undefined : `Everything took ${pace} times as long as usual.`,
  line('Slower', slower, ({ tookMs, usualMs }) => `${duration(tookMs)}, usually ${duration(usualMs)}`),
  added.count === 0 ? undefined : `${plural(added.count, 'new scenario')}${against === undefined ? '' : ` since ${against.id}`}`,
  line('Not there any more', removed, () => ''),
  line('May leave the quarantine, passed 20 times in a row', healed, () => ''),
];

const statusWords = ({ status }: Failure): string => (status === 'failed' ? '' : status);

function newOrKnown(flake: Flake, comparison: Comparison | undefined): string {
  const isIt = ({ id, uri }: { readonly id?: string; readonly uri: string }) => id !== undefined && id === flake.id && uri === flake.uri;
  // Before anything is remembered nobody knows what is new.
  if (comparison !== undefined && comparison.runs > 0 && comparison.newlyFlaky.first.some(isIt)) return ', not flaky before';
  const known = comparison?.knownFlaky.first.find(isIt);
  return known === undefined ? '' : `, ${flakyWords(known.flakiness)}`;
}

/** `Fixed: A user logs in (failed 3 runs) · A user logs out · and 4 more`, or undefined for nothing. */
function line<T extends { readonly scenario: string }>(
  what: string,
  { count, first }: Listed<T>,
  words: (one: T) => string,
): string | undefined {
  if (count === 0) return undefined;
  const names = first.slice(0, shown).map((one) => {
    const more = words(one);
    return `${escapeText(cut(oneLine(one.scenario), 120)) || 'one without a name'}${more === '' ? '' : ` (${more})`}`;
  });
  return `${what}: ${[...names, ...(count > names.length ? [`and ${(count - names.length).toLocaleString('en')} more`] : [])].join(' · ')}`;
}

/** How many of the failures are new: ` · 1 new`. Nothing where nothing is remembered. */
export function newPhrase(comparison: Comparison | undefined): string {
  if (comparison === undefined || comparison.runs === 0) return '';
  const { newlyFailing, stillFailing } = comparison;
  if (newlyFailing.count + stillFailing.count === 0) return '';
  return newlyFailing.count === 0 ? ' · none new' : ` · ${newlyFailing.count.toLocaleString('en')} new`;
}
