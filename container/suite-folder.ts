import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A suite and the cucumber-js it brings along. The paths are absolute. */
export interface SuiteFolder {
  readonly folder: string;
  /** Of `@cucumber/cucumber`. */
  readonly version: string;
  /** Its JavaScript API. */
  readonly api: string;
  /** Its command line. */
  readonly program: string;
}

/** The first version with the JavaScript API as we use it, and the oldest we have tried. */
const oldestMajor = 10;

/**
 * The cucumber-js that the suite in `folder` would find itself: two copies of cucumber do not work together.
 *
 * @throws saying what is missing and what to do
 */
export async function readSuiteFolder(folder: string): Promise<SuiteFolder> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new Error(
      `There is no suite: ${folder} is not a folder.\nCOLDFRAME_SUITE in the task definition must name the folder with the suite's package.json; container/Dockerfile puts it there.`,
    );
  const require = createRequire(join(folder, 'package.json'));
  const manifest = resolve(require, '@cucumber/cucumber/package.json');
  if (manifest === undefined) {
    const why = existsSync(join(folder, 'node_modules'))
      ? 'its package.json does not ask for it.\nAdd it to the dependencies of the suite, and its lock file'
      : 'its dependencies are not installed.\nRun npm ci there, or build the image again: container/Dockerfile does';
    throw new Error(`The suite in ${folder} has no @cucumber/cucumber: ${why}.`);
  }
  const { version, program } = parseManifest(await readFile(manifest, 'utf8'), manifest);
  const api = resolve(require, '@cucumber/cucumber/api');
  if (api === undefined || Number.parseInt(version, 10) < oldestMajor)
    throw new Error(`The suite in ${folder} has @cucumber/cucumber ${version}; Coldframe runs ${oldestMajor} and later.`);
  return { folder, version, api, program: join(dirname(manifest), program) };
}

/** Whether this cucumber loads plugins: 12.5 and later do. */
export function hasPlugins({ version }: Pick<SuiteFolder, 'version'>): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > 12 || (major === 12 && minor >= 5);
}

function resolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    // not there, or not offered by this version
    return undefined;
  }
}

function parseManifest(text: string, file: string): { version: string; program: string } {
  const { version, bin } = JSON.parse(text) as { version?: unknown; bin?: Record<string, unknown> };
  const program = bin?.['cucumber-js'];
  if (typeof version === 'string' && typeof program === 'string') return { version, program };
  throw new Error(`${file} names no version or no program cucumber-js: install the suite's dependencies again.`);
}
