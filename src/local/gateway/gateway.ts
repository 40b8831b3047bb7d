import type { JsonWebKey } from 'node:crypto';
import type { Invocation } from '../lambda/lambda.ts';
import type { StackFunction } from '../stack/stack.ts';
import { type Incoming, type LocalServer, type Outgoing, serve } from '../wire/http-server.ts';
import type { Journal } from '../wire/journal.ts';
import { within } from '../wire/within.ts';
import { gatewayEvent } from './gateway-event.ts';
import { type RouteMatch, routeFinder } from './gateway-route.ts';
import { authorize } from './jwt-authorizer.ts';

export interface GatewayOptions {
  /** Their `routes` are served. */
  readonly functions: readonly StackFunction[];
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  readonly journal: Journal;
  readonly port?: number;
  /** The public keys of an issuer of tokens; absent: nobody's tokens are taken. */
  readonly keysOf?: (issuer: string) => Promise<readonly JsonWebKey[]>;
  /** How long a function may take to answer: 30 seconds, which nobody can raise on AWS. */
  readonly limitMs?: number;
}

const maxRequestBytes = 10 * 1_048_576;
/** Lambda's limit of an event. */
const maxEventBytes = 6_291_556;

/** An HTTP API (payload format 2.0) in front of the stack's functions. */
export function startGateway({ functions, invoke, journal, port, keysOf, limitMs = 30_000 }: GatewayOptions): Promise<LocalServer> {
  const authorizers = new Map(functions.flatMap(({ authorizers = {} }) => Object.entries(authorizers)));
  const find = routeFinder(functions.flatMap(({ name, routes }) => routes.map((key) => ({ key, functionName: name }))));

  async function answer(request: Incoming): Promise<Outgoing> {
    const at = Date.now();
    const match = matchOf(request);
    const out = typeof match === 'object' ? await forward(request, match, at) : message(match);
    const routeKey = typeof match === 'object' ? match.route.key : undefined;
    journal({
      at,
      source: 'gateway',
      name: `${request.method} ${request.target}`,
      request: { routeKey, headers: request.headers, bodyBytes: request.body.length },
      response: {
        headers: out.headers,
        bodyBytes: Buffer.byteLength(out.body instanceof Uint8Array || typeof out.body === 'string' ? out.body : ''),
      },
      status: out.status,
      durationMs: Date.now() - at,
    });
    return out;
  }

  /** The route, or the status of the refusal. */
  function matchOf(request: Incoming): RouteMatch | 400 | 404 | 413 {
    const path = request.target.split('?')[0] ?? '/';
    if (!isDecodable(path)) return 400;
    if (request.body.length > maxRequestBytes) return 413;
    return find(request.method, path) ?? 404;
  }

  async function forward(request: Incoming, match: RouteMatch, nowMs: number): Promise<Outgoing> {
    const authorizer = authorizers.get(match.route.key);
    const authorized = authorizer && authorize(request.headers.authorization, authorizer, (await keysOf?.(authorizer.issuer)) ?? [], nowMs);
    if (authorized?.kind === 'refused') return unauthorized(authorized.because);
    const event = gatewayEvent(request, match, nowMs, authorized?.claims);
    if (Buffer.byteLength(JSON.stringify(event)) > maxEventBytes) return message(413);
    const invocation = await within(limitMs, invoke(match.route.functionName, event));
    const out = invocation?.kind === 'returned' ? outgoing(invocation.value) : message(invocation?.kind === 'failed' ? 500 : 503);
    return { ...out, headers: { ...out.headers, 'apigw-requestid': event.requestContext.requestId } };
  }

  return serve(answer, port);
}

const messages = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** What the gateway says by itself. */
const message = (status: keyof typeof messages): Outgoing => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: messages[status] }),
});

const unauthorized = (because: string): Outgoing => {
  const { headers, ...out } = message(401);
  return { ...out, headers: { ...headers, 'www-authenticate': `Bearer scope="" error="invalid_token" error_description="${because}"` } };
};

/** What the client gets for a function's value. Without `statusCode`, the value itself is the body. */
function outgoing(value: unknown): Outgoing {
  if (typeof value !== 'object' || value === null || !('statusCode' in value))
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
  const { statusCode, headers = {}, body = '', cookies = [], isBase64Encoded = false }: Partial<Record<string, unknown>> = { ...value };
  if (!isStatus(statusCode) || typeof body !== 'string' || !isTexts(cookies) || typeof headers !== 'object') return message(500);
  const named = Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)] as const);
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(named),
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
}

const isStatus = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // a percent sign without two digits, or bytes that are no UTF-8
    return false;
  }
}
