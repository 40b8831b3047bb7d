import { setTimeout as pause } from 'node:timers/promises';
import type { AcceptedRun, ToldRun } from '../../app/ask-over-http.ts';
import type { Credentials, Unsigned } from './credentials.ts';

/** What a CI asks of `POST /runs`. */
export interface WantedRun {
  readonly environment: string;
  readonly idempotencyKey: string;
  readonly tags?: string;
  readonly ref?: string;
  readonly retry?: number;
  readonly shards?: number | 'auto';
  readonly features?: readonly string[];
}

const answerWithinMs = 30_000;
/** A deploy, a network that is away: so long an answer is waited for, again and again. */
const patienceMs = 5 * 60_000;

/** A deployed Coldframe, asked over HTTP. What is transient is tried again: a request is the same, however often it comes. */
export function deployedColdframe(url: string, credentials: Credentials, signal: AbortSignal) {
  const base = url.replace(/\/+$/, '').replace(/\/runs$/, '');

  async function call(method: Unsigned['method'], below: string, body: string): Promise<unknown> {
    const until = Date.now() + patienceMs;
    for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, 30_000)) {
      const answer = await once({ method, path: `${credentials.prefix}${below}`, body });
      if (answer.kind === 'answer') return answer.json;
      if (answer.kind === 'refused' || Date.now() + waitMs > until) throw new Error(answer.because);
      await pause(waitMs, undefined, { signal });
    }
  }

  type Answer = { readonly kind: 'answer'; readonly json: unknown } | { readonly kind: 'refused' | 'later'; readonly because: string };

  async function once(request: Unsigned): Promise<Answer> {
    const { method, path, body } = request;
    const what = `${method} ${base}${path}`;
    const headers = { 'content-type': 'application/json', ...(await credentials.headers(request)) };
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
      const response = await fetch(`${base}${path}`, {
        method,
        headers,
        signal: limited,
        redirect: 'error',
        ...(method === 'POST' && { body }),
      });
      const text = await response.text();
      const json = jsonOf(text);
      if (response.ok && json !== undefined) return { kind: 'answer', json };
      const because = `${what} was answered with ${response.status}: ${errorIn(json) ?? text.slice(0, 300)}`;
      return { kind: response.status >= 500 || response.status === 429 || response.ok ? 'later' : 'refused', because };
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      return { kind: 'later', because: `${what} got no answer: ${why}` };
    }
  }

  return {
    /** Asks for a run. @throws with the sentence of a refusal, or when there is no answer for five minutes */
    ask: async (wanted: WantedRun): Promise<AcceptedRun> => checked<AcceptedRun>(await call('POST', '/runs', JSON.stringify(wanted))),
    /** How a run stands. @throws like `ask` */
    tell: async (id: string): Promise<ToldRun> => checked<ToldRun>(await call('GET', `/runs/${id}`, '')),
  };
}

/** Whoever answers has an id of a run to give, or is no Coldframe. */
function checked<T extends { readonly id: string }>(json: unknown): T {
  if (typeof json === 'object' && json !== null && 'id' in json && 'state' in json && /^[a-z0-9-]{1,80}$/.test(String(json.id)))
    return json as unknown as T;
  throw new Error('the answer is not of a Coldframe: look at --url, which is the output RunsUrl of the stack');
}

const errorIn = (json: unknown): string | undefined => {
  if (typeof json !== 'object' || json === null) return undefined;
  // What Coldframe says, and what API Gateway says by itself.
  const said = 'error' in json ? json.error : 'message' in json ? json.message : undefined;
  return typeof said === 'string' ? said : undefined;
};

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page is no answer of ours: its beginning is shown as it is.
    return undefined;
  }
}
