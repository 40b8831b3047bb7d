import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cache = fileURLToPath(new URL('../../node_modules/.cache/coldframe/suites', import.meta.url));
const installLimitMs = 300_000;

/**
 * The `node_modules` with these packages (`@cucumber/cucumber@10.9.0`), installed once and kept until our own are
 * installed anew. They are too many for everybody's `npm ci`.
 */
export async function installed(packages: readonly string[]): Promise<string> {
  const folder = join(cache, packages.join('+').replaceAll('/', '_'));
  if (!existsSync(folder)) await installInto(folder, packages);
  return join(folder, 'node_modules');
}

async function installInto(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(cache, { recursive: true });
  // It gets its name when it is complete.
  const installing = await mkdtemp(join(cache, 'installing-'));
  await writeFile(join(installing, 'package.json'), '{}');
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['install', ...quiet, ...packages], { cwd: installing, timeout: installLimitMs });
    await rename(installing, folder);
  } catch (cause) {
    await rm(installing, { recursive: true, force: true });
    throw new Error(`npm could not install ${packages.join(' ')}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
