import { fastTime } from './fast-time.ts';

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
 * Reads an exported log line by line: bare messages, the prefixes of `aws logs tail`, the text of `filter-log-events`, events as
 * JSON, and the CSV of Logs Insights. Never throws.
 *
 * A line may complete the event that earlier ones began (CSV, a time on a line of its own), so that what it gives is the event
 * that is complete now. `end` gives what the last line left.
 */
export function exportedLog() {
  let columns: Columns | undefined;
  let isFirst = true;
  /** The lines of a CSV record whose quotes are still open. */
  let open: string | undefined;
  /** An event whose time may come on the next line. */
  let held: LogLine | undefined;

  function read(line: string): LogLine | undefined {
    if (isFirst) {
      isFirst = false;
      const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
      columns = columnsOf(text);
      if (columns !== undefined) return undefined;
      return readPlain(text);
    }
    return columns === undefined ? readPlain(line) : readCsv(line, columns);
  }

  function readPlain(line: string): LogLine | undefined {
    if (held === undefined && !line.startsWith('EVENTS\t')) return plainLine(line);
    const before = held;
    held = undefined;
    const timeAlone = /^\t(\d{13})$/.exec(line)?.[1];
    if (before !== undefined && timeAlone !== undefined) return { ...before, atMs: Number(timeAlone) };
    if (line.startsWith('EVENTS\t')) held = eventsLine(line);
    // Two events at once would need a queue: what stands behind such an event without a time is a continuation.
    return before;
  }

  function readCsv(line: string, at: Columns): LogLine | undefined {
    const text = open === undefined ? line : `${open}\n${line}`;
    if (hasOpenQuote(text)) {
      // A record that never ends is not worth all memory.
      open = text.length > maxRecordCharacters ? undefined : text;
      return undefined;
    }
    open = undefined;
    return csvLine(csvCells(text), at);
  }

  function end(): LogLine | undefined {
    const last = held ?? (open === undefined || columns === undefined ? undefined : csvLine(csvCells(`${open}"`), columns));
    held = undefined;
    open = undefined;
    return last;
  }

  return { read, end };
}

const maxRecordCharacters = 1_000_000;

const plainLine = (line: string): LogLine | undefined => {
  const first = line.charCodeAt(0);
  if (first === 123 && line.startsWith('","type":"platform.', 33)) return { message: line };
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
  return located({ message: unfolded(rest), atMs, stream }, group);
}

/** `2026-10-08T07:30:29.470000+00:00 2026/10/08/[$LATEST]22be53a8… message`, which is what `aws logs tail` prints; undefined for any other. */
function tailLine(line: string): LogLine | undefined {
  if (!line.startsWith('+00:00 ', 26)) return undefined;
  const atMs = fastTime(line, 0);
  const end = line.indexOf(' ', 33);
  // What else may stand there is read with more care.
  if (atMs === undefined || end === -1 || line.charCodeAt(37) !== 47 || line.charCodeAt(43) !== 47) return undefined;
  return located({ message: unfolded(line.slice(end + 1)), atMs, stream: line.slice(33, end) }, undefined);
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

/** `aws logs filter-log-events --output text`: the members of an event in alphabetical order, behind tabs. */
function eventsLine(line: string): LogLine {
  const [, , , stream, ...rest] = line.split('\t');
  const last = rest.at(-1) ?? '';
  const isTimed = /^\d{13}$/.test(last);
  const message = (isTimed ? rest.slice(0, -1) : rest).join('\t');
  return located({ message: unfolded(message), atMs: isTimed ? Number(last) : undefined, stream }, undefined);
}

/** An event as a JSON object: of `filter-log-events`, a subscription, or a file of ours. */
function jsonEvent(line: string): LogLine {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // a function's own line that looks like JSON
    return { message: line };
  }
  if (typeof event !== 'object' || event === null) return { message: line };
  const fields = new Map<string, unknown>(Object.entries(event).map(([key, value]) => [key.replace(/^@/, ''), value]));
  const message = fields.get('message');
  if (typeof message !== 'string' || fields.has('type')) return { message: unfolded(line) };
  const time = fields.get('timestamp') ?? fields.get('time');
  const text = (...names: readonly string[]) => names.map((name) => fields.get(name)).find((value) => typeof value === 'string');
  const atMs = typeof time === 'number' ? time : typeof time === 'string' ? parseTime(time) : undefined;
  return located({ message, atMs, stream: text('logStream', 'logStreamName') }, text('log', 'logGroup', 'logGroupName'));
}

interface Columns {
  readonly message: number;
  readonly time: number;
  readonly stream: number;
  readonly group: number;
}

/** The columns of a CSV's first line, or undefined when it is no such line. */
function columnsOf(line: string): Columns | undefined {
  if (!/message/i.test(line) || !/^"?@?[\w.]+"?(?:,"?@?[\w.]+"?)*\s*$/.test(line)) return undefined;
  const names = csvCells(line.trim()).map((name) => name.replace(/^@/, '').toLowerCase());
  const at = (...known: readonly string[]) => names.findIndex((name) => known.includes(name));
  const message = at('message');
  if (message === -1) return undefined;
  return {
    message,
    time: at('timestamp', 'time'),
    stream: at('logstream', 'logstreamname'),
    group: at('log', 'loggroup', 'loggroupname', 'function', 'functionname'),
  };
}

function csvLine(cells: readonly string[], { message, time, stream, group }: Columns): LogLine | undefined {
  const cell = (index: number): string | undefined => (index === -1 ? undefined : cells[index] || undefined);
  const said = cell(message);
  if (said === undefined) return undefined;
  return located({ message: unfolded(said), atMs: parseTime(cell(time) ?? ''), stream: cell(stream) }, cell(group));
}

function hasOpenQuote(text: string): boolean {
  let isOpen = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOpen = !isOpen;
  return isOpen;
}

function csvCells(record: string): readonly string[] {
  if (!record.includes('"')) return record.replace(/\r$/, '').split(',');
  const cells: string[] = [];
  let at = 0;
  while (at <= record.length) {
    if (record[at] === '"') {
      let end = record.indexOf('"', at + 1);
      while (end !== -1 && record[end + 1] === '"') end = record.indexOf('"', end + 2);
      const close = end === -1 ? record.length : end;
      cells.push(record.slice(at + 1, close).replaceAll('""', '"'));
      const comma = record.indexOf(',', close);
      at = comma === -1 ? record.length + 1 : comma + 1;
    } else {
      const comma = record.indexOf(',', at);
      const end = comma === -1 ? record.length : comma;
      cells.push(record.slice(at, end).replace(/\r$/, ''));
      at = end + 1;
    }
  }
  return cells;
}
