import { groupByCause } from '../outcome/cause.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { context, output, section } from './blocks.ts';
import type { Message } from './message.ts';
import type { EndView } from './run-view.ts';
import { code, cut, escapeText, firstLines, oneLine, plural } from './text.ts';
import { mendIt, outcomeWord } from './words.ts';

/** The last lines that a task has written. */
export interface LoggedShard {
  readonly shard: number;
  readonly lines: readonly string[];
}

/** Causes that are explained; the run's message and its report have the others. */
const shownCauses = 3;
/** So much of a log is read in a message. */
const logCharacters = 1_500;

/** Why a run ended as it did, for whoever asks: the explanation, and the last lines of its tasks' logs. `logged` is masked already. */
export function whyMessage({ plan, run, reportUrl }: EndView, logged: readonly LoggedShard[]): Message {
  const { outcome } = run.phase;
  const { sign, word } = outcomeWord(outcome);
  const report = reportUrl === undefined ? '' : ` · <${reportUrl}|report>`;
  return {
    text: `Why ${plan.environment} ${word}`,
    blocks: [
      section(`${sign} *Why ${plan.environment} ${word}* · ${code(run.id)}${report}`),
      ...explained(outcome),
      ...logged.flatMap(({ shard, lines }) => [
        context(`The last lines of the task's log${logged.length > 1 ? `, shard ${shard}` : ''}`),
        output(endOf(lines.join('\n'))),
      ]),
      ...(logged.length === 0 ? [context('No task of this run has left a log.')] : []),
    ],
  };
}

function explained(outcome: Outcome): Message['blocks'] {
  switch (outcome.kind) {
    case 'passed':
    case 'cancelled':
    case 'empty':
      return [];
    case 'failed':
      return causesOf(outcome.failures);
    case 'broken':
      return [output(firstLines(outcome.error)), section(escapeText(outcome.next ?? mendIt(outcome.counts)))];
    case 'timed-out':
      return [
        ...(outcome.lastSeen === undefined ? [] : [section(`Last seen: ${escapeText(cut(oneLine(outcome.lastSeen), 300))}`)]),
        ...causesOf(outcome.failures),
      ];
    case 'unfinished':
    case 'not-started': {
      const { what, next, raw } = outcome.stop;
      return [section(`${escapeText(what)}\n${escapeText(next)}`), ...(raw === '' || raw === what ? [] : [output(firstLines(raw))])];
    }
  }
}

/** `12 scenarios: page.goto: net::ERR_CONNECTION_REFUSED …`, each with its first error in full. */
const causesOf = (failures: Parameters<typeof groupByCause>[0]): Message['blocks'] => {
  const causes = groupByCause(failures);
  const more = causes.length - shownCauses;
  return [
    ...causes
      .slice(0, shownCauses)
      .flatMap(({ words, failures: [first, ...others] }) =>
        first === undefined
          ? []
          : [
              section(
                `*${plural(others.length + 1, 'scenario')}*: ${escapeText(cut(oneLine(words), 300))}\nat ${code(cut(oneLine(first.step), 200))}`,
              ),
              output(firstLines(first.error)),
            ],
      ),
    ...(more > 0 ? [context(`… and ${plural(more, 'more cause')}`)] : []),
  ];
};

/** The end of a text, in whole lines. */
function endOf(text: string): string {
  if (text.length <= logCharacters) return text;
  const end = text.slice(-logCharacters);
  return `…\n${end.slice(end.indexOf('\n') + 1)}`;
}
