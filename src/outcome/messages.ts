import type { Envelope } from '@cucumber/messages';

/** What a reader met besides the messages it handed on. */
export interface Reading {
  /** Lines that are not blank. */
  readonly lines: number;
  /** Lines that are not JSON objects: somebody wrote into the stream, or bytes were lost. */
  readonly junk: number;
  /** Lines dropped because they were longer than `longestLine`. */
  readonly tooLong: number;
  /** The stream ended in the middle of a line. */
  readonly isCutOff: boolean;
}

export interface MessageReader {
  /** Takes the next piece of the stream, cut anywhere, also inside a character. */
  readonly feed: (chunk: string | Uint8Array) => void;
  /** Takes the last line, whole or half, and says what was read. */
  readonly end: () => Reading;
}

export interface ReaderOptions {
  /**
   * `judging` leaves out what a verdict does not need, without parsing it: sources, snippets, parameter types and the
   * bodies of attachments. Default: `everything`.
   */
  readonly want?: 'everything' | 'judging';
  /** Kinds of messages to leave out, without parsing them: `testStepFinished`. */
  readonly skip?: ReadonlySet<string>;
  /** Shown each line first, as the part of a text that it is: answers whether it has taken it. The others are parsed. */
  readonly quick?: (text: string, from: number, end: number) => boolean;
  /** Longer lines are counted and dropped, never kept: 32 Mi characters. */
  readonly longestLine?: number;
}

const never = (): boolean => false;
const none: ReadonlySet<string> = new Set();
const needlessForJudging = new Set(['source', 'parameterType', 'suggestion']);

/** How much of a line's beginning says what is in it. */
const kindWithin = 64;
const kindPattern = /^\s*\{\s*"(\w+)"\s*:/;

/** What is in the line that begins at `from`. */
const kindAt = (text: string, from: number, end: number): string | undefined => {
  const within = Math.min(end, from + kindWithin);
  // As nearly all say it, it needs no pattern.
  const to = text.startsWith('{"', from) ? text.indexOf('":', from + 2) : -1;
  return to > 0 && to < within ? text.slice(from + 2, to) : kindPattern.exec(text.slice(from, within))?.[1];
};

/** All parts of an envelope are optional, so any object is one. What is in the parts is as unverified as any JSON. */
const isEnvelope = (value: unknown): value is Envelope => typeof value === 'object' && value !== null && !Array.isArray(value);

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not JSON: the reader counts it
  }
};

/** The line without the attachment's body. An unescaped `"body":"` cannot occur inside a JSON string. */
const withoutBody = (line: string): string => {
  const key = line.indexOf('"body":"');
  if (key < 0) return line;
  const start = key + '"body":"'.length;
  for (let end = line.indexOf('"', start); end >= 0; end = line.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (line[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return line.slice(0, start) + line.slice(end);
  }
  return line;
};

/** Takes a message, and the line that it was read from. */
export type TakeMessage = (envelope: Envelope, line: string) => void;

/**
 * Reads Cucumber messages from NDJSON as it comes and hands each to `each`, in order. Junk lines are counted, not
 * thrown. Holds at most one unfinished line.
 */
export const messageReader = (each: TakeMessage, options: ReaderOptions = {}): MessageReader => {
  const { want = 'everything', skip = none, quick = never, longestLine = 32 * 1024 * 1024 } = options;
  const decoder = new TextDecoder();
  let lines = 0;
  let junk = 0;
  let tooLong = 0;
  let half = '';
  /** The rest of the current line is of no interest. */
  let isSkipping = false;

  const isNeedless = (kind: string | undefined): boolean =>
    kind !== undefined && (skip.has(kind) || (want === 'judging' && needlessForJudging.has(kind)));

  /** Takes the line if it need not be parsed. */
  const passBy = (text: string, from: number, end: number): boolean => quick(text, from, end) || isNeedless(kindAt(text, from, end));

  /** Hands the line's message on; answers whether it held one, or rightly none. */
  const take = (line: string): boolean => {
    if (passBy(line, 0, line.length)) return true;
    const json = line.trim(); // which takes a byte order mark away, too
    const read = want === 'judging' && kindAt(json, 0, json.length) === 'attachment' ? withoutBody(json) : json;
    const value = parseJson(read);
    if (!isEnvelope(value)) return false;
    each(value, read);
    return true;
  };

  const takeWhole = (line: string): void => {
    if (line.trim() === '') return;
    lines += 1;
    if (!take(line)) junk += 1;
  };

  /** Decides early about a line that has not ended yet, so that a huge one is not kept for nothing. */
  const takePart = (part: string): void => {
    if (isSkipping) return;
    // Once only, when there is enough of it: looking into a growing string makes the engine copy it each time.
    const isKindNew = half.length < kindWithin;
    half += part;
    const isHuge = half.length > longestLine;
    if (!isHuge && !(isKindNew && half.length >= kindWithin && isNeedless(kindAt(half, 0, half.length)))) return;
    lines += 1;
    if (isHuge) tooLong += 1;
    half = '';
    isSkipping = true;
  };

  const takeEnd = (part: string): void => {
    takePart(part);
    if (!isSkipping) takeWhole(half);
    half = '';
    isSkipping = false;
  };

  const feedText = (piece: string): void => {
    let start = 0;
    for (let newline = piece.indexOf('\n'); newline >= 0; newline = piece.indexOf('\n', start)) {
      const isWhole = half === '' && !isSkipping && newline - start <= longestLine;
      // Most lines are taken as they stand there: to cut each out first would take as long.
      if (isWhole && passBy(piece, start, newline)) lines += 1;
      else if (isWhole) takeWhole(piece.slice(start, newline));
      else takeEnd(piece.slice(start, newline));
      start = newline + 1;
    }
    if (start < piece.length) takePart(piece.slice(start));
  };

  return {
    feed: (chunk) => feedText(typeof chunk === 'string' ? decoder.decode() + chunk : decoder.decode(chunk, { stream: true })),
    end: () => {
      takePart(decoder.decode());
      const isCutOff = isSkipping || (half.trim() !== '' && !take(half));
      if (!isSkipping && half.trim() !== '') lines += 1;
      half = '';
      isSkipping = false;
      return { lines, junk, tooLong, isCutOff };
    },
  };
};

/** Has the reader read all of the chunks; comes back after each, so that what was handed on can go on, and at the end. */
export async function* readThrough(
  reader: MessageReader,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncGenerator<void> {
  for await (const chunk of chunks) {
    reader.feed(chunk);
    yield;
  }
  reader.end();
  yield;
}

/** The messages of a stream of NDJSON, for readers that pull. Lines that are not messages are left out. */
export async function* readMessages(
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  options: ReaderOptions = {},
): AsyncGenerator<Envelope> {
  let read: Envelope[] = [];
  const reader = messageReader((envelope) => read.push(envelope), options);
  for await (const _ of readThrough(reader, chunks)) {
    yield* read;
    read = [];
  }
}
