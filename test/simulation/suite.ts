import { crc32 } from 'node:zlib';

/** What a scenario of the simulated suite comes to. */
export type Verdict = 'PASSED' | 'FAILED';

const at = (ms: number) => ({ seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 });

interface Played {
  readonly shard: number;
  /** Numbers of the scenarios that this shard runs, and what they come to. */
  readonly scenarios: ReadonlyMap<number, Verdict>;
  /** Of the whole suite: every shard's messages tell of all. */
  readonly total: number;
  readonly startedAtMs: number;
}

/** The messages of a shard, as cucumber-js writes them: the whole suite's feature, and the shard's own test cases. Cut off anywhere, it is what a killed shard leaves. */
export function messagesOf({ shard, scenarios, total, startedAtMs }: Played): readonly string[] {
  const numbers = Array.from({ length: total }, (_, index) => index);
  const uri = 'features/a.feature';
  const id = (kind: string, number: number) => `${shard}-${kind}-${number}`;
  const children = numbers.map((number) => ({
    scenario: {
      id: id('scenario', number),
      location: { line: 2 + 2 * number, column: 3 },
      tags: [],
      keyword: 'Scenario',
      name: `scenario ${number}`,
      description: '',
      steps: [
        {
          id: id('ast', number),
          location: { line: 3 + 2 * number, column: 5 },
          keyword: 'Given ',
          keywordType: 'Context',
          text: 'it is done',
        },
      ],
      examples: [],
    },
  }));
  const feature = { location: { line: 1, column: 1 }, tags: [], language: 'en', keyword: 'Feature', name: 'a', description: '', children };
  const lines: object[] = [
    { meta: { protocolVersion: '34.2.1', implementation: { name: 'cucumber-js', version: '13.3.0' } } },
    { source: { data: 'Feature: a', uri, mediaType: 'text/x.cucumber.gherkin+plain' } },
    { gherkinDocument: { feature, comments: [], uri } },
    ...numbers.map((number) => ({
      pickle: {
        id: id('pickle', number),
        uri,
        location: { line: 2 + 2 * number, column: 3 },
        astNodeIds: [id('scenario', number)],
        tags: [],
        name: `scenario ${number}`,
        language: 'en',
        steps: [{ id: id('step', number), text: 'it is done', type: 'Context', astNodeIds: [id('ast', number)] }],
      },
    })),
    {
      stepDefinition: {
        id: id('definition', 0),
        pattern: { type: 'CUCUMBER_EXPRESSION', source: 'it is done' },
        sourceReference: { uri: 'features/steps.js', location: { line: 3 } },
      },
    },
    { testRunStarted: { timestamp: at(startedAtMs), id: id('run', 0) } },
    ...[...scenarios.keys()].map((number) => ({
      testCase: {
        id: id('case', number),
        testRunStartedId: id('run', 0),
        pickleId: id('pickle', number),
        testSteps: [
          {
            id: id('test', number),
            pickleStepId: id('step', number),
            stepDefinitionIds: [id('definition', 0)],
            stepMatchArgumentsLists: [],
          },
        ],
      },
    })),
  ];
  let nowMs = startedAtMs;
  for (const [number, status] of scenarios) {
    const testCaseStartedId = id('started', number);
    const testStepId = id('test', number);
    const message = status === 'FAILED' ? { message: 'Error: it is wrong', exception: { type: 'Error', message: 'it is wrong' } } : {};
    lines.push({ testCaseStarted: { attempt: 0, testCaseId: id('case', number), id: testCaseStartedId, timestamp: at(nowMs) } });
    lines.push({ testStepStarted: { testCaseStartedId, testStepId, timestamp: at(nowMs) } });
    nowMs += 1_000;
    lines.push({
      testStepFinished: {
        testCaseStartedId,
        testStepId,
        testStepResult: { status, duration: at(1_000), ...message },
        timestamp: at(nowMs),
      },
    });
    lines.push({ testCaseFinished: { testCaseStartedId, timestamp: at(nowMs), willBeRetried: false } });
  }
  const success = [...scenarios.values()].every((status) => status === 'PASSED');
  lines.push({ testRunFinished: { success, timestamp: at(nowMs), testRunStartedId: id('run', 0) } });
  return lines.map((line) => JSON.stringify(line));
}

const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** A chunk as a container writes it: gzipped, though nothing in it is made smaller, which would take most of the time. */
export function chunkOf(lines: readonly string[]): Buffer {
  const content = Buffer.from(`${lines.join('\n')}\n`);
  const block = Buffer.alloc(5);
  block[0] = 1;
  block.writeUInt16LE(content.length, 1);
  block.writeUInt16LE(content.length ^ 0xffff, 3);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(content), 0);
  tail.writeUInt32LE(content.length, 4);
  return Buffer.concat([gzipHead, block, content, tail]);
}
