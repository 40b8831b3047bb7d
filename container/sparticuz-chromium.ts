import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** Where the package is installed, or undefined: it is a development dependency, which an image does not have. */
export function findSparticuzPackage(): string | undefined {
  try {
    return dirname(dirname(require.resolve('@sparticuz/chromium')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * The path of the package's Chromium, ready to be started on a machine that has nothing of what it needs. It is unpacked
 * into `node_modules/.cache/coldframe` once for each version of the package, without a download; several processes may do
 * so at the same time.
 *
 * @throws {Error} when it cannot be unpacked: the folder cannot be written, the disk is full
 */
export async function unpackSparticuzChromium(packageFolder: string): Promise<string> {
  const cache = join(dirname(dirname(packageFolder)), '.cache', 'coldframe');
  const folder = join(cache, `chromium-${await readVersion(packageFolder)}`);
  // The folder gets its name only when everything is in it, so its existence says that it is complete.
  if (!existsSync(folder)) await unpackInto(folder, { cache, packageFolder });
  return join(folder, 'chrome');
}

async function readVersion(packageFolder: string): Promise<string> {
  const content: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  if (typeof content === 'object' && content !== null && 'version' in content && typeof content.version === 'string')
    return content.version;
  throw new Error(`${packageFolder}/package.json names no version`);
}

async function unpackInto(folder: string, { cache, packageFolder }: { cache: string; packageFolder: string }): Promise<void> {
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const unpacking = await mkdtemp(join(cache, unpackingPrefix));
  try {
    await inflate(packageFolder, unpacking);
    await writeFile(join(unpacking, 'fonts.conf'), fontsConf);
    await writeFile(join(unpacking, 'chrome'), launcher, { mode: 0o755 });
    // The package gives it to its owner alone; a cache unpacked by root is also used by others.
    await chmod(join(unpacking, 'chromium'), 0o755);
    await chmod(unpacking, 0o755);
    await rename(unpacking, folder);
  } catch (cause) {
    await rm(unpacking, { recursive: true, force: true });
    // Another process was first, with the same content.
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOTEMPTY' || cause.code === 'EEXIST')) return;
    throw new Error(`@sparticuz/chromium could not be unpacked into ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

const unpackingPrefix = 'unpacking-';
const unpackLimitMs = 120_000;

/** What a killed process has left half unpacked, 200 MB each. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(unpackingPrefix)) continue;
    const found = await stat(join(cache, name)).catch(() => undefined); // gone by now: its owner has finished
    if (found !== undefined && Date.now() - found.mtimeMs > 2 * unpackLimitMs)
      await rm(join(cache, name), { recursive: true, force: true });
  }
}

/**
 * The package's own `executablePath()` leaves the shared libraries packed unless it believes itself on AWS Lambda, and it
 * takes whatever lies in /tmp/chromium. So we call its `inflate` for each archive. That always unpacks into the temporary
 * folder: in a process of its own we can say where that is.
 */
async function inflate(packageFolder: string, target: string): Promise<void> {
  const script = `
    const [entry, ...archives] = process.argv.slice(1);
    const { inflate } = await import(entry);
    await Promise.all(archives.map((archive) => inflate(archive))).catch((error) => {
      process.stderr.write(error.message);
      process.exit(1);
    });`;
  const entry = pathToFileURL(require.resolve('@sparticuz/chromium')).href;
  const archives = ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'].map((name) => join(packageFolder, 'bin', name));
  await new Promise<void>((resolve, reject) => {
    const options = { env: { ...process.env, NODE_OPTIONS: '', TMPDIR: target }, timeout: unpackLimitMs };
    execFile(process.execPath, ['--input-type=module', '--eval', script, entry, ...archives], options, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim() || error.message, { cause: error }));
    });
  });
}

/**
 * Starts the browser with its libraries and fonts, so that a path is all that anybody has to hand on. The libraries are for
 * machines without NSS and expat; they were built for Amazon Linux 2023, and any glibc of 2.34 or later will do. What they
 * lack is SQLite (`libsqlite3.so.0`): where the machine has none either, pages over https end the browser.
 */
const launcher = `#!/bin/sh
here=\${0%/*}
export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
`;

/** The machine's fonts if it has any, and the package's Open Sans. The package's own file names only Lambda's folders. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
