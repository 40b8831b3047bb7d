import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seleniumBrowser } from './selenium-browser.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldframe-selenium-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function program(name: string, says: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\necho "${says}"\n`);
  await chmod(join(folder, name), 0o755);
}

it('whoever has no chromedriver, or one without its browser, is told what is missing and how to get it', async () => {
  expect(await seleniumBrowser(folder)).toMatchObject({
    because: expect.stringMatching(/no chromedriver.*apt-get install chromium chromium-driver$/),
  });
  await program('chromedriver', 'ChromeDriver 156.0.8078.108 (730482a940ce25ae7cf051320d8340e793acf8b9)');
  expect(await seleniumBrowser(folder)).toMatchObject({
    because: expect.stringContaining('a chromedriver 156.0.8078.108 on the PATH, and no browser'),
  });
  await program('chromium', 'Chromium 153.0.8010.0');
  const other = `chromedriver 156.0.8078.108 does not drive ${folder}/chromium, which is 153.0.8010.0`;
  expect(await seleniumBrowser(folder)).toMatchObject({ because: expect.stringContaining(other) });
  await program('chromium', 'Chromium 156.0.8078.110 built on Debian');
  expect(await seleniumBrowser(folder)).toEqual({ kind: 'found', chrome: join(folder, 'chromium') });
});
