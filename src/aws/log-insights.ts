import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { functionOfGroup, type LogLine, parseTime } from '../coldstart/exported-log.ts';

/** A function's log. */
export interface FunctionLog {
  readonly group: string;
  readonly functionName: string;
  readonly isWeb: boolean;
  /** Of everything that is kept. */
  readonly storedBytes: number;
  /** Since when, at most: milliseconds since 1970. */
  readonly keptSinceMs: number;
}

/** How a query is going. */
export type QueryState =
  | { readonly kind: 'running'; readonly bytesScanned: number; readonly matched: number }
  | { readonly kind: 'complete'; readonly bytesScanned: number; readonly matched: number }
  /** CloudWatch gave up, or somebody stopped it. */
  | { readonly kind: 'failed'; readonly status: string };

/** How often a function was called within an hour and found an environment; `managed` are reports of Managed Instances. */
export interface WarmCalls {
  readonly functionName: string;
  /** When the hour begins: milliseconds since 1970. */
  readonly hourMs: number;
  readonly calls: number;
  readonly managed: number;
}

/** What came of asking for a query. */
export type Asked =
  | { readonly kind: 'started'; readonly queryId: string }
  /** The account's limit of queries at once is reached. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'forbidden'; readonly because: string };

/** Queries take at most so many groups, and give at most so many rows. */
export const groupsAtOnce = 50;
export const rowsAtOnce = 100_000;
const pageRows = 10_000;
const maxGroups = 1_000;

/** What is asked for: every line of Lambda's own, those that tell of more than a warm call, or how many warm calls there were. */
export type Wanted = 'lines' | 'cold-lines' | 'warm-calls';

const linesOf = (filter: readonly string[]): string =>
  ['fields @timestamp, @message, @logStream, @log', `filter ${filter.join(' or ')}`, 'sort @timestamp asc'].join(' | ');

const jsonEvents = (names: string): string => `@message like /"type":"platform\\.(${names})"/`;
const coldText = '(Init|Restore) Duration|Status: ';
const coldJson = '"(initDurationMs|restoreDurationMs)"|"status":"(failure|error|timeout)"';

/** Text and JSON logs alike: what Lambda itself writes about environments and invocations. */
const queryStrings: Readonly<Record<Wanted, string>> = {
  // Nothing is computed there: who counts must see each line with its time and stream.
  lines: linesOf([
    '@message like /^(REPORT|INIT_START|INIT_REPORT|RESTORE_)/',
    jsonEvents('report|initStart|initReport|restoreStart|restoreReport|invokeReport'),
  ]),
  'cold-lines': linesOf([
    '@message like /^(INIT_START|INIT_REPORT|RESTORE_)/',
    jsonEvents('initStart|initReport|restoreStart|restoreReport|invokeReport'),
    `@message like /^REPORT .*(${coldText})/`,
    `@message like /"type":"platform\\.report".*(${coldJson})/`,
  ]),
  // On Managed Instances a report bills nothing: neither `Billed Duration` nor `billedDurationMs`.
  'warm-calls': [
    `filter (@message like /^REPORT / and @message not like /${coldText}/) or (@message like /"type":"platform\\.report"/ and @message not like /${coldJson}/)`,
    'stats count(*) as calls, sum(strcontains(@message, "illed")) as billed by @log, bin(1h)',
  ].join(' | '),
};

