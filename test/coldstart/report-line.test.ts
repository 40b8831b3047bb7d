import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReportLine } from '../../src/coldstart/report-line.ts';
import { figuresOf } from '../../src/coldstart/tally.ts';
import { cases } from '../every-row.ts';
import { at, count, fromText, initStart, report, start, stream } from './counted-log.ts';

const real = readFileSync(new URL('../fixtures/coldstart/report-lines.txt', import.meta.url), 'utf8');

describe('the real lines of report-lines.txt', () => {
  it('are counted as their comments say', () => {
    expect(count(fromText(real))).toMatchObject({
      invocations: 28,
      coldStarts: 24,
      restores: 5,
      initReportOnly: 4,
      reInits: 1,
      preInitialised: 0,
      notCounted: { managedInstances: 1, webFunctions: 0 },
    });
  });

  it.each([
    [
      'Oct 2026, with X-Ray on a line of its own',
      '8d5958b5',
      { durationMs: 2.46, billedMs: 417, memoryMb: 1024, initMs: 413.61, end: { kind: 'success' } },
    ],
    ['out of memory', '276ff3b9', { initMs: undefined, end: { kind: 'failed', errorType: 'Runtime.OutOfMemory' } }],
    ['a cold start that timed out', 'c4c2a78d', { initMs: 516.31, end: { kind: 'timeout' } }],
    ['an init and then out of memory', '3b9e07c5', { initMs: 399.33, end: { kind: 'failed', errorType: 'Runtime.OutOfMemory' } }],
    ['spaces instead of tabs, X-Ray on the same line', '8fc6f963', { durationMs: 201.67, initMs: 480.25, end: { kind: 'success' } }],
    ['a space before the tab', '6234bffe', { billedMs: 47, initMs: undefined }],
    ['SnapStart', 'b771fecc', { initMs: undefined, restoreMs: 511.25, billedMs: 610 }],
    ['SnapStart with X-Ray, a console copy', '24addd09', { restoreMs: 325.93 }],
    ['JSON', '79b5e81f', { durationMs: 1233.96, initMs: 463.512, atMs: Date.parse('2026-10-08T07:30:29.470Z') }],
  ])('%s', (_, id, expected) => {
    const line = real.split('\n').find((one) => /^(?:REPORT|\{.*platform\.report)/.test(one) && one.includes(id)) ?? '';
    expect(parseReportLine(line.replaceAll('<NL>', '\n'))).toMatchObject({ kind: 'report', ...expected });
  });

  it.each([
    [
      'the local emulator, which has the init first',
      'REPORT RequestId: a\tInit Duration: 0.12 ms\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t',
      { requestId: 'a', durationMs: 3.1, billedMs: 4, memoryMb: 128, initMs: 0.12 },
    ],
    [
      'fields nobody knows yet',
      'REPORT RequestId: a\tDuration: 3.10 ms\tBilled Duration: 4 ms\tBilled Extra Duration: 7 ms\tMemory Size: 128 MB\tMax Memory Used: 99 MB\tInit Duration: 80.00 ms\tExtra Duration: 9 ms\tStatus: timeout',
      { durationMs: 3.1, billedMs: 4, initMs: 80, end: { kind: 'timeout' } },
    ],
    [
      'a line without the memory that was used',
      'REPORT RequestId: a\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tInit Duration: 80.00 ms',
      { durationMs: 3.1, memoryMb: 128, initMs: 80 },
    ],
    [
      'JSON with its keys in another order, and spaces',
      '{ "record": { "status": "error", "errorType": "Runtime.ExitError", "metrics": { "initDurationMs": 80, "memorySizeMB": 128, "billedDurationMs": 4, "durationMs": 3.1 }, "requestId": "a" }, "type": "platform.report", "time": "2026-10-08T09:30:00.000+02:00" }',
      { durationMs: 3.1, initMs: 80, end: { kind: 'failed', errorType: 'Runtime.ExitError' }, atMs: start },
    ],
    [
      'JSON of a restore',
      '{"time":"2026-10-08T07:30:00.000Z","type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":3.1,"billedDurationMs":120,"memorySizeMB":128,"maxMemoryUsedMB":99,"restoreDurationMs":500.5,"billedRestoreDurationMs":110},"status":"success"}}',
      { initMs: undefined, restoreMs: 500.5, billedMs: 120 },
    ],
  ])('%s', (_, line, expected) => expect(parseReportLine(line)).toMatchObject({ kind: 'report', ...expected }));

  it.each([
    'REPORT RequestId: a\tDuration: 3.10 ms\tBilled Dur',
    'REPORT RequestId: a\tDuration: 3.1.0 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 99 MB',
    'REPORT of the week: Duration: long',
    'INIT_REPORT Init Duration: ms\tPhase: init',
    'RESTORE_REPORT',
    '{"time":"2026-10-08T07:30:00.000Z","type":"platform.report","record":null}',
    '{"type":"platform.report"',
  ])("%s is no line of Lambda's", (line) => expect(parseReportLine(line)).toBeUndefined());

  it('all but comments and blanks are something', () => {
    const lines = real.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.filter((line) => parseReportLine(line) === undefined)).toEqual([]);
  });
});

