import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coldStartCounter, type Invocation } from '../../src/coldstart/count.ts';
import { exportedLog, type LogLine } from '../../src/coldstart/exported-log.ts';
import { parseReportLine } from '../../src/coldstart/report-line.ts';
import { figuresOf } from '../../src/coldstart/tally.ts';

const real = readFileSync(new URL('../fixtures/coldstart/report-lines.txt', import.meta.url), 'utf8');

const count = (lines: readonly LogLine[]) => {
  const told: Invocation[] = [];
  const counter = coldStartCounter({ tell: (one) => told.push(one) });
  for (const line of lines) counter.read(line);
  const counted = counter.end();
  return { ...figuresOf(counted.all), counted, told };
};

const fromText = (text: string): readonly LogLine[] => {
  const log = exportedLog();
  const lines = text.split('\n').flatMap((line) => log.read(line) ?? []);
  const last = log.end();
  return last === undefined ? lines : [...lines, last];
};

const start = Date.parse('2026-10-08T07:30:00Z');
const stream = '2026/10/08/[$LATEST]22be53a8cfde4e68b844f8ec293b2543';
/** A line of one environment, so many milliseconds after the start. */
const at = (ms: number, message: string, of: string = stream): LogLine => ({
  message,
  atMs: start + ms,
  stream: of,
  functionName: 'orders',
});
const report = (fields: string, duration = 10): string =>
  `REPORT RequestId: 8d5958b5-559f-43f3-b278-b71dd7dd0e01\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${duration} ms\tMemory Size: 256 MB\tMax Memory Used: 95 MB\t${fields}`;
const initStart = 'INIT_START Runtime Version: nodejs:24.v12\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:1';

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
      { numRuns: 500 },
    );
  });

  const message = report('Init Duration: 480.00 ms\t');
  const located = { functionName: 'orders-api', stream: '2026/10/08/[$LATEST]22be', atMs: start };
  it.each<[string, string, Partial<LogLine>]>([
    [
      'the CSV of Logs Insights',
      `@timestamp,@message,@logStream,@log\n2026-10-08 07:30:00.000,"${message}\nXRAY ""a"", b",2026/10/08/[$LATEST]22be,123456789012:/aws/lambda/orders-api`,
      { ...located, message: `${message}\nXRAY "a", b` },
    ],
    [
      'a CSV with other columns first',
      `"@log","@message","@timestamp"\n"1:/aws/lambda/x","${message}","2026-10-08 07:30:00.000"`,
      { atMs: start, message },
    ],
    [
      'aws logs tail',
      `2026-10-08T07:30:00.000000+00:00 2026/10/08/[$LATEST]22be ${message}`,
      { atMs: start, stream: located.stream, message },
    ],
    ['aws logs tail --format short', `2026-10-08T07:30:00 ${message}`, { atMs: start, message }],
    [
      'aws logs tail in colours',
      `\u001b[32m2026-10-08T07:30:00.000000+00:00\u001b[0m \u001b[36m2026/10/08/[$LATEST]22be\u001b[0m ${message}`,
      { atMs: start, stream: located.stream, message },
    ],
    [
      'a stream that names its function',
      `2026-10-08T07:30:00.000000+00:00 2026/10/08/orders-api[$LATEST]22be ${message}`,
      { functionName: 'orders-api', message },
    ],
    [
      'awslogs, group and stream first',
      `/aws/lambda/orders-api 2026/10/08/[$LATEST]22be 2026-10-08T07:30:00.000Z ${message}`,
      { ...located, message },
    ],
    [
      'filter-log-events as text',
      `EVENTS\t37\t${start + 9}\t2026/10/08/[$LATEST]22be\t${message.trimEnd()}\t${start}`,
      { stream: located.stream, atMs: start, message: message.trimEnd() },
    ],
    [
      'filter-log-events as text, the time on the next line',
      `EVENTS\t37\t${start + 9}\t2026/10/08/[$LATEST]22be\t${message}\n\t${start}`,
      { stream: located.stream, atMs: start },
    ],
    [
      'filter-log-events as JSON',
      JSON.stringify({ logStreamName: located.stream, timestamp: start, message }),
      { stream: located.stream, atMs: start, message },
    ],
    ['a line break in one line', 'REPORT a<NL>XRAY', { message: 'REPORT a\nXRAY' }],
  ])('takes %s', (_, text, expected) => {
    expect(fromText(text)).toMatchObject([expected]);
  });
});

it('more environments than are remembered lose nothing of the counts', () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => at(index, report('Init Duration: 1.00 ms\t'), `s${index}`));
  expect(count(lines)).toMatchObject({ invocations: 60_000, coldStarts: 60_000 });
});
