import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { maskOf } from './mask.ts';
import { runCommand } from './run-command.ts';
import type { Secrets } from './secrets.ts';
import type { Checkout } from './suite-checkout.ts';
import { imageEnvironment } from './suite-environment.ts';

export interface InstallInput {
  readonly checkout: Checkout;
  /** The suite in the image: what it has installed need not be installed again. */
  readonly imageSuite: string;
  /** `NPM_TOKEN` is handed to npm: an .npmrc may name it. */
  readonly secrets: Secrets;
  readonly base: Readonly<Record<string, string | undefined>>;
  readonly mark: string;
  readonly signal: AbortSignal;
}

/** How a fetched suite came to its dependencies. */
export type Installed = 'as in the image' | 'npm ci';

const installLimitMs = 300_000;

/** npm itself waits five minutes for an answer, and minutes more before it asks again. */
const impatience = ['--fetch-timeout=60000', '--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=5000'];

/**
 * Gives a fetched suite what its lock file says: the image's own `node_modules` where the image was made with the same lock
 * file, which takes no time, else by `npm ci`. No package's install script is run.
 *
 * @throws one sentence about what is in the way, with what to do about it, and npm's last lines
 */
export async function installDependencies(input: InstallInput): Promise<Installed> {
  const { checkout, imageSuite } = input;
  const lock = lockFile(checkout);
  if (await isInstalled(lock, imageSuite)) {
    await symlink(join(imageSuite, 'node_modules'), join(dirname(lock), 'node_modules'));
    return 'as in the image';
  }
  await install(dirname(lock), input);
  return 'npm ci';
}

/** The lock file that counts: the suite's own, or that of the workspace it belongs to. */
function lockFile({ root, folder }: Checkout): string {
  for (let place = folder; ; place = dirname(place)) {
    const found = ['package-lock.json', 'npm-shrinkwrap.json'].map((name) => join(place, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (place === root || place === dirname(place)) break;
  }
  const other = ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock'].find((name) => existsSync(join(folder, name)) || existsSync(join(root, name)));
  const instead = other === undefined ? '' : ` It has a ${other}, but Coldframe installs with npm.`;
  throw new Error(
    `The suite's dependencies cannot be installed: there is no package-lock.json.${instead} Commit the one that \`npm install\` writes.`,
  );
}

async function isInstalled(lock: string, imageSuite: string): Promise<boolean> {
  const ofImage = ['package-lock.json', 'npm-shrinkwrap.json'].map((name) => join(imageSuite, name)).find((file) => existsSync(file));
  if (ofImage === undefined || !existsSync(join(imageSuite, 'node_modules'))) return false;
  const [wanted, there] = await Promise.all([readFile(lock, 'utf8'), readFile(ofImage, 'utf8')]);
  // A linked package is a folder of the suite itself: the image's is another than the one that was fetched.
  return wanted === there && !/"link":\s*true/.test(wanted);
}

async function install(folder: string, { secrets, base, mark, signal }: InstallInput): Promise<void> {
  const { NPM_TOKEN } = secrets;
  const end = await runCommand({
    program: 'npm',
    // Cucumber mostly is a development dependency.
    args: ['ci', '--ignore-scripts', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...impatience],
    folder,
    environment: { ...imageEnvironment(base), npm_config_update_notifier: 'false', ...(NPM_TOKEN !== undefined && { NPM_TOKEN }) },
    limitMs: installLimitMs,
    signal,
    mark,
  });
  const installing = "The suite's dependencies cannot be installed";
  switch (end.kind) {
    case 'done':
      return;
    case 'missing':
      throw new Error(`${installing}: there is no npm in this image. Install it there, or leave out \`ref=\`.`);
    case 'late':
      throw new Error(`${installing}: \`npm ci\` took longer than ${installLimitMs / 60_000} minutes.\n${lastLines(end.output, secrets)}`);
    case 'failed':
      throw new Error(`${installing}: \`npm ci\` failed. Does it work in a fresh copy of the suite?\n${lastLines(end.output, secrets)}`);
  }
}

/** npm's reasons, without how it is used and where its log is. */
function lastLines(output: string, secrets: Secrets): string {
  const [said = ''] = output.split(/^npm error Clean install a project/m);
  const lines = maskOf(Object.values(secrets)).text(said.trim()).split('\n');
  return lines
    .filter((line) => !/^npm notice|A complete log of this run|^npm error\s*$/.test(line))
    .slice(-10)
    .join('\n')
    .slice(-2_000);
}
