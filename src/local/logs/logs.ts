import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Permit } from '../iam/permissions.ts';
import { AwsFault, notOffered, operation, serveAwsJson } from '../wire/aws-json.ts';
import type { Answer } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import type { Credentials } from '../wire/sigv4.ts';
import { parseFilterPattern, passes } from './filter-pattern.ts';
import { insightsOperations } from './insights.ts';
import { hasFileName, type LogEvent, type LogGroup, type LogStream, logFiles } from './log-files.ts';
import { eventOverheadBytes, type LogPageStart, logPage, maxPageBytes, parseLogToken, whatFits } from './log-page.ts';
import { type Ask, fault, groupName, schemas, streamName } from './log-requests.ts';
import { logsNeeds } from './logs-needs.ts';

export interface StartLogs {
  /** A folder for each group, an NDJSON file for each stream. */
  readonly dir: string;
  readonly account: string;
  readonly region: string;
  readonly port?: number;
  readonly journal: Journal;
  readonly credentials: readonly Credentials[];
  /** Absent: who signs may do all. */
  readonly permit?: Permit;
}

export interface LocalLogs {
  /** For `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`. */
  readonly url: string;
  /** Answers a request without a network in between. */
  readonly answer: Answer;
  stop(): Promise<void>;
  /**
   * Writes lines as they come from a process, one event each, stamped now. Makes the group and the stream when they are not there;
   * empty lines are left out, as the drivers of Lambda and ECS do. They are on disk when it returns.
   */
  append(group: string, stream: string, lines: readonly string[]): void;
  /** The last `most` events of a stream, or of all of a group's streams together, in order of time; none of what is not there. */
  tail(of: { readonly group: string; readonly stream?: string }, most: number): readonly Pick<LogEvent, 'timestamp' | 'message'>[];
}

const dayMs = 24 * 60 * 60_000;
/** Events older than this, or further in the future than that, are left out of a batch. */
const maxAgeMs = 14 * dayMs;
const maxAheadMs = 2 * 60 * 60_000;

