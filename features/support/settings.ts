import type { Account } from '../pages/login-page.ts';

/** The app to test and an account in it. */
export interface AppUnderTest {
  readonly url: string;
  readonly account: Account;
}

/**
 * What the environment says about the app under test, or undefined when it names none.
 *
 * @throws {Error} naming everything that is missing, when it names an app but no complete account
 */
export function readAppUnderTest(env: NodeJS.ProcessEnv): AppUnderTest | undefined {
  const { BASE_URL: url, LOGIN_USERNAME: username, LOGIN_PASSWORD: password } = env;
  if (!url) return undefined;
  if (username && password) return { url, account: { username, password } };
  const missing = [...(username ? [] : ['LOGIN_USERNAME']), ...(password ? [] : ['LOGIN_PASSWORD'])];
  throw new Error(`BASE_URL is set, so the suite also needs an account there: set ${missing.join(' and ')}.`);
}

/** Limits of the suite, in milliseconds. */
export interface Limits {
  /** For something to appear on a page: `WAIT_LIMIT_MS`. */
  readonly waitMs: number;
  /** For a page to load: `PAGE_LIMIT_MS`. */
  readonly pageMs: number;
  /** For a step. More than the waits in it, so that an error names what was waited for, and not just the step. */
  readonly stepMs: number;
}

/** @throws {Error} for a limit that is not a positive whole number */
export function readLimits(env: NodeJS.ProcessEnv): Limits {
  const waitMs = readMs('WAIT_LIMIT_MS', env.WAIT_LIMIT_MS ?? '5000');
  const pageMs = readMs('PAGE_LIMIT_MS', env.PAGE_LIMIT_MS ?? '15000');
  return { waitMs, pageMs, stepMs: pageMs + 2 * waitMs };
}

function readMs(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`${name} is ${JSON.stringify(text)}; it must be a whole number of milliseconds, for example 5000.`);
}
