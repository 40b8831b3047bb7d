import type { Envelope } from '@cucumber/messages';
import { fields, list, text } from './fields.ts';
import { addGherkinDocument, emptyGherkin, readPickle, type ScenarioName } from './gherkin.ts';

/**
 * The messages, some lines of NDJSON at a time, with those scenarios as planned, and never begun, that a lost shard was to run: no message
 * of its has said so. What a shard has said of the feature files tells which they are.
 */
export async function* withNotRun(
  messages: AsyncIterable<readonly string[]>,
  isNotRun: (name: ScenarioName) => boolean,
): AsyncGenerator<readonly string[]> {
  const gherkin = emptyGherkin();
  const planned: string[] = [];
  const linesAfter = (line: string): readonly string[] => {
    const { gherkinDocument, pickle, testRunStarted }: Envelope = JSON.parse(line);
    if (gherkinDocument !== undefined) addGherkinDocument(gherkin, fields(gherkinDocument));
    if (pickle !== undefined && isNotRun(readPickle(gherkin, fields(pickle)).name)) planned.push(testCaseOf(pickle, planned.length));
    return testRunStarted === undefined ? [] : planned.splice(0);
  };
  for await (const lines of messages) yield lines.flatMap((line) => [line, ...linesAfter(line)]);
  yield planned;
}

function testCaseOf(pickle: NonNullable<Envelope['pickle']>, number: number): string {
  const id = `not-run-${number}`;
  const steps = list(pickle.steps).flatMap((step) => text(fields(step).id) ?? []);
  const testSteps = steps.map((pickleStepId, index) => ({ id: `${id}-${index}`, pickleStepId, stepDefinitionIds: [] }));
  return JSON.stringify({ testCase: { id, pickleId: pickle.id, testSteps } } satisfies Envelope);
}
