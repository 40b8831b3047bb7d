import * as v from 'valibot';
import { type IamCall, iamCall } from '../iam/iam-call.ts';

const Asked = v.looseObject({
  logGroupName: v.optional(v.string()),
  logGroupNames: v.optional(v.array(v.string()), []),
  logStreamName: v.optional(v.string(), ''),
});

/** What is there of a query has no group any more. */
const queries = ['GetQueryResults', 'StopQuery'];

/** What CloudWatch Logs checks: each group and stream that is named, and for a list the group without a name. */
export function logsNeeds(place: { readonly region: string; readonly account: string }, operation: string, input: unknown): IamCall[] {
  const asked = v.safeParse(Asked, input);
  if (!asked.success) return [];
  if (queries.includes(operation)) return [iamCall(`logs:${operation}`, '*')];
  const { logGroupName, logGroupNames, logStreamName } = asked.output;
  const groups = logGroupName === undefined ? logGroupNames : [logGroupName];
  return (groups.length === 0 ? [''] : groups).map((group) => iamCall(`logs:${operation}`, streamArn(place, group, logStreamName)));
}

/** A group's own ARN ends in an empty stream: so it stands in AWS's refusals. */
export const streamArn = (place: { readonly region: string; readonly account: string }, group: string, stream: string): string =>
  `arn:aws:logs:${place.region}:${place.account}:log-group:${group}:log-stream:${stream}`;
