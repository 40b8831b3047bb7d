import type { RunPlan } from '../run/plan.ts';
import type { RunId } from '../run/run-id.ts';
import { buttonRow, section } from './blocks.ts';
import { buttons, insteadValue } from './buttons.ts';
import type { Message } from './message.ts';
import { code, cut } from './text.ts';
import { askerName } from './words.ts';

/** Longer commands cannot ride on a button: they are typed again. */
const longestCommand = 1_900;

/** What a request with the words of a run that is on is answered with: `link` leads to that run's message. */
export function alikeText(
  { environment, runId, asker }: Pick<RunPlan, 'environment' | 'runId' | 'asker'>,
  link: string | undefined,
): string {
  const run = link === undefined ? code(runId) : `<${link}|${runId}>`;
  return `*${environment}* is being run with the same words already: ${run}, asked for by ${askerName(asker)}. Follow that one; nothing else was started.`;
}

/** The same, with the ways on: one more run, or one in its place. `typed` is what stands after the command. */
export function alikeMessage(
  because: string,
  { environment, alike, typed }: { environment: string; alike: RunId; typed: string },
): Message {
  const value = typed.trim();
  if (value.length > longestCommand) return { text: because, blocks: [section(because)] };
  return {
    text: because,
    blocks: [
      section(because),
      ...buttonRow(
        {
          type: 'button',
          action_id: buttons.beside,
          text: { type: 'plain_text', text: 'Run mine, too' },
          value: cut(value, 2_000),
        },
        {
          type: 'button',
          action_id: buttons.instead,
          style: 'danger',
          text: { type: 'plain_text', text: 'Run mine instead' },
          value: insteadValue(environment, alike, value),
          confirm: {
            title: { type: 'plain_text', text: 'Cancel the other run?' },
            text: {
              type: 'plain_text',
              text: `${alike} is cancelled: what it has run so far is reported. Yours begins when its places are free.`,
            },
            confirm: { type: 'plain_text', text: 'Cancel it, run mine' },
            deny: { type: 'plain_text', text: 'Let it run' },
          },
        },
      ),
    ],
  };
}