/** CloudWatch Logs on files. What it does not offer it refuses. */
export async function startLogs({ dir, account, region, port, journal, credentials, permit }: StartLogs): Promise<LocalLogs> {
  const files = logFiles(dir);

  function groupOf(name: string): LogGroup {
    const group = files.groups.get(name);
    if (group === undefined) throw new AwsFault('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  function streamOf(group: string, name: string): LogStream {
    const stream = groupOf(group).streams.get(name);
    if (stream === undefined) throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  }

  function createLogGroup({ logGroupName }: Ask<'CreateLogGroup'>): void {
    if (files.groups.has(logGroupName)) throw new AwsFault('ResourceAlreadyExistsException', 'The specified log group already exists');
    refuseLongName(logGroupName);
    files.createGroup(logGroupName);
  }

  function createLogStream({ logGroupName, logStreamName }: Ask<'CreateLogStream'>): void {
    const group = groupOf(logGroupName);
    if (group.streams.has(logStreamName)) throw new AwsFault('ResourceAlreadyExistsException', 'The specified log stream already exists');
    refuseLongName(logStreamName);
    group.createStream(logStreamName);
  }

  function putLogEvents({ logGroupName, logStreamName, logEvents }: Ask<'PutLogEvents'>) {
    const stream = streamOf(logGroupName, logStreamName);
    refuseBadBatch(logEvents);
    const now = Date.now();
    const tooOld = logEvents.filter(({ timestamp }) => timestamp < now - maxAgeMs).length;
    const tooNew = logEvents.findIndex(({ timestamp }) => timestamp > now + maxAheadMs);
    stream.append(logEvents.slice(tooOld, tooNew === -1 ? undefined : tooNew), now);
    const rejected = { ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }), ...(tooNew !== -1 && { tooNewLogEventStartIndex: tooNew }) };
    return { nextSequenceToken: 'any token will do', ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) };
  }

  function getLogEvents(ask: Ask<'GetLogEvents'>) {
    const stream = streamOf(ask.logGroupName, ask.logStreamName);
    const page = logPage(stream.events().filter(isWithin(ask)), pageStart(ask), ask.limit);
    return { ...page, events: page.events.map(({ timestamp, ingestionTime, message }) => ({ timestamp, message, ingestionTime })) };
  }

  function filterLogEvents(ask: Ask<'FilterLogEvents'>) {
    if (ask.logStreamNames !== undefined && ask.logStreamNamePrefix !== undefined)
      throw new AwsFault(fault, 'logStreamNamePrefix and logStreamNames cannot be set at the same time');
    const pattern = parseFilterPattern(ask.filterPattern);
    if (pattern.kind === 'refused') throw notOffered(pattern.because);
    const group = groupOf(ask.logGroupName);
    const streams =
      ask.logStreamNames?.map((name) => streamOf(group.name, name)) ??
      [...group.streams.values()].filter(({ name }) => name.startsWith(ask.logStreamNamePrefix ?? ''));
    const after = ask.nextToken === undefined ? '' : readToken(ask.nextToken);
    const found = streams
      .flatMap((stream) =>
        stream
          .events()
          .filter(isWithin(ask))
          .filter(({ message }) => passes(message, pattern))
          .map((event) => ({ ...event, stream: stream.name, place: placeOf(event, stream.name) })),
      )
      .filter(({ place }) => place > after)
      .toSorted((a, b) => (a.place < b.place ? -1 : 1));
    const page = whatFits(found, ask.limit);
    const last = page.at(-1);
    return {
      events: page.map(({ stream, timestamp, ingestionTime, message, sequence }) => ({
        logStreamName: stream,
        timestamp,
        message,
        ingestionTime,
        eventId: eventId(stream, timestamp, sequence),
      })),
      searchedLogStreams: [],
      ...(last !== undefined && page.length < found.length && { nextToken: writeToken(last.place) }),
    };
  }

  function describeLogGroups({ logGroupNamePrefix = '', limit, nextToken: token }: Ask<'DescribeLogGroups'>) {
    const after = token === undefined ? '' : readToken(token);
    const all = [...files.groups.values()].filter(({ name }) => name.startsWith(logGroupNamePrefix) && name > after).toSorted(byName);
    const page = all.slice(0, limit);
    return {
      logGroups: page.map((group) => ({
        logGroupName: group.name,
        creationTime: group.createdAt,
        metricFilterCount: 0,
        arn: `${arnOf(group.name)}:*`,
        logGroupArn: arnOf(group.name),
        logGroupClass: 'STANDARD',
        storedBytes: group.sizeBytes(),
      })),
      ...nextOf(page, all),
    };
  }

  function describeLogStreams({
    logGroupName,
    logStreamNamePrefix,
    orderBy,
    descending,
    limit,
    nextToken: token,
  }: Ask<'DescribeLogStreams'>) {
    if (orderBy === 'LastEventTime' && logStreamNamePrefix !== undefined)
      throw new AwsFault(fault, 'Cannot order by LastEventTime with a logStreamNamePrefix.');
    const group = groupOf(logGroupName);
    const named = [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix ?? '')).toSorted(byName);
    const ascending = orderBy === 'LogStreamName' ? named : named.toSorted((a, b) => lastTimeOf(a) - lastTimeOf(b));
    const ordered = descending ? ascending.toReversed() : ascending;
    const after = token === undefined ? -1 : ordered.findIndex(({ name }) => name === readToken(token));
    const rest = ordered.slice(after + 1);
    const page = rest.slice(0, limit);
    return { logStreams: page.map((stream) => describedStream(stream, arnOf(group.name))), ...nextOf(page, rest) };
  }

  const arnOf = (group: string): string => `arn:aws:logs:${region}:${account}:log-group:${group}`;

  const server = await serveAwsJson({
    service: 'logs',
    target: 'Logs_20140328',
    port,
    journal,
    credentials,
    permit,
    needs: (name, input) => logsNeeds({ region, account }, name, input),
    shown: counted,
    whyNot: { DescribeQueries: 'of Logs Insights there are StartQuery, GetQueryResults and StopQuery' },
    operations: {
      ...insightsOperations(files.groups, account),
      CreateLogGroup: operation({ operation: 'CreateLogGroup', schema: schemas.CreateLogGroup, fault }, createLogGroup),
      CreateLogStream: operation({ operation: 'CreateLogStream', schema: schemas.CreateLogStream, fault }, createLogStream),
      PutLogEvents: operation({ operation: 'PutLogEvents', schema: schemas.PutLogEvents, fault }, putLogEvents),
      GetLogEvents: operation({ operation: 'GetLogEvents', schema: schemas.GetLogEvents, fault }, getLogEvents),
      FilterLogEvents: operation({ operation: 'FilterLogEvents', schema: schemas.FilterLogEvents, fault }, filterLogEvents),
      DescribeLogGroups: operation({ operation: 'DescribeLogGroups', schema: schemas.DescribeLogGroups, fault }, describeLogGroups),
      DescribeLogStreams: operation({ operation: 'DescribeLogStreams', schema: schemas.DescribeLogStreams, fault }, describeLogStreams),
    },
  });

  function append(group: string, stream: string, lines: readonly string[]): void {
    const now = Date.now();
    const target = files.groups.get(v.parse(groupName, group)) ?? files.createGroup(group);
    const events = lines.filter((line) => line !== '').map((message) => ({ timestamp: now, message }));
    (target.streams.get(v.parse(streamName, stream)) ?? target.createStream(stream)).append(events, now);
  }

  function tail({ group, stream }: { readonly group: string; readonly stream?: string }, most: number) {
    const streams = [...(files.groups.get(group)?.streams.values() ?? [])].filter(({ name }) => name === (stream ?? name));
    const events = streams.flatMap((one) => one.events().slice(-most));
    return events.toSorted((a, b) => a.timestamp - b.timestamp).slice(-most);
  }

  return { url: server.url, answer: server.answer, stop: () => server.stop(), append, tail };
}

