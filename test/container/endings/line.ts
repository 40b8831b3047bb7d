import { connect, createServer, type Socket } from 'node:net';

/**
 * How a line is: `open` passes everything on, `hung` takes it and says nothing, `cut` closes every connection, `refusing`
 * answers each request with 503.
 */
export type LineState = 'open' | 'hung' | 'cut' | 'refusing';

/** A line to one of our servers that can be disturbed. */
export interface Line {
  readonly url: string;
  /** From now on, for connections that are there as well. */
  become(state: LineState): void;
  /** Settles when somebody says something on the line. */
  heard(): Promise<void>;
  stop(): Promise<void>;
}

const refusal = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** A line to the server at `target`. */
export async function startLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target);
  const calls = new Map<Socket, Socket>();
  let state: LineState = 'open';
  let waiting: (() => void)[] = [];

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    calls.set(near, far);
    near.on('data', (bytes) => {
      for (const wake of waiting.splice(0)) wake();
      if (state === 'open') far.write(bytes);
      if (state === 'refusing') near.end(refusal);
      if (state === 'cut') near.destroy();
    });
    far.on('data', (bytes) => {
      // An answer on its way when the line was hung up is lost.
      if (state === 'open') near.write(bytes);
    });
    const hangUp = () => {
      calls.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const end of [near, far]) end.on('close', hangUp).on('error', hangUp);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line has no port');

  const cutAll = () => {
    for (const near of calls.keys()) near.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    become: (next) => {
      // What was hung up in the middle of a request makes no sense to whoever hears its second half.
      if (state !== next && (state === 'hung' || next === 'cut')) cutAll();
      state = next;
    },
    heard: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
        waiting = [];
      }),
  };
}
