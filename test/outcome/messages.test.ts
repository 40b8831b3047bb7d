import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageReader, type ReaderOptions, type Reading, readMessages } from '../../src/outcome/messages.ts';
import { readStream, recorded } from './streams.ts';

const read = (chunks: readonly (string | Uint8Array)[], options?: ReaderOptions): { messages: unknown[]; reading: Reading } => {
  const messages: unknown[] = [];
  const reader = messageReader((envelope) => messages.push(envelope), options);
  for (const chunk of chunks) reader.feed(chunk);
  return { messages, reading: reader.end() };
};

const everything = recorded.get('everything') ?? '';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a stream of messages', () => {
  it.each<[string, string, number, Partial<Reading>]>([
    ['a whole line', '{"meta":{}}\n', 1, { lines: 1, junk: 0, isCutOff: false }],
    ['a last line without its end of line', '{"meta":{}}\n{"testRunStarted":{}}', 2, { lines: 2, junk: 0, isCutOff: false }],
    ['half a last line', '{"meta":{}}\n{"testRunSta', 1, { lines: 2, junk: 0, isCutOff: true }],
    ['blank lines', '\n  \n{"meta":{}}\n\n', 1, { lines: 1, junk: 0, isCutOff: false }],
    ["Windows' ends of lines", '{"meta":{}}\r\n\r\n{"testRunStarted":{}}\r\n', 2, { lines: 2, junk: 0 }],
    ['a byte order mark', '\uFEFF{"meta":{}}\n', 1, { lines: 1, junk: 0 }],
    ['lines that are no JSON', 'npm warn\n{"meta":{}}\n{oops}\n', 1, { lines: 3, junk: 2 }],
    ['JSON that is no object', '1\n[]\nnull\n"x"\n{"meta":{}}\n', 1, { lines: 5, junk: 4 }],
    ['nothing', '', 0, { lines: 0, junk: 0, isCutOff: false }],
  ])('reads %s', (_, stream, messages, reading) => {
    for (const chunk of [stream, bytes(stream)]) {
      const found = read([chunk]);
      expect(found.messages).toHaveLength(messages);
      expect(found.reading).toMatchObject(reading);
    }
  });

  it('reads the same however it is cut, also inside a character', () => {
    const stream = bytes('{"pickle":{"name":"Grüße, 世界 👋🏽"}}\nGrüße\n{"testRunStarted":{"id":"é"}}\n{"testRunFini');
    const whole = read([stream]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const chunks = edges.slice(1).map((edge, index) => stream.slice(edges[index], edge));
        expect(read(chunks)).toEqual(whole);
      }),
    );
  });

  it('takes strings and bytes in turn', () => {
    expect(read(['{"pickle":', bytes('{"name":"é"}'), '}\n']).messages).toEqual([{ pickle: { name: 'é' } }]);
  });

  it('drops a line that is longer than allowed and goes on after it', () => {
    const long = `{"attachment":{"body":"${'x'.repeat(2000)}"}}`;
    for (const chunks of [[`${long}\n{"meta":{}}\n`], [...`${long}\n{"meta":{}}\n`]]) {
      const { messages, reading } = read(chunks, { longestLine: 1000 });
      expect(messages).toEqual([{ meta: {} }]);
      expect(reading).toMatchObject({ lines: 2, tooLong: 1, junk: 0 });
    }
  });

  it('hands on every message of a recording, in order', () => {
    const lines = everything.trim().split('\n');
    expect(readStream([everything]).map((envelope) => JSON.stringify(envelope))).toEqual(lines);
  });

  it('can be pulled', async () => {
    const pulled = await Array.fromAsync(readMessages([everything.slice(0, 5000), everything.slice(5000)]));
    expect(pulled).toEqual(readStream([everything]));
  });
});

describe('reading for a verdict', () => {
  it('leaves out what a verdict does not need, and nothing else', () => {
    const needless = ['source', 'parameterType', 'suggestion'];
    const kinds = (options: ReaderOptions) => readStream([everything], options).map((envelope) => Object.keys(envelope)[0] ?? '');
    expect(kinds({ want: 'judging' })).toEqual(kinds({ want: 'everything' }).filter((kind) => !needless.includes(kind)));
  });

  it.each(['plain', 'with "quotes", \\backslashes\\ and \\"both\\"', 'ends in a backslash \\', '"body":"trap"', ''])(
    'leaves out the body of an attachment, whatever is in it: %j',
    (body) => {
      const line = (text: string) => JSON.stringify({ attachment: { body: text, mediaType: 'text/plain', fileName: 'a "body":"b" c' } });
      expect(read([line(body)], { want: 'judging' }).messages).toEqual([JSON.parse(line(''))]);
    },
  );

  it('leaves out the kinds that are named, also in lines of many pieces', () => {
    const line = `{"pickle":{"name":"${'x'.repeat(500)}"}}\n`;
    for (const chunks of [[`${line}{"meta":{}}\n`], [...`${line}{"meta":{}}\n`]])
      expect(read(chunks, { skip: new Set(['pickle']) })).toMatchObject({ messages: [{ meta: {} }], reading: { lines: 2, junk: 0 } });
  });

  it('does not hold a long line it has no need of', () => {
    const reader = messageReader(() => {}, { want: 'judging', longestLine: 1000 });
    reader.feed('{"source":{"data":"');
    for (let n = 0; n < 100; n += 1) reader.feed('x'.repeat(100));
    expect(reader.end()).toMatchObject({ lines: 1, tooLong: 0, isCutOff: true });
  });
});
