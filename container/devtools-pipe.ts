import type { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';

/** The argument that makes Chrome speak the DevTools protocol over its file descriptors 3 and 4. */
export const devtoolsPipe = '--remote-debugging-pipe';

/** What a browser has shown. */
export interface BlankPage {
  readonly html: string;
  /** `156.0.8078.79`: the browser's own. */
  readonly version: string;
}

/**
 * Opens a blank page in a Chrome that was started with `devtoolsPipe` and with pipes at its descriptors 3 and 4, and gives the
 * page, or undefined when the browser closed its pipe. Settles when it has done either: whoever waits sets the limit.
 *
 * Not `--dump-dom`: a build of Chromium without its headless resources, as npm's `@sparticuz/chromium` is, waits there for ever.
 *
 * @throws when it answers with an error
 */
export async function openBlankPage({ stdio }: ChildProcess): Promise<BlankPage | undefined> {
  const [, , , to, from] = stdio;
  if (!(to instanceof Writable && from instanceof Readable)) throw new Error('was started without pipes at 3 and 4');
  // A browser that has ended breaks both pipes; why it ended, its exit tells.
  to.on('error', () => {});
  from.on('error', () => {});
  const ask = (id: number, method: string, params: object, sessionId?: string) =>
    to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  let version = '';
  ask(1, 'Browser.getVersion', {});
  for await (const { id, error, result } of answersIn(from)) {
    if (error !== undefined) throw new Error(`answers ${JSON.stringify(error)}`);
    if (id === 1) {
      // `HeadlessChrome/156.0.8078.79`
      version = result?.product?.split('/')[1] ?? '';
      ask(2, 'Target.createTarget', { url: 'about:blank' });
    }
    if (id === 2) ask(3, 'Target.attachToTarget', { targetId: result?.targetId, flatten: true });
    if (id === 3) ask(4, 'Runtime.evaluate', { expression: 'document.documentElement.outerHTML' }, result?.sessionId);
    if (id === 4) return { html: result?.result?.value ?? '', version };
  }
  return undefined;
}

/** What of the protocol is read here. An event has no id. */
interface Answer {
  readonly id?: number;
  readonly error?: unknown;
  readonly result?: {
    readonly product?: string;
    readonly targetId?: string;
    readonly sessionId?: string;
    readonly result?: { readonly value?: string };
  };
}

async function* answersIn(from: Readable): AsyncGenerator<Answer> {
  let rest = '';
  for await (const part of from.setEncoding('utf8')) {
    const parts = `${rest}${part}`.split('\0');
    rest = parts.pop() ?? '';
    for (const one of parts) yield JSON.parse(one);
  }
}
