import type { Envelope } from '@cucumber/messages';
import { fields, list, text } from './fields.ts';
import { addGherkinDocument, emptyGherkin, readPickle, type ScenarioName } from './gherkin.ts';

/**
 * The messages with those scenarios as planned, and never begun, that a lost shard was to run: no message of its has said so. What a
 * shard has said of the feature files tells which they are.
 */
export async function* withNotRun(messages: AsyncIterable<Envelope>, isNotRun: (name: ScenarioName) => boolean): AsyncGenerator<Envelope> {
  const gherkin = emptyGherkin();
  let planned: Envelope[] = [];
  for await (const envelope of messages) {
    yield envelope;
    const { gherkinDocument, pickle, testRunStarted } = envelope;
    if (gherkinDocument !== undefined) addGherkinDocument(gherkin, fields(gherkinDocument));
    if (pickle !== undefined && isNotRun(readPickle(gherkin, fields(pickle)).name)) planned.push(testCaseOf(pickle, planned.length));
    if (testRunStarted === undefined) continue;
    yield* planned;
    planned = [];
  }
  yield* planned;
}

function testCaseOf(pickle: NonNullable<Envelope['pickle']>, number: number): Envelope {
  const id = `not-run-${number}`;
  const steps = list(pickle.steps).flatMap((step) => text(fields(step).id) ?? []);
  const testSteps = steps.map((pickleStepId, index) => ({ id: `${id}-${index}`, pickleStepId, stepDefinitionIds: [] }));
  return { testCase: { id, pickleId: pickle.id, testSteps } };
}
