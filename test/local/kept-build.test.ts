import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptBuild } from '../../src/local/kept-build.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coldframe-build-'));
  await keptBuild(dir);
});
afterAll(() => rm(dir, { recursive: true }));

const worker = () => join(dir, 'worker.mjs');

it('is not built again while nothing has changed', async () => {
  const before = await stat(worker());
  await keptBuild(dir);
  expect((await stat(worker())).mtimeMs).toBe(before.mtimeMs);
});

it('is built again when one of its files is not what was made, and another one is gone', async () => {
  const whole = await readFile(worker(), 'utf8');
  await writeFile(worker(), 'cut off');
  await rm(join(dir, 'container', 'main.mjs'));
  await keptBuild(dir);
  expect(await readFile(worker(), 'utf8')).toBe(whole);
  expect((await stat(join(dir, 'container', 'main.mjs'))).isFile()).toBe(true);
});

it('is built again when a source is another one than it was', async () => {
  const stampFile = join(dir, 'build-stamp.json');
  const stamps: Record<string, string> = JSON.parse(await readFile(stampFile, 'utf8'));
  const source = Object.keys(stamps).find((file) => file.endsWith(join('src', 'app', 'start-run.ts'))) ?? '';
  expect(stamps[source]).toBeDefined();
  await writeFile(stampFile, JSON.stringify({ ...stamps, [source]: 'older' }));
  const before = await stat(worker());
  await keptBuild(dir);
  expect((await stat(worker())).mtimeMs).toBeGreaterThan(before.mtimeMs);
});
