import type { Mute } from '../hearing/hearing.ts';
import { causeHash } from '../hearing/troubles.ts';
import { type Cause, groupByCause } from '../outcome/cause.ts';
import type { Failure } from '../outcome/outcome.ts';
import { scenarioAnchor } from '../outcome/scenario-id.ts';
import { context, muteButton, output, picture, section, unmuteButton } from './blocks.ts';
import { causeValue } from './buttons.ts';
import type { Part } from './fit.ts';
import { mentionOf } from './mention.ts';
import type { EndView } from './run-view.ts';
import { forHowLong, type SinceOf, sinceIn, sinceWords } from './since.ts';
import { code, cut, escapeText, firstLines, oneLine, plural } from './text.ts';

/** Scenarios of one cause that are named; the report has them all. */
const shownOfCause = 5;
const shownOwners = 5;

/** The failures as parts of the message, those of one cause together; what is new comes first, then what most have. */
export function failureParts(
  failures: readonly Failure[],
  view: EndView,
): { readonly parts: readonly Part[]; readonly leftOut: (parts: number) => Part } {
  const sinceOf = sinceIn(view.run.phase.comparison);
  const causes = inOrder(groupByCause(failures), sinceOf);
  return {
    parts: causes.map((cause, index) => causePart(cause, { view, sinceOf, hasPicture: index === 0 })),
    leftOut: (parts) => moreFailures(causes.slice(causes.length - parts), view.reportUrl),
  };
}

/** A new failure is what people can still remember the reason of. The causes of most failures come first otherwise. */
function inOrder(causes: readonly Cause[], sinceOf: SinceOf): readonly Cause[] {
  const isNew = ({ failures }: Cause) => failures.some((failure) => sinceOf(failure)?.isNew);
  return [...causes.filter(isNew), ...causes.filter((cause) => !isNew(cause))];
}

interface Around {
  readonly view: EndView;
  readonly sinceOf: SinceOf;
  readonly hasPicture: boolean;
}

function causePart({ failures }: Cause, around: Around): Part {
  const [first] = failures;
  if (first === undefined) return [];
  const { view, hasPicture } = around;
  const cause = causeHash(first);
  const muted = view.mutes?.find((mute) => mute.cause === cause && mute.until > view.run.phase.at);
  const value = causeValue(view.plan.environment, view.run.id, cause);
  const button = muted === undefined ? muteButton(value) : unmuteButton(value);
  const url = first.screenshot === undefined || !hasPicture ? undefined : view.screenshotUrl(first.screenshot, first.shard ?? 1);
  return [
    section(
      [
        failures.length === 1 ? headingOf(first, around) : headingOfMany(failures, around),
        ...ownersLine(failures, view),
        ...mutedLine(muted, view),
      ].join('\n'),
      button,
    ),
    output(`${cut(oneLine(first.step), 250)}\n\n${firstLines(first.error)}`),
    ...(url === undefined ? [] : [picture(url, `Screenshot at the failure of: ${oneLine(first.scenario)}`)]),
  ];
}

/**
 * Whose it is. To name somebody in what is posted pings them, in what is edited it does not: so those who are not to be pinged are named
 * only in a message that stood before.
 */
function ownersLine(failures: readonly Failure[], { heard }: EndView): readonly string[] {
  const isNamed = (id: string) => heard?.place.kind === 'standing' || heard?.pings.includes(id) === true;
  const owners = [...new Set(failures.flatMap((failure) => failure.owners ?? []))].filter(isNamed);
  if (owners.length === 0) return [];
  const more = owners.length - shownOwners;
  return [`Owner: ${owners.slice(0, shownOwners).map(mentionOf).join(' ')}${more > 0 ? ` and ${more} more` : ''}`];
}

function mutedLine(mute: Mute | undefined, { run, heard }: EndView): readonly string[] {
  if (mute === undefined) return [];
  const isNamed = heard?.place.kind === 'standing' || mute.at > run.phase.at;
  const untilS = Math.round(Date.parse(mute.until) / 1_000);
  return [
    `🔕 muted${isNamed ? ` by <@${mute.by}>` : ''} until it passes, at most until <!date^${untilS}^{date_short_pretty}|${mute.until.slice(0, 10)}>`,
  ];
}

function headingOf(failure: Failure, { view, sinceOf }: Around): string {
  const { uri, line, status, attempts } = failure;
  const since = sinceOf(failure);
  const facts = [
    code(cut(`${uri}:${line}`, 150)),
    status !== 'failed' && status,
    attempts > 1 && `failed ${attempts} times`,
    since !== undefined && sinceWords(since, view.run.phase.at),
  ];
  return `*${titleOf(failure, view.reportUrl)}*\n${facts.filter((fact) => fact !== false).join(' · ')}`;
}

/** `*298 scenarios failed for one reason* · 12 new`, and the first of them by name. */
function headingOfMany(failures: readonly Failure[], { view, sinceOf }: Around): string {
  const { status } = failures[0] ?? { status: 'failed' };
  const did = status === 'failed' ? 'failed' : `are ${status}`;
  const names = failures
    .slice(0, shownOfCause)
    .map((failure) => `${titleOf(failure, view.reportUrl)} ${code(cut(`${failure.uri}:${failure.line}`, 100))}`);
  const more = failures.length > names.length ? [`and ${(failures.length - names.length).toLocaleString('en')} more`] : [];
  return [
    `*${plural(failures.length, 'scenario')} ${did} for one reason*${newOfMany(failures, sinceOf, view.run.phase.at)}`,
    ...names,
    ...more,
  ].join('\n');
}

function newOfMany(failures: readonly Failure[], sinceOf: SinceOf, at: string): string {
  const known = failures.flatMap((failure) => sinceOf(failure) ?? []);
  const [oldest] = known.filter(({ isNew }) => !isNew).toSorted((a, b) => (a.failing.since.at < b.failing.since.at ? -1 : 1));
  if (known.length === 0) return '';
  if (oldest === undefined) return ' · all new';
  const fresh = known.filter(({ isNew }) => isNew).length;
  return ` · ${fresh === 0 ? 'none' : fresh.toLocaleString('en')} new; the oldest ${forHowLong(oldest.failing, at)}`;
}

/** The scenario's name; it leads to where the report shows it. */
function titleOf({ scenario, id }: Failure, reportUrl: string | undefined): string {
  const name = escapeText(cut(oneLine(scenario), 250)).replaceAll('*', '∗') || 'A scenario without a name';
  return id === undefined || reportUrl === undefined ? name : `<${reportUrl}#${scenarioAnchor(id)}|${name}>`;
}

function moreFailures(causes: readonly Cause[], reportUrl: string | undefined): Part {
  const count = causes.reduce((sum, { failures }) => sum + failures.length, 0);
  return [context(`… and ${plural(count, 'more failure')}${reportUrl === undefined ? '' : `, see <${reportUrl}|the report>`}`)];
}

/** Fewer may well have one by chance. */
const worthSaying = 5;

/** That most failures have one cause: `, 298 for one reason`. */
export function reasonPhrase(failures: readonly Failure[]): string {
  const most = Math.max(0, ...groupByCause(failures).map((cause) => cause.failures.length));
  if (most < worthSaying || most < failures.length / 2) return '';
  return most === failures.length ? ', all for one reason' : `, ${most.toLocaleString('en')} for one reason`;
}
