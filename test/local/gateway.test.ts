import { request as httpRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GatewayOptions, startGateway } from '../../src/local/gateway/gateway.ts';
import { routeFinder } from '../../src/local/gateway/gateway-route.ts';
import type { Invocation } from '../../src/local/lambda/lambda.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { lambdaFunction, lambdaWorld } from './lambda-world.ts';

const allRoutes = ['POST /slack/events', 'GET /reports/{proxy+}', 'ANY /runs/{id}'];

async function world(answer: (event: Record<string, unknown>) => unknown, options: Partial<GatewayOptions> = {}) {
  const events: Record<string, unknown>[] = [];
  const journal: JournalEntry[] = [];
  const gateway = await startGateway({
    functions: [lambdaFunction('x.handler', { routes: allRoutes })],
    invoke: async (_, event): Promise<Invocation> => {
      const copy = JSON.parse(JSON.stringify(event));
      events.push(copy);
      return { kind: 'returned', value: await answer(copy) };
    },
    journal: (entry) => journal.push(entry),
    ...options,
  });
  onTestFinished(() => gateway.stop());
  return { url: gateway.url, events, journal };
}

describe('a request', () => {
  it('becomes an event of payload format 2.0', async () => {
    const before = Date.now();
    const { url, events } = await world(() => ({ statusCode: 204 }));
    await fetch(`${url}/reports/local/r%201/report.html?t=1&t=2&name=a%20b`, {
      headers: { 'User-Agent': 'me', 'X-Thing': 'a, b', cookie: 'a=1; b=2' },
    });
    const [event] = events;
    const port = new URL(url).port;
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'GET /reports/{proxy+}',
      rawPath: '/reports/local/r 1/report.html',
      rawQueryString: 't=1&t=2&name=a%20b',
      cookies: ['a=1', 'b=2'],
      headers: expect.objectContaining({
        host: `127.0.0.1:${port}`,
        'user-agent': 'me',
        'x-thing': 'a, b',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
      }),
      queryStringParameters: { t: '1,2', name: 'a b' },
      pathParameters: { proxy: 'local/r 1/report.html' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: '127.0.0.1',
        domainPrefix: '127',
        http: { method: 'GET', path: '/reports/local/r 1/report.html', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'me' },
        requestId: expect.any(String),
        routeKey: 'GET /reports/{proxy+}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    const { timeEpoch } = Object(event?.requestContext);
    expect(timeEpoch).toBeGreaterThanOrEqual(before);
    expect(Object.keys(Object(event?.headers))).not.toContain('cookie');
    expect(Object.keys(Object(event?.headers))).not.toContain('connection');
  });

  it.each([
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['Text/HTML', false],
    ['application/vnd.api+json', false],
  ])('with a body of %j arrives as base64: %s', async (contentType, isBase64Encoded) => {
    const { url, events } = await world(() => ({ statusCode: 200 }));
    const text = 'payload=Grüße&a=1';
    await fetch(`${url}/slack/events`, {
      method: 'POST',
      body: Buffer.from(text),
      ...(contentType !== '' && { headers: { 'content-type': contentType } }),
    });
    expect(events[0]).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? Buffer.from(text).toString('base64') : text });
    expect(events[0]).toHaveProperty('headers.content-length', String(Buffer.byteLength(text)));
  });

  it('with repeated headers has them joined', async () => {
    const { url, events } = await world(() => ({ statusCode: 200 }));
    const headers = ['Host', 'x', 'X-Many', '1', 'x-many', '2', 'Cookie', 'a=1', 'Cookie', 'b=2', 'X-Forwarded-For', '10.0.0.1'];
    await new Promise((resolve, reject) =>
      httpRequest(`${url}/runs/1`, { headers }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end(),
    );
    expect(events[0]).toMatchObject({ cookies: ['a=1', 'b=2'], headers: { 'x-many': '1,2', 'x-forwarded-for': '10.0.0.1, 127.0.0.1' } });
  });

  it.each([
    ['no route leads to', 'GET', '/nowhere', undefined, 404, 'Not Found'],
    ['has another method', 'GET', '/slack/events', undefined, 404, 'Not Found'],
    ['has a broken path', 'GET', '/reports/%E0%A4%A', undefined, 400, 'Bad Request'],
    ['has more than ten megabytes', 'POST', '/slack/events', Buffer.alloc(10 * 1_048_576 + 1), 413, 'Request Entity Too Large'],
    ['would be more than Lambda takes', 'POST', '/slack/events', Buffer.alloc(5 * 1_048_576), 413, 'Request Entity Too Large'],
  ])('that %s is refused by the gateway', async (_, method, path, body, status, text) => {
    const { url, events, journal } = await world(() => ({ statusCode: 200 }));
    const response = await fetch(url + path, { method, ...(body !== undefined && { body }) });
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      status,
      'application/json',
      { message: text },
    ]);
    expect(events).toEqual([]);
    expect(journal).toMatchObject([{ source: 'gateway', name: `${method} ${path}`, status }]);
  });
});

