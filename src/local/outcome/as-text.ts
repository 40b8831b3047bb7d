import { duration, oneLine, plural } from '../../message/text.ts';
import { countsInFull, countsPhrase, outcomeWord } from '../../message/words.ts';
import { type Cause, groupByCause } from '../../outcome/cause.ts';
import { cut, plainText } from '../../outcome/error-text.ts';
import type { Counts, Failure, Flake, Outcome } from '../../outcome/outcome.ts';
import { problemOf } from '../../outcome/problem.ts';
import type { JudgedFiles } from './judge-files.ts';
import type { MessageFile } from './message-file.ts';

/** A person reads so many; `--json` and the reports have all. */
const mostCauses = 20;
const mostOfCause = 10;
const mostFlaky = 20;
const mostNotRun = 20;

type Named = Pick<Failure, 'uri' | 'line' | 'feature' | 'rule' | 'scenario'>;

const placeOf = ({ uri, line }: Named): string => oneLine(`${uri}:${line}`);
const nameOf = ({ feature, rule, scenario }: Named): string =>
  [feature, rule, scenario]
    .filter((part) => part !== undefined && part !== '')
    .map((part) => cut(oneLine(part ?? ''), 200))
    .join(' › ');
const scenarioLine = (each: Named): string => `  ${placeOf(each)}  ${nameOf(each)}`;

const indented = (text: string, by: string): string[] =>
  plainText(text)
    .split('\n')
    .map((line) => `${by}${line}`.trimEnd());

const andMore = (all: number, shown: number, what: string): string[] => (all > shown ? [`  … and ${plural(all - shown, what)}`] : []);

const failureBody = ({ step, error }: Failure): string[] => [`    ${oneLine(step)}`, ...indented(error, '    ')];

const causeLines = ({ words, failures }: Cause): string[] => {
  const [first, ...others] = failures;
  if (first === undefined) return [];
  if (others.length === 0) return [scenarioLine(first), ...failureBody(first), ''];
  return [
    `${plural(failures.length, 'scenario')} · ${oneLine(words)}`,
    scenarioLine(first),
    ...failureBody(first),
    ...others.slice(0, mostOfCause - 1).map(scenarioLine),
    ...andMore(failures.length, mostOfCause, 'more scenario'),
    '',
  ];
};

const failureLines = (failures: readonly Failure[]): string[] => {
  const causes = groupByCause(failures);
  const left = causes.slice(mostCauses);
  const more =
    left.length === 0
      ? []
      : [
          `… and ${plural(
            left.reduce((sum, cause) => sum + cause.failures.length, 0),
            'scenario',
          )} of ${plural(left.length, 'other cause')}`,
          '',
        ];
  return [...causes.slice(0, mostCauses).flatMap(causeLines), ...more];
};

const quarantineLines = (quarantined: readonly Failure[]): string[] =>
  quarantined.length === 0
    ? []
    : [
        `${plural(quarantined.length, 'scenario')} failed in quarantine`,
        ...quarantined
          .slice(0, mostFlaky)
          .flatMap((each) => [scenarioLine(each), `    ${cut(plainText(each.error).split('\n', 1)[0] ?? '', 200)}`]),
        ...andMore(quarantined.length, mostFlaky, 'more scenario'),
        '',
      ];

const flakyLines = (flaky: readonly Flake[]): string[] =>
  flaky.length === 0
    ? []
    : [
        `${plural(flaky.length, 'scenario')} passed, but not at first`,
        ...flaky
          .slice(0, mostFlaky)
          .flatMap((each) => [scenarioLine(each), `    ${plural(each.attempts, 'attempt')}; the first: ${oneLine(each.error)}`]),
        ...andMore(flaky.length, mostFlaky, 'more scenario'),
        '',
      ];

const notRunLines = ({ notRun }: JudgedFiles['suite']): string[] =>
  notRun.length === 0
    ? []
    : [
        `${plural(notRun.length, 'scenario')} had not begun`,
        ...notRun.slice(0, mostNotRun).map(scenarioLine),
        ...andMore(notRun.length, mostNotRun, 'more scenario'),
        '',
      ];

const seenLine = (outcome: Outcome): string[] =>
  'lastSeen' in outcome && outcome.lastSeen !== undefined ? [`Last seen: ${oneLine(outcome.lastSeen)}`, ''] : [];

const headOf = ({ kind }: Outcome, counts: Counts): string => {
  if (counts.total === 0) return 'no scenario ran';
  return kind === 'passed' || kind === 'failed' ? countsPhrase(counts) : plural(counts.total, 'scenario');
};

/** Lines that are no messages were passed over; a reader may want to know. */
const junkLines = (files: readonly MessageFile[]): string[] =>
  files.flatMap(({ name, facts }) => {
    const { junk, tooLong, isCutOff } = facts();
    const odd = junk + tooLong;
    const said = [
      odd > 0 && `${plural(odd, 'line')} that ${odd === 1 ? 'is no message' : 'are no messages'}`,
      isCutOff && 'half a last line',
    ];
    const met = said.filter((part) => part !== false);
    return met.length === 0 ? [] : [`${name} has ${met.join(' and ')}.`];
  });

/** The outcome for a person: what came of it, why, and where. */
export const outcomeAsText = ({ outcome, suite, failures, quarantined }: JudgedFiles, files: readonly MessageFile[]): string => {
  const { sign, word } = outcomeWord(outcome);
  const problem = problemOf(outcome);
  const unknownWord = suite.end === undefined ? 'not run' : 'without a verdict';
  return [
    `${sign} ${word} · ${headOf(outcome, suite.counts)} · ${duration(suite.durationMs)}`,
    ...(suite.counts.total === 0 ? [] : [countsInFull(suite.counts, unknownWord)]),
    ...(problem === undefined ? [] : ['', ...indented(problem, '')]),
    '',
    ...seenLine(outcome),
    ...failureLines(failures),
    ...quarantineLines(quarantined),
    ...flakyLines(suite.flaky),
    ...notRunLines(suite),
    ...junkLines(files),
  ]
    .join('\n')
    .trimEnd();
};
