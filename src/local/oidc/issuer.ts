import { createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { type LocalServer, serve } from '../wire/http-server.ts';

/** What GitHub says of a job on the main branch of `example/shop`. */
const usualClaims = {
  sub: 'repo:example/shop:ref:refs/heads/main',
  repository: 'example/shop',
  repository_owner: 'example',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  event_name: 'push',
  workflow: 'ci',
};

export interface Issuer {
  /** The public keys of its tokens, as at a provider's `jwks_uri`. */
  keys(): Promise<readonly JsonWebKey[]>;
  /** A token like GitHub's; a claim of undefined is left out. */
  token(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** What GitHub gives a job that may ask for tokens. */
  readonly environment: { readonly ACTIONS_ID_TOKEN_REQUEST_URL: string; readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string };
  stop(): Promise<void>;
}

/** A CI's provider of tokens (OIDC), in the place of GitHub's: `issuer` is what its tokens say of themselves. */
export async function startIssuer({ issuer, audience }: { readonly issuer: string; readonly audience: string }): Promise<Issuer> {
  // Made when it is first used: most worlds never see a token.
  let pair: Promise<{ readonly kid: string; readonly privateKey: KeyObject }> | undefined;
  const keyPair = () => {
    pair ??= promisify(generateKeyPair)('rsa', { modulusLength: 2_048 }).then(({ privateKey }) => ({ kid: randomUUID(), privateKey }));
    return pair;
  };
  const requestToken = randomBytes(16).toString('hex');

  async function token(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { kid, privateKey } = await keyPair();
    const nowS = Math.floor(Date.now() / 1_000);
    const times = { iat: nowS, nbf: nowS, exp: nowS + 300 };
    const body = { jti: randomUUID(), iss: issuer, aud: audience, ...times, ...usualClaims, ...claims };
    const signed = [{ typ: 'JWT', alg: 'RS256', kid }, body]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  const server: LocalServer = await serve(async ({ headers, url }) => {
    if (url.pathname !== '/token' || headers.authorization !== `bearer ${requestToken}`) return { status: 401, body: 'Unauthorized' };
    const value = await token({ aud: url.searchParams.get('audience') ?? 'https://github.com/example' });
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ count: value.length, value }) };
  });
  return {
    keys: async () => {
      const { kid, privateKey } = await keyPair();
      return [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }];
    },
    token,
    environment: { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/token?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken },
    stop: () => server.stop(),
  };
}
