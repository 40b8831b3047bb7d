import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Chrome, chromeArguments, findChrome } from '../../container/chrome.ts';
import { findSparticuzPackage, unpackSparticuzChromium } from '../../container/sparticuz-chromium.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import { isEveryRow } from '../every-row.ts';

const folders: string[] = [];
const temporaryFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'coldframe-chrome-')));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function script(folder: string, name: string, body: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const onX64Linux = process.platform === 'linux' && process.arch === 'x64';

describe('findChrome', () => {
  it('takes what CHROME_PATH names, before anything on the PATH', async () => {
    const folder = await temporaryFolder();
    await script(folder, 'chromium', 'echo Chromium 1.0.0.1');
    const chosen = await script(folder, 'mine', 'echo Google Chrome 200.1.2.3');

    expect(await findChrome({ env: { CHROME_PATH: chosen, PATH: folder } })).toEqual({
      kind: 'found',
      path: chosen,
      version: '200.1.2.3',
      from: 'CHROME_PATH',
    });
  });

  it('does not replace a CHROME_PATH that names nothing', async () => {
    const folder = await temporaryFolder();
    await script(folder, 'chromium', 'echo Chromium 1.0.0.1');

    const chrome = await findChrome({ env: { CHROME_PATH: join(folder, 'nothing'), PATH: folder } });
    expect(chrome.kind === 'none' && chrome.because).toMatch(/^CHROME_PATH names no usable browser \(.*nothing.*ENOENT.*\): set it to/);
  });

  it('passes over an installed browser that does not start', async () => {
    const [first, second] = [await temporaryFolder(), await temporaryFolder()];
    await script(first, 'chromium', 'echo "requires the chromium snap to be installed" >&2; exit 1');
    const usable = await script(second, 'chromium-browser', 'echo Chromium 156.0.8078.79 built on Debian');

    expect(await findChrome({ env: { PATH: `${first}:${second}` } })).toMatchObject({
      from: 'system',
      path: usable,
      version: '156.0.8078.79',
    });
  });

  it.each([
    ['darwin', 'arm64', 'has none for darwin arm64): install Google Chrome (brew install --cask google-chrome), or set CHROME_PATH.'],
    [
      'linux',
      'arm64',
      'has none for linux arm64): install Chromium (on Debian: apt-get install chromium) or Google Chrome, or set CHROME_PATH.',
    ],
  ] as const)('says in one sentence what to install on %s %s', async (platform, arch, end) => {
    const home = await temporaryFolder();
    const chrome = await findChrome({ env: { PATH: home, HOME: home }, platform, arch });
    expect(chrome.kind === 'none' && chrome.because).toContain(end);
  });

  it('says what an installed browser answered when no other is there', async () => {
    const folder = await temporaryFolder();
    await script(folder, 'google-chrome', 'echo "libnss3.so: cannot open shared object file" >&2; exit 127');
    const chrome = await findChrome({ env: { PATH: folder }, platform: 'linux', arch: 'arm64' });
    expect(chrome.kind === 'none' && chrome.because).toContain(
      'google-chrome cannot be started: libnss3.so: cannot open shared object file',
    );
  });
});

async function readTitle(chrome: Chrome): Promise<string> {
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const server = await serve(() => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<title>Under glass</title>' }));
  const browser = await chromium.launch({
    executablePath: chrome.path,
    args: [...chromeArguments],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    return await page.title();
  } finally {
    await browser.close();
    await server.stop();
  }
}

it('finds a browser on this machine that opens a page', async () => {
  expect(await readTitle(await findChrome())).toBe('Under glass');
});

describe.runIf(onX64Linux)('the browser of @sparticuz/chromium', () => {
  it('opens a page with nothing installed', async () => {
    const chrome = await findChrome({ env: {} });
    expect(chrome).toMatchObject({ kind: 'found', from: '@sparticuz/chromium' });
    expect(await readTitle(chrome)).toBe('Under glass');
  });

  it.runIf(isEveryRow)('is unpacked into one complete folder by processes that start together, and again for another version', async () => {
    const packageFolder = await copyOfThePackage('153.0.0');
    const cache = cacheOf(packageFolder);
    const [first, second] = await Promise.all([unpackSparticuzChromium(packageFolder), unpackSparticuzChromium(packageFolder)]);
    expect(second).toBe(first);
    expect(await readdir(cache)).toEqual(['chromium-153.0.0']);
    expect(await findChrome({ env: { CHROME_PATH: first } })).toMatchObject({ kind: 'found' });

    await writeFile(join(packageFolder, 'package.json'), JSON.stringify({ version: '154.0.0' }));
    expect(await unpackSparticuzChromium(packageFolder)).toBe(join(cache, 'chromium-154.0.0', 'chrome'));
  });

  it.runIf(isEveryRow)('does not keep what a killed process left half unpacked', async () => {
    const packageFolder = await copyOfThePackage('153.0.0');
    const cache = cacheOf(packageFolder);
    for (const name of ['unpacking-killed', 'unpacking-now']) await mkdir(join(cache, name), { recursive: true });
    await utimes(join(cache, 'unpacking-killed'), 0, 0);
    await unpackSparticuzChromium(packageFolder);
    expect((await readdir(cache)).toSorted()).toEqual(['chromium-153.0.0', 'unpacking-now']);
  });

  it('is not half there after a failure', async () => {
    const packageFolder = await copyOfThePackage('153.0.0');
    await rm(join(packageFolder, 'bin'));
    await expect(unpackSparticuzChromium(packageFolder)).rejects.toThrow(
      /could not be unpacked into .*chromium-153\.0\.0: ENOENT: no such file or directory, open '.*'$/,
    );
    expect(await readdir(cacheOf(packageFolder))).toEqual([]);
  });
});

const cacheOf = (packageFolder: string): string => join(packageFolder, '..', '..', '.cache', 'coldframe');

/** A node_modules of its own, so that its cache folder is too. */
async function copyOfThePackage(version: string): Promise<string> {
  const original = findSparticuzPackage();
  if (original === undefined) throw new Error('@sparticuz/chromium is not installed: npm ci');
  const folder = join(await temporaryFolder(), 'node_modules', '@sparticuz', 'chromium');
  await mkdir(folder, { recursive: true });
  await symlink(join(original, 'bin'), join(folder, 'bin'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version }));
  return folder;
}
