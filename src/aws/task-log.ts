import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { suiteContainer } from '../run/plan.ts';
import { taskIdOf } from '../run/run-id.ts';

/** What a person reads of a log at once. */
const mostLines = 12;
/** A line of a log may have 256 KB; what is kept of a run is read again and again. */
const mostCharacters = 1_000;

/** The log of our tasks: one group, and in it a stream for each task. */
export function taskLog(client: CloudWatchLogsClient, group: string) {
  /** The last lines a task has written, oldest first; none when it wrote nothing. @throws when CloudWatch does not answer */
  async function lastLines(environment: string, taskArn: string): Promise<readonly string[]> {
    const logStreamName = `${environment}/${suiteContainer}/${taskIdOf(taskArn)}`;
    try {
      const { events = [] } = await client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName, limit: mostLines }));
      return events.map(({ message = '' }) => message.trimEnd().slice(0, mostCharacters));
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
      throw new Error(`CloudWatch did not give the last lines of ${logStreamName} in ${group}`, { cause: error });
    }
  }

  return { lastLines };
}

export type TaskLog = ReturnType<typeof taskLog>;
