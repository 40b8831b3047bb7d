import { eventReceived } from '../../app/received.ts';

/** An event as somebody found it: with the function and the stage that it was for, where the log line says so. */
export interface RecordedEvent {
  readonly functionName?: string;
  readonly stage?: string;
  readonly event: unknown;
}

/**
 * The event in a text: as JSON, as our log line about it, or as CloudWatch shows, copies and exports that line.
 *
 * @throws when there is none in it
 */
export function recordedEvent(text: string): RecordedEvent {
  const json = parse(text);
  if (json === undefined)
    throw new Error('There is no event in it: it holds no JSON. Paste the log line "event received", or the event itself.');
  return unwrapped(json);
}

function unwrapped(json: unknown): RecordedEvent {
  if (Array.isArray(json)) {
    const [only, ...others] = json;
    if (others.length > 0) throw new Error(`It holds ${json.length} events: replay takes one at a time.`);
    return unwrapped(only);
  }
  if (!isRecord(json)) throw new Error('There is no event in it: an event is a JSON object.');
  if (json.event === eventReceived && 'received' in json) {
    const { function: functionName, stage, received } = json;
    return {
      event: received,
      ...(typeof functionName === 'string' && { functionName }),
      ...(typeof stage === 'string' && { stage }),
    };
  }
  // An answer of FilterLogEvents, a line of Logs Insights, Lambda's own JSON around ours.
  const around = json.message ?? json['@message'] ?? json.events;
  if (typeof around === 'string') return recordedEvent(around);
  return isRecord(around) || Array.isArray(around) ? unwrapped(around) : { event: json };
}

/** The text's JSON: all of it, or what stands behind a time, a request's id and a level. */
function parse(text: string): unknown {
  const from = text.search(/[{[]/);
  for (const part of from > 0 ? [text, text.slice(from)] : [text]) {
    try {
      return JSON.parse(part);
    } catch {
      // the next part, if there is one
    }
  }
  return undefined;
}

/** Which of our functions an event is for, by what it looks like; undefined for one of somebody else's. */
export function functionFor(event: unknown): string | undefined {
  if (!isRecord(event)) return undefined;
  if (isRecord(event.requestContext) && 'http' in event.requestContext) return 'http';
  if (Array.isArray(event.Records) || event.source === 'aws.s3') return 'worker';
  if (event.source === 'aws.ecs') return 'runStopped';
  return event['detail-type'] === 'Scheduled Event' ? 'sweep' : undefined;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
