import type { KnownBlock } from '@slack/types';
import type { OutcomeKind } from '../outcome/outcome.ts';
import { type FlakyName, passedOf, type Standing } from '../outcome/standing.ts';
import { buttonRow, context, openHistoryButton, section } from './blocks.ts';
import { fit, type Part } from './fit.ts';
import type { Message } from './message.ts';
import { cut, escapeText, oneLine, plural } from './text.ts';
import { outcomeWord } from './words.ts';

/** An environment as a message shows it. Without a standing: nothing has ended there. */
export interface StandingView {
  readonly environment: string;
  readonly standing?: Standing | undefined;
  /** The page of its last runs. */
  readonly historyUrl: string;
}

const shownEnvironments = 15;
const shownRuns = 20;
const shownFlaky = 3;

/** How the last runs went, for whoever asked. */
export function historyMessage(views: readonly StandingView[]): Message {
  const [only] = views;
  const isOne = views.length === 1 && only !== undefined;
  return fit({
    text: textOf(views),
    head: views.length === 0 ? [section('There is no environment.')] : [],
    parts: views.map((view) => (isOne ? [...standingPart(view), ...flakyPart(view.standing?.flakiest ?? [])] : standingPart(view))),
    most: shownEnvironments,
    leftOut: (count) => [context(`and ${plural(count, 'more environment')}: name one`)],
    foot: isOne ? buttonRow(openHistoryButton(only.historyUrl)) : [],
  });
}

function textOf(views: readonly StandingView[]): string {
  const phrases = views.slice(0, shownEnvironments).map(({ environment, standing }) => `${environment}: ${phraseOf(standing)}`);
  const left = views.length - phrases.length;
  return [...phrases, ...(left > 0 ? [`and ${plural(left, 'more environment')}`] : [])].join('; ') || 'There is no environment.';
}

/** An environment in two lines: its last outcomes as a strip, the same in words, and where there is more. */
export function standingPart({ environment, standing, historyUrl }: StandingView): Part {
  const runs = standing?.runs.slice(-shownRuns) ?? [];
  if (runs.length === 0) return [section(`*${environment}*  no run has ended yet`)];
  const words: KnownBlock = context(
    `The last ${plural(runs.length, 'run')}, the newest last: ${spellsOf(runs.map(({ kind }) => kind))}  ·  <${historyUrl}|history of ${environment}>`,
  );
  return [section(`*${environment}*  ${phraseOf(standing)}\n${runs.map(({ kind }) => squareOf(kind)).join('')}`), words];
}

/** `24 of 30 runs passed, the last one failed` */
function phraseOf(standing: Standing | undefined): string {
  const last = standing?.runs.at(-1);
  if (standing === undefined || last === undefined) return 'no run has ended yet';
  const { passed, of } = passedOf(standing.runs);
  return `${passed} of ${plural(of, 'run')} passed, the last one ${outcomeWord(last).word}`;
}

/** The words beside the strip say what each is: a square is never all there is. */
function squareOf(kind: OutcomeKind): string {
  if (kind === 'passed') return '🟩';
  if (kind === 'failed' || kind === 'broken') return '🟥';
  return kind === 'cancelled' || kind === 'not-started' ? '⬜' : '🟧';
}

/** What came one after the other: `passed 12 times, failed, passed 2 times`. */
function spellsOf(kinds: readonly OutcomeKind[]): string {
  const spells: { word: string; count: number }[] = [];
  for (const kind of kinds) {
    const { word } = outcomeWord({ kind });
    const last = spells.at(-1);
    if (last?.word === word) last.count += 1;
    else spells.push({ word, count: 1 });
  }
  return spells.map(({ word, count }) => (count === 1 ? word : `${word} ${count} times`)).join(', ');
}

function flakyPart(flakiest: readonly FlakyName[]): Part {
  if (flakiest.length === 0) return [context('No scenario is flaky, as far as its last twenty runs tell.')];
  const lines = flakiest
    .slice(0, shownFlaky)
    .map(
      ({ scenario, uri, flakiness: { flakyRuns, runs } }) =>
        `• ${escapeText(cut(oneLine(scenario), 150))} (${escapeText(cut(uri, 100))}): ${flakyRuns} of its last ${plural(runs, 'run')}`,
    );
  return [section(`*Flakiest*\n${lines.join('\n')}`)];
}
