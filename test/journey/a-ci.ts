import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signatureHeaders, signatureOf } from '../../src/run/signature.ts';
import type { AWorld } from './a-world.ts';

export interface Sent {
  readonly body?: string;
  readonly method?: string;
  readonly path?: string;
  readonly laterS?: number;
  readonly key?: string;
  /** What is sent instead of what was signed. */
  readonly instead?: { readonly body?: string; readonly path?: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests as a CI signs them, with whatever a test wants to be wrong about them. */
export async function ciOf({ dir, publicUrl }: AWorld) {
  const secret = JSON.parse(await readFile(join(dir, 'secrets.json'), 'utf8')).ciKey;
  return async ({ body = '', method = 'POST', path = '/runs', laterS = 0, key = secret, instead = {}, headers = {} }: Sent) => {
    const timestamp = String(Math.floor(Date.now() / 1_000) + laterS);
    const [address = '', query = ''] = path.split('?');
    const signature = signatureOf({ method, path: address, query, timestamp, body }, key);
    const signed = { [signatureHeaders.key]: 'merges', [signatureHeaders.timestamp]: timestamp, [signatureHeaders.signature]: signature };
    const response = await fetch(`${publicUrl}${instead.path ?? path}`, {
      method,
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      ...(method === 'POST' && { body: instead.body ?? body }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
}