describe("a function's answer", () => {
  it('has its status, headers, cookies and text', async () => {
    const { url } = await world(() => ({
      statusCode: 302,
      headers: { Location: 'https://x.test/', 'x-number': 7 },
      cookies: ['a=1; Secure', 'b=2'],
      body: 'see there',
    }));
    const response = await fetch(`${url}/runs/1`, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://x.test/');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
    expect(await response.text()).toBe('see there');
  });

  it('in base64 arrives as bytes', async () => {
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);
    const { url } = await world(() => ({
      statusCode: 200,
      headers: { 'content-type': 'image/png' },
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    }));
    const response = await fetch(`${url}/runs/1`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it.each([[{ ok: true }], ['text'], [null], [[1, 2]]])('without a status (%j) is the body, as JSON', async (value) => {
    const { url } = await world(() => value);
    const response = await fetch(`${url}/runs/1`);
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([200, 'application/json', value]);
  });

  it.each([
    [{ statusCode: '200' }],
    [{ statusCode: 99 }],
    [{ statusCode: 200, body: { not: 'text' } }],
    [{ statusCode: 200, cookies: 'a=1' }],
  ])('of no valid form (%j) is an internal error', async (value) => {
    const { url } = await world(() => value);
    const response = await fetch(`${url}/runs/1`);
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it.each<[Invocation, number, string]>([
    [{ kind: 'failed', error: { errorType: 'Error', errorMessage: 'secret' } }, 500, 'Internal Server Error'],
    [{ kind: 'throttled' }, 503, 'Service Unavailable'],
  ])('that is missing (%j) is told without its reason', async (invocation, status, text) => {
    const { url } = await world(() => undefined, { invoke: async () => invocation });
    const response = await fetch(`${url}/runs/1`);
    expect([response.status, await response.json()]).toEqual([status, { message: text }]);
  });

  it('that takes too long is not waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<Invocation>();
    const { url } = await world(() => undefined, { invoke: () => promise, limitMs: 1 });
    const response = await fetch(`${url}/runs/1`);
    expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
    resolve({ kind: 'throttled' });
  });
});

describe('a route', () => {
  const keys = [
    '$default',
    'ANY /{proxy+}',
    'GET /pets/{proxy+}',
    'GET /pets/dog/{id}',
    'ANY /pets/dog/1',
    'GET /pets/dog/1',
    'GET /',
    'POST /slack/events',
  ];
  const find = routeFinder(keys.map((key) => ({ key, functionName: 'x' })));

  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['PUT', '/pets/dog/1', 'ANY /pets/dog/1', {}],
    ['GET', '/pets/dog/a%2Fb', 'GET /pets/dog/{id}', { id: 'a/b' }],
    ['GET', '/pets/cat/2', 'GET /pets/{proxy+}', { proxy: 'cat/2' }],
    ['GET', '/pets/', 'ANY /{proxy+}', { proxy: 'pets/' }],
    ['POST', '/pets/cat', 'ANY /{proxy+}', { proxy: 'pets/cat' }],
    ['GET', '/', 'GET /', {}],
    ['POST', '/', '$default', {}],
    ['POST', '/slack/events', 'POST /slack/events', {}],
    ['POST', '/slack/events/', 'ANY /{proxy+}', { proxy: 'slack/events/' }],
  ])('for %s %s is %s', (method, path, key, pathParameters) =>
    expect(find(method, path)).toEqual({ route: { key, functionName: 'x' }, pathParameters }),
  );

  it('is none when nothing fits and there is no default', () => {
    expect(routeFinder([{ key: 'GET /a', functionName: 'x' }])('GET', '/b')).toBeUndefined();
  });

  it.each([
    [['/slack/events'], 'is no route'],
    [['FETCH /x'], 'is no route'],
    [['GET /a/{b+}/c'], 'only stand at the end'],
    [['GET /a/x{b}'], 'a whole segment'],
    [['GET /a', 'GET /a'], 'is there twice'],
  ])('that is mistaken (%j) keeps the world from starting', (mistaken, message) => {
    expect(() => routeFinder(mistaken.map((key) => ({ key, functionName: 'x' })))).toThrow(message);
  });
});

it('a request reaches a real function, and its value comes back', async () => {
  const { lambda } = lambdaWorld('echo.handler');
  const { url } = await world(() => undefined, { invoke: lambda.invoke });
  const response = await fetch(`${url}/slack/events`, {
    method: 'POST',
    body: new URLSearchParams({ command: '/run-tests' }),
  });
  const answer = Object(await response.json());
  expect(Buffer.from(answer.event.body, 'base64').toString()).toBe('command=%2Frun-tests');
});
