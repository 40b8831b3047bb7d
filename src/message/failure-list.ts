import { type Cause, groupByCause } from '../outcome/cause.ts';
import type { Failure } from '../outcome/outcome.ts';
import { context, packed, section, sectionMost } from './blocks.ts';
import { causesInOrder, moreFailures, mutedUntil, namedOwners, newOfMany, titleOf } from './failure-words.ts';
import type { Part } from './fit.ts';
import type { EndView } from './run-view.ts';
import { type SinceOf, sinceIn, sinceShort } from './since.ts';
import { code, cut, escapeText, oneLine } from './text.ts';

/** Causes that are named in the channel: what somebody on call has to know. More are in the thread, and all in the report. */
const shownCauses = 5;
/** Names that are read aloud. */
const shownNames = 3;

/** The failures in short, those of one cause as one: what failed, since when, whose it is, and one line of why. */
export function failureList(failures: readonly Failure[], view: EndView): Part {
  const sinceOf = sinceIn(view.run.phase.comparison);
  const causes = causesInOrder(groupByCause(failures), sinceOf);
  const left = causes.slice(shownCauses);
  return [
    ...packed(
      causes.slice(0, shownCauses).map((cause) => lineOf(cause, sinceOf, view)),
      sectionMost,
      section,
    ),
    ...(left.length === 0 ? [] : [context(moreFailures(left, view.reportUrl))]),
  ];
}

function lineOf(cause: Cause, sinceOf: SinceOf, view: EndView): string {
  const { failures, words } = cause;
  const [first] = failures;
  if (first === undefined) return '';
  const { at } = view.run.phase;
  const isOne = failures.length === 1;
  const facts = [
    `*${titleOf(first, view.reportUrl, 120)}*${isOne ? '' : ` and ${(failures.length - 1).toLocaleString('en')} more for one reason`}`,
    first.status !== 'failed' && first.status,
    isOne ? sinceShort(sinceOf(first), at) : newOfMany(failures, sinceOf, at),
    namedOwners(failures, view.heard, view.heard?.place.kind === 'standing').join(' '),
    mutedUntil(first, view) !== undefined && '🔕 muted',
  ].filter((fact) => fact !== false && fact !== '');
  const why = oneLine(words) || oneLine(first.error);
  return [`• ${facts.join(' · ')}`, ...(why === '' ? [] : [`      ${code(cut(why, 140))}`])].join('\n');
}

/** `A user logs in; A wrong password; and 17 more`, without markup. */
export function namesOf(failures: readonly Failure[]): string {
  const names = failures.slice(0, shownNames).map(({ scenario }) => escapeText(cut(oneLine(scenario), 100)) || 'a scenario without a name');
  const more = failures.length - names.length;
  return [...names, ...(more > 0 ? [`and ${more.toLocaleString('en')} more`] : [])].join('; ');
}

/** Fewer may well have one by chance. */
const worthSaying = 5;

/** That most failures have one cause: `, 298 for one reason`. */
export function reasonPhrase(failures: readonly Failure[]): string {
  const most = Math.max(0, ...groupByCause(failures).map((cause) => cause.failures.length));
  if (most < worthSaying || most < failures.length / 2) return '';
  return most === failures.length ? ', all for one reason' : `, ${most.toLocaleString('en')} for one reason`;
}
