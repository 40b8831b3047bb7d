import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { oneBuild } from '../one-build.ts';
import { expectedCounts, suiteKinds } from '../suites/kinds.ts';
import { type ContainerWorld, openContainerWorld, processesWith } from './container-world.ts';

let world: ContainerWorld;
let folder: string;
beforeAll(async () => {
  world = await openContainerWorld();
  folder = await mkdtemp(join(tmpdir(), 'coldframe-bundle-'));
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

it('as the files of the image, runs a suite with nothing else beside them', async () => {
  const { folder: made } = (await oneBuild()) ?? expect.fail('nothing has been built');
  await cp(join(made, 'container'), join(folder, 'container'), { recursive: true });
  const runId = 'local-20261123-0417-bundle';
  const suite = await world.suite({
    'features/steps.js': `import { Given } from '@cucumber/cucumber'; Given('all is well', () => {});`,
    'features/a.feature': 'Feature: a\n  Scenario: one\n    Given all is well\n',
  });
  const container = await world.start({ suite, runId, program: join(folder, 'container', 'main.mjs') });
  expect(await container.ended, container.output()).toEqual({ code: 0, signal: null });
  expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0 });
  expect(world.of(runId).progress().counts.passed).toBe(1);
  expect(processesWith(runId)).toEqual([]);
});

it("loads a suite's TypeScript with the image's tsx when Node alone cannot, and the suite has none", async () => {
  const ours = (name: string) => fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
  // What the Dockerfile copies.
  for (const name of ['tsx', 'esbuild', '@esbuild'])
    await cp(ours(name), join(folder, 'container/node_modules', name), { recursive: true });
  const kind = suiteKinds.find(({ needsLoader }) => needsLoader === true);
  if (kind === undefined) throw new Error('no suite needs a loader');
  const runId = 'local-20261123-0417-tsximg';
  const suite = await world.suite(kind.files, { '@cucumber/cucumber': ours('cucumber-12') });
  const container = await world.start({ suite, runId, plan: kind.plan, program: join(folder, 'container', 'main.mjs') });
  expect((await container.ended).code, container.output()).toBe(0);
  expect(judge(world.of(runId).messages()).counts).toMatchObject(expectedCounts);
});
