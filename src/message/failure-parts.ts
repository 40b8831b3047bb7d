import type { Mute } from '../hearing/hearing.ts';
import { causeHash } from '../hearing/troubles.ts';
import { groupByCause } from '../outcome/cause.ts';
import type { Failure } from '../outcome/outcome.ts';
import { context, muteButton, output, picture, section, unmuteButton } from './blocks.ts';
import { causeValue } from './buttons.ts';
import { causesInOrder, moreFailures, mutedUntil, namedOwners, newOfMany, titleOf } from './failure-words.ts';
import type { Part } from './fit.ts';
import type { EndView } from './run-view.ts';
import { type SinceOf, sinceIn, sinceWords } from './since.ts';
import { code, cut, errorCharacters, errorLines, firstLines, oneLine, plural } from './text.ts';

/** Scenarios of one cause that are named; the report has them all. */
const shownOfCause = 5;

/** How much is said of each: as much as there is room for, should there be many. */
interface Detail {
  readonly error: { readonly lines: number; readonly characters: number };
  /** So many of the first have their screenshot as a picture, the others as a link. */
  readonly pictures: number;
}

const details: readonly [Detail, ...Detail[]] = [
  { error: { lines: errorLines, characters: errorCharacters }, pictures: 10 },
  { error: { lines: 4, characters: 300 }, pictures: 3 },
  { error: { lines: 2, characters: 160 }, pictures: 1 },
];

/** The failures in full, those of one cause together: what is new comes first, then what most have. */
export function failureParts(
  failures: readonly Failure[],
  view: EndView,
): { readonly parts: readonly Part[]; readonly shorter: readonly (readonly Part[])[]; readonly leftOut: (parts: number) => Part } {
  const sinceOf = sinceIn(view.run.phase.comparison);
  const causes = causesInOrder(groupByCause(failures), sinceOf);
  const [parts = [], ...shorter] = details.map((detail) =>
    causes.map((cause, index) => causePart(cause.failures, { view, sinceOf, detail, index })),
  );
  return { parts, shorter, leftOut: (count) => [context(moreFailures(causes.slice(causes.length - count), view.reportUrl))] };
}

interface Around {
  readonly view: EndView;
  readonly sinceOf: SinceOf;
  readonly detail: Detail;
  readonly index: number;
}

function causePart(failures: readonly Failure[], around: Around): Part {
  const [first] = failures;
  if (first === undefined) return [];
  const { view, detail, index } = around;
  const muted = mutedUntil(first, view);
  const value = causeValue(view.plan.environment, view.run.id, causeHash(first));
  const url = first.screenshot === undefined ? undefined : view.screenshotUrl(first.screenshot, first.shard ?? 1);
  const isShown = index < detail.pictures;
  return [
    section(
      [
        failures.length === 1 ? headingOf(first, around) : headingOfMany(failures, around),
        ...ownersLine(failures, view),
        ...mutedLine(muted, view),
        ...(url === undefined || isShown ? [] : [`<${url}|Screenshot>`]),
      ].join('\n'),
      muted === undefined ? muteButton(value) : unmuteButton(value),
    ),
    output(`${cut(oneLine(first.step), 250)}\n\n${firstLines(first.error, detail.error)}`),
    ...(url === undefined || !isShown ? [] : [picture(url, `Screenshot at the failure of: ${oneLine(first.scenario)}`)]),
  ];
}

/** A reply pings whom it names: those whom a message that was posted at the end has pinged are not pinged again. */
function ownersLine(failures: readonly Failure[], { heard }: EndView): readonly string[] {
  const owners = heard?.place.kind === 'standing' ? namedOwners(failures, heard, false) : [];
  return owners.length === 0 ? [] : [`Owner: ${owners.join(' ')}`];
}

/** Who has muted it after the end is named: by then it stands, and an edit pings nobody. */
function mutedLine(mute: Mute | undefined, { run }: EndView): readonly string[] {
  if (mute === undefined) return [];
  const untilS = Math.round(Date.parse(mute.until) / 1_000);
  const by = mute.at > run.phase.at ? ` by <@${mute.by}>` : '';
  return [`🔕 muted${by} until it passes, at most until <!date^${untilS}^{date_short_pretty}|${mute.until.slice(0, 10)}>`];
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
  return `*${titleOf(failure, view.reportUrl, 250)}*\n${facts.filter((fact) => fact !== false).join(' · ')}`;
}

/** `*298 scenarios failed for one reason* · 12 new`, and the first of them by name. */
function headingOfMany(failures: readonly Failure[], { view, sinceOf }: Around): string {
  const { status } = failures[0] ?? { status: 'failed' };
  const did = status === 'failed' ? 'failed' : `are ${status}`;
  const names = failures
    .slice(0, shownOfCause)
    .map((failure) => `${titleOf(failure, view.reportUrl, 150)} ${code(cut(`${failure.uri}:${failure.line}`, 100))}`);
  const more = failures.length > names.length ? [`and ${(failures.length - names.length).toLocaleString('en')} more`] : [];
  const news = newOfMany(failures, sinceOf, view.run.phase.at);
  return [`*${plural(failures.length, 'scenario')} ${did} for one reason*${news === '' ? '' : ` · ${news}`}`, ...names, ...more].join('\n');
}
