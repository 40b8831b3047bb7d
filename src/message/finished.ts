import type { Counts, Failure, NotBegun, Outcome } from '../outcome/outcome.ts';
import type { StopReason } from '../outcome/stop.ts';
import { buttonRow, context, openReportButton, output, rerunButton, runAgainButton, section, whyButton } from './blocks.ts';
import { comparedParts, newPhrase } from './compared.ts';
import { failureList, namesOf, reasonPhrase } from './failure-list.ts';
import { fit, type Part } from './fit.ts';
import { lostSentences, reportedPhrase } from './lost-shards.ts';
import { mentionOf } from './mention.ts';
import type { Message } from './message.ts';
import { passedMessage, passedPhrase } from './passed.ts';
import { whatAndWho } from './progress.ts';
import { rerunSentence, rerunText } from './rerun.ts';
import { retriedPart } from './retried.ts';
import { type EndView, lacksReport, typedAgain } from './run-view.ts';
import { code, cut, duration, errorLines, escapeText, firstLines, oneLine } from './text.ts';
import { askerName, countsInFull, countsPhrase, emptyPhrase, mendIt, outcomeWord } from './words.ts';

/** The message of a run that has ended: what happened, why, and what to do next. What failed is told in full in its thread. */
export function finishedMessage(view: EndView): Message {
  const { plan, run, reportUrl } = view;
  const { outcome } = run.phase;
  if (outcome.kind === 'passed') return passedMessage(view, outcome);
  const asksFor = view.asksFirst === true ? plan.environment : undefined;
  const { sign, word } = outcomeWord(outcome);
  const { phrase, more, failures } = telling(view, outcome);
  const facts = [reportedPhrase(outcome), phrase, ...took(view)].filter((fact) => fact !== '');
  return fit({
    text: `${endWords(view)}${failures.length === 0 ? '' : `. ${namesOf(failures)}`}`,
    head: [section(`${sign} *${plan.environment} ${word}*${facts.map((fact) => ` · ${fact}`).join('')}`), ...pingPart(view)],
    // Only with endless names is there not enough room for all of it.
    parts: [
      ...(outcome.kind === 'failed' ? failureList(failures, view) : []),
      ...lostPart(outcome),
      ...more,
      // Where something else ended the run, that comes first.
      ...(outcome.kind === 'failed' ? [] : failureList(failures, view)),
      ...retriedPart(view),
      ...rerunPart(view),
      ...comparedParts(outcome, run.phase.comparison, run.phase.at),
    ].map((block) => [block]),
    most: 50,
    leftOut: () => [context(run.phase.hasReport ? '… and more; the report has all of it.' : '… and more.')],
    foot: [
      ...(lacksReport(run) ? [context(noReport(view))] : []),
      context(whatAndWho(view)),
      ...buttonRow(
        openReportButton(reportUrl),
        rerunButton(rerunText(view), { environment: plan.environment, runId: run.id, asksFor }),
        runAgainButton(typedAgain(view), asksFor),
        whyButton(plan.environment, run.id),
      ),
    ],
  });
}

/** `staging failed: 2 of 41 scenarios failed · 1 new`, for what is read aloud. */
export function endWords(view: EndView): string {
  const { outcome } = view.run.phase;
  const said = [reportedPhrase(outcome), oneLine(endPhrase(view))].filter((part) => part !== '').join(', ');
  return [`${view.plan.environment} ${outcomeWord(outcome).word}`, said].filter((part) => part !== '').join(': ');
}

/** What goes on after "staging failed · ". */
export const endPhrase = (view: EndView): string => telling(view, view.run.phase.outcome).phrase;

const noReport = ({ plan, run }: EndView): string =>
  `There is no report: making it failed, as a log of ours says. The messages are kept: ${code(`messages/${plan.environment}/${run.id}`)} in the bucket.`;

function rerunPart(view: EndView): Part {
  const sentence = rerunSentence(view);
  return sentence === undefined ? [] : [context(escapeText(sentence))];
}

function lostPart(outcome: Outcome): Part {
  const sentences = lostSentences(outcome);
  return sentences.length === 0 ? [] : [context(sentences.map(escapeText).join('\n'))];
}

interface Telling {
  /** What goes on after "staging failed · ". */
  readonly phrase: string;
  readonly more: Part;
  readonly failures: readonly Failure[];
}

function telling(view: EndView, outcome: Outcome): Telling {
  switch (outcome.kind) {
    case 'passed':
      return { phrase: passedPhrase(outcome.counts), more: [], failures: [] };
    case 'failed':
      return {
        phrase: `${countsPhrase(outcome.counts)}${reasonPhrase(outcome.failures)}${newPhrase(view.run.phase.comparison)}`,
        more: inFull(outcome.counts, 'without a verdict'),
        failures: outcome.failures,
      };
    case 'empty':
      return { phrase: emptyPhrase(outcome.counts), more: [section(whyEmpty(view, outcome.counts))], failures: [] };
    case 'broken':
      return {
        phrase: outcome.counts.total === 0 ? 'the suite could not be run' : `the run itself broke · ${soFar(outcome.counts)}`,
        more: [output(firstLines(outcome.error)), section(escapeText(outcome.next ?? mendIt(outcome.counts)))],
        failures: outcome.failures ?? [],
      };
    case 'unfinished':
      return { phrase: soFar(outcome.counts), more: [...why(outcome.stop), ...whereItStood(outcome)], failures: outcome.failures };
    case 'timed-out':
      return {
        phrase: soFar(outcome.counts),
        more: [section(whyTimedOut(outcome)), ...whereItStood(outcome)],
        failures: outcome.failures,
      };
    case 'cancelled':
      return {
        phrase: `by ${askerName(outcome.by)}${outcome.counts.total > 0 ? ` · ${soFar(outcome.counts)}` : ''}`,
        more: whereItStood(outcome),
        failures: outcome.failures,
      };
    case 'not-started':
      return { phrase: '', more: why(outcome.stop), failures: [] };
  }
}