describe('a cold start', () => {
  it('is a report with an init that began just before the call', () => {
    const { coldStarts, preInitialised, told } = count([at(0, initStart), at(500, report('Init Duration: 480.00 ms\t'))]);
    expect([coldStarts, preInitialised]).toEqual([1, 0]);
    // Who called waited for the init as well.
    expect(told).toMatchObject([{ arrivedMs: start + 10, found: 'cold', initMs: 480 }]);
  });

  it('is not one when the environment was ready more than a second before the call (text: told by times)', () => {
    expect(count([at(0, initStart), at(60_000, report('Init Duration: 480.00 ms\t'))])).toMatchObject({ coldStarts: 0, preInitialised: 1 });
  });

  it('is not one with provisioned concurrency (JSON: told by the type, with and without a stream)', () => {
    const lines = [
      '{"time":"2026-10-08T07:30:00.000Z","type":"platform.initStart","record":{"initializationType":"provisioned-concurrency","functionName":"orders"}}',
      '{"time":"2026-10-08T07:30:00.900Z","type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":10,"billedDurationMs":10,"memorySizeMB":256,"maxMemoryUsedMB":90,"initDurationMs":480},"status":"success"}}',
    ];
    expect(count(lines.map((message) => ({ message, stream })))).toMatchObject({ coldStarts: 0, preInitialised: 1 });
    expect(count(lines.map((message) => ({ message })))).toMatchObject({ coldStarts: 0, preInitialised: 1 });
  });

  it('is counted, and said to be doubtful, when a text line has no time', () => {
    const { coldStarts, counted } = count([{ message: report('Init Duration: 480.00 ms\t') }]);
    expect([coldStarts, counted.untold]).toEqual([1, 1]);
  });

  it('is a restore of SnapStart; the init of its publishing is none', () => {
    const lines = [
      at(0, 'INIT_REPORT Init Duration: 4000.00 ms', 'publishing'),
      at(0, 'RESTORE_START Runtime Version: java:21.v1\tRuntime Version ARN: arn:1'),
      at(500, 'RESTORE_REPORT Restore Duration: 500.00 ms'),
      at(520, report('Restore Duration: 500.00 ms\tBilled Restore Duration: 100 ms\t')),
    ];
    expect(count(lines)).toMatchObject({ coldStarts: 1, restores: 1, initReportOnly: 0, initMs: { max: 500 } });
  });

  it('is one, whose init timed out and ran again within the invocation', () => {
    const lines = [
      at(0, initStart),
      at(10_000, 'INIT_REPORT Init Duration: 10009.13 ms\tPhase: init\tStatus: timeout'),
      at(23_000, 'INIT_REPORT Init Duration: 12000.00 ms\tPhase: invoke\tStatus: timeout'),
      at(23_500, report('', 12_500)),
      at(30_000, report('')),
    ];
    expect(count(lines)).toMatchObject({ invocations: 2, coldStarts: 1, initReportOnly: 1, reInits: 0, initMs: { max: 10_009.13 } });
  });

  it('that failed for good has no report, and counts', () => {
    const failed = 'INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError';
    expect(count([at(0, initStart), at(300, failed)])).toMatchObject({ invocations: 0, coldStarts: 1, initReportOnly: 1 });
  });

  it('is counted once when a debug log has the init report of a success as well', () => {
    const lines = [
      '{"time":"2026-10-08T07:30:00.480Z","type":"platform.initReport","record":{"initializationType":"on-demand","phase":"init","status":"success","metrics":{"durationMs":480}}}',
      '{"time":"2026-10-08T07:30:00.500Z","type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":10,"billedDurationMs":490,"memorySizeMB":256,"maxMemoryUsedMB":90,"initDurationMs":480},"status":"success"}}',
    ];
    expect(count(lines.map((message) => ({ message, stream })))).toMatchObject({ coldStarts: 1, initReportOnly: 0 });
  });

  it('after a crash in the same environment is a re-init, which no line tells of', () => {
    const lines = [at(0, report('Status: error\tError Type: Runtime.OutOfMemory')), at(900, report('')), at(1_900, report(''))];
    expect(count(lines)).toMatchObject({ invocations: 3, coldStarts: 0, reInits: 1 });
  });

  it('after a crash is a re-init as well when Lambda logs that it began anew', () => {
    const lines = [at(0, report('Status: timeout')), at(10, initStart), at(900, report(''))];
    expect(count(lines)).toMatchObject({ invocations: 2, coldStarts: 0, reInits: 1 });
  });

  it('after a crash that failed again is a re-init, once, whether or not a report tells of it', () => {
    const again = 'INIT_REPORT Init Duration: 8431.38 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError';
    const lines = [at(0, report('Status: error\tError Type: Runtime.ExitError')), at(8_500, again)];
    expect(count(lines)).toMatchObject({ invocations: 1, coldStarts: 0, reInits: 1 });
    expect(count([...lines, at(8_600, report('Status: error\tError Type: Runtime.ExitError'))])).toMatchObject({
      invocations: 2,
      reInits: 1,
    });
    // Without a stream nobody can say that it is the same environment.
    expect(count(lines.map(({ message }) => ({ message })))).toMatchObject({ coldStarts: 1, initReportOnly: 1, reInits: 0 });
  });

  it('that failed counts when it happened, not when the log ends', () => {
    const failed = 'INIT_REPORT Init Duration: 229.04 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError';
    const window = { fromMs: start + 60_000, toMs: start + 120_000 };
    const { coldStarts, counted } = count([at(0, failed), at(90_000, report(''), 'another')], window);
    expect([coldStarts, figuresOf(counted.before.all).coldStarts]).toEqual([0, 1]);
  });

  it('is none of Managed Instances, whose environments may fail to start too', () => {
    const lines = [
      '{"time":"2026-10-08T07:30:00.000Z","type":"platform.initStart","record":{"initializationType":"lambda-managed-instances","phase":"init","functionName":"orders"}}',
      '{"time":"2026-10-08T07:30:10.000Z","type":"platform.initReport","record":{"initializationType":"lambda-managed-instances","phase":"init","status":"timeout","metrics":{"durationMs":10000}}}',
      '{"time":"2026-10-08T07:30:11.000Z","type":"platform.report","record":{"requestId":"a","status":"success","metrics":{"durationMs":1.148}}}',
    ];
    const counted = { invocations: 0, coldStarts: 0, initReportOnly: 0, notCounted: { managedInstances: 1 } };
    expect(count(lines.map((message) => ({ message, stream })))).toMatchObject(counted);
    expect(count(lines.slice(1).map((message) => ({ message })))).toMatchObject(counted);
  });

  it('in another environment after a crash is none of that one', () => {
    const lines = [at(0, report('Status: timeout')), at(900, report(''), 'another')];
    expect(count(lines)).toMatchObject({ reInits: 0 });
  });

  it('of a retry with the same request id counts like any other', () => {
    const once = report('Init Duration: 480.00 ms\tStatus: timeout');
    expect(count([at(0, once), at(60_000, once, 'another')])).toMatchObject({ invocations: 2, coldStarts: 2 });
  });

  it('is not told of by Managed Instances and Web Functions, which are named instead', () => {
    const lines = [
      '{"time":"2025-09-19T19:36:50.881Z","type":"platform.report","record":{"requestId":"a","status":"success","metrics":{"durationMs":1.148}}}',
      '{"timestamp":"2026-11-01T10:00:00.000Z","level":"INFO","region":"eu-central-1","type":"platform.initReport","record":{"metrics":{"durationMs":300}}}',
      '{"timestamp":"2026-11-01T10:00:00.000Z","level":"INFO","region":"eu-central-1","type":"platform.invokeSummary","record":{}}',
    ];
    expect(count(lines.map((message) => ({ message })))).toMatchObject({
      invocations: 0,
      coldStarts: 0,
      notCounted: { managedInstances: 1, webFunctions: 2 },
      webFunctionInits: 1,
    });
  });

  it('is hidden when the system log level hides reports, and the function is named', () => {
    const { counted } = count([at(0, '{"level":"INFO","message":"hello"}')]);
    expect(figuresOf(counted.functions.get('orders') ?? expect.fail())).toMatchObject({ hidesReports: true });
  });
});

