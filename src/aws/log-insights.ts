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
  | { readonly kind: 'running'; readonly bytesScanned: number }
  | { readonly kind: 'complete'; readonly bytesScanned: number; readonly matched: number }
  /** CloudWatch gave up, or somebody stopped it. */
  | { readonly kind: 'failed'; readonly status: string };

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

/**
 * Text and JSON logs alike: what Lambda itself writes about environments and invocations. Nothing is computed there: who counts
 * must see each line with its time and stream.
 */
const queryString = [
  'fields @timestamp, @message, @logStream, @log',
  'filter @message like /^(REPORT|INIT_START|INIT_REPORT|RESTORE_)/ or @message like /"type":"platform\\.(report|initStart|initReport|restoreStart|restoreReport|invokeReport)"/',
  'sort @timestamp asc',
].join(' | ');

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
  async function ask(groups: readonly string[], fromMs: number, toMs: number): Promise<Asked> {
    try {
      const { queryId } = await client.send(
        new StartQueryCommand({
          logGroupNames: [...groups],
          // Seconds, and both ends are inclusive.
          startTime: Math.floor(fromMs / 1_000),
          endTime: Math.floor(toMs / 1_000) - 1,
          queryString,
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
    const bytesScanned = statistics?.bytesScanned ?? 0;
    if (status === 'Complete') return { kind: 'complete', bytesScanned, matched: statistics?.recordsMatched ?? 0 };
    if (status === 'Scheduled' || status === 'Running' || status === 'Unknown') return { kind: 'running', bytesScanned };
    return { kind: 'failed', status };
  }

  /** The lines that a complete query has found, in order of time. */
  async function* lines(queryId: string): AsyncGenerator<LogLine> {
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new GetQueryResultsCommand({ queryId, maxItems: pageRows, ...(nextToken !== undefined && { nextToken }) }),
      );
      for (const row of page.results ?? []) {
        const cells = new Map(row.map(({ field, value }) => [field, value]));
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
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
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

  return { logsOf, ask, look, lines, stop, lastEventMs };
}

export type LogInsights = ReturnType<typeof logInsights>;
