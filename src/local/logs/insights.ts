import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsFault, type Operation, operation } from '../wire/aws-json.ts';
import { type Field, parseQuery, type Query } from './insights-query.ts';
import type { LogGroup } from './log-files.ts';
import { fault, groupName } from './log-requests.ts';

/** What Logs Insights takes at once. */
const groupsMax = 50;
const rowsMax = 100_000;
const pageMax = 10_000;
/** Queries that are remembered; AWS does so for a week. */
const remembered = 200;

interface Found {
  readonly atMs: number;
  readonly message: string;
  readonly stream: string;
  readonly log: string;
}

interface Asked {
  /** Cells by the names of their fields. */
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly statistics: Readonly<Record<'bytesScanned' | 'recordsScanned' | 'recordsMatched' | 'logGroupsScanned' | 'resultCount', number>>;
  /** A query is never complete at the first look: on AWS it takes seconds. */
  looks: number;
  isStopped: boolean;
}

const schemas = {
  StartQuery: v.strictObject({
    logGroupNames: v.pipe(v.array(groupName), v.minLength(1), v.maxLength(groupsMax)),
    startTime: v.pipe(v.number(), v.integer(), v.minValue(0)),
    endTime: v.pipe(v.number(), v.integer(), v.minValue(0)),
    queryString: v.pipe(v.string(), v.minLength(1), v.maxLength(10_000)),
    limit: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(rowsMax)), pageMax),
  }),
  GetQueryResults: v.strictObject({
    queryId: v.string(),
    maxItems: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(pageMax)), pageMax),
    nextToken: v.exactOptional(v.string()),
  }),
  StopQuery: v.strictObject({ queryId: v.string() }),
} as const;

/** Logs Insights, for queries of two forms (`parseQuery`). Anything else is refused. */
export function insightsOperations(
  groups: ReadonlyMap<string, LogGroup>,
  account: string,
): Readonly<Record<'StartQuery' | 'GetQueryResults' | 'StopQuery', Operation>> {
  const queries = new Map<string, Asked>();

  function startQuery(ask: v.InferOutput<typeof schemas.StartQuery>) {
    if (ask.endTime < ask.startTime) throw new AwsFault(fault, 'End time should not be less than the start time');
    const query = parseQuery(ask.queryString);
    const named = ask.logGroupNames.map((name) => {
      const group = groups.get(name);
      if (group === undefined)
        throw new AwsFault('ResourceNotFoundException', `Log group '${name}' does not exist for account ID '${account}'`);
      return group;
    });
    const queryId = randomUUID();
    queries.set(queryId, run(named, query, ask, account));
    const [oldest] = queries.keys();
    if (queries.size > remembered && oldest !== undefined) queries.delete(oldest);
    return { queryId };
  }

  function asked(queryId: string): Asked {
    const query = queries.get(queryId);
    if (query === undefined) throw new AwsFault('ResourceNotFoundException', `Query ${queryId} not found`);
    return query;
  }

  function getQueryResults({ queryId, maxItems, nextToken }: v.InferOutput<typeof schemas.GetQueryResults>) {
    const query = asked(queryId);
    query.looks += 1;
    const { rows, statistics } = query;
    if (query.isStopped) return { status: 'Cancelled', results: [], statistics, queryLanguage: 'CWLI' };
    if (query.looks === 1)
      return { status: 'Running', results: [], statistics: { ...statistics, recordsMatched: 0 }, queryLanguage: 'CWLI' };
    const from = nextToken === undefined ? 0 : readToken(nextToken, queryId);
    const page = rows.slice(from, from + maxItems);
    const isMore = from + page.length < rows.length;
    return {
      status: 'Complete',
      results: page.map((row, index) => [
        ...Object.entries(row).map(([field, value]) => ({ field, value })),
        { field: '@ptr', value: `${queryId}/${from + index}` },
      ]),
      statistics,
      queryLanguage: 'CWLI',
      ...(isMore && { nextToken: Buffer.from(`${queryId}/${from + page.length}`).toString('base64url') }),
    };
  }

  function stopQuery({ queryId }: v.InferOutput<typeof schemas.StopQuery>) {
    const query = asked(queryId);
    if (query.looks > 1 || query.isStopped) throw new AwsFault(fault, `Query ${queryId} is not running`);
    query.isStopped = true;
    return { success: true };
  }

  return {
    StartQuery: operation({ operation: 'StartQuery', schema: schemas.StartQuery, fault }, startQuery),
    GetQueryResults: operation({ operation: 'GetQueryResults', schema: schemas.GetQueryResults, fault }, getQueryResults),
    StopQuery: operation({ operation: 'StopQuery', schema: schemas.StopQuery, fault }, stopQuery),
  };
}

function run(
  groups: readonly LogGroup[],
  query: Query,
  { startTime, endTime, limit }: { readonly startTime: number; readonly endTime: number; readonly limit: number },
  account: string,
): Asked {
  let bytesScanned = 0;
  let recordsScanned = 0;
  const matched: Found[] = [];
  for (const group of groups) {
    for (const stream of group.streams.values()) {
      for (const { timestamp, message } of stream.events()) {
        // Both ends are inclusive, in whole seconds.
        if (timestamp < startTime * 1_000 || timestamp >= (endTime + 1) * 1_000) continue;
        recordsScanned += 1;
        bytesScanned += Buffer.byteLength(message);
        if (query.passes(message)) matched.push({ atMs: timestamp, message, stream: stream.name, log: `${account}:${group.name}` });
      }
    }
  }
  const rows = (query.kind === 'counts' ? countsOf(matched, query) : linesOf(matched, query.fields)).slice(0, limit);
  const statistics = {
    bytesScanned,
    recordsScanned,
    recordsMatched: matched.length,
    logGroupsScanned: groups.length,
    resultCount: rows.length,
  };
  return { rows, statistics, looks: 0, isStopped: false };
}

/** Sorting is stable: events of one time stay in the order in which their stream has them. */
const linesOf = (matched: readonly Found[], fields: readonly Field[]) =>
  matched.toSorted((a, b) => a.atMs - b.atMs).map((row) => Object.fromEntries(fields.map((field) => [field, cellOf(row, field)])));

function countsOf(matched: readonly Found[], { count, sum, part }: Extract<Query, { kind: 'counts' }>) {
  const counts = new Map<string, { readonly log: string; readonly hourMs: number; count: number; sum: number }>();
  for (const { log, atMs, message } of matched) {
    const hourMs = Math.floor(atMs / hour) * hour;
    const known = counts.get(`${hourMs} ${log}`) ?? { log, hourMs, count: 0, sum: 0 };
    known.count += 1;
    if (message.includes(part)) known.sum += 1;
    counts.set(`${hourMs} ${log}`, known);
  }
  return [...counts.values()].map((one) => ({
    '@log': one.log,
    'bin(1h)': timeOf(one.hourMs),
    [count]: String(one.count),
    [sum]: String(one.sum),
  }));
}

const hour = 3_600_000;

const timeOf = (atMs: number): string => new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');

function cellOf({ atMs, message, stream, log }: Found, field: Field): string {
  switch (field) {
    case '@timestamp':
      return timeOf(atMs);
    case '@message':
      return message;
    case '@logStream':
      return stream;
    case '@log':
      return log;
  }
}

function readToken(token: string, queryId: string): number {
  const [id, from = ''] = Buffer.from(token, 'base64url').toString('utf8').split('/');
  if (id !== queryId || !/^\d+$/.test(from)) throw new AwsFault(fault, 'The specified nextToken is invalid.');
  return Number(from);
}
