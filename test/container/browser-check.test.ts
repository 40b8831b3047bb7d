import { expect, it } from 'vitest';
import { checkBrowser } from '../../container/browser-check.ts';
import { findSparticuzPackage, unpackSparticuzChromium } from '../../container/sparticuz-chromium.ts';

const packaged = process.platform === 'linux' && process.arch === 'x64' ? findSparticuzPackage() : undefined;

// Whether or not this machine has a Chrome of its own, which would be taken instead: one that has none shall not be the first to find out.
it.runIf(packaged !== undefined)('the browser of the npm package is found to show a page', { timeout: 60_000 }, async () => {
  const path = await unpackSparticuzChromium(packaged ?? '');
  expect(await checkBrowser(path, 'test/browser-check', new AbortController().signal)).toMatch(/^\d+\.\d+/);
});
