import type { Comparison } from '../outcome/comparison.ts';
import type { Counts, Outcome } from '../outcome/outcome.ts';
import { approvedBy } from './awaited.ts';
import { runAgainButton, section } from './blocks.ts';
import type { Message } from './message.ts';
import { rerunSentence } from './rerun.ts';
import { startedAtAttempt } from './retried.ts';
import { type EndView, lacksReport, typedAgain } from './run-view.ts';
import { duration, escapeText, oneLine, plural } from './text.ts';
import { askerName, countsPhrase, outcomeWord, whichWords } from './words.ts';

/** The message of a run that has passed: one line, and the way on. Whoever wants to know more has the report. */
export function passedMessage(view: EndView, outcome: Extract<Outcome, { kind: 'passed' }>): Message {
  const { plan, run, reportUrl, historyUrl } = view;
  const { comparison, rerun } = run.phase;
  const { sign, word } = outcomeWord(outcome);
  const phrase = passedPhrase(outcome.counts);
  const again = rerunSentence(view);
  // What the environment runs anyway says nothing.
  const asked = plan.text.includes(plan.suite.tags) ? plan : { ...plan, suite: { ...plan.suite, tags: '' } };
  const facts = [
    phrase,
    `${duration(outcome.durationMs)}${comparison?.pace === undefined ? '' : `, ${comparison.pace} times as long as usual`}`,
    ...newsOf(comparison),
    startedAtAttempt(view),
    // What became of them says which they were.
    again !== undefined && rerun !== undefined && escapeText(again.replace(/^Of/, 'of').replace(/\.$/, '')),
    ...(again === undefined ? whichWords(asked, run) : whichWords(asked, run).slice(1)),
    askerName(plan.asker),
    approvedBy(run.approval?.by),
    reportUrl !== undefined && `<${reportUrl}|report>`,
    lacksReport(run) && 'no report: making it failed',
    historyUrl !== undefined && `<${historyUrl}|history>`,
  ].filter((fact) => fact !== false && fact !== undefined && fact !== '');
  return {
    text: `${plan.environment} ${word}: ${oneLine(phrase)}`,
    blocks: [
      section(
        `${sign} *${plan.environment} ${word}* · ${facts.join(' · ')}`,
        runAgainButton(typedAgain(view), view.asksFirst === true ? plan.environment : undefined),
      ),
    ],
  };
}

/** What is new beside the runs before; the report has the names. */
const newsOf = (comparison: Comparison | undefined): readonly (string | false)[] =>
  comparison === undefined
    ? []
    : [
        comparison.fixed.count > 0 && `${comparison.fixed.count.toLocaleString('en')} fixed`,
        comparison.newlyFlaky.count > 0 && `${comparison.newlyFlaky.count.toLocaleString('en')} newly flaky`,
        comparison.removed.count > 0 && `${plural(comparison.removed.count, 'scenario')} not there any more`,
        comparison.healed.count > 0 && `${comparison.healed.count.toLocaleString('en')} may leave the quarantine`,
      ];

/** `41 scenarios passed (1 flaky)`, `40 scenarios passed, 1 skipped`. */
export function passedPhrase(counts: Counts): string {
  // A suite that is not strict passes with scenarios that are pending.
  const pending = counts.quarantined === undefined && counts.pending > 0 && `${counts.pending} pending`;
  const inQuarantine = counts.quarantined !== undefined && `${counts.quarantined} in quarantine failed`;
  const others = [counts.skipped > 0 && `${counts.skipped} skipped`, pending, inQuarantine];
  const beside = others.filter((part) => part !== false).map((part) => `, ${part}`);
  return `${counts.passed === counts.total ? countsPhrase(counts) : `${plural(counts.passed, 'scenario')} passed${beside.join('')}`}${counts.flaky > 0 ? ` (${counts.flaky} flaky)` : ''}`;
}
