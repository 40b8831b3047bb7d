import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReportLine } from '../../src/coldstart/report-line.ts';
import { usualJsonReport, usualTextReport } from '../../src/coldstart/usual-report.ts';

const id = '8d5958b5-559f-43f3-b278-b71dd7dd0e01';
const textOf = (duration: string, billed: number, memory: number, init: string | undefined): string =>
  `REPORT RequestId: ${id}\tDuration: ${duration} ms\tBilled Duration: ${billed} ms\tMemory Size: ${memory} MB\tMax Memory Used: 95 MB\t${init === undefined ? '' : `Init Duration: ${init} ms\t`}`;
const jsonOf = (duration: string, billed: number, memory: number, init: string | undefined): string =>
  `{"time":"2026-10-08T07:30:29.470Z","type":"platform.report","record":{"requestId":"${id}","metrics":{"durationMs":${duration},"billedDurationMs":${billed},"memorySizeMB":${memory},"maxMemoryUsedMB":95${init === undefined ? '' : `,"initDurationMs":${init}`}},"status":"success"}}`;

const whole = fc.integer({ min: 0, max: 900_000 });
const decimal = fc.oneof(
  whole.map(String),
  fc.tuple(whole, fc.integer({ min: 0, max: 999 })).map(([ms, thousandths]) => `${ms}.${String(thousandths).padStart(3, '0')}`),
);
const fields = fc.tuple(decimal, whole, fc.integer({ min: 128, max: 10_240 }), fc.option(decimal, { nil: undefined }));

describe.each([
  ['text', textOf, usualTextReport],
  ['JSON', jsonOf, usualJsonReport],
] as const)('a report in %s as Lambda writes it today', (_, lineOf, read) => {
  it('is read to the last digit, as JavaScript reads its numbers', () => {
    fc.assert(
      fc.property(fields, ([duration, billedMs, memoryMb, init]) => {
        const line = lineOf(duration, billedMs, memoryMb, init);
        const numbers = { durationMs: Number(duration), billedMs, memoryMb, initMs: init === undefined ? undefined : Number(init) };
        expect(read(line)).toEqual(numbers);
        expect(parseReportLine(line)).toMatchObject({ kind: 'report', requestId: id, ...numbers });
      }),
    );
  });

  it('is left to the careful reader when it is cut off, has something in its midst, or goes on', () => {
    const line = lineOf('2.46', 417, 1_024, '413.61');
    const warm = lineOf('2.46', 417, 1_024, undefined);
    for (let length = 0; length < warm.length; length += 1) expect(read(warm.slice(0, length))).toBeUndefined();
    for (let at = 0; at < line.length; at += 1) expect(read(`${line.slice(0, at)}x${line.slice(at)}`)).toBeUndefined();
    for (const more of [' ', 'Status: timeout\t', '\nXRAY TraceId: 1-6', '}']) expect(read(line + more)).toBeUndefined();
  });

  it.each(['-1', '1e3', '1.2.3', '.5', '5.', 'NaN', '', '12345678901234567890', '1.23456789012345678'])(
    'leaves a duration of %j to him',
    (duration) => {
      expect(read(lineOf(duration, 1, 128, undefined))).toBeUndefined();
    },
  );
});

it('a report in JSON that did not end well is left to the careful reader', () => {
  for (const status of ['failure', 'timeout', 'error'])
    expect(usualJsonReport(jsonOf('1', 1, 128, undefined).replace('success', status))).toBeUndefined();
});
