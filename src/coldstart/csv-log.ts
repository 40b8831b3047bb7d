/** The cells of a record that tell of an event. */
export interface Cells {
  readonly message: string;
  readonly time: string | undefined;
  readonly stream: string | undefined;
  readonly group: string | undefined;
}

/** How exports call what we need, without `@`, `_` and capitals. */
export const columnNames = {
  time: ['timestamp', 'time'],
  stream: ['logstream', 'logstreamname', 'stream'],
  group: ['log', 'loggroup', 'loggroupname', 'function', 'functionname'],
} as const;

/** A column's name as `columnNames` has it. */
export const plainName = (name: string): string => name.replaceAll(/[@_\s]/g, '').toLowerCase();

/**
 * Reads a CSV line by line, and tells of its records; undefined when its first line names no message. A record with a line end in
 * quotes takes several lines.
 */
export function csvLog(header: string, tell: (cells: Cells) => void) {
  const columns = columnsOf(header);
  return columns === undefined ? undefined : records(columns, tell);
}

function records(columns: Columns, tell: (cells: Cells) => void) {
  /** The lines of a record whose quotes are still open. */
  let open: string | undefined;

  function read(line: string): void {
    const isOpen = hasOddQuotes(line) !== (open !== undefined);
    const text = open === undefined ? line : `${open}\n${line}`;
    // A record that never ends is not worth all memory.
    open = isOpen && text.length <= maxRecordCharacters ? text : undefined;
    if (!isOpen) complete(text);
  }

  function complete(record: string): void {
    const cells = csvCells(record);
    const cell = (index: number): string | undefined => (index === -1 ? undefined : cells[index] || undefined);
    const message = cell(columns.message);
    if (message === undefined) return;
    tell({ message, time: cell(columns.time), stream: cell(columns.stream), group: cell(columns.group) });
  }

  function end(): void {
    if (open !== undefined) complete(`${open}"`);
    open = undefined;
  }

  return { read, end };
}

const maxRecordCharacters = 1_000_000;

interface Columns {
  readonly message: number;
  readonly time: number;
  readonly stream: number;
  readonly group: number;
}

/** Where the columns stand, or undefined when this is no line of names or none of them is the message. */
function columnsOf(line: string): Columns | undefined {
  if (!/message/i.test(line) || !/^"?@?[\w. ()]+"?(?:,"?@?[\w. ()]+"?)*\s*$/.test(line)) return undefined;
  const names = csvCells(line.trim()).map(plainName);
  const at = (known: readonly string[]): number => names.findIndex((name) => known.includes(name));
  const message = at(['message']);
  if (message === -1) return undefined;
  return { message, time: at(columnNames.time), stream: at(columnNames.stream), group: at(columnNames.group) };
}

function hasOddQuotes(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
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
