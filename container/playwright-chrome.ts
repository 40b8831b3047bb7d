/**
 * Loaded into the suite's processes before its own code: Playwright, which has no environment variable for it, starts the
 * browser that `CHROME_PATH` names wherever a suite names none and has none of its own.
 *
 * It changes the suite's own copy of Playwright, through its documented functions, and nothing else.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What is used of Playwright's `BrowserType`. */
interface BrowserType {
  launch(options?: LaunchOptions): Promise<unknown>;
  launchPersistentContext(profile: string, options?: LaunchOptions): Promise<unknown>;
  launchServer(options?: LaunchOptions): Promise<unknown>;
  executablePath(): string;
}

interface LaunchOptions {
  readonly executablePath?: string;
  readonly channel?: string;
  readonly args?: readonly string[];
}

/** Fargate has no GPU and a small /dev/shm. Playwright itself adds `--no-sandbox` and a profile of its own. */
const flags = ['--disable-gpu', '--disable-dev-shm-usage'];

/** `chrome` and `chromium` are what `CHROME_PATH` is, or nearly; who asks for Edge or a beta tests that one. */
const channelsLikeOurs = new Set([undefined, 'chrome', 'chromium', 'chromium-headless-shell']);

const chromePath = process.env.CHROME_PATH;
if (chromePath) for (const chromium of chromiumsOf(process.cwd())) useChrome(chromium, chromePath);

/** Each copy of Playwright's `chromium` that the suite may meet; nearly always one. `@playwright/test` brings the same. */
function chromiumsOf(suite: string): ReadonlySet<BrowserType> {
  const fromSuite = createRequire(join(suite, 'package.json'));
  const places = [fromSuite, ...['playwright', '@playwright/test', '@playwright/test>playwright'].map((way) => requireAt(fromSuite, way))];
  return new Set(places.flatMap((require) => loaded(require)?.chromium ?? []));
}

/** What the package at the end of the way would find. */
function requireAt(from: NodeJS.Require, way: string): NodeJS.Require | undefined {
  let require: NodeJS.Require | undefined = from;
  for (const name of way.split('>')) {
    const manifest: string | undefined = require && resolved(require, `${name}/package.json`);
    require = manifest === undefined ? undefined : createRequire(manifest);
  }
  return require;
}

function loaded(require: NodeJS.Require | undefined): { readonly chromium?: BrowserType } | undefined {
  const entry = require && resolved(require, 'playwright-core');
  return entry === undefined ? undefined : require?.(entry);
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    // the suite has no Playwright, or not in this place
    return undefined;
  }
}

function useChrome(chromium: BrowserType, executablePath: string): void {
  if (hasOwnBrowser(chromium)) return;
  const { launch, launchPersistentContext, launchServer } = chromium;
  const completed = (options: LaunchOptions = {}): LaunchOptions => {
    if (options.executablePath !== undefined || !channelsLikeOurs.has(options.channel)) return options;
    const { channel: _, ...rest } = options;
    return { ...rest, executablePath, args: [...flags, ...(options.args ?? [])] };
  };
  chromium.launch = (options) => launch.call(chromium, completed(options));
  chromium.launchServer = (options) => launchServer.call(chromium, completed(options));
  chromium.launchPersistentContext = (profile, options) => launchPersistentContext.call(chromium, profile, completed(options));
}

/** Whether `npx playwright install` was part of making the image: then that one fits better than ours. */
function hasOwnBrowser(chromium: BrowserType): boolean {
  try {
    return existsSync(chromium.executablePath());
  } catch {
    // Playwright has no browser for this machine at all
    return false;
  }
}
