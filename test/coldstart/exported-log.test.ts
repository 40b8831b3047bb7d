import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/coldstart/exported-log.ts';
import { fromText, report, start } from './counted-log.ts';

describe('an exported log', () => {
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
    [
      'filter-log-events as text, with X-Ray on a line of its own',
      `EVENTS\t37\t${start + 9}\t2026/10/08/[$LATEST]22be\t${message}\nXRAY TraceId: 1-6\tSampled: true\t\n\t${start}`,
      { stream: located.stream, atMs: start, message: `${message}\nXRAY TraceId: 1-6\tSampled: true\t\n` },
    ],
    [
      'get-log-events as text, which has no stream',
      `EVENTS\t${start + 9}\t${message.trimEnd()}\t${start}`,
      { atMs: start, message: message.trimEnd() },
    ],
    ['messages alone as text, with a tab before all but the first', `\t${message}`, { message }],
    [
      'filter-log-events as JSON, laid out as the command prints it',
      JSON.stringify({ events: [{ logStreamName: located.stream, timestamp: start, message }], searchedLogStreams: [] }, null, 4),
      { stream: located.stream, atMs: start, message },
    ],
    [
      'filter-log-events as JSON without a line end',
      JSON.stringify({ searchedLogStreams: [{ searchedCompletely: true }], events: [{ timestamp: start, message }], nextToken: 'a' }),
      { atMs: start, message },
    ],
    [
      'get-query-results as JSON',
      JSON.stringify(
        {
          queryLanguage: 'CWLI',
          results: [
            [
              { field: '@timestamp', value: '2026-10-08 07:30:00.000' },
              { field: '@message', value: message },
              { field: '@logStream', value: located.stream },
              { field: '@log', value: '123456789012:/aws/lambda/orders-api' },
              { field: '@ptr', value: 'C' },
            ],
          ],
          statistics: { recordsMatched: 1 },
        },
        null,
        4,
      ),
      { ...located, message },
    ],
    [
      "the console's JSON, where a message in JSON is an object",
      JSON.stringify(
        [{ '@timestamp': '2026-10-08 07:30:00.000', '@message': { type: 'platform.start' }, '@logStream': located.stream }],
        null,
        2,
      ),
      { stream: located.stream, atMs: start, message: '{"type":"platform.start"}' },
    ],
    [
      'events that a program has written with names of its own',
      JSON.stringify({ time: '2026-10-08T07:30:00.000Z', function: 'orders-api', stream: located.stream, message }),
      { ...located, message },
    ],
    [
      'a CSV with names of its own',
      `time,function_name,log_stream,message\n2026-10-08T07:30:00.000Z,orders-api,${located.stream},${message}`,
      { ...located, message },
    ],
    ['a line break in one line', 'REPORT a<NL>XRAY', { message: 'REPORT a\nXRAY' }],
  ])('takes %s', (_, text, expected) => {
    expect(fromText(text)).toMatchObject([expected]);
  });

  it('one document after the other, and what is no document, are both read', () => {
    const page = JSON.stringify({ events: [{ message: 'REPORT a, ]}"' }, { message: 'REPORT b' }] }, null, 4);
    expect(fromText(`${page}\n${page}\nREPORT c`).map(({ message: one }) => one)).toEqual([
      'REPORT a, ]}"',
      'REPORT b',
      'REPORT a, ]}"',
      'REPORT b',
      'REPORT c',
    ]);
  });

  it.each([
    ['a function that logs JSON over several lines', '{\n  "level": "INFO"\n}'],
    ['Python, which begins its lines with a bracket', '[INFO]\t2026-10-08T07:30:00.000Z\ta\thello'],
    ['a JSON line of its own first', '{"status":"ready","events":[]}'],
  ])('%s hides none of the lines after', (_, before) => {
    expect(fromText(`${before}\n${message}`).map(({ message: one }) => one)).toContain(message);
  });

  it('a record of a CSV may have as many lines as it likes, and takes no other with it', () => {
    const record = (text: string) => `2026-10-08 07:30:00.000,"${text}"`;
    const lines = fromText(`@timestamp,@message\n${record(`a ""b""\r\nc`)}\n${record(message)}\n${record('')}\n${record(message)}`);
    expect(lines.map(({ message: one }) => one)).toEqual(['a "b"\r\nc', message, message]);
  });
});
