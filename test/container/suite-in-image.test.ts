import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { copiedSuite, suiteInImage } from '../../container/suite-in-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'coldframe-suite-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

for (const [file, text] of Object.entries({
  'package.json': '{}',
  '.git/HEAD': 'ref: refs/heads/main',
  'features/steps.js': '// steps',
  'node_modules/a/index.js': '// a',
  'parts/one/node_modules/b/index.js': '// b',
})) {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
}

it('a suite that may write beside its files is run where it is', async () => {
  const suite = await suiteInImage(folder);
  await suite.discard();
  expect(suite.folder).toBe(folder);
  expect(existsSync(folder)).toBe(true);
});

it("another is copied, with the image's own packages, and the copy is removed", async () => {
  const suite = await copiedSuite(folder);
  expect(readdirSync(suite.folder).toSorted()).toEqual(['features', 'node_modules', 'package.json', 'parts']);
  expect(readFileSync(join(suite.folder, 'features/steps.js'), 'utf8')).toBe('// steps');
  expect(lstatSync(join(suite.folder, 'features')).isSymbolicLink()).toBe(false);
  for (const path of ['node_modules/a/index.js', 'parts/one/node_modules/b/index.js'])
    expect(realpathSync(join(suite.folder, path))).toBe(realpathSync(join(folder, path)));
  await suite.discard();
  expect(existsSync(suite.folder)).toBe(false);
  expect(existsSync(join(folder, 'node_modules/a/index.js'))).toBe(true);
});

it('a folder that is not there is left for somebody else to complain about', async () => {
  expect((await suiteInImage('/nowhere/at/all')).folder).toBe('/nowhere/at/all');
});
