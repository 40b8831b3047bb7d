import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the bundles of this run of the tests are. */
const variable = 'COLDFRAME_TEST_BUILD';

/**
 * For vitest: the bundles are made once, before the first test, and not by each world for itself; outside of the repository, so
 * that they find no package that is not in them. By Node, as always: vitest's own loader lacks what the build needs.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-build-'));
  const keptBuild = new URL('../src/local/kept-build.ts', import.meta.url).href;
  const code = `import { keptBuild } from ${JSON.stringify(keptBuild)}; await keptBuild(${JSON.stringify(folder)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  process.env[variable] = folder;
  // Hundreds of processes load the same bundles and the same cucumber-js: Node keeps what it has compiled of them.
  process.env.NODE_COMPILE_CACHE ??= join(folder, 'compiled');
  return async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Gives a new world's folder these bundles, if there are any: it finds that they are up to date. */
export async function useOneBuild(dir: string): Promise<void> {
  const folder = process.env[variable];
  if (folder !== undefined) await symlink(folder, join(dir, 'dist'));
}
