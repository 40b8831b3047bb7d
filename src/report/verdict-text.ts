import { lostSentences, reportedPhrase } from '../message/lost-shards.ts';
import { duration, plural } from '../message/text.ts';
import { askerWords, countsPhrase, emptyPhrase, mendIt, outcomeWord } from '../message/words.ts';
import type { Counts, Outcome } from '../outcome/outcome.ts';

/** What came of a run, for the top of its page. */
export interface VerdictText {
  /** `staging failed`. */
  readonly heading: string;
  /** `2 of 41 scenarios failed`. */
  readonly phrase: string;
  /** What happened and what to do about it, where the counts don't say it all. */
  readonly sentences: readonly string[];
  /** What a program said, as it was. */
  readonly output?: string;
}

const soFar = ({ total, unknown }: Counts): string =>
  total === 0 ? 'no scenario had begun' : `${(total - unknown).toLocaleString('en')} of ${plural(total, 'scenario')} had run`;

const flakyWords = ({ flaky }: Counts): string => (flaky === 0 ? '' : `, ${flaky.toLocaleString('en')} of them not at the first attempt`);

const lastSeenWords = (lastSeen: string | undefined): readonly string[] => (lastSeen === undefined ? [] : [`Last seen: ${lastSeen}`]);

const timeLimitWords = ({ limit, limitMs }: Extract<Outcome, { kind: 'timed-out' }>): string =>
  limit === 'scenario'
    ? `A scenario took longer than its limit of ${duration(limitMs)} and could not be ended, so the whole run was.`
    : `The run was stopped after its limit of ${duration(limitMs)}.`;

const whyEmpty = ({ total, quarantined }: Counts): string => {
  if (total === 0)
    return 'There was no scenario to run: look at the tags and features that were asked for. A run that checks nothing is never called passed.';
  const what = quarantined === undefined ? 'None of the scenarios checked anything.' : 'What failed is in quarantine.';
  return `${what} A run in which nothing passed is never called passed.`;
};

const restOf = (outcome: Outcome): Omit<VerdictText, 'heading'> => {
  switch (outcome.kind) {
    case 'passed':
      return { phrase: `${countsPhrase(outcome.counts)}${flakyWords(outcome.counts)}`, sentences: [] };
    case 'failed':
      return { phrase: countsPhrase(outcome.counts), sentences: [] };
    case 'empty':
      return {
        phrase: emptyPhrase(outcome.counts),
        sentences: [whyEmpty(outcome.counts)],
      };
    case 'broken':
      return {
        phrase: outcome.counts.total === 0 ? 'no scenario was run' : `the run itself broke; ${soFar(outcome.counts)}`,
        sentences: [outcome.next ?? mendIt(outcome.counts)],
        output: outcome.error,
      };
    case 'unfinished':
      return {
        phrase: soFar(outcome.counts),
        ...stopOf(outcome),
        sentences: [...stopOf(outcome).sentences, ...lastSeenWords(outcome.lastSeen)],
      };
    case 'timed-out':
      return { phrase: soFar(outcome.counts), sentences: [timeLimitWords(outcome), ...lastSeenWords(outcome.lastSeen)] };
    case 'cancelled':
      return { phrase: soFar(outcome.counts), sentences: [`It was cancelled by ${askerWords(outcome.by)}.`] };
    case 'not-started':
      return { phrase: 'nothing was run', ...stopOf(outcome) };
  }
};

const stopOf = ({ stop }: Extract<Outcome, { kind: 'unfinished' | 'not-started' }>): Pick<VerdictText, 'sentences' | 'output'> => {
  const said = [...(stop.raw === '' || stop.raw === stop.what ? [] : [stop.raw]), ...(stop.lastLines ?? [])];
  return { sentences: [stop.what, stop.next], ...(said.length > 0 && { output: said.join('\n') }) };
};

export const verdictText = (name: string, outcome: Outcome): VerdictText => {
  const rest = restOf(outcome);
  return {
    heading: `${name} ${outcomeWord(outcome).word}`,
    ...rest,
    phrase: [reportedPhrase(outcome), rest.phrase].filter((part) => part !== '').join('; '),
    sentences: [...lostSentences(outcome), ...rest.sentences],
  };
};
