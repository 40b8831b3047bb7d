import type { Held } from '../hearing/hearing.ts';
import { context, section } from './blocks.ts';
import { fit } from './fit.ts';
import { mentionOf } from './mention.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, oneLine, plural } from './text.ts';
import { outcomeWord } from './words.ts';

/** A run in a digest, and who of those it was held back from is still to look at it. */
export interface HeldRun extends Held {
  /** Some of what was new in it still fails. */
  readonly isOpen: boolean;
}

/** Runs that are named; the page of the environment's runs has them all. */
const mostNamed = 20;

/** What was held back until now: by quiet hours whom to ping, by a digest all that happened. */
export function heldMessage(environment: string, runs: readonly HeldRun[], historyUrl: string): Message {
  const isDigest = runs.some(({ why }) => why === 'digest');
  const red = runs.filter(({ kind }) => kind !== 'passed');
  const greens = runs.length - red.length;
  const counted = [red.length > 0 && `${plural(red.length, 'run')} not green`, greens > 0 && `${plural(greens, 'run')} passed`];
  const words = counted.filter((part) => part !== false).join(', ');
  const open = red.filter(({ isOpen }) => isOpen);
  const people = [...new Set(open.flatMap(({ pings }) => pings))];
  // What is new is what one reads on; what goes on failing needs no line for each of its runs.
  const told = [...open, ...red.filter(({ isOpen }) => !isOpen)];
  const since = isDigest ? 'since the last digest' : 'while it was quiet here';
  return fit({
    text: `${environment} ${since}: ${words}`,
    head: [
      section(`${red.length > 0 ? '❌' : '✅'} *${environment}* ${since}: ${words}`),
      ...(people.length === 0 ? [] : [section(`${people.map(mentionOf).join(' ')}: please look at what is new.`)]),
    ],
    parts: told.map((run) => [context(lineOf(run))]),
    most: mostNamed,
    leftOut: (count) => [context(`… and ${plural(count, 'more run')}`)],
    foot: [context(`<${historyUrl}|history of ${environment}>`)],
  });
}

/** `❌ staging-… failed · 2 new: A user logs in · A wrong password · mended since`. */
function lineOf({ runId, kind, news, newly, isOpen }: HeldRun): string {
  const { sign, word } = outcomeWord({ kind });
  const names = newly.map((name) => escapeText(cut(oneLine(name), 100)) || 'one without a name');
  const more = news.newly - names.length;
  const facts = [
    `${sign} ${code(runId)} ${word}`,
    news.newly > 0 && `${news.newly.toLocaleString('en')} new: ${[...names, ...(more > 0 ? [`and ${more} more`] : [])].join(' · ')}`,
    news.newly > 0 && !isOpen && 'mended since',
    news.known > 0 && `${news.known.toLocaleString('en')} known`,
    news.flaky > 0 && `${news.flaky.toLocaleString('en')} flaky`,
    news.muted > 0 && `${news.muted.toLocaleString('en')} muted`,
    news.fixed > 0 && `${news.fixed.toLocaleString('en')} fixed`,
  ];
  return facts.filter((fact) => fact !== false).join(' · ');
}
