import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Built } from '../src/local/build.ts';

/** Where the bundles of this run of the tests are. */
const variable = 'COLDFRAME_TEST_BUILD';

/** Beside them: what they are, as `build` said it. */
const builtFile = 'built.json';

/**
 * For vitest: the bundles are made once, before the first test, and not by each world for itself; outside of the repository, so
 * that they find no package that is not in them. By Node, as always: vitest's own loader lacks what the build needs.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-build-'));
  const module = (name: string) => JSON.stringify(new URL(`../src/local/${name}.ts`, import.meta.url).href);
  const code = `
    import { writeFile } from 'node:fs/promises';
    import { build } from ${module('build')};
    import { keptBuild } from ${module('kept-build')};
    let built;
    await keptBuild(${JSON.stringify(folder)}, async (options) => (built = await build(options)));
    await writeFile(${JSON.stringify(join(folder, builtFile))}, JSON.stringify(built));
    process.exit();`;
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

/** The bundles of this run of the tests, to be looked at. Undefined outside of vitest's project `world`. */
export async function oneBuild(): Promise<{ readonly folder: string; readonly built: readonly Built[] } | undefined> {
  const folder = process.env[variable];
  return folder === undefined ? undefined : { folder, built: JSON.parse(await readFile(join(folder, builtFile), 'utf8')) };
}
