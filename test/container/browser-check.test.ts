import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkBrowser } from '../../container/browser-check.ts';
import { findSparticuzPackage, unpackSparticuzChromium } from '../../container/sparticuz-chromium.ts';

const packaged = process.platform === 'linux' && process.arch === 'x64' ? findSparticuzPackage() : undefined;

// Whether or not this machine has a Chrome of its own, which would be taken instead: one that has none shall not be the first to find out.
it.runIf(packaged !== undefined)(
  'the browser of the npm package is found to show a page, by starting it once',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coldframe-browser-check-'));
    const chrome = await unpackSparticuzChromium(packaged ?? '');
    // Each start takes a good part of a second on a task's processor, and every run waits for it.
    const counting = join(folder, 'chrome');
    await writeFile(counting, `#!/bin/sh\necho start >> ${folder}/starts\nexec ${chrome} "$@"\n`);
    await chmod(counting, 0o755);
    expect(await checkBrowser(counting, 'test/browser-check', new AbortController().signal)).toMatch(/^\d+(?:\.\d+){3}$/);
    expect(await readFile(join(folder, 'starts'), 'utf8')).toBe('start\n');
    await rm(folder, { recursive: true });
  },
);
