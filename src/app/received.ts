import type { Log } from './log.ts';
import { masking } from './mask.ts';

/** The name of the log line that holds an event: `npm run coldframe -- replay` finds it by this. */
export const eventReceived = 'event received';

const { value: masked, text: maskedText } = masking([]);

/** Logs what a function was called with, secrets masked, as `replay` takes it. */
export function logReceived(by: { readonly function: string; readonly stage: string }, event: unknown, log: Log): void {
  log('info', eventReceived, { ...by, received: maskedEvent(event) });
}

/**
 * An event of Lambda without its secrets: signatures, tokens, cookies, response_urls and trigger_ids, by name and by shape, within the
 * body of a request too. A body that came in base64 is text afterwards.
 */
export function maskedEvent(event: unknown): unknown {
  return isRequest(event) ? maskedRequest(event) : masked(event);
}

/** What an HTTP API hands over, as much of it as may hold a secret beside its headers. */
interface HttpRequest {
  readonly requestContext: { readonly http: unknown };
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly rawQueryString?: string;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}

function isRequest(event: unknown): event is HttpRequest {
  if (typeof event !== 'object' || event === null || !('requestContext' in event)) return false;
  const { requestContext } = event;
  return typeof requestContext === 'object' && requestContext !== null && 'http' in requestContext;
}

function maskedRequest(request: HttpRequest): unknown {
  const { body, isBase64Encoded, rawQueryString, queryStringParameters, ...rest } = request;
  const raw = body === undefined ? undefined : Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8').toString('utf8');
  return {
    ...(masked(rest) as object),
    ...(rawQueryString !== undefined && { rawQueryString: maskedForm(rawQueryString) }),
    ...(queryStringParameters !== undefined && { queryStringParameters: Object.fromEntries(maskedFields(queryStringParameters)) }),
    ...(raw !== undefined && { body: maskedBody(raw, request.headers?.['content-type'] ?? '') }),
    isBase64Encoded: false,
  };
}

function maskedBody(body: string, type: string): string {
  if (type.startsWith('application/x-www-form-urlencoded')) return maskedForm(body);
  return maskedJson(body) ?? maskedText(body);
}

const maskedForm = (form: string): string => new URLSearchParams(maskedFields(Object.fromEntries(new URLSearchParams(form)))).toString();

/** Fields of a form or a query. Slack's `payload` is JSON; `s` is the signature of our links. */
function maskedFields(fields: Readonly<Record<string, string>>): [name: string, value: string][] {
  const { s, ...named } = fields;
  const shown = Object.entries(masked(named) as Record<string, string>).map(([name, value]): [string, string] => [
    name,
    name === 'payload' ? (maskedJson(value) ?? value) : value,
  ]);
  return s === undefined ? shown : [...shown, ['s', '•••']];
}

function maskedJson(text: string): string | undefined {
  try {
    return JSON.stringify(masked(JSON.parse(text)));
  } catch {
    // not JSON: the caller has another way
    return undefined;
  }
}
