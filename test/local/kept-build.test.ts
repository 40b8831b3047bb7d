import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Built } from '../../src/local/build.ts';
import { keptBuild } from '../../src/local/kept-build.ts';

let dir: string;
let source: string;
let times = 0;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-build-'));
  dir = join(folder, 'dist');
  source = join(folder, 'start-run.ts');
  await save('one');
  await keptBuild(dir, make);
});
afterAll(() => rm(dirname(dir), { recursive: true }));

/** Writes the source, a minute ago: what was saved in the moment of a build may have been saved after it was read. */
async function save(text: string): Promise<void> {
  await writeFile(source, text);
  const ago = (Date.now() - 60_000) / 1_000;
  await utimes(source, ago, ago);
}

/** A small build: what is kept, and when, is the same whatever is made. */
async function make({ outDir = '' }): Promise<readonly Built[]> {
  times += 1;
  const content = (await readFile(source, 'utf8')).toUpperCase();
  const files = [join(outDir, 'worker.mjs'), join(outDir, 'container', 'main.mjs')];
  for (const file of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return files.map((file) => ({ file, sizeBytes: content.length, inputs: [source] }));
}

const worker = () => join(dir, 'worker.mjs');

it('is not built again while nothing has changed', async () => {
  await keptBuild(dir, make);
  expect(times).toBe(1);
});

it('is built again when one of its files is not what was made, and another one is gone', async () => {
  await writeFile(worker(), 'cut off');
  await rm(join(dir, 'container', 'main.mjs'));
  await keptBuild(dir, make);
  expect(await readFile(worker(), 'utf8')).toBe('ONE');
  expect((await stat(join(dir, 'container', 'main.mjs'))).isFile()).toBe(true);
});

it('is built again when a source is another one than it was', async () => {
  await save('two, and longer');
  await keptBuild(dir, make);
  expect(await readFile(worker(), 'utf8')).toBe('TWO, AND LONGER');
});

it('is built again when the source was saved while it was built from, also by a clock that goes in steps', async () => {
  await save('three');
  await keptBuild(dir, async (options) => {
    const step = (Date.now() - 10) / 1_000;
    const built = await make(options);
    await writeFile(source, 'three, and more');
    await utimes(source, step, step);
    return built;
  });
  expect(await readFile(worker(), 'utf8')).toBe('THREE');
  await keptBuild(dir, make);
  expect(await readFile(worker(), 'utf8')).toBe('THREE, AND MORE');
});
