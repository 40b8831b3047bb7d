import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../src/local/wire/http-server.ts';
import { runKeys } from '../../src/run/keys.ts';
import { isEveryRow } from '../every-row.ts';
import { type ContainerWorld, openContainerWorld, suitePlan } from './container-world.ts';

let world: ContainerWorld;
let suite: string;
beforeAll(async () => {
  world = await openContainerWorld();
  suite = await world.suite({
    'features/steps.js': `import { Given } from '@cucumber/cucumber'; Given('all is well', () => {});`,
    'features/a.feature': 'Feature: a\n  @ok\n  Scenario: one\n    Given all is well\n',
  });
});
afterAll(() => world.stop());

describe('a suite that cannot run', () => {
  it('for want of its dependencies: the result says what to do', async () => {
    const runId = 'local-20261123-0415-nodeps';
    const bare = await mkdtemp(join(tmpdir(), 'coldframe-bare-'));
    const { code } = await (await world.start({ suite: bare, runId })).ended;
    rmSync(bare, { recursive: true });
    expect(world.of(runId).result()).toMatchObject({ how: 'not-run', chunks: 0, versions: { node: process.version } });
    expect(world.of(runId).result().error).toMatch(/has no @cucumber\/cucumber: its dependencies are not installed\.\nRun npm ci there/);
    expect(code).toBe(3);
  });

  it('because there is no folder', async () => {
    const runId = 'local-20261123-0415-nosuit';
    await (await world.start({ suite: '/nowhere/at/all', runId })).ended;
    expect(world.of(runId).result().error).toContain('There is no suite: /nowhere/at/all is not a folder.');
  });

  it('because nothing answers under its address', async () => {
    // Below the ports that servers are given: one of those may be another test's by now.
    const url = 'http://127.0.0.1:81/start';
    const runId = 'local-20261123-0415-refusd';
    await (await world.start({ suite, runId, plan: { url: `${url}?token=abc` } })).ended;
    expect(world.of(runId).result().error).toBe(
      `The environment under test does not answer: ${url} refuses connections (5 tries). Nothing was run.\n` +
        'Nothing listens there: look whether it is up, and whether the port of `url` in coldframe.yml is right.',
    );
  });

  it.runIf(isEveryRow)('because its browser does not start', async () => {
    const runId = 'local-20261123-0415-nochrm';
    await (await world.start({ suite, runId, env: { CHROME_PATH: '/bin/false' } })).ended;
    expect(world.of(runId).result()).toMatchObject({
      how: 'not-run',
      error: expect.stringContaining('CHROME_PATH names no usable browser (/bin/false'),
    });
  });
});

describe('an environment that answers', () => {
  it('with an error at first, is waited for, and nothing of the suite is loaded until then', async () => {
    const asked: string[] = [];
    const slow = await serve(({ url }) => {
      asked.push(url.pathname);
      return { status: asked.length < 3 ? 503 : 404 };
    });
    const telling = await world.suite({
      'cucumber.mjs': "await fetch(process.env.BASE_URL + '/configured'); export default {};",
      'features/steps.js': `import { Given } from '@cucumber/cucumber'; Given('all is well', () => {});`,
      'features/a.feature': 'Feature: a\n  Scenario: one\n    Given all is well\n',
    });
    const runId = 'local-20261123-0415-503404';
    await (await world.start({ suite: telling, runId, plan: { url: slow.url } })).ended;
    await slow.stop();
    expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0 });
    expect(asked.slice(0, 3)).toEqual(['/', '/', '/']);
    expect(new Set(asked.slice(3))).toEqual(new Set(['/configured']));
  });
});

describe('a task that somebody started by hand', () => {
  const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/0123456789abcdef0123456789abcdef';

  it.runIf(isEveryRow)('explains itself with a plan of its own, and runs what its task definition says', async () => {
    const metadata = await serve(({ url }) =>
      url.pathname === '/v4/x/task' ? { status: 200, body: JSON.stringify({ TaskARN: taskArn }) } : { status: 404 },
    );
    const defaults = { ...suitePlan(world.site.url), tags: '@ok' };
    for (const _again of ['first', 'second']) {
      const container = await world.startUnasked({ suite, defaults, metadataUrl: `${metadata.url}/v4/x` });
      await container.ended;
    }
    await metadata.stop();

    const runId = 'local-task-0123456789ab';
    const plan = JSON.parse(readFileSync(world.path(runKeys('local', runId).plan), 'utf8'));
    expect(plan).toMatchObject({
      version: 1,
      runId,
      environment: 'local',
      key: 'task:0123456789abcdef0123456789abcdef',
      asker: { kind: 'unasked' },
      suite: defaults,
      tasks: [],
    });
    expect(world.of(runId).result()).toMatchObject({ runId, shard: 1, how: 'ended', exitCode: 0 });
    expect(world.writes.filter((key) => key.endsWith('plan.json'))).toHaveLength(1);
    expect(world.writes.filter((key) => key === world.of(runId).keys.result)).toHaveLength(1);
  });
});
