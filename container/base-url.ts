import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

const tries = 5;

/** How long an answer is waited for, in milliseconds. */
interface Patience {
  /** At each try. */
  readonly tryMs: number;
  /** Between two tries. */
  readonly pausesMs: readonly number[];
  /** In all. */
  readonly allMs: number;
}

const usual: Patience = { tryMs: 3_000, pausesMs: [500, 1_000, 1_500, 2_000], allMs: 10_000 };

/**
 * Waits until the environment under test answers with anything below 500, or says in one sentence what it does instead:
 * better than forty scenarios that fail for the same reason.
 *
 * @throws that sentence, after 5 tries or, with the usual patience, about 10 seconds
 */
export async function waitForAnswer(baseUrl: string, signal: AbortSignal, { tryMs, pausesMs, allMs } = usual): Promise<void> {
  const url = parseUrl(baseUrl);
  const until = AbortSignal.any([signal, AbortSignal.timeout(allMs)]);
  let last: Silence | undefined;
  let tried = 0;
  while (tried < tries && !until.aborted) {
    tried += 1;
    last = await ask(url, until, tryMs);
    if (last === undefined) return;
    await pause(pausesMs[tried - 1] ?? 0, undefined, { signal: until }).catch(() => {
      // time is up
    });
  }
  signal.throwIfAborted();
  const { what, next } = last ?? silentFor(tryMs);
  throw new Error(`The environment under test does not answer: ${withoutAccount(url)} ${what} (${tried} tries). Nothing was run.\n${next}`);
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new Error(`The environment's url in coldframe.yml is no http or https address: "${text}".`);
}

const withoutAccount = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

/** What came instead of an answer, to be read after the address; and what to do about it. */
interface Silence {
  readonly what: string;
  readonly next: string;
}

/** Asks once: undefined if there is an answer. */
function ask(url: URL, signal: AbortSignal, tryMs: number): Promise<Silence | undefined> {
  const { promise, resolve } = Promise.withResolvers<Silence | undefined>();
  // Whether a certificate is good enough is for the suite's browser to decide: here it is enough that somebody answers.
  // So the account that may stand in the address is not sent.
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(tryMs)]), rejectUnauthorized: false, agent: false } as const;
  const request = url.protocol === 'https:' ? httpsRequest(withoutAccount(url), options) : httpRequest(withoutAccount(url), options);
  request.once('response', ({ statusCode = 0 }) => {
    resolve(statusCode < 500 ? undefined : { what: `answers ${statusCode}`, next: unwell });
    request.destroy();
  });
  request.on('error', (error: NodeJS.ErrnoException) => resolve(silenceOf(error, tryMs)));
  request.end();
  return promise;
}

const unwell = 'It is there, but not well: wait until its deployment is over, or look at its log; then run it again.';
const unreachable =
  "Look whether it is up, and whether the task's subnet and security group may reach it: a private address needs the same VPC, a public one a way out.";
const silentFor = (tryMs: number): Silence => ({ what: `says nothing within ${tryMs / 1000} seconds`, next: unreachable });

function silenceOf({ code = '', message }: NodeJS.ErrnoException, tryMs: number): Silence {
  if (code === 'ABORT_ERR' || code === 'ETIMEDOUT') return silentFor(tryMs);
  // Of OpenSSL's own text, only the words between its colons are for people: `error:0A00010B:SSL routines::wrong version number:`.
  const tls = /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/.test(code) ? /routines:[^:]*:([^:\n]+)/.exec(message) : null;
  if (tls !== null)
    return {
      what: `does not speak TLS as it should: ${tls[1]}`,
      next: 'Look whether `url` in coldframe.yml should begin with http://, and which TLS versions the server offers.',
    };
  return silences[code] ?? { what: `cannot be reached: ${message || code}`, next: unreachable };
}

const silences: Readonly<Record<string, Silence>> = {
  ECONNREFUSED: {
    what: 'refuses connections',
    next: 'Nothing listens there: look whether it is up, and whether the port of `url` in coldframe.yml is right.',
  },
  ENOTFOUND: {
    what: 'has no address: the name is unknown',
    next: "Check the name in `url` in coldframe.yml; a private name is known in its own VPC only, where the task's subnets would have to be.",
  },
  EAI_AGAIN: {
    what: 'has no address: the name server does not answer',
    next: "Look at the task's subnets: they need a name server, and a way to it. If runs have started there before, run it again.",
  },
  ECONNRESET: {
    what: 'closes the connection',
    next: 'Something in front of it (a proxy, a firewall, a load balancer without targets) hangs up: look there.',
  },
};
