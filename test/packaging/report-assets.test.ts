import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readReportAssets, reportAssetFiles, reportAssetsFolder } from '../../src/app/report-assets.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coldframe-report-'));
  const source = fileURLToPath(new URL('../../src/app/', import.meta.url));
  await build({
    stdin: {
      contents: `import { readReportAssets } from './report-assets.ts';
        console.log(JSON.stringify(await readReportAssets()));`,
      resolveDir: source,
    },
    outfile: join(folder, 'bundle.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
});

afterAll(() => rm(folder, { recursive: true }));

const runBundle = () => promisify(execFile)(process.execPath, [join(folder, 'bundle.mjs')], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });

it('a bundle without its assets says so instead of rendering a broken page', async () => {
  await expect(runBundle()).rejects.toThrow(/neither a folder report-assets beside the bundle nor the package/);
});

it('a bundle reads its assets from beside itself, where there are no packages', async () => {
  await mkdir(join(folder, reportAssetsFolder));
  for (const { name, content } of await reportAssetFiles()) await writeFile(join(folder, reportAssetsFolder, name), content);
  await writeFile(join(folder, 'package.json'), '{}');
  expect(JSON.parse((await runBundle()).stdout)).toEqual(await readReportAssets());
});