const whyTimedOut = ({ limit, limitMs, counts, lastSeen }: Outcome & { readonly kind: 'timed-out' }): string =>
  limit === 'scenario'
    ? `A scenario took longer than its limit of ${duration(limitMs)} and could not be ended, so the whole run was. Look at the step below: it waits or works without end; or raise \`scenarioLimit\` in coldframe.yml.`
    : `It was stopped after its limit of ${duration(limitMs)}${adviceAfterLimit(counts, lastSeen !== undefined)}`;

/** To run fewer scenarios only helps where scenarios took the time. */
function adviceAfterLimit(counts: Counts, hasLastSeen: boolean): string {
  if (counts.total > 0 && counts.unknown === 0)
    return ', when its scenarios were over. Look at what is named below: it does not come to an end.';
  if (counts.total > 0)
    return '. If what is named below waits for something that never comes, mend that; else run fewer scenarios (a tag), or raise `limit` in coldframe.yml.';
  return hasLastSeen
    ? ', before the first scenario. Look at what is named below: it waits for something that does not come.'
    : ", before the first scenario. Look at what comes first: fetching and installing the suite, an environment that is slow to answer, code that waits while it is loaded; the task's log has when each began.";
}

/** What was known when the run was cut short. */
function soFar(counts: Counts): string {
  return counts.total === 0 ? 'nothing had run' : countsInFull(counts, 'not run');
}

/** Every count, unless the heading has said it all. */
function inFull(counts: Counts, unknownWord: string): Part {
  const { passed, failed, total, flaky, quarantined = 0 } = counts;
  return passed + failed === total && flaky + quarantined === 0 ? [] : [context(countsInFull(counts, unknownWord))];
}

function whyEmpty({ plan }: EndView, counts: Counts): string {
  const { tags, features } = plan.suite;
  const which = [
    tags !== '' && `the tags ${code(cut(tags, 200))}`,
    features.length > 0 &&
      `the features ${features
        .slice(0, 3)
        .map((feature) => code(cut(feature, 80)))
        .join(', ')}`,
  ];
  const chosen = which.filter((part) => part !== false).join(' and ');
  if (counts.total === 0 && chosen !== '') return `No scenario of the suite fits ${chosen}. Check the spelling; tags are case sensitive.`;
  if (counts.total === 0) return 'The suite has no scenario.';
  const what = counts.quarantined === undefined ? 'Nothing was checked' : 'Only what is in quarantine was checked';
  return `${what}: ${countsInFull(counts, 'without steps')}. A run in which nothing passed is never called passed.`;
}

const why = ({ what, next, raw, lastLines = [] }: StopReason): Part => [
  section(`${escapeText(what)}\n${escapeText(next)}`),
  ...(raw === '' || raw === what ? [] : [output(firstLines(raw))]),
  ...(lastLines.length === 0 ? [] : [context("The last lines of the task's log"), output(lastOf(lastLines))]),
];

/** The end of a log, as far as a person reads it here. */
const lastOf = (lines: readonly string[]): string =>
  lines
    .slice(-errorLines)
    .map((line) => cut(line, 160))
    .join('\n');

const shownNotBegun = 5;

/** Of a run cut short: what was on, and what had not begun. */
function whereItStood({ lastSeen, notBegun }: { readonly lastSeen?: string; readonly notBegun?: NotBegun }): Part {
  if (notBegun === undefined) return seen(lastSeen);
  const names = notBegun.first.slice(0, shownNotBegun).map((name) => escapeText(cut(oneLine(name), 100)) || 'one without a name');
  const more = notBegun.count > names.length ? ` and ${notBegun.count - names.length} more` : '';
  return [...seen(lastSeen), context(`Not begun: ${names.join(' · ')}${more}`)];
}

const seen = (lastSeen: string | undefined): Part =>
  lastSeen === undefined ? [] : [context(`Last seen: ${escapeText(cut(oneLine(lastSeen), 300))}`)];

/** How long it took: the suite's own time where it is known, else the time from start to end. */
function took({ run }: EndView): readonly string[] {
  const { outcome, startedAt, at } = run.phase;
  if (outcome.kind === 'passed' || outcome.kind === 'failed') return [duration(outcome.durationMs)];
  return startedAt === undefined ? [] : [`after ${duration(Date.parse(at) - Date.parse(startedAt))}`];
}

/** Who is to look at what is new, where the message is posted only now: what is posted notifies, what is edited does not. */
function pingPart({ heard }: EndView): Part {
  if (heard === undefined || heard.place.kind === 'standing' || heard.pings.length === 0) return [];
  return [section(`${heard.pings.map(mentionOf).join(' ')}: please look at what is new.`)];
}
