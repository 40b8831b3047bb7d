import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { chance } from '../../coldstart/chance.ts';

/** Scenarios of a feature file. */
const ofFeature = 10;
const stepsOfScenario = [
  'an open shop',
  'I am logged in as "ada"',
  'I put 3 apples into the basket',
  'I pay with a good card',
  'I am thanked',
];
const keywords = ['Given ', 'And ', 'When ', 'And ', 'Then '];

/**
 * Writes the messages of a run as cucumber-js 13 does: five steps and two hooks a scenario, one attachment in ten, 5 percent fail, 2 percent pass
 * at the second attempt; 18.5 messages and 7.9 KB a scenario. The same each time; ids are UUIDs, as cucumber's.
 *
 * @returns the file
 */
export async function writeMessages(file: string, scenarios: number, seed: number): Promise<string> {
  await pipeline(messages(scenarios, seed), createWriteStream(file));
  return file;
}

interface Written {
  readonly pickle: string;
  readonly pickleSteps: readonly string[];
  readonly testCase: string;
  readonly steps: readonly string[];
}

function* messages(count: number, seed: number): Generator<string> {
  const next = chance(seed);
  const hex = (digits: number): string =>
    Math.floor(next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const id = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const line = (message: object): string => `${JSON.stringify(message)}\n`;
  let atMs = 1_790_000_000_000;
  const timestamp = () => ({ seconds: Math.floor(atMs / 1_000), nanos: (atMs % 1_000) * 1_000_000 });

  yield line({ meta: { protocolVersion: '34.2.1', implementation: { name: 'cucumber-js', version: '13.3.0' }, os: { name: 'linux' } } });
  const all: Written[] = [];
  for (let feature = 0; feature * ofFeature < count; feature += 1) {
    const uri = `features/shop/area-${seed}/feature-${feature}.feature`;
    const scenarios = Array.from({ length: Math.min(ofFeature, count - feature * ofFeature) }, (_, at) => ({
      at: feature * ofFeature + at,
      node: id(),
      nodes: stepsOfScenario.map(id),
    }));
    const text = ({ at }: { readonly at: number }) =>
      `\n  Scenario: A visitor buys thing ${at} of shop ${seed}\n${stepsOfScenario.map((step, index) => `    ${keywords[index]}${step}`).join('\n')}\n`;
    yield line({
      source: { uri, data: `Feature: Shop ${feature}\n${scenarios.map(text).join('')}`, mediaType: 'text/x.cucumber.gherkin+plain' },
    });
    yield line({
      gherkinDocument: {
        uri,
        comments: [],
        feature: {
          ...{ location: { line: 1, column: 1 }, tags: [], language: 'en', keyword: 'Feature', name: `Shop ${feature}`, description: '' },
          children: scenarios.map(({ at, node, nodes }) => ({
            scenario: {
              ...{ id: node, tags: [], location: { line: 3 + (at % ofFeature) * 7, column: 3 }, keyword: 'Scenario' },
              ...{ name: `A visitor buys thing ${at} of shop ${seed}`, description: '', examples: [] },
              steps: stepsOfScenario.map((step, index) => ({
                ...{ id: nodes[index], location: { line: 4 + (at % ofFeature) * 7 + index, column: 5 } },
                ...{ keyword: keywords[index], keywordType: 'Context', text: step },
              })),
            },
          })),
        },
      },
    });
    for (const { at, node, nodes } of scenarios) {
      const written = {
        pickle: id(),
        pickleSteps: stepsOfScenario.map(id),
        testCase: id(),
        steps: Array.from({ length: stepsOfScenario.length + 2 }, id),
      };
      all.push(written);
      yield line({
        pickle: {
          ...{ id: written.pickle, uri, location: { line: 3 + (at % ofFeature) * 7, column: 3 }, astNodeIds: [node], tags: [] },
          ...{ name: `A visitor buys thing ${at} of shop ${seed}`, language: 'en' },
          steps: stepsOfScenario.map((step, index) => ({
            id: written.pickleSteps[index],
            text: step,
            type: 'Context',
            astNodeIds: [nodes[index]],
          })),
        },
      });
    }
  }
  const hooks = ['BEFORE_TEST_CASE', 'AFTER_TEST_CASE'].map((type) => ({ id: id(), type }));
  for (const hook of hooks)
    yield line({ hook: { ...hook, sourceReference: { uri: 'features/support/hooks.ts', location: { line: 12 } } } });
  const definitions = stepsOfScenario.map((source, at) => ({ id: id(), source, at }));
  for (const { id: definition, source, at } of definitions)
    yield line({
      stepDefinition: {
        ...{ id: definition, pattern: { type: 'CUCUMBER_EXPRESSION', source } },
        sourceReference: { uri: 'features/steps/shop.ts', location: { line: 10 + at } },
      },
    });
  const run = id();
  yield line({ testRunStarted: { id: run, timestamp: timestamp() } });
  for (const { pickle, pickleSteps, testCase, steps } of all)
    yield line({
      testCase: {
        ...{ testRunStartedId: run, pickleId: pickle, id: testCase },
        testSteps: steps.map((step, at) => {
          if (at === 0 || at === steps.length - 1) return { id: step, hookId: hooks[at === 0 ? 0 : 1]?.id };
          return {
            ...{ id: step, pickleStepId: pickleSteps[at - 1], stepDefinitionIds: [definitions[at - 1]?.id] },
            stepMatchArgumentsLists: [
              { stepMatchArguments: at === 3 ? [{ group: { start: 6, value: '3' }, parameterTypeName: 'int' }] : [] },
            ],
          };
        }),
      },
    });
  let hasFailed = false;
  for (const { testCase, steps } of all) {
    const luck = next();
    const isFlaky = luck >= 0.05 && luck < 0.07;
    const isFailing = luck < 0.05;
    hasFailed ||= isFailing;
    for (let attempt = 0; attempt < (isFlaky ? 2 : 1); attempt += 1) {
      const isBad = isFailing || (isFlaky && attempt === 0);
      const started = id();
      yield line({ testCaseStarted: { attempt, testCaseId: testCase, id: started, timestamp: timestamp() } });
      for (const [at, step] of steps.entries()) {
        yield line({ testStepStarted: { testCaseStartedId: started, testStepId: step, timestamp: timestamp() } });
        atMs += 20 + Math.floor(200 * next());
        const status = !isBad || at < 4 || at === steps.length - 1 ? 'PASSED' : at === 4 ? 'FAILED' : 'SKIPPED';
        if (at === steps.length - 1 && (isBad || next() < 0.1))
          yield line({
            attachment: {
              ...{ testCaseStartedId: started, testStepId: step, mediaType: 'image/png', contentEncoding: 'BASE64', body: '' },
              ...{ url: `attachments/${hex(8)}.png`, timestamp: timestamp() },
            },
          });
        const failure =
          status !== 'FAILED' ? {} : { message: failureText, exception: { type: 'AssertionError', message: failureText.slice(0, 60) } };
        yield line({
          testStepFinished: {
            ...{ testCaseStartedId: started, testStepId: step },
            testStepResult: { duration: { seconds: 0, nanos: 104_000_000 }, status, ...failure },
            timestamp: timestamp(),
          },
        });
      }
      yield line({ testCaseFinished: { testCaseStartedId: started, timestamp: timestamp(), willBeRetried: isFlaky && attempt === 0 } });
    }
  }
  yield line({ testRunFinished: { testRunStartedId: run, success: !hasFailed, timestamp: timestamp() } });
}

const failureText = [
  'AssertionError [ERR_ASSERTION]: the card was refused: expected "Thank you" to be "Try another card"',
  ...Array.from({ length: 8 }, (_, at) => `    at World.pay (file:///suite/features/steps/shop.ts:${40 + at}:${10 + at})`),
].join('\n');