/** CloudWatch Logs Insights, for what it knows of Lambda functions. */
export function logInsights(client: CloudWatchLogsClient) {
  /** The logs of functions whose name begins so. @throws when CloudWatch does not answer */
  async function logsOf(functionPrefix: string): Promise<readonly FunctionLog[]> {
    const found: FunctionLog[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeLogGroupsCommand({
          logGroupNamePrefix: `/aws/lambda/${functionPrefix}`,
          limit: 50,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      for (const { logGroupName: group, storedBytes = 0, creationTime = 0, retentionInDays } of page.logGroups ?? []) {
        if (group === undefined) continue;
        const keptSinceMs =
          retentionInDays === undefined ? creationTime : Math.max(creationTime, Date.now() - retentionInDays * 86_400_000);
        found.push({ group, ...functionOfGroup(group), storedBytes, keptSinceMs });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined && found.length < maxGroups);
    return found;
  }

  /** Starts a query over the groups' events from `fromMs` to before `toMs`. @throws for anything but a full house and a missing right */
  async function ask(groups: readonly string[], fromMs: number, toMs: number, wanted: Wanted = 'lines'): Promise<Asked> {
    try {
      const { queryId } = await client.send(
        new StartQueryCommand({
          logGroupNames: [...groups],
          // Seconds, and both ends are inclusive.
          startTime: Math.floor(fromMs / 1_000),
          endTime: Math.floor(toMs / 1_000) - 1,
          queryString: queryStrings[wanted],
          limit: rowsAtOnce,
        }),
      );
      if (queryId === undefined) throw new Error('the answer has no query id');
      return { kind: 'started', queryId };
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'LimitExceededException') return { kind: 'busy' };
      if (name === 'AccessDeniedException') return { kind: 'forbidden', because: error instanceof Error ? error.message : '' };
      throw new Error(`CloudWatch Logs Insights did not take a query over ${groups.length} log groups`, { cause: error });
    }
  }

  /** How a query is going. @throws when CloudWatch does not answer */
  async function look(queryId: string): Promise<QueryState> {
    const { status = 'Unknown', statistics } = await client.send(new GetQueryResultsCommand({ queryId, maxItems: 1 }));
    const { bytesScanned = 0, recordsMatched: matched = 0 } = statistics ?? {};
    if (status === 'Complete') return { kind: 'complete', bytesScanned, matched };
    if (status === 'Scheduled' || status === 'Running' || status === 'Unknown') return { kind: 'running', bytesScanned, matched };
    return { kind: 'failed', status };
  }

  /** The rows that a complete query has found, by their fields' names. */
  async function* rows(queryId: string): AsyncGenerator<ReadonlyMap<string | undefined, string | undefined>> {
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new GetQueryResultsCommand({ queryId, maxItems: pageRows, ...(nextToken !== undefined && { nextToken }) }),
      );
      for (const row of page.results ?? []) yield new Map(row.map(({ field, value }) => [field, value]));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /** The lines that a complete query has found, in order of time. */
  async function* lines(queryId: string): AsyncGenerator<LogLine> {
    for await (const cells of rows(queryId)) {
      const message = cells.get('@message');
      if (message === undefined) continue;
      const group = cells.get('@log');
      yield {
        message,
        atMs: parseTime(cells.get('@timestamp') ?? ''),
        stream: cells.get('@logStream'),
        ...(group !== undefined && functionOfGroup(group)),
      };
    }
  }

  /** The warm calls that a complete query has counted, by function and hour. */
  async function* warmCalls(queryId: string): AsyncGenerator<WarmCalls> {
    for await (const cells of rows(queryId)) {
      const [group, all, calls] = [cells.get('@log'), Number(cells.get('calls')), Number(cells.get('billed'))];
      const hourMs = parseTime(cells.get('bin(1h)') ?? '');
      if (group === undefined || hourMs === undefined || !Number.isFinite(all - calls))
        throw new Error(`CloudWatch Logs Insights counted calls in a form that we do not know: ${JSON.stringify([...cells])}`);
      yield { functionName: functionOfGroup(group).functionName, hourMs, calls, managed: all - calls };
    }
  }

  /** Ends a query that nobody waits for any more; one that has ended is fine. */
  async function stop(queryId: string): Promise<void> {
    try {
      await client.send(new StopQueryCommand({ queryId }));
    } catch {
      // it ended by itself, or ends within the hour
    }
  }

  /** When the last event of a log was, or undefined when there was none. */
  async function lastEventMs(group: string): Promise<number | undefined> {
    const { logStreams } = await client.send(
      new DescribeLogStreamsCommand({ logGroupName: group, orderBy: 'LastEventTime', descending: true, limit: 1 }),
    );
    return logStreams?.[0]?.lastEventTimestamp;
  }

  return { logsOf, ask, look, lines, warmCalls, stop, lastEventMs };
}

export type LogInsights = ReturnType<typeof logInsights>;
