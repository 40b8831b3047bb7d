import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { verifySignature } from './verify.ts';

/** What is wrong with a request before Bolt sees it, as an HTTP status and a sentence; undefined when nothing is. */
export interface Rejection {
  readonly status: 400 | 401;
  readonly because: string;
}

/** The body's bytes as Slack sent them: HTTP APIs deliver forms in base64. */
export function rawBody({ body = '', isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

/** What the body says it is, without parameters: `application/json`. */
export function mediaType({ headers }: Pick<APIGatewayProxyEventV2, 'headers'>): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

/** Whether the request is Slack's, of now, and what it says it is. The signature comes first: nothing unsigned is parsed. */
export function checkRequest(event: APIGatewayProxyEventV2, signingSecret: string, nowMs: number): Rejection | undefined {
  const body = rawBody(event);
  const header = (name: string): string | undefined => event.headers[name];
  const verified = verifySignature({
    secret: signingSecret,
    body,
    timestamp: header('x-slack-request-timestamp'),
    signature: header('x-slack-signature'),
    nowMs,
  });
  if (verified.kind === 'rejected') return { status: 401, because: verified.because };
  switch (mediaType(event)) {
    case 'application/json':
      return faultOf(body.toString(), 'the body', happening);
    case 'application/x-www-form-urlencoded': {
      const form = new URLSearchParams(body.toString());
      if (new Set(form.keys()).size < form.size) return { status: 400, because: 'the form has a field twice' };
      const payload = form.get('payload');
      if (payload !== null) return faultOf(payload, 'the payload', interaction);
      if (form.has('ssl_check')) return undefined;
      if (!form.has('command')) return { status: 400, because: 'the form is neither a command nor an interaction' };
      const isWhole = userId.test(form.get('user_id') ?? '') && v.is(shortId, form.get('channel_id')) && form.has('trigger_id');
      return isWhole ? undefined : { status: 400, because: 'the command does not say who typed it, and where' };
    }
    default:
      return { status: 400, because: 'the body is neither a form nor JSON' };
  }
}

/** A person's id. */
const userId = /^[UW][A-Z0-9]{2,20}$/;

const known = v.looseObject({ id: v.pipe(v.string(), v.regex(userId)) });
/** A channel's id: it is passed on. */
const shortId = v.pipe(v.string(), v.maxLength(100));
const place = v.exactOptional(shortId);
const part = v.exactOptional(v.looseObject({}));
const text = v.exactOptional(v.string());

/** What Bolt, and we, look into without asking whether it is there. What else there may be is not ours to judge. */
const interaction = v.pipe(
  v.looseObject({
    type: v.string(),
    user: known,
    channel: v.exactOptional(v.looseObject({ id: place })),
    container: v.exactOptional(v.looseObject({ channel_id: place })),
    message: v.nullish(v.looseObject({})),
    view: v.exactOptional(v.looseObject({ callback_id: v.string() })),
    ...{ action_id: text, callback_id: text, response_url: text },
    actions: v.exactOptional(v.pipe(v.array(v.looseObject({ type: v.string(), action_id: v.string(), value: text })), v.minLength(1))),
  }),
  v.check(({ type, view }) => !type.startsWith('view_') || view !== undefined),
);

/** The same of what the Events API sends. */
const happening = v.looseObject({
  type: v.string(),
  event: v.exactOptional(
    v.looseObject({
      type: v.string(),
      user: v.exactOptional(v.union([v.string(), v.looseObject({})])),
      channel: v.exactOptional(v.union([v.string(), v.looseObject({})])),
      item: part,
    }),
  ),
});

/** What is wrong with the JSON that a request holds. */
function faultOf(given: string, what: string, schema: v.GenericSchema): Rejection | undefined {
  const json = jsonOf(given);
  if (!v.is(v.looseObject({}), json) || Array.isArray(json)) return { status: 400, because: `${what} is not a JSON object` };
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return undefined;
  return { status: 400, because: `${what} is not as Slack documents it: ${v.getDotPath(parsed.issues[0]) ?? 'it'}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is the answer to the question, not an error.
    return undefined;
  }
}
