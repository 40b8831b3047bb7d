import { type Cells, columnNames, csvLog, plainName } from './csv-log.ts';
import { fastTime } from './fast-time.ts';
import { beginsDocument, logDocument } from './log-document.ts';

/** One event of a log, and what is known of where it comes from. */
export interface LogLine {
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly atMs?: number | undefined;
  /** The log stream: one execution environment. */
  readonly stream?: string | undefined;
  readonly functionName?: string | undefined;
  /** The log group says that it is a Web Function. */
  readonly isWeb?: boolean;
}

/** The function a log group belongs to: `123456789012:/aws/lambda/orders-api` is `orders-api`'s. */
export function functionOfGroup(group: string): { readonly functionName: string; readonly isWeb: boolean } {
  const name = group.replace(/^\d+:/, '').replace(/:\*$/, '');
  const web = /^\/aws\/lambda\/web\/(.+)$/.exec(name)?.[1];
  if (web !== undefined) return { functionName: web, isWeb: true };
  return { functionName: name.replace(/^\/aws\/lambda\//, ''), isWeb: false };
}

/** In a group that several functions share, a stream's name holds the function's: `2026/10/08/orders-api[$LATEST]22be…`. */
function functionOfStream(stream: string): string | undefined {
  if (stream.charCodeAt(10) !== 47 || stream.charCodeAt(11) === 91) return undefined;
  const end = stream.indexOf('[', 11);
  return end === -1 ? undefined : stream.slice(11, end);
}

/**
 * Reads an exported log line by line and tells of its events: bare messages, the prefixes of `aws logs tail`, what
 * `filter-log-events` and `get-query-results` print as text or JSON, events as JSON one a line, and the CSV of Logs Insights.
 * Never throws.
 *
 * An event may be complete only when the next has begun: `end` tells of what the last line left.
 */
export function exportedLog(tell: (event: LogLine) => void) {
  let csv: ReturnType<typeof csvLog> | undefined;
  let isFirst = true;
  /** Nothing but documents so far: another may follow. */
  let mayBeDocument = true;
  const document = logDocument((element) => {
    const event = elementEvent(element);
    if (event !== undefined) tell(event);
  });
  /** An event whose time comes on a later line. */
  let held: LogLine | undefined;

  function read(line: string): void {
    if (csv !== undefined) csv.read(line);
    else if (isFirst) readFirst(line.charCodeAt(0) === 0xfeff ? line.slice(1) : line);
    else if (mayBeDocument && isOfDocument(line)) document.read(line);
    else if (held !== undefined || line.startsWith('EVENTS\t')) readEvents(line);
    else {
      const event = plainLine(line);
      if (event !== undefined) tell(event);
    }
  }

  function readFirst(line: string): void {
    if (line.trim() === '') return;
    isFirst = false;
    csv = csvLog(line, (cells) => tell(cellsEvent(cells)));
    if (csv === undefined) read(line);
  }

  function isOfDocument(line: string): boolean {
    mayBeDocument = document.isOpen() || line.trim() === '' || beginsDocument(line);
    return mayBeDocument;
  }

  /** `--output text`: an event's time stands behind its message, and that may have several lines. */
  function readEvents(line: string): void {
    const isNew = line.startsWith('EVENTS\t');
    const timed = isNew ? undefined : /^(.*)\t(\d{13})$/.exec(line);
    if (held !== undefined && !isNew && timed === null) {
      // A message that never ends is not worth all memory.
      if (held.message.length < longestMessage) held = { ...held, message: `${held.message}\n${line}` };
      return;
    }
    const before = held;
    held = undefined;
    if (before !== undefined) tell(timed ? { ...before, message: `${before.message}\n${timed[1]}`, atMs: Number(timed[2]) } : before);
    if (!isNew) return;
    const event = eventsLine(line);
    if (event.atMs === undefined) held = event;
    else tell(event);
  }

  function end(): void {
    csv?.end();
    if (held !== undefined) tell(held);
    held = undefined;
  }

  return { read, end };
}

const longestMessage = 1_000_000;

const plainLine = (line: string): LogLine | undefined => {
  const first = line.charCodeAt(0);
  // `","type":"platform.`, where it stands in a line of Lambda's; comparing all of it would take longer.
  if (first === 123 && line.charCodeAt(36) === 116 && line.charCodeAt(43) === 112 && line.charCodeAt(51) === 46) return { message: line };
  if (first === 123) return line.includes('essage"') ? jsonEvent(line) : { message: unfolded(line) };
  // R, I, S: a bare line of Lambda's, nearly always
  if (first === 82 || first === 73 || first === 83) return { message: unfolded(line) };
  if (Number.isNaN(first)) return undefined;
  return prefixed(line);
};

/** In a file of one event a line, `<NL>` stands for a line end within the event. */
const unfolded = (text: string): string => (text.includes('<NL>') ? text.replaceAll('<NL>', '\n') : text);

const timePrefix = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\d{13})\s+/;
const streamPrefix = /^(\d{4}\/\d\d\/\d\d\/[^\s[\]]*\[[^\]\s]*\][0-9a-zA-Z]+)\s+/;
const groupPrefix = /^((?:\d{12}:)?\/[\w./#-]+)\s+/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with one
const colours = /\u001b\[[\d;]*m/g;

/** A message behind a time, a stream and a group, in any order: as `aws logs tail` and its relatives print it. */
function prefixed(line: string): LogLine {
  const usual = tailLine(line);
  if (usual !== undefined) return usual;
  let rest = line.charCodeAt(0) === 27 || line.includes('\u001b[') ? line.replaceAll(colours, '') : line;
  let atMs: number | undefined;
  let stream: string | undefined;
  let group: string | undefined;
  for (let part = 0; part < 3; part += 1) {
    const time = atMs === undefined ? timePrefix.exec(rest) : null;
    const found = time ?? (stream === undefined ? streamPrefix.exec(rest) : null) ?? (group === undefined ? groupPrefix.exec(rest) : null);
    if (found === null) break;
    if (time !== null) atMs = parseTime(time[1] ?? '');
    else if (found[1]?.startsWith('/') || found[1]?.includes(':/')) group = found[1];
    else stream = found[1];
    rest = rest.slice(found[0].length);
  }
  return located({ message: unfolded(rest.trimStart()), atMs, stream }, group);
}

/** `2026-10-08T07:30:29.470000+00:00 2026/10/08/[$LATEST]22be53a8… message`, which is what `aws logs tail` prints; undefined for any other. */
function tailLine(line: string): LogLine | undefined {
  if (!line.startsWith('+00:00 ', 26)) return undefined;
  const atMs = fastTime(line, 0);
  const end = line.indexOf(' ', 33);
  // What else may stand there is read with more care.
  if (atMs === undefined || end === -1 || line.charCodeAt(37) !== 47 || line.charCodeAt(43) !== 47) return undefined;
  const [message, stream] = [unfolded(line.slice(end + 1)), line.slice(33, end)];
  const functionName = functionOfStream(stream);
  return functionName === undefined ? { message, atMs, stream } : { message, atMs, stream, functionName };
}

function located(line: LogLine, group: string | undefined): LogLine {
  const functionName = line.stream === undefined ? undefined : functionOfStream(line.stream);
  if (group === undefined) return functionName === undefined ? line : { ...line, functionName };
  const ofGroup = functionOfGroup(group);
  return { ...line, functionName: functionName ?? ofGroup.functionName, isWeb: ofGroup.isWeb };
}

/**
 * A time as AWS writes it, in milliseconds since 1970: `2026-10-08 07:30:29.470` (UTC), ISO 8601, or milliseconds already;
 * undefined when it is none.
 */
export function parseTime(text: string): number | undefined {
  if (/^\d{13}$/.test(text)) return Number(text);
  const [, day, time, fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * `EVENTS`, id, time of ingestion, stream, message and time, behind tabs: the members of an event in alphabetical order. Those of
 * `get-log-events` have neither id nor stream.
 */
function eventsLine(line: string): LogLine {
  const [, first = '', second = '', ...others] = line.split('\t');
  const isBare = isTime(first) && !isTime(second);
  const [stream, ...rest] = isBare ? [undefined, second, ...others] : others;
  const last = rest.at(-1) ?? '';
  const message = (isTime(last) ? rest.slice(0, -1) : rest).join('\t');
  return located({ message: unfolded(message), atMs: isTime(last) ? Number(last) : undefined, stream }, undefined);
}

const isTime = (text: string): boolean => /^\d{13}$/.test(text);

/** An event as a JSON object on a line of its own: of `filter-log-events`, a subscription, or a file of ours. */
function jsonEvent(line: string): LogLine {
  try {
    const fields: unknown = JSON.parse(line);
    // What has a type is a platform line, or a function's own.
    if (isFields(fields) && !('type' in fields)) return filteredEvent(fields) ?? fieldsEvent(fields) ?? { message: unfolded(line) };
  } catch {
    // a function's own line that looks like JSON
  }
  return { message: unfolded(line) };
}

/** An event as `filter-log-events` gives it, which is the usual one. */
function filteredEvent({ message, timestamp, logStreamName, ingestionTime }: Fields): LogLine | undefined {
  if (typeof message !== 'string' || typeof timestamp !== 'number' || typeof logStreamName !== 'string') return undefined;
  return ingestionTime === undefined
    ? undefined
    : located({ message: unfolded(message), atMs: timestamp, stream: logStreamName }, undefined);
}

/** An event among others in a JSON document: an object, the fields and values of a query's row, or a message alone. */
function elementEvent(element: unknown): LogLine | undefined {
  if (typeof element === 'string') return { message: unfolded(element.trimStart()) };
  if (Array.isArray(element)) {
    const row = element.filter(isFields).map(({ field, value }): [string, unknown] => [String(field), value]);
    return fieldsEvent(Object.fromEntries(row));
  }
  if (!isFields(element)) return undefined;
  return 'type' in element ? { message: JSON.stringify(element) } : fieldsEvent(element);
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsEvent(named: Fields): LogLine | undefined {
  const fields = new Map(Object.entries(named).map(([name, value]) => [plainName(name), value]));
  const message = fields.get('message');
  // The console's JSON has a message that is JSON as an object.
  const said = typeof message === 'string' ? unfolded(message) : isFields(message) ? JSON.stringify(message) : undefined;
  if (said === undefined) return undefined;
  const first = (names: readonly string[]): unknown => names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const text = (names: readonly string[]): string | undefined => {
    const value = first(names);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const time = first(columnNames.time);
  const atMs = typeof time === 'number' ? time : typeof time === 'string' ? parseTime(time) : undefined;
  return located({ message: said, atMs, stream: text(columnNames.stream) }, text(columnNames.group));
}

const cellsEvent = ({ message, time, stream, group }: Cells): LogLine =>
  located({ message: unfolded(message), atMs: parseTime(time ?? ''), stream }, group);
