/** Scenarios in each feature file. */
const perFeature = 100;

/** The Cucumber messages of a run of these scenarios (numbers from 0), each of one step that passed; NDJSON. */
export function passedScenarios(numbers: readonly number[]): string {
  const timestamp = { seconds: 1_764_000_000, nanos: 0 };
  const features = Map.groupBy(numbers, (number) => Math.floor(number / perFeature));
  const envelopes: object[] = [
    {
      meta: {
        protocolVersion: '34.2.1',
        implementation: { name: 'cucumber-js', version: '13.3.0' },
        runtime: { name: 'node.js', version: process.version },
        os: { name: 'linux' },
        cpu: { name: 'x64' },
      },
    },
    ...[...features].flatMap(([feature, scenarios]) => [documentOf(feature, scenarios), ...scenarios.map(pickleOf)]),
    {
      stepDefinition: {
        id: 'definition',
        pattern: { type: 'CUCUMBER_EXPRESSION', source: 'all is well' },
        sourceReference: { uri: 'features/steps.js', location: { line: 3 } },
      },
    },
    { testRunStarted: { id: 'run', timestamp } },
    ...numbers.map((number) => ({
      testCase: {
        id: `case-${number}`,
        pickleId: `pickle-${number}`,
        testRunStartedId: 'run',
        testSteps: [{ id: `test-step-${number}`, pickleStepId: `pickle-step-${number}`, stepDefinitionIds: ['definition'] }],
      },
    })),
    ...numbers.flatMap((number) => {
      const testCaseStartedId = `attempt-${number}`;
      const testStepId = `test-step-${number}`;
      return [
        { testCaseStarted: { id: testCaseStartedId, testCaseId: `case-${number}`, attempt: 0, timestamp } },
        { testStepStarted: { testCaseStartedId, testStepId, timestamp } },
        {
          testStepFinished: {
            testCaseStartedId,
            testStepId,
            testStepResult: { status: 'PASSED', duration: { seconds: 0, nanos: 1_000_000 } },
            timestamp,
          },
        },
        { testCaseFinished: { testCaseStartedId, willBeRetried: false, timestamp } },
      ];
    }),
    { testRunFinished: { testRunStartedId: 'run', success: true, timestamp } },
  ];
  return `${envelopes.map((envelope) => JSON.stringify(envelope)).join('\n')}\n`;
}

const uriOf = (feature: number): string => `features/part-${feature}.feature`;
const lineOf = (number: number): number => 3 + 3 * (number % perFeature);

function documentOf(feature: number, numbers: readonly number[]): object {
  const children = numbers.map((number) => ({
    scenario: {
      id: `scenario-${number}`,
      location: { line: lineOf(number), column: 3 },
      keyword: 'Scenario',
      name: `scenario ${number}`,
      description: '',
      tags: [],
      examples: [],
      steps: [
        {
          id: `step-${number}`,
          location: { line: lineOf(number) + 1, column: 5 },
          keyword: 'Given ',
          keywordType: 'Context',
          text: 'all is well',
        },
      ],
    },
  }));
  const name = `part ${feature}`;
  const location = { line: 1, column: 1 };
  return {
    gherkinDocument: {
      uri: uriOf(feature),
      comments: [],
      feature: { location, tags: [], language: 'en', keyword: 'Feature', name, description: '', children },
    },
  };
}

const pickleOf = (number: number): object => ({
  pickle: {
    id: `pickle-${number}`,
    uri: uriOf(Math.floor(number / perFeature)),
    name: `scenario ${number}`,
    language: 'en',
    astNodeIds: [`scenario-${number}`],
    tags: [],
    steps: [{ id: `pickle-step-${number}`, text: 'all is well', type: 'Context', astNodeIds: [`step-${number}`] }],
  },
});
