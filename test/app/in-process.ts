import { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Answer, Incoming, Outgoing } from '../../src/local/wire/http-server.ts';

/** A request as the SDK's clients hand it to what sends it. */
interface Sent {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Query;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** An AWS SDK client's way to a local server in this process: what goes over the wire is the same, there is no wire. */
export function handlerFor(answer: Answer): NonNullable<S3ClientConfig['requestHandler']> {
  return {
    async handle({ method, protocol, hostname, port, path, query = {}, headers, body }: Sent) {
      const target = `${path}${queryText(query)}`;
      const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
      const {
        status,
        headers: given = {},
        ...out
      } = await answer(incoming(origin, { method, target, headers, body: await bytesOf(body) }));
      const sent = await sentBy(method === 'HEAD' ? {} : out);
      const received = Object.entries(given).map(([name, value]) => [name, String(value)]);
      return {
        response: { statusCode: status, headers: Object.fromEntries(received), body: Readable.from(sent.length === 0 ? [] : [sent]) },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** The same for whoever asks with `fetch`. */
export function fetchFrom(answer: Answer): typeof fetch {
  return async (address, init) => {
    const request = new Request(address, init);
    const { origin, pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const answered = answer(
      incoming(origin, { method: request.method, target: `${pathname}${search}`, headers: Object.fromEntries(request.headers), body }),
    );
    const { status, headers = {}, ...out } = await Promise.race([answered, aborted(request.signal)]);
    const received = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    return new Response(await sentBy(out), { status, headers: received });
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

function incoming(
  origin: string,
  { method, target, headers, body }: Pick<Incoming, 'method' | 'target' | 'body'> & { readonly headers: Record<string, string> },
): Incoming {
  const named = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return { method, target, url: new URL(target, origin), headers: Object.fromEntries(named), rawHeaders: named.flat(), body };
}

/** @throws as a connection that breaks before its answer */
async function sentBy({ body = '' }: Pick<Outgoing, 'body'>): Promise<Buffer<ArrayBuffer>> {
  try {
    return body instanceof Readable ? Buffer.concat(await body.toArray()) : Buffer.from(body);
  } catch (cause) {
    throw Object.assign(new Error('socket hang up', { cause }), { code: 'ECONNRESET' });
  }
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.concat([body]);
  if (body instanceof Readable) return Buffer.concat(await body.toArray());
  throw new Error('the SDK sends what we cannot read');
}

type Query = Readonly<Record<string, string | string[] | null>>;

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => (one === null ? encoded(name) : `${encoded(name)}=${encoded(String(one))}`)),
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** As it is signed. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
