import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** A request as our loopback servers see it: the body is complete and raw. */
export interface Incoming {
  readonly method: string;
  /** Path and query exactly as sent: `url` has already resolved `..`, which a signature or an object's key must not. */
  readonly target: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, … as they came: `headers` drops some repeated ones. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Outgoing {
  readonly status: number;
  /** An array is one header for each value: `set-cookie`. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array | Readable;
}

/** What a server does with a request. */
export type Answer = (request: Incoming) => Promise<Outgoing> | Outgoing;

export interface LocalServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The same answers without a network in between, for who is in this process. */
  readonly answer: Answer;
  stop(): Promise<void>;
}

/** A body that breaks off before its first byte: the client sees a closed connection, and no answer. */
export const brokenBody = (): Readable =>
  new Readable({
    read() {
      this.destroy(new Error('the answer is lost'));
    },
  });

function stream(body: Readable, response: ServerResponse): void {
  // A reader who goes away must not keep a file or a stream of events open.
  response.once('close', () => body.destroy());
  body.on('error', (error) => response.destroy(error)).pipe(response);
}

/**
 * Serves `answer` on loopback. Port 0 (the default) takes a free one.
 * An exception in `answer` is a 500 with its message: on this machine, the reader is a developer.
 */
export async function serve(answer: Answer, port = 0): Promise<LocalServer> {
  const server = createServer(async (request, response) => {
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const target = request.url ?? '/';
      const url = new URL(target, `http://${request.headers.host ?? '127.0.0.1'}`);
      const { headers, rawHeaders } = request;
      const out = await answer({ method: request.method ?? 'GET', target, url, headers, rawHeaders, body: Buffer.concat(parts) });
      response.writeHead(out.status, out.headers);
      if (out.body instanceof Readable) stream(out.body, response);
      else response.end(out.body);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  });
  // The SDKs keep their connections; a long keep-alive saves them from writing into one that is just being closed.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    answer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
