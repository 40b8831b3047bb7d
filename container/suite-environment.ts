import type { Secrets } from './secrets.ts';

/** Ours: credentials of the task's role, addresses of AWS, and what we were told. The suite has its own through `secrets`. */
const withheld = /^(?:AWS_|COLDFRAME_)/;

/** The environment variables a suite runs with. What the plan says stands over a secret, that over the image's own. */
export function suiteEnvironment(input: {
  base: Readonly<Record<string, string | undefined>>;
  secrets: Secrets;
  url: string;
  chromePath: string | undefined;
  temporary: string;
}): Readonly<Record<string, string>> {
  const { base, secrets, url, chromePath, temporary } = input;
  const kept = Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]));
  return {
    ...Object.fromEntries(kept),
    ...secrets,
    BASE_URL: url,
    ...(chromePath !== undefined && { CHROME_PATH: chromePath }),
    // Profiles of browsers go where we remove them afterwards.
    TMPDIR: temporary,
    TMP: temporary,
    TEMP: temporary,
  };
}

/** The texts that must not be seen: the secrets' values, and the password that may stand in the address. */
export function textsToHide(secrets: Secrets, url: string): readonly string[] {
  const password = URL.parse(url)?.password ?? '';
  return [...Object.values(secrets), password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // a % that is no code: then the password is written as it is
    return text;
  }
}
