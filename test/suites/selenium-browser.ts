import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findChrome } from '../../container/chrome.ts';

/** The browser that Selenium can drive here, or why there is none. */
export type SeleniumBrowser = { readonly kind: 'found'; readonly chrome: string } | { readonly kind: 'missing'; readonly because: string };

/** What is on this `path`: a chromedriver, and the browser of its own version. */
export async function seleniumBrowser(path: string): Promise<SeleniumBrowser> {
  const missing = (because: string): SeleniumBrowser => ({
    kind: 'missing',
    because: `Selenium is not tried: ${because}. On Debian: apt-get install chromium chromium-driver`,
  });
  const driver = await versionOfDriver(path);
  if (driver === undefined) return missing('there is no chromedriver that starts on the PATH');
  const chrome = await findChrome({ env: { PATH: path } });
  if (chrome.kind === 'none' || chrome.from !== 'system')
    return missing(`there is a chromedriver ${driver} on the PATH, and no browser for it`);
  if (majorOf(chrome.version) !== majorOf(driver))
    return missing(`chromedriver ${driver} does not drive ${chrome.path}, which is ${chrome.version}`);
  return { kind: 'found', chrome: chrome.path };
}

async function versionOfDriver(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('chromedriver', ['--version'], { env: { ...process.env, PATH: path } });
    return /\d+(?:\.\d+)+/.exec(stdout)?.[0];
  } catch {
    // none, or one that does not start: which one, whoever installs it sees
    return undefined;
  }
}

const majorOf = (version: string): number => Number.parseInt(version, 10);
