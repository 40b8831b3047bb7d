import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { type AwsAccount, addressOf } from './account.ts';
import type { quickly } from './client-settings.ts';
import { openAhead } from './open-ahead.ts';
import { signedHeaders } from './sign.ts';

/** Calls an operation of one service, and gives what it answered. @throws when it was refused, or was not answered in all tries */
export type AwsCall = (operation: string, input: object) => Promise<unknown>;

export interface AwsService {
  /** How people call it. */
  readonly name: string;
  /** In addresses and signatures. */
  readonly id: string;
  /** What stands before the operation in the header `x-amz-target`. */
  readonly target: string;
  /** What `AWS_ENDPOINT_URL_…` calls it. */
  readonly variable: string;
}

export const ssm: AwsService = { name: 'SSM', id: 'ssm', target: 'AmazonSSM', variable: 'SSM' };
export const eventBridge: AwsService = { name: 'EventBridge', id: 'events', target: 'AWSEvents', variable: 'EVENTBRIDGE' };

export interface CallSettings {
  readonly account: AwsAccount;
  /** How often and how long it is tried: the same as for an SDK's client. */
  readonly patience: typeof quickly;
  /** The connection is opened now, and not at the first call. */
  readonly isOpenedAhead?: boolean;
}

/**
 * Calls of a service that takes and gives JSON. A client of the SDK does the same, and takes 60 ms of a cold start to be loaded: that is
 * worth it where there is more to know than this.
 */
export function awsCall(service: AwsService, { account, patience, isOpenedAhead = false }: CallSettings): AwsCall {
  const address = addressOf(service, account);
  const agent = new (address.protocol === 'http:' ? http : https).Agent({ keepAlive: true });
  if (isOpenedAhead) openAhead(agent, address);

  return async (operation, input) => {
    const body = JSON.stringify(input);
    const named = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${service.target}.${operation}` };
    for (let attempt = 1; ; attempt += 1) {
      const headers = signedHeaders({ service: service.id, address, headers: named, body, nowMs: Date.now() }, account);
      const answer = await post({ address, agent, headers, body, limits: patience.requestHandler });
      if (answer.kind === 'taken') return answer.json;
      if (!answer.isMomentary || attempt === patience.maxAttempts) {
        const tries = attempt === 1 ? '' : ` in ${attempt} tries`;
        throw new Error(`${service.name} did not answer ${operation}${tries}: ${answer.because}`, { cause: answer.cause });
      }
      await pause(Math.random() * 2 ** attempt * restMs);
    }
  };
}

/** The pause before another try is random, up to this before the second, and twice as much before each further one. */
const restMs = 50;

type Answered =
  | { readonly kind: 'taken'; readonly json: unknown }
  | { readonly kind: 'not-taken'; readonly because: string; readonly isMomentary: boolean; readonly cause?: Error };

interface Post {
  readonly address: URL;
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limits: typeof quickly.requestHandler;
}

/** One try. */
function post({ address, agent, headers, body, limits: { connectionTimeout, requestTimeout } }: Post): Promise<Answered> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(requestTimeout);
    const fail = (cause: Error) => {
      const because = signal.aborted ? `no answer within ${requestTimeout} ms` : cause.message || cause.name;
      resolve({ kind: 'not-taken', because, isMomentary: true, cause });
    };
    const { request } = address.protocol === 'http:' ? http : https;
    const outgoing = request(address, { method: 'POST', headers, agent, signal, timeout: connectionTimeout }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => resolve(read(incoming.statusCode ?? 0, Buffer.concat(parts).toString())));
      incoming.on('error', fail);
    });
    // Told of any time without a byte: only before there is a connection is it too long.
    outgoing.on('timeout', () => {
      if (outgoing.socket?.connecting) outgoing.destroy(new Error(`no connection within ${connectionTimeout} ms`));
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

function read(status: number, text: string): Answered {
  const json = objectIn(text);
  if (status === 200 && json !== undefined) return { kind: 'taken', json };
  const type = /(?:^|#)([^#:]+)(?::|$)/.exec(textIn(json?.__type))?.[1];
  const said = [type ?? `HTTP ${status}`, textIn(json?.message ?? json?.Message)].filter((part) => part !== '').join(': ');
  const because = json === undefined ? `HTTP ${status}, and no JSON` : said;
  return {
    kind: 'not-taken',
    because,
    isMomentary: [200, 429, 500, 502, 503, 504].includes(status) || /Throttl|TooManyRequests/.test(type ?? ''),
  };
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

function objectIn(text: string): Readonly<Partial<Record<string, unknown>>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // What is not JSON came from something in between, a proxy for example: the status says more than the text.
    return undefined;
  }
}
