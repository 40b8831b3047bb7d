import type { Heard, Mute } from '../hearing/hearing.ts';
import { causeHash } from '../hearing/troubles.ts';
import type { Cause } from '../outcome/cause.ts';
import type { Failure } from '../outcome/outcome.ts';
import { scenarioAnchor } from '../outcome/scenario-id.ts';
import { mentionOf } from './mention.ts';
import type { EndView } from './run-view.ts';
import { forHowLong, type SinceOf } from './since.ts';
import { cut, escapeText, oneLine, plural } from './text.ts';

const shownOwners = 5;

/** A new failure is what people can still remember the reason of. The causes of most failures come first otherwise. */
export function causesInOrder(causes: readonly Cause[], sinceOf: SinceOf): readonly Cause[] {
  const isNew = ({ failures }: Cause) => failures.some((failure) => sinceOf(failure)?.isNew);
  return [...causes.filter(isNew), ...causes.filter((cause) => !isNew(cause))];
}

/** The scenario's name; it leads to where the report shows it. */
export function titleOf({ scenario, id }: Failure, reportUrl: string | undefined, length: number): string {
  const name = escapeText(cut(oneLine(scenario), length)).replaceAll('*', '∗') || 'A scenario without a name';
  return id === undefined || reportUrl === undefined ? name : `<${reportUrl}#${scenarioAnchor(id)}|${name}>`;
}

/** `12 new; the oldest fails for 3 days: 5 runs`, of the failures of one cause. */
export function newOfMany(failures: readonly Failure[], sinceOf: SinceOf, at: string): string {
  const known = failures.flatMap((failure) => sinceOf(failure) ?? []);
  const [oldest] = known.filter(({ isNew }) => !isNew).toSorted((a, b) => (a.failing.since.at < b.failing.since.at ? -1 : 1));
  if (known.length === 0) return '';
  if (oldest === undefined) return 'all new';
  const fresh = known.filter(({ isNew }) => isNew).length;
  return `${fresh === 0 ? 'none' : fresh.toLocaleString('en')} new; the oldest ${forHowLong(oldest.failing, at)}`;
}

/**
 * Whose it is. To name somebody in what is posted pings them, in what is edited it does not: so those who are not to be pinged are named
 * only in what is edited.
 */
export function namedOwners(failures: readonly Failure[], heard: Heard | undefined, isEdited: boolean): readonly string[] {
  const owners = [...new Set(failures.flatMap((failure) => failure.owners ?? []))];
  const named = owners.filter((id) => isEdited || heard?.pings.includes(id) === true);
  const more = named.length - shownOwners;
  return [...named.slice(0, shownOwners).map(mentionOf), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** That the failure's cause is muted, if it is. */
export function mutedUntil(failure: Failure, { mutes, run }: EndView): Mute | undefined {
  const cause = causeHash(failure);
  return mutes?.find((mute) => mute.cause === cause && mute.until > run.phase.at);
}

/** `… and 17 more failures, see the report`. */
export function moreFailures(causes: readonly Cause[], reportUrl: string | undefined): string {
  const count = causes.reduce((sum, { failures }) => sum + failures.length, 0);
  return `… and ${plural(count, 'more failure')}${reportUrl === undefined ? '' : `, see <${reportUrl}|the report>`}`;
}
