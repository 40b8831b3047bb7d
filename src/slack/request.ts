import type { APIGatewayProxyEventV2 } from 'aws-lambda';
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
      return isJsonObject(body.toString()) ? undefined : { status: 400, because: 'the body is not a JSON object' };
    case 'application/x-www-form-urlencoded': {
      const form = new URLSearchParams(body.toString());
      const payload = form.get('payload');
      if (payload !== null) return isJsonObject(payload) ? undefined : { status: 400, because: 'the payload is not a JSON object' };
      return form.has('command') || form.has('ssl_check')
        ? undefined
        : { status: 400, because: 'the form is neither a command nor an interaction' };
    }
    default:
      return { status: 400, because: 'the body is neither a form nor JSON' };
  }
}

function isJsonObject(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json);
  } catch {
    // Not JSON is the answer to the question, not an error.
    return false;
  }
}
