import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Secrets } from './secrets.ts';

/** Ours: credentials of the task's role, addresses of AWS, and what we were told. The suite has its own through `secrets`. */
const withheld = /^(?:AWS_|COLDFRAME_)/;

/** Secrets that fetch the suite and what it needs; by the time it runs, nobody needs them any more. */
const forFetching = new Set(['GIT_TOKEN', 'GIT_USERNAME', 'NPM_TOKEN']);

/** The environment variables a suite runs with. What the plan says stands over a secret, that over the image's own. */
export function suiteEnvironment(input: {
  base: Readonly<Record<string, string | undefined>>;
  secrets: Secrets;
  url: string;
  chrome: SuiteChrome | undefined;
  temporary: string;
}): Readonly<Record<string, string>> {
  const { base, secrets, url, chrome, temporary } = input;
  const own = imageEnvironment(base);
  return {
    // Selenium's manager looks for a newer browser and tells statistics, unless told not to.
    SE_OFFLINE: 'true',
    SE_AVOID_STATS: 'true',
    SE_CACHE_PATH: join(temporary, 'selenium'),
    ...(chrome && { PUPPETEER_EXECUTABLE_PATH: chrome.command }),
    // Selenium's manager takes this path for whatever browser is asked of it, so not where there is another.
    ...(chrome && !hasFirefox(own.PATH) && { SE_BROWSER_PATH: chrome.command }),
    ...own,
    ...Object.fromEntries(Object.entries(secrets).filter(([name]) => !forFetching.has(name))),
    BASE_URL: url,
    ...(chrome && { CHROME_PATH: chrome.path }),
    // Profiles of browsers go where we remove them afterwards.
    TMPDIR: temporary,
    TMP: temporary,
    TEMP: temporary,
  };
}

/** The browser a suite may use. */
export interface SuiteChrome {
  readonly path: string;
  /** Starts it with what a container needs. */
  readonly command: string;
}

const hasFirefox = (path = ''): boolean =>
  path.split(delimiter).some((folder) => ['geckodriver', 'firefox'].some((name) => existsSync(join(folder, name))));

/** What the image and the task definition set, without what is ours. */
export function imageEnvironment(base: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const kept = Object.entries(base).filter((entry): entry is [string, string] => entry[1] !== undefined && !withheld.test(entry[0]));
  return Object.fromEntries(kept);
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
