import type { Button, SectionBlock } from '@slack/types';
import { cancelButton, context, section } from './blocks.ts';
import { buttons } from './buttons.ts';
import { fit } from './fit.ts';
import type { Message } from './message.ts';
import { cut, escapeText, oneLine, plural } from './text.ts';

/** A run that has not ended. */
export interface RunOn {
  readonly environment: string;
  readonly runId: string;
  /** How it stands, as its message says it. */
  readonly words: string;
}

/** How it stands, in one line of mrkdwn. */
export const onWords = ({ words }: RunOn): string => `🔵 ${escapeText(cut(oneLine(words), 300))}`;

/** The same with a button that cancels it: its message may be elsewhere, or not be there before its end. */
export const onPart = (run: RunOn): SectionBlock => section(onWords(run), cancelListedButton(run));

const cancelListedButton = ({ environment, runId }: RunOn): Button => ({
  ...cancelButton(environment, runId),
  action_id: `${buttons.cancelListed}:${runId}`,
  accessibility_label: cut(`Cancel ${runId}`, 75),
});

/** What is on where somebody may cancel it. */
export function onMessage(runs: readonly RunOn[]): Message {
  if (runs.length === 0) {
    const text = 'Nothing is on, and nothing waits, where you may run tests.';
    return { text, blocks: [section(text)] };
  }
  const text = `${plural(runs.length, 'run')} ${runs.length === 1 ? 'has' : 'have'} not ended`;
  return fit({
    text,
    head: [section(`*${text}*`)],
    parts: runs.map((run) => [onPart(run)]),
    most: 20,
    leftOut: (count) => [context(`and ${plural(count, 'more run')}: name an environment`)],
    foot: [],
  });
}
