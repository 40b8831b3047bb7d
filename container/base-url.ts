import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';

const tries = 5;
const tryLimitMs = 3_000;
const pausesMs = [500, 1_000, 1_500, 2_000];
const limitMs = 10_000;

/**
 * Waits until the environment under test answers with anything below 500, or says in one sentence what it does instead:
 * better than forty scenarios that fail for the same reason.
 *
 * @throws that sentence, after 5 tries or about 10 seconds
 */
export async function waitForAnswer(baseUrl: string, signal: AbortSignal): Promise<void> {
  const url = parseUrl(baseUrl);
  const until = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  let last = '';
  let tried = 0;
  while (tried < tries && !until.aborted) {
    tried += 1;
    last = await ask(url, until);
    if (last === '') return;
    await pause(pausesMs[tried - 1] ?? 0, undefined, { signal: until }).catch(() => {
      // time is up
    });
  }
  signal.throwIfAborted();
  throw new Error(`The environment under test does not answer: ${withoutAccount(url)} ${last} (${tried} tries). Nothing was run.`);
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new Error(`The environment's url in coldframe.yml is no http or https address: "${text}".`);
}

const withoutAccount = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

/** Asks once: empty if there is an answer, else what came instead, to be read after the address. */
function ask(url: URL, signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // Whether a certificate is good enough is for the suite's browser to decide: here it is enough that somebody answers.
  // So the account that may stand in the address is not sent.
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(tryLimitMs)]), rejectUnauthorized: false, agent: false } as const;
  const request = url.protocol === 'https:' ? httpsRequest(withoutAccount(url), options) : httpRequest(withoutAccount(url), options);
  request.once('response', ({ statusCode = 0 }) => {
    resolve(statusCode < 500 ? '' : `answers ${statusCode}`);
    request.destroy();
  });
  request.on('error', (error: NodeJS.ErrnoException) =>
    resolve(words[error.code ?? ''] ?? `cannot be reached: ${error.message || error.code}`),
  );
  request.end();
  return promise;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ENOTFOUND: 'has no address: the name is unknown',
  EAI_AGAIN: 'has no address: the name server does not answer',
  ECONNRESET: 'closes the connection',
  ABORT_ERR: `says nothing within ${tryLimitMs / 1000} seconds`,
  ETIMEDOUT: `says nothing within ${tryLimitMs / 1000} seconds`,
};
