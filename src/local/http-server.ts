import { createServer, type IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';

/** A request as our loopback servers see it: the body is complete and raw. */
export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Outgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

export interface LocalServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves `answer` on loopback. Port 0 (the default) takes a free one.
 * An exception in `answer` is a 500 with its message: on this machine, the reader is a developer.
 */
export async function serve(answer: (request: Incoming) => Promise<Outgoing> | Outgoing, port = 0): Promise<LocalServer> {
  const server = createServer(async (request, response) => {
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
      const out = await answer({ method: request.method ?? 'GET', url, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(out.status, out.headers);
      if (out.body instanceof Readable) out.body.on('error', (error) => response.destroy(error)).pipe(response);
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
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
