import { createRequire } from 'node:module';
import type { Envelope } from '@cucumber/messages';
import type { RunToRemember } from '../../src/outcome/history.ts';
import { observe } from '../../src/outcome/judge.ts';
import { scenarioResults } from '../../src/outcome/scenario-result.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';

/** Cucumber's own parser, as cucumber-js has it. */
interface Gherkin {
  generateMessages(text: string, uri: string, mediaType: string, options: object): readonly Envelope[];
}
const { generateMessages } = createRequire(createRequire(import.meta.url).resolve('@cucumber/cucumber/package.json'))(
  '@cucumber/gherkin',
) as Gherkin;

/** A scenario of a suite that changes in time; `rows` make it an outline. */
export interface Written {
  readonly name: string;
  readonly rule?: string;
  readonly rows?: readonly string[];
}

/** A feature file. `above`: lines of comment, which move all others. */
export interface File {
  readonly uri: string;
  readonly feature: string;
  readonly above: number;
  readonly scenarios: readonly Written[];
}

/** What an attempt of a scenario comes to: `error` of one that fails. */
export interface Attempt {
  readonly durationMs: number;
  readonly error?: string;
}

const textOf = ({ feature, above, scenarios }: File): string => {
  const lines = [...Array.from({ length: above }, () => '# something about this file'), `Feature: ${feature}`];
  // What stands below a rule belongs to it.
  for (const { name, rows } of scenarios.filter(({ rule }) => rule === undefined)) lines.push(...scenarioText(name, rows));
  for (const { name, rows, rule } of scenarios.filter((one) => one.rule !== undefined))
    lines.push(`  Rule: ${rule}`, ...scenarioText(name, rows));
  return lines.join('\n');
};

const scenarioText = (name: string, rows?: readonly string[]): readonly string[] =>
  rows === undefined
    ? [`    Scenario: ${name}`, '      Given a step']
    : [
        `    Scenario Outline: ${name}`,
        '      Given a step',
        '      Examples:',
        '        | what |',
        ...rows.map((row) => `        | ${row} |`),
      ];

const time = (ms: number) => ({ seconds: Math.floor(ms / 1_000), nanos: Math.round((ms % 1_000) * 1_000_000) });

/** What the messages of a run with these files and attempts come to, through the product's own fold. `attemptsOf` is asked by file and name. */
export function ranSuite(
  files: readonly File[],
  attemptsOf: (uri: string, scenario: string) => readonly Attempt[],
  until = Number.POSITIVE_INFINITY,
): Pick<RunToRemember, 'scenarios' | 'counts' | 'durationMs'> {
  const state = emptySuite();
  let ids = 0;
  const newId = () => `${++ids}`;
  const pickles = files.flatMap((file) => {
    const options = { includeSource: false, includeGherkinDocument: true, includePickles: true, newId };
    const envelopes = generateMessages(textOf(file), file.uri, 'text/x.cucumber.gherkin+plain', options);
    for (const envelope of envelopes) observe(state, envelope);
    return envelopes.flatMap(({ pickle }) => pickle ?? []);
  });
  const see = (envelope: unknown): void => void observe(state, envelope as Envelope);
  see({ testRunStarted: { timestamp: time(0) } });
  for (const { id, steps } of pickles) {
    const testSteps = steps.map((step) => ({ id: `s${step.id}`, pickleStepId: step.id, stepDefinitionIds: ['d'] }));
    see({ testCase: { id: `c${id}`, pickleId: id, testSteps } });
  }
  let nowMs = 0;
  for (const [index, { id, uri, steps }] of pickles.entries()) {
    if (index >= until) break;
    const { scenario = '' } = state.testCases.get(`c${id}`)?.name ?? {};
    const attempts = attemptsOf(uri, scenario);
    for (const [attempt, { durationMs, error }] of attempts.entries()) {
      const startedId = `a${id}.${attempt}`;
      see({ testCaseStarted: { id: startedId, testCaseId: `c${id}`, attempt, timestamp: time(nowMs) } });
      nowMs += durationMs;
      for (const step of steps) {
        const result = { status: error === undefined ? 'PASSED' : 'FAILED', duration: time(durationMs), ...(error && { message: error }) };
        see({
          testStepFinished: { testCaseStartedId: startedId, testStepId: `s${step.id}`, testStepResult: result, timestamp: time(nowMs) },
        });
      }
      see({ testCaseFinished: { testCaseStartedId: startedId, willBeRetried: attempt < attempts.length - 1, timestamp: time(nowMs) } });
    }
  }
  const { counts } = suiteSoFar(state);
  return { scenarios: scenarioResults(state, {}), counts, durationMs: nowMs };
}
