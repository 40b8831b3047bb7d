import type { Envelope } from '@cucumber/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupByCause } from '../../src/outcome/cause.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import { observe } from '../../src/outcome/judge.ts';
import type { Counts } from '../../src/outcome/outcome.ts';
import type { Suite } from '../../src/outcome/suite.ts';
import { judge, suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import { cases } from '../every-row.ts';
import { ending, judged, older, readStream, recorded, samples, shardResult } from './streams.ts';

const everyStream = [...samples, ...recorded];
const stream = (name: string): string => recorded.get(name) ?? samples.get(name) ?? '';
const lines = (name: string): string[] => stream(name).trim().split('\n');
const total = (counts: Counts): number =>
  counts.passed + counts.failed + counts.undefined + counts.ambiguous + counts.pending + counts.skipped + counts.unknown;
const failures = (suite: Suite) => suite.failures.map(({ failure }) => failure);

describe("Cucumber's compatibility kit", () => {
  // Facts about the samples that were found without this code: by reading them, and by cucumber's own query.
  const expectations: readonly (readonly [readonly string[], Partial<Counts>, string])[] = [
    [['minimal', 'cdata', 'data-tables', 'parameter-types', 'regular-expression', 'unused-steps'], { passed: 1 }, 'passed'],
    [['hooks-named', 'hooks-attachment', 'global-hooks-attachments'], { passed: 1 }, 'passed'],
    [['backgrounds', 'rules-backgrounds', 'examples-tables-attachment'], { passed: 2 }, 'passed'],
    [['rules', 'doc-strings'], { passed: 3 }, 'passed'],
    [['multiple-features', 'multiple-features-reversed'], { passed: 9 }, 'passed'],
    [['empty'], { unknown: 1 }, 'empty'],
    [['skipped'], { skipped: 2 }, 'empty'],
    [['skipped-exception'], { skipped: 1 }, 'empty'],
    [['hooks-skipped'], { skipped: 3 }, 'empty'],
    [['all-statuses'], { passed: 1, failed: 1, pending: 1, skipped: 1, undefined: 1, ambiguous: 1 }, 'failed'],
    [['failedish-combinations'], { ambiguous: 4, failed: 2, pending: 1, undefined: 1, skipped: 1 }, 'failed'],
    [['attachments'], { passed: 7, failed: 1 }, 'failed'],
    [['examples-tables'], { passed: 5, failed: 2 }, 'failed'],
    [['hooks', 'global-hooks', 'markdown'], { passed: 1, failed: 1 }, 'failed'],
    [['hooks-conditional'], { passed: 1, failed: 2 }, 'failed'],
    [['hooks-undefined', 'unknown-parameter-type', 'retry-undefined'], { undefined: 1 }, 'failed'],
    [['global-hooks-beforeall-error', 'test-run-exception'], {}, 'broken'],
    [['global-hooks-afterall-error'], { passed: 1 }, 'broken'],
    [['ambiguous', 'retry-ambiguous'], { ambiguous: 1 }, 'failed'],
    [['pending'], { pending: 3 }, 'failed'],
    [['pending-exception', 'retry-pending'], { pending: 1 }, 'failed'],
    [['undefined', 'examples-tables-undefined-multiple'], { undefined: 4 }, 'failed'],
    [['undefined-multiple'], { undefined: 7 }, 'failed'],
    [['examples-tables-undefined'], { undefined: 3 }, 'failed'],
    [['retry'], { passed: 3, failed: 1, flaky: 2 }, 'failed'],
    [['skipped-failing-hook', 'stack-traces'], { failed: 1 }, 'failed'],
  ];
  const rows = expectations.flatMap(([names, counts, kind]) => names.map((name) => [name, counts, kind] as const));

  it('has no sample that is not expected here', () => {
    expect(rows.map(([name]) => name).toSorted()).toEqual([...samples.keys()].toSorted());
  });

  it.each(rows)('%s counts as %j and is %s', (name, counts, kind) => {
    const suite = judged(stream(name));
    expect(suite.counts).toEqual({ ...noCounts, ...counts, total: total({ ...noCounts, ...counts }) });
    expect(verdict(ending(suite)).kind).toBe(kind);
  });

  it.each([...samples.keys()])('%s comes to what was read in review', async (name) => {
    const outcome = verdict(ending(judged(stream(name))));
    await expect(`${JSON.stringify(outcome, null, 2)}\n`).toMatchFileSnapshot(`../golden/outcome/${name}.json`);
  });
});

describe("Cucumber's compatibility kit, as it was years ago", () => {
  it.each<[string, Partial<Counts>, string]>([
    ['schema-17-examples-tables', { passed: 2, failed: 2, undefined: 2 }, 'failed'],
    ['schema-17-hooks', { failed: 5 }, 'failed'],
    ['schema-17-retry', { passed: 3, failed: 1, undefined: 1, flaky: 2 }, 'failed'],
    ['schema-17-rules', { passed: 3 }, 'passed'],
    ['schema-17-skipped', { skipped: 3 }, 'empty'],
    ['schema-17-unknown-parameter-type', { undefined: 1 }, 'failed'],
    ['schema-28-examples-tables', { passed: 5, failed: 2, undefined: 2 }, 'failed'],
    ['schema-28-hooks', { passed: 1, failed: 1, undefined: 1 }, 'failed'],
    ['schema-28-hooks-conditional', { passed: 1, failed: 2 }, 'failed'],
    ['schema-28-retry', { passed: 3, failed: 1, undefined: 1, ambiguous: 1, pending: 1, flaky: 2 }, 'failed'],
  ])('%s counts as %j and is %s', (name, counts, kind) => {
    const suite = judged(older.get(name) ?? '');
    expect(suite.counts).toEqual({ ...noCounts, ...counts, total: total({ ...noCounts, ...counts }) });
    expect(verdict(ending(suite)).kind).toBe(kind);
  });

  it('names lines and rows that the pickles do not', () => {
    expect(failures(judged(older.get('schema-17-examples-tables') ?? '')).map(({ line, scenario }) => `${line} ${scenario}`)).toEqual([
      '21 eating cucumbers (start: 12, eat: 20, left: 0)',
      '22 eating cucumbers (start: 0, eat: 1, left: 0)',
      '27 eating cucumbers (start: 12, eat: banana, left: 12)',
      '28 eating cucumbers (start: 0, eat: 1, left: apple)',
    ]);
  });
});

describe('what the real cucumber-js writes', () => {
  // How these two ended is not in their messages.
  const endings = new Map([
    ['process-exit', shardResult({ exitCode: 0 })],
    ['stopped', shardResult({ how: 'stopped', signal: 'SIGKILL' })],
  ]);

  it.each([...recorded.keys()])('%s comes to what was read in review', async (name) => {
    const result = endings.get(name);
    const outcome = verdict(ending(judged(stream(name)), result === undefined ? {} : { result }));
    await expect(`${JSON.stringify(outcome, null, 2)}\n`).toMatchFileSnapshot(`../golden/outcome/recorded/${name}.json`);
  });

  it('has every state at once, each scenario in one', () => {
    const { counts, flaky } = judged(stream('everything'));
    expect(counts).toEqual({ total: 13, passed: 4, failed: 3, undefined: 2, ambiguous: 1, pending: 1, skipped: 1, unknown: 1, flaky: 1 });
    expect(flaky).toMatchObject([
      { scenario: 'A visitor comes at a busy time', line: 12, attempts: 2, error: 'Error: the queue is too long' },
    ]);
  });

  it('names the rule and the values of the row that failed', () => {
    expect(failures(judged(stream('everything')))).toContainEqual(
      expect.objectContaining({
        feature: 'Shop',
        rule: 'Members get a discount',
        scenario: 'Discount for platinum members (count: 1000)',
        step: 'When I buy 1000 apple',
        error: expect.stringMatching(/^Error: the shop is empty\nask again tomorrow\n {4}at .*features\/steps\.js/),
      }),
    );
  });

  it('explains an undefined step by the parameter type it needs, and only that one', () => {
    const errors = Object.fromEntries(failures(judged(stream('everything'))).map(({ scenario, error }) => [scenario, error]));
    expect(errors['Undefined type']).toContain('the parameter type {colour} is not defined');
    expect(errors['Not written yet']).not.toContain('{colour}');
  });

  it('says where a stream that was cut off stands', () => {
    const suite = judged(stream('stopped'));
    expect(suite.end).toBeUndefined();
    expect(suite.now).toEqual(['It never ends']);
    expect(suite.lastSeen).toBe('It never ends › When I wait for ever');
    expect(suite.cutOff.map(({ scenario }) => scenario)).toEqual(['It never ends']);
    expect(suite.notRun.map(({ line, scenario }) => `${line} ${scenario}`)).toEqual([
      '52 A hook fails',
      '63 Discount for silver members (count: 2)',
      '64 Discount for gold members (count: 3)',
      '69 Discount for platinum members (count: 1000)',
    ]);
  });

  it('knows what is on while workers write in turn', () => {
    const state = emptySuite();
    const most = readStream([stream('parallel')]).map((envelope) => suiteSoFar(observe(state, envelope)).now.length);
    expect(Math.max(...most)).toBe(2);
    expect(most.at(-1)).toBe(0);
  });
});

describe('attempts', () => {
  const retry = lines('retry');

  it('an attempt that is to be repeated is no verdict yet', () => {
    const failedOnce = retry.findIndex((line) => line.includes('"willBeRetried":true'));
    expect(judged(retry.slice(0, failedOnce + 1).join('\n')).counts).toMatchObject({ passed: 1, failed: 0, unknown: 3, flaky: 0 });
  });

  it('the last attempt decides also where the schema does not know willBeRetried', () => {
    const old = retry.map((line) => line.replace(/,"willBeRetried":(true|false)/, '')).join('\n');
    expect(judged(old).counts).toEqual(judged(retry.join('\n')).counts);
  });

  it('a retried scenario that is skipped in the end is not flaky', () => {
    const skipped = retry.map((line) => line.replace('"status":"PASSED"', '"status":"SKIPPED"')).join('\n');
    expect(judged(skipped).counts).toMatchObject({ passed: 0, skipped: 3, flaky: 0 });
  });
});

describe('a scenario', () => {
  it('without steps is not passed, however well its hooks went', () => {
    const hooksOnly = lines('all-well').filter((line) => !line.startsWith('{"testCase":') || !line.includes('pickleStepId'));
    expect(hooksOnly).toHaveLength(lines('all-well').length - 5);
    expect(judged(hooksOnly.join('\n')).counts).toEqual({ ...noCounts, total: 1, unknown: 1 });
  });

  it('has the first stored screenshot of its last attempt', () => {
    let shots = 0;
    const stored = lines('everything').map((line) =>
      line.includes('"image/png"') ? line.replace(/"body":"[^"]*"/, `"body":"","url":"attachments/shot-${++shots}.png"`) : line,
    );
    const [first] = failures(judged(stored.join('\n')));
    expect(first).toMatchObject({ scenario: 'A visitor pays with a wrong card', attempts: 2, screenshot: 'shot-3.png' });
  });

  it.each([
    ['./attachment-1.png', 'attachment-1.png'],
    ['attachments/a-1.png', 'a-1.png'],
    ['../../secret.png', undefined],
    ['/etc/passwd.png', undefined],
    ['https://example.org/a.png', undefined],
    ['javascript:alert(1)', undefined],
    ['attachments/../../a.png', undefined],
  ])('has no screenshot but one beside its messages: %j', (url, screenshot) => {
    const stored = lines('everything').map((line) => line.replace(/"body":"[^"]*"(.*"image\/png")/, `"body":"","url":"${url}"$1`));
    expect(failures(judged(stored.join('\n')))[0]?.screenshot).toBe(screenshot);
  });

  it('is named by the messages of older schemas, too', () => {
    const old = lines('examples-tables').map((line) => {
      const message = JSON.parse(line);
      delete message.pickle?.location;
      delete message.hook?.type;
      delete message.testStepFinished?.testStepResult.exception;
      delete message.testCase?.testRunStartedId;
      return JSON.stringify(message);
    });
    const names = (text: string) => failures(judged(text)).map(({ scenario, line, step }) => ({ scenario, line, step }));
    expect(names(old.join('\n'))).toEqual(names(stream('examples-tables')));
  });

  it('is read in the form of the protobuf days: 64-bit numbers as strings, defaults left out', () => {
    const old = lines('retry').map((line) =>
      line
        .replaceAll(/"seconds":(\d+)/g, '"seconds":"$1"')
        .replaceAll(/,"willBeRetried":false|,"success":false|,"attempt":0|,"nanos":0/g, ''),
    );
    expect(judged(old.join('\n'))).toEqual(judged(stream('retry')));
  });
});

describe('any stream', () => {
  it.each(everyStream)('%s: every scenario is in exactly one state, at every moment', (_, text) => {
    const state = emptySuite();
    for (const envelope of readStream([text])) {
      const { counts, failures: failed, notRun, cutOff } = suiteSoFar(observe(state, envelope));
      expect(total(counts)).toBe(counts.total);
      expect(failed).toHaveLength(counts.failed + counts.undefined + counts.ambiguous + counts.pending);
      expect(notRun.length + cutOff.length).toBeLessThanOrEqual(counts.unknown);
      expect(counts.flaky).toBeLessThanOrEqual(counts.passed);
    }
  });

  it('says the same whatever junk stands between its lines', () => {
    const junk = fc.constantFrom(
      '',
      'npm warn deprecated',
      '{',
      '[]',
      '{"testRunFinished":7}',
      '{"future":{"id":"1"}}',
      'null',
      '{"testCase":{}}',
      '\t',
    );
    fc.assert(
      fc.property(fc.constantFrom(...everyStream), fc.array(fc.tuple(fc.nat(), junk)), ([, text], insertions) => {
        const all = text.trim().split('\n');
        for (const [at, line] of insertions) all.splice(at % (all.length + 1), 0, line);
        expect(judged(all.join('\n'))).toEqual({ ...judged(text) });
      }),
    );
  });

  it('says the same however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyStream), fc.array(fc.nat(), { maxLength: 8 }), ([, text], cuts) => {
        const bytes = new TextEncoder().encode(text);
        const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
        expect(judged(...edges.slice(1).map((edge, index) => bytes.slice(edges[index], edge)))).toEqual(judged(text));
      }),
    );
  });

  it('says the same to a reader that leaves out what a verdict does not need', () => {
    for (const [, text] of everyStream) expect(judged(text)).toEqual(judge(readStream([text])));
  });

  it('never throws, whatever its messages hold', () => {
    const kinds = [
      'pickle',
      'testCase',
      'testCaseStarted',
      'testStepFinished',
      'testCaseFinished',
      'attachment',
      'gherkinDocument',
      'hook',
      'parseError',
      'undefinedParameterType',
      'testRunHookFinished',
      'testRunFinished',
    ];
    const field = fc.constantFrom(
      'id',
      'steps',
      'testSteps',
      'testCaseStartedId',
      'testStepResult',
      'result',
      'source',
      'message',
      'uri',
      'feature',
      'children',
      'timestamp',
      'astNodeIds',
      'expression',
      'name',
      'url',
      'mediaType',
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()));
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom(...kinds), body, { minKeys: 1 })), (messages) => {
        const suite = judged(messages.map((message) => JSON.stringify(message)).join('\n'));
        expect(total(suite.counts)).toBe(suite.counts.total);
      }),
    );
  });

  it('is damaged at any place without a throw, and still counts each scenario once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyStream), fc.nat(), fc.nat(), fc.jsonValue(), ([, text], at, depth, value) => {
        const all = text.trim().split('\n');
        const index = at % all.length;
        const damaged = damage(JSON.parse(all[index] ?? '{}'), depth, value);
        all[index] = JSON.stringify(damaged);
        const { counts } = judged(all.join('\n'));
        expect(total(counts)).toBe(counts.total);
      }),
      { numRuns: cases(300) },
    );
  });
});