function refuseLongName(name: string): void {
  if (!hasFileName(name)) throw notOffered(`the name "${name}": no file can be named after it`);
}

function refuseBadBatch(events: Ask<'PutLogEvents'>['logEvents']): void {
  const sizeBytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
  if (sizeBytes > maxPageBytes) throw new AwsFault(fault, `Upload too large: ${sizeBytes} bytes exceeds limit of ${maxPageBytes}`);
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0)))
    throw new AwsFault(fault, 'Log events in a single PutLogEvents request must be in chronological order.');
  const [first, last] = [events.at(0), events.at(-1)];
  if (first !== undefined && last !== undefined && last.timestamp - first.timestamp > dayMs)
    throw new AwsFault(fault, 'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
}

const isWithin =
  ({ startTime, endTime }: { readonly startTime?: number; readonly endTime?: number }) =>
  ({ timestamp }: LogEvent): boolean =>
    (startTime === undefined || timestamp >= startTime) && (endTime === undefined || timestamp < endTime);

function pageStart({ nextToken: token, startFromHead }: Ask<'GetLogEvents'>): LogPageStart {
  if (token === undefined) return { kind: startFromHead ? 'head' : 'tail' };
  const start = parseLogToken(token);
  if (start === undefined) throw new AwsFault(fault, 'The specified nextToken is invalid.');
  return start;
}

/** Compared as text, it orders the events of a group. */
const placeOf = ({ timestamp, sequence }: LogEvent, stream: string): string => `${padded(timestamp, 17)} ${stream} ${padded(sequence, 15)}`;

function eventId(stream: string, timestamp: number, sequence: number): string {
  const ofStream = BigInt(`0x${createHash('sha256').update(stream).digest('hex')}`) % 10n ** 24n;
  return `${padded(timestamp, 17)}${padded(ofStream, 24)}${padded(sequence, 15)}`;
}

const padded = (number: number | bigint, length: number): string => String(number).padStart(length, '0');

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

const lastTimeOf = (stream: LogStream): number => stream.events().at(-1)?.timestamp ?? 0;

const nextOf = (page: readonly { readonly name: string }[], all: readonly unknown[]) => {
  const last = page.at(-1);
  return last !== undefined && page.length < all.length ? { nextToken: writeToken(last.name) } : {};
};

function describedStream(stream: LogStream, groupArn: string) {
  const events = stream.events();
  const [first, last] = [events.at(0), events.at(-1)];
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    ...(first &&
      last && { firstEventTimestamp: first.timestamp, lastEventTimestamp: last.timestamp, lastIngestionTime: last.ingestionTime }),
    uploadSequenceToken: 'any token will do',
    arn: `${groupArn}:log-stream:${stream.name}`,
    // So it is on AWS since 2019.
    storedBytes: 0,
  };
}

const writeToken = (place: string): string => Buffer.from(`after:${place}`).toString('base64url');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) throw new AwsFault(fault, 'The specified nextToken is invalid.');
  return text.slice('after:'.length);
}

/** A request or an answer with the events only counted: the journal is not a second log. */
function counted(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      (key === 'logEvents' || key === 'events' || key === 'results') && Array.isArray(value) ? `${value.length} events` : value,
    ]),
  );
}
