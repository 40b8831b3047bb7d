import { signatureHeaders, signatureOf } from '../../run/signature.ts';

/** A request that is about to be sent. */
export interface Unsigned {
  readonly method: 'GET' | 'POST';
  /** Below the deployed address: `/runs`. */
  readonly path: string;
  readonly body: string;
}

/** How a CI shows who it is. */
export interface Credentials {
  /** What stands before `/runs`. */
  readonly prefix: '' | '/oidc';
  headers(request: Unsigned): Promise<Readonly<Record<string, string>>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** GitHub's tokens are good for five minutes. */
const tokenLivesMs = 3 * 60_000;

/**
 * What the environment variables hold: a key's secret, a token, or GitHub's means to get one. Secrets are never arguments: those
 * everybody on a machine can read.
 *
 * @throws saying what to set, when there is nothing
 */
export function credentialsOf(
  env: Env,
  { keyId = env.COLDFRAME_KEY_ID, audience = 'coldframe' }: { keyId?: string; audience?: string },
): Credentials {
  const { COLDFRAME_KEY: secret, COLDFRAME_TOKEN: token, ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl } = env;
  if (secret) {
    if (!keyId) throw new Error('COLDFRAME_KEY is a secret without its id: name it with --key-id or COLDFRAME_KEY_ID');
    return keyCredentials(keyId, secret);
  }
  if (token) return { prefix: '/oidc', headers: async () => bearer(token) };
  if (tokenUrl) return githubCredentials(tokenUrl, env.ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? '', audience);
  throw new Error(
    [
      'Nothing here says who asks. Set one of:',
      "  COLDFRAME_KEY, and --key-id    a key's secret",
      "  COLDFRAME_TOKEN                a token of the CI's provider (OIDC)",
      '  permissions: id-token: write   in GitHub Actions, for the job',
    ].join('\n'),
  );
}

const keyCredentials = (keyId: string, secret: string): Credentials => ({
  prefix: '',
  headers: async ({ method, path, body }) => {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = signatureOf({ method, path, query: '', timestamp, body }, secret);
    return { [signatureHeaders.key]: keyId, [signatureHeaders.timestamp]: timestamp, [signatureHeaders.signature]: signature };
  },
});

function githubCredentials(url: string, requestToken: string, audience: string): Credentials {
  let got: { readonly token: string; readonly atMs: number } | undefined;
  return {
    prefix: '/oidc',
    headers: async () => {
      if (got === undefined || Date.now() - got.atMs > tokenLivesMs)
        got = { token: await githubToken(url, requestToken, audience), atMs: Date.now() };
      return bearer(got.token);
    },
  };
}

async function githubToken(url: string, requestToken: string, audience: string): Promise<string> {
  const address = new URL(url);
  address.searchParams.set('audience', audience);
  const response = await fetch(address, { headers: { authorization: `bearer ${requestToken}` }, signal: AbortSignal.timeout(20_000) });
  const answer: unknown = response.ok ? await response.json() : undefined;
  if (typeof answer === 'object' && answer !== null && 'value' in answer && typeof answer.value === 'string') return answer.value;
  throw new Error(
    `GitHub gave no token for the audience ${audience} (status ${response.status}): the job needs \`permissions: id-token: write\``,
  );
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
