import { randomBytes, randomUUID } from 'node:crypto';
import type { Incoming } from '../wire/http-server.ts';
import type { RouteMatch } from './gateway-route.ts';

/** HTTP between two hops, not of the request. */
const hopHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const textTypes = /^(text\/.*|application\/(json|javascript|xml|.*\+(json|xml)))$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What an HTTP API makes of a request for the function of the route: payload format 2.0. `claims` are those of a token it has verified. */
export function gatewayEvent(
  request: Incoming,
  { route, pathParameters }: RouteMatch,
  nowMs: number,
  claims?: Readonly<Record<string, string>>,
) {
  const [path = '/', rawQueryString = ''] = splitOnce(request.target, '?');
  const { cookies, headers } = headersOf(request);
  const isBase64Encoded = request.body.length > 0 && !isText(headers['content-type']);
  const domainName = (headers.host ?? '127.0.0.1').replace(/:\d+$/, '');
  // Unlike a function URL, an HTTP API hands over the path decoded, in spite of the name.
  const rawPath = decodeURIComponent(path);
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(rawQueryString !== '' && { queryStringParameters: queryOf(rawQueryString) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      ...(claims !== undefined && { authorizer: { jwt: { claims, scopes: null } } }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: '$default',
      time: commonTime(new Date(nowMs)),
      timeEpoch: nowMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(request.body.length > 0 && { body: request.body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** Names in lower case, repeated ones joined by commas; the cookies have a place of their own. */
function headersOf({ rawHeaders, body }: Incoming): {
  readonly cookies: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
} {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (!hopHeaders.has(name)) headers[name] = name in headers ? `${headers[name]}${name === 'cookie' ? ';' : ','}${value}` : value;
  }
  const { cookie = '', ...others } = headers;
  const forwardedFor = [...(others['x-forwarded-for'] === undefined ? [] : [others['x-forwarded-for']]), '127.0.0.1'].join(', ');
  return {
    cookies: cookie
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    headers: {
      ...others,
      'content-length': String(body.length),
      'x-amzn-trace-id': `Root=1-${Math.floor(Date.now() / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`,
      'x-forwarded-for': forwardedFor,
      'x-forwarded-port': /:(\d+)$/.exec(others.host ?? '')?.[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
  };
}

function queryOf(rawQueryString: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString))
    query[name] = Object.hasOwn(query, name) ? `${query[name]},${value}` : value;
  return query;
}

/** Everything else travels as base64: form bodies, too. */
const isText = (contentType = ''): boolean => textTypes.test(contentType.split(';')[0]?.trim().toLowerCase() ?? '');

/** `23/Nov/2026:04:12:00 +0000` */
const commonTime = (date: Date): string => {
  const iso = date.toISOString();
  return `${iso.slice(8, 10)}/${months[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
};

const splitOnce = (text: string, separator: string): readonly string[] => {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};