/** The envelope with one of its values, anywhere in it, replaced. */
const damage = (envelope: Envelope, depth: number, value: unknown): unknown => {
  let seen = 0;
  const paths = JSON.stringify(envelope, (_, each) => {
    seen += 1;
    return each;
  });
  const target = depth % Math.max(seen, 1);
  let position = -1;
  return JSON.parse(paths, (_, each) => {
    position += 1;
    return position === target ? value : each;
  });
};

describe('a suite with many failures', () => {
  const failing = (number: number, message = `Error: no ${number}\n${'more '.repeat(300)}`): Envelope[] =>
    [
      { pickle: { id: `p${number}`, uri: 'a.feature', name: `Scenario ${number}`, steps: [{ id: `s${number}`, text: 'it fails' }] } },
      { testCase: { id: `c${number}`, pickleId: `p${number}`, testSteps: [{ id: `t${number}`, pickleStepId: `s${number}` }] } },
      { testCaseStarted: { id: `a${number}`, testCaseId: `c${number}`, attempt: 0 } },
      {
        testStepFinished: {
          testCaseStartedId: `a${number}`,
          testStepId: `t${number}`,
          testStepResult: { status: 'FAILED', message },
        },
      },
      { testCaseFinished: { testCaseStartedId: `a${number}`, willBeRetried: false } },
    ] as unknown as Envelope[];

  it('names them all and keeps the whole error of the first 200', () => {
    const suite = judge(Array.from({ length: 300 }, (_, number) => failing(number)).flat());
    const errors = failures(suite).map(({ error }) => error);
    expect(errors).toHaveLength(300);
    expect(errors[199]?.length).toBeGreaterThan(1000);
    expect(errors[200]).toBe('Error: no 200');
  });

  it('knows that they have one cause, also of those of which it keeps less', () => {
    const timeout =
      "TimeoutError: locator.click: Timeout 5000ms exceeded.\nCall log:\n  - waiting for locator('#pay')\n\n    at pay (pay.ts:1:2)";
    const refused = (number: number) => `Error: page.goto: net::ERR_CONNECTION_REFUSED at http://shop.example.com/${number}`;
    const suite = judge(Array.from({ length: 400 }, (_, number) => failing(number, number % 4 === 0 ? timeout : refused(number))).flat());
    expect(groupByCause(failures(suite)).map((cause) => cause.failures.length)).toEqual([300, 100]);
  });
});
