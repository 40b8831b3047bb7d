import * as v from 'valibot';

/** What CloudWatch Logs calls a wrong argument. */
export const fault = 'InvalidParameterException';
export const groupName = v.pipe(v.string(), v.minLength(1), v.maxLength(512), v.regex(/^[.\-_/#A-Za-z0-9]+$/));
export const streamName = v.pipe(v.string(), v.minLength(1), v.maxLength(512), v.regex(/^[^:*]*$/));
const time = v.pipe(v.number(), v.integer(), v.minValue(0));
const upTo = (max: number) => v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max)), max);
const nextToken = v.exactOptional(v.pipe(v.string(), v.minLength(1)));

/** The inputs of what the local CloudWatch Logs offers; a member that is not here is refused. */
export const schemas = {
  CreateLogGroup: v.strictObject({ logGroupName: groupName }),
  CreateLogStream: v.strictObject({ logGroupName: groupName, logStreamName: streamName }),
  PutLogEvents: v.strictObject({
    logGroupName: groupName,
    logStreamName: streamName,
    logEvents: v.pipe(
      v.array(v.strictObject({ timestamp: time, message: v.pipe(v.string(), v.minLength(1)) })),
      v.minLength(1),
      v.maxLength(10_000),
    ),
    // AWS takes it and does not look at it any more.
    sequenceToken: v.exactOptional(v.string()),
  }),
  GetLogEvents: v.strictObject({
    logGroupName: groupName,
    logStreamName: streamName,
    startTime: v.exactOptional(time),
    endTime: v.exactOptional(time),
    limit: upTo(10_000),
    startFromHead: v.exactOptional(v.boolean(), false),
    nextToken,
  }),
  FilterLogEvents: v.strictObject({
    logGroupName: groupName,
    logStreamNames: v.exactOptional(v.pipe(v.array(streamName), v.minLength(1), v.maxLength(100))),
    logStreamNamePrefix: v.exactOptional(streamName),
    startTime: v.exactOptional(time),
    endTime: v.exactOptional(time),
    filterPattern: v.exactOptional(v.pipe(v.string(), v.maxLength(1024)), ''),
    limit: upTo(10_000),
    // It is always true for AWS, too.
    interleaved: v.exactOptional(v.boolean()),
    nextToken,
  }),
  DescribeLogGroups: v.strictObject({ logGroupNamePrefix: v.exactOptional(groupName), limit: upTo(50), nextToken }),
  DescribeLogStreams: v.strictObject({
    logGroupName: groupName,
    logStreamNamePrefix: v.exactOptional(streamName),
    orderBy: v.exactOptional(v.picklist(['LogStreamName', 'LastEventTime']), 'LogStreamName'),
    descending: v.exactOptional(v.boolean(), false),
    limit: upTo(50),
    nextToken,
  }),
} as const;

/** An operation's input, parsed. */
export type Ask<Name extends keyof typeof schemas> = v.InferOutput<(typeof schemas)[Name]>;
