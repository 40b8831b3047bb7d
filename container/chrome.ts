import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findSparticuzPackage, unpackSparticuzChromium } from './sparticuz-chromium.ts';

/** A browser that was started once to ask for its version, so it does run here; or one sentence why there is none. */
export type Chrome =
  | {
      readonly kind: 'found';
      readonly path: string;
      /** `156.0.8078.79` */
      readonly version: string;
      readonly from: 'CHROME_PATH' | 'system' | '@sparticuz/chromium';
    }
  | { readonly kind: 'none'; readonly because: string };

/**
 * What Chrome is started with in a container: no sandbox (Fargate grants none), no GPU, a /dev/shm of 64 MB, nobody to ask.
 *
 * A profile is used by one browser only: `--user-data-dir` is a fresh temporary folder each time. Playwright makes and
 * removes it by itself and refuses the argument; whoever starts Chrome in another way adds it.
 */
export const chromeArguments: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--no-first-run',
];

interface Machine {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly arch?: NodeJS.Architecture;
}

/**
 * The Chrome to use on this machine: `CHROME_PATH`, else an installed one, else the one in the npm package
 * `@sparticuz/chromium` (x64 Linux), which is unpacked on first use. A `CHROME_PATH` that cannot be used is not replaced.
 */
export async function findChrome({ env = process.env, platform = process.platform, arch = process.arch }: Machine = {}): Promise<Chrome> {
  const chosen = env.CHROME_PATH;
  if (chosen) return useChosen(chosen);

  const paths = await installed(env, platform);
  const refusals = paths.length === 0 ? ['no Chrome or Chromium is installed'] : [];
  for (const path of paths) {
    const answer = await askVersion(path);
    if (answer.kind === 'version') return { kind: 'found', path, version: answer.version, from: 'system' };
    refusals.push(answer.because);
  }
  const packaged = await usePackaged(platform, arch);
  if (packaged.kind === 'found') return packaged;
  const tried = ['CHROME_PATH is not set', ...refusals, packaged.because].join(', ');
  return { kind: 'none', because: `There is no browser to test with (${tried}): ${wayOut(platform)}` };
}

async function useChosen(path: string): Promise<Chrome> {
  const answer = await askVersion(path);
  if (answer.kind === 'version') return { kind: 'found', path, version: answer.version, from: 'CHROME_PATH' };
  return { kind: 'none', because: `CHROME_PATH names no usable browser (${answer.because}): set it to a Chrome or Chromium, or unset it.` };
}

async function usePackaged(platform: NodeJS.Platform, arch: NodeJS.Architecture): Promise<Chrome> {
  if (platform !== 'linux' || arch !== 'x64') {
    return { kind: 'none', because: `the npm package @sparticuz/chromium has none for ${platform} ${arch}` };
  }
  const packageFolder = findSparticuzPackage();
  if (packageFolder === undefined) return { kind: 'none', because: 'the npm package @sparticuz/chromium is not installed' };
  const path = await unpackSparticuzChromium(packageFolder);
  const answer = await askVersion(path);
  if (answer.kind === 'none') return answer;
  return { kind: 'found', path, version: answer.version, from: '@sparticuz/chromium' };
}

/** Debian's own name first; on Ubuntu, `chromium` is a snap, which does not start in every container. */
const wayOut = (platform: NodeJS.Platform): string =>
  platform === 'darwin'
    ? 'install Google Chrome (brew install --cask google-chrome), or set CHROME_PATH.'
    : 'install Chromium (on Debian: apt-get install chromium) or Google Chrome, or set CHROME_PATH.';

const commands = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];
const bundles = ['Google Chrome', 'Chromium'];

async function installed(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<readonly string[]> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  const roots = platform === 'darwin' ? ['/Applications', join(env.HOME ?? '/', 'Applications')] : [];
  const apps = bundles.flatMap((name) => roots.map((root) => join(root, `${name}.app`, 'Contents', 'MacOS', name)));
  const all = [...onPath, ...apps];
  const usable = await Promise.all(all.map(isExecutable));
  return all.filter((_, index) => usable[index]);
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const versionLimitMs = 20_000;

/** Existing is not enough: Ubuntu's `chromium-browser` is a script that asks for a snap, and a library may be missing. */
async function askVersion(path: string): Promise<{ kind: 'version'; version: string } | { kind: 'none'; because: string }> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: versionLimitMs });
    const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0];
    if (version !== undefined) return { kind: 'version', version };
    return { kind: 'none', because: `${path} --version answers ${JSON.stringify(stdout.trim().slice(0, 200))}, which is not a version` };
  } catch (error) {
    return { kind: 'none', because: `${path} cannot be started: ${firstLines(error)}` };
  }
}

function firstLines(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return (said || (error instanceof Error ? error.message : String(error))).split('\n').slice(0, 2).join(' ').slice(0, 300);
}
