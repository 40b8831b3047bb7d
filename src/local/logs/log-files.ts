import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** One event of a stream. `sequence` counts the stream's events in the order they came, from 0. */
export interface LogEvent {
  /** Milliseconds since 1970, as are all times here. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly sequence: number;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  /** In order of time; events of the same time in the order they came. */
  events(): readonly LogEvent[];
  append(events: readonly { readonly timestamp: number; readonly message: string }[], ingestionTime: number): void;
}

export interface LogGroup {
  readonly name: string;
  readonly createdAt: number;
  readonly streams: ReadonlyMap<string, LogStream>;
  createStream(name: string): LogStream;
  sizeBytes(): number;
}

const lineSchema = v.object({ timestamp: v.number(), ingestionTime: v.number(), message: v.string() });

/**
 * Log groups as folders and streams as NDJSON files. Everything is written at once, in the order it came, so that what a dying
 * process said last is there; the events of a stream are read from its file once, at the first question.
 */
export function logFiles(dir: string) {
  mkdirSync(dir, { recursive: true });
  const groups = new Map<string, LogGroup>();
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) groups.set(decodeURIComponent(entry.name), logGroup(join(dir, entry.name), decodeURIComponent(entry.name)));

  function createGroup(name: string): LogGroup {
    const path = join(dir, fileName(name));
    mkdirSync(path);
    const group = logGroup(path, name);
    groups.set(name, group);
    return group;
  }

  return { groups: groups as ReadonlyMap<string, LogGroup>, createGroup };
}

function logGroup(path: string, name: string): LogGroup {
  const streams = new Map<string, LogStream>();
  for (const file of readdirSync(path)) {
    if (!file.endsWith(extension)) continue;
    const stream = decodeURIComponent(file.slice(0, -extension.length));
    streams.set(stream, logStream(join(path, file), stream));
  }

  function createStream(stream: string): LogStream {
    const file = join(path, `${fileName(stream)}${extension}`);
    writeFileSync(file, '', { flag: 'wx' });
    const created = logStream(file, stream);
    streams.set(stream, created);
    return created;
  }

  const sizeBytes = () => readdirSync(path).reduce((sum, file) => sum + statSync(join(path, file)).size, 0);

  return { name, createdAt: Math.floor(statSync(path).birthtimeMs), streams, createStream, sizeBytes };
}

function logStream(path: string, name: string): LogStream {
  let events: LogEvent[] | undefined;

  const load = (): LogEvent[] => {
    events ??= readEvents(path);
    return events;
  };

  function append(added: readonly { readonly timestamp: number; readonly message: string }[], ingestionTime: number): void {
    const known = load();
    const first = known.length;
    const lines = added.map(({ timestamp, message }) => `${JSON.stringify({ timestamp, ingestionTime, message })}\n`);
    appendFileSync(path, lines.join(''));
    for (const [index, { timestamp, message }] of added.entries())
      insert(known, { timestamp, ingestionTime, message, sequence: first + index });
  }

  return { name, createdAt: Math.floor(statSync(path).birthtimeMs), events: load, append };
}

function readEvents(path: string): LogEvent[] {
  const text = readFileSync(path, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  // A world that was killed while it wrote leaves half a line: nobody was told it was kept, and the next line must not be glued to it.
  if (end < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, end)));
  const events: LogEvent[] = [];
  for (const [sequence, line] of text.slice(0, end).split('\n').slice(0, -1).entries())
    insert(events, { ...v.parse(lineSchema, JSON.parse(line)), sequence });
  return events;
}

/** Puts the event behind all that are not later: nearly always at the end. */
function insert(events: LogEvent[], event: LogEvent): void {
  let at = events.length;
  while (at > 0 && (events[at - 1]?.timestamp ?? 0) > event.timestamp) at -= 1;
  events.splice(at, 0, event);
}

const extension = '.ndjson';
const maxFileNameBytes = 255 - extension.length;

/** Names hold slashes, files do not; `.` and `..` are no files either. */
const fileName = (name: string): string => encodeURIComponent(name).replace(/^\./, '%2E');

/** Whether a file can be named after this group or stream. */
export const hasFileName = (name: string): boolean => fileName(name).length <= maxFileNameBytes;
