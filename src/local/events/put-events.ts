import * as v from 'valibot';
import { AwsFault, type Operation, operation } from '../wire/aws-json.ts';

/** An entry of PutEvents that became an event. */
export interface AcceptedEntry {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources: readonly string[];
  readonly timeMs?: number | undefined;
}

export interface PutEvents {
  readonly buses: ReadonlySet<string>;
  /** Returns the event's id. */
  readonly accept: (entry: AcceptedEntry) => string;
}

const entrySchema = v.strictObject({
  Source: v.optional(v.string()),
  DetailType: v.optional(v.string()),
  Detail: v.optional(v.string()),
  EventBusName: v.optional(v.string()),
  Resources: v.optional(v.array(v.string())),
  /** Seconds since 1970. */
  Time: v.optional(v.number()),
  TraceHeader: v.optional(v.string()),
});
type Entry = v.InferOutput<typeof entrySchema>;

const maxEntries = 10;
/** Since January 2026; for the whole request. */
const maxTotalBytes = 1_048_576;
const maxDetailTypeCharacters = 128;

type Result = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** PutEvents with the answers that were recorded from AWS: what is wrong with one entry fails that entry, in a 200. */
export const putEventsOperation = ({ buses, accept }: PutEvents): Operation =>
  operation(
    { operation: 'PutEvents', fault: 'ValidationException', schema: v.strictObject({ Entries: v.array(entrySchema) }) },
    ({ Entries }) => {
      if (Entries.length < 1 || Entries.length > maxEntries)
        throw invalid(`'entries' must have length between 1 and ${maxEntries}, not ${Entries.length}`);
      if (Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > maxTotalBytes)
        throw new AwsFault('ValidationException', 'Total size of the entries in the request is over the limit.');
      const results = Entries.map((entry): Result => {
        const checked = checkEntry(entry, buses);
        return 'ErrorCode' in checked ? checked : { EventId: accept(checked) };
      });
      return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
    },
  );

function checkEntry(entry: Entry, buses: ReadonlySet<string>): AcceptedEntry | Extract<Result, { ErrorCode: string }> {
  const { Source: source = '', DetailType: detailType = '', Detail: text = '' } = entry;
  const bus = busName(entry.EventBusName);
  if (source === '') return required('Source');
  if (detailType === '') return required('DetailType');
  if (text === '') return required('Detail');
  if (source.startsWith('aws.')) return { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: 'Not authorized for the source.' };
  // AWS accepts the next two and lets the event vanish; the local world is for finding such mistakes.
  if (detailType.length > maxDetailTypeCharacters) return argument('DetailType', `it has more than ${maxDetailTypeCharacters} characters.`);
  if (!buses.has(bus))
    return {
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Event bus ${bus} does not exist; there are: ${[...buses].join(', ')}.`,
    };
  const detail = parseDetail(text);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return {
    bus,
    source,
    detailType,
    detail,
    resources: entry.Resources ?? [],
    timeMs: entry.Time === undefined ? undefined : entry.Time * 1_000,
  };
}

/** The detail, which must be a JSON object. */
function parseDetail(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // not JSON: the entry fails as malformed
    return undefined;
  }
}

/** A bus may be named by its ARN: `arn:aws:events:eu-central-1:000000000000:event-bus/coldframe-local`. */
export const busName = (name = 'default'): string => (name.startsWith('arn:') ? name.slice(name.indexOf('/') + 1) : name);

/** As AWS counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
const sizeOf = ({ Source = '', DetailType = '', Detail = '', Resources = [], Time }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);

const required = (name: string) => argument(name, `${name} is a required argument.`);

const argument = (name: string, reason: string) => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${name} is not valid. Reason: ${reason}`,
});

const invalid = (what: string): AwsFault => new AwsFault('ValidationException', `1 validation error detected: ${what}`);
