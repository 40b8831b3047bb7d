import { TextDecoder } from 'node:util';
import { messageReader, type ReaderOptions, type Reading, type TakeMessage } from '../../outcome/messages.ts';
import { DamagedSource, type Source } from '../source.ts';

/** What was met in a file besides its messages. */
export interface FileFacts extends Reading {
  /** It holds at least one of Cucumber's messages. */
  readonly hasMessages: boolean;
  /** Every run that begins in it ends in it, and the file itself is whole. */
  readonly hasEnd: boolean;
  /** Why it could not be read to its end. */
  readonly damage?: string;
  /** The beginning of its first line. */
  readonly beginning: string;
}

/** A file of Cucumber messages, to be read as often as needed. */
export interface MessageFile {
  readonly name: string;
  readonly read: (each: TakeMessage, options: ReaderOptions) => AsyncGenerator<void>;
  /** Of the first reading. */
  readonly facts: () => FileFacts;
}

/** What Cucumber says in its messages; any JSON object would pass for an envelope. */
const kinds = new Set<string>([
  ...['meta', 'source', 'gherkinDocument', 'pickle', 'parseError', 'hook', 'stepDefinition', 'parameterType', 'undefinedParameterType'],
  ...['testRunStarted', 'testRunHookStarted', 'testRunHookFinished', 'testRunFinished', 'suggestion', 'attachment', 'externalAttachment'],
  ...['testCase', 'testCaseStarted', 'testStepStarted', 'testStepFinished', 'testCaseFinished'],
]);

const noFacts: FileFacts = { lines: 0, junk: 0, tooLong: 0, isCutOff: false, hasMessages: false, hasEnd: false, beginning: '' };

/** PowerShell writes what it is told to keep as UTF-16. */
async function* asUtf8(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | Uint8Array> {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && piece[0] === 0xff && piece[1] === 0xfe) decoder = new TextDecoder('utf-16le');
    isFirst = false;
    yield decoder?.decode(piece, { stream: true }) ?? piece;
  }
}

/** The source's pieces; then, if it is damaged, why. */
async function* untilDamaged(source: Source, onDamage: (why: string) => void): AsyncGenerator<string | Uint8Array> {
  try {
    yield* asUtf8(source.open());
  } catch (error) {
    if (!(error instanceof DamagedSource)) throw error;
    onDamage(error.message);
  }
}

/** The messages of a source, which go to `each`. What can't be unpacked is left out, and said in the facts. */
export const messageFile = (source: Source): MessageFile => {
  let facts: FileFacts | undefined;

  async function* read(each: TakeMessage, options: ReaderOptions): AsyncGenerator<void> {
    const counts = { messages: 0, started: 0, ended: 0 };
    let damage: string | undefined;
    let beginning: string | undefined;
    const take: TakeMessage = (envelope, line) => {
      if (!Object.keys(envelope).some((kind) => kinds.has(kind))) return;
      counts.messages += 1;
      if (envelope.testRunStarted !== undefined) counts.started += 1;
      if (envelope.testRunFinished !== undefined) counts.ended += 1;
      each(envelope, line);
    };
    const quick: ReaderOptions['quick'] = (...line) => {
      const isTaken = options.quick?.(...line) === true;
      if (isTaken) counts.messages += 1;
      return isTaken;
    };
    const reader = messageReader(take, { ...options, quick });
    for await (const piece of untilDamaged(source, (why) => (damage = why))) {
      beginning ??= (typeof piece === 'string' ? piece : new TextDecoder().decode(piece.subarray(0, 200))).slice(0, 200);
      reader.feed(piece);
      yield;
    }
    const reading = reader.end();
    const hasEnd = counts.ended > 0 && counts.ended >= counts.started && damage === undefined;
    facts ??= { ...reading, hasMessages: counts.messages > 0, hasEnd, ...(damage !== undefined && { damage }), beginning: beginning ?? '' };
    yield;
  }

  return { name: source.name, read, facts: () => facts ?? noFacts };
};

/** Why the file is none of Cucumber messages, and what it may be instead; undefined when it is one, or empty. */
export const refusalOf = ({ name, facts }: MessageFile): string | undefined => {
  const { lines, hasMessages, damage, beginning } = facts();
  if (hasMessages) return undefined;
  if (lines === 0) return damage;
  const asked = "It takes what cucumber's message formatter writes (--format message:FILE), one JSON object a line.";
  const start = beginning.replace(/^\ufeff/, '').trimStart();
  if (start.startsWith('[')) return `${name} is no stream of Cucumber messages, but looks like cucumber's JSON report. ${asked}`;
  if (start.startsWith('<')) return `${name} is no stream of Cucumber messages, but looks like HTML or XML. ${asked}`;
  return `${name} is no stream of Cucumber messages: none of its ${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} is one. ${asked}`;
};