describe('the reader', () => {
  it('never throws, whatever the lines', () => {
    const parts = fc.constantFrom(
      'REPORT ',
      'Duration: ',
      'INIT_REPORT ',
      ' ms\t',
      '{"type":"platform.',
      'report","record":',
      '{}',
      '}',
      '"',
      ',',
      'EVENTS\t',
      '[{"message":"',
      '{"events":[',
      '@timestamp,@message,@log\n',
      '2026-10-08T07:30:29 ',
      '1e999',
      '-1',
      '\u001b[',
    );
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(parts, fc.string()), { maxLength: 20 }).map((all) => all.join('')),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const { invocations, coldStarts, initMs } = count(fromText(lines.join('\n')));
        expect(invocations).toBeGreaterThanOrEqual(0);
        expect(coldStarts).toBeGreaterThanOrEqual(0);
        if (initMs !== undefined)
          expect([initMs.p50, initMs.p90, initMs.p99, initMs.max]).toEqual(
            [initMs.p50, initMs.p90, initMs.p99, initMs.max].toSorted((a, b) => a - b),
          );
      }),
      { numRuns: cases(300) },
    );
  }, 60_000);
});

it('a call that finds an environment of the time before the window finds one that is already there', () => {
  const window = { fromMs: start + 60_000, toMs: start + 120_000 };
  const { told } = count([at(0, report('Init Duration: 1.00 ms\t')), at(70_000, report('')), at(80_000, report(''))], window);
  expect(told.map(({ found }) => found)).toEqual(['already-there', 'warm']);
});

it('more environments than are remembered lose nothing of the counts', () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => at(index, report('Init Duration: 1.00 ms\t'), `s${index}`));
  expect(count(lines)).toMatchObject({ invocations: 60_000, coldStarts: 60_000 });
}, 60_000);
