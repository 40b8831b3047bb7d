import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { type ContainerWorld, noProcessWith, openContainerWorld, processesWith } from './container-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.stop());

let runs = 0;
/** A run's id that no other test has. */
function newRunId(): string {
  runs += 1;
  return `local-20261123-0412-${String(runs).padStart(6, '0')}`;
}

const steps = `
  import { Given } from '@cucumber/cucumber';
  import { mkdirSync } from 'node:fs';
  import { request } from 'node:http';
  import { spawn } from 'node:child_process';
  const attempts = new Map();
  Given('all is well', () => {});
  Given('it fails', () => { throw new Error('this is wrong'); });
  Given('it fails once', function () {
    attempts.set('once', (attempts.get('once') ?? 0) + 1);
    if (attempts.get('once') === 1) throw new Error('not yet');
  });
  Given('I visit {string}', async (path) => { await fetch(process.env.BASE_URL + path); });
  Given('I wait for ever', { timeout: -1 }, () => new Promise(() => { setInterval(() => {}, 1000); }));
  Given('I think for ever', () => { for (;;); });
  Given('I leave a process behind', () => {
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'inherit' }).unref();
  });
  Given('I leave a timer behind', () => { setInterval(() => {}, 1000); });
  Given('I exit', () => { process.exit(0); });
  Given('I dig in TMPDIR', () => {
    process.chdir(process.env.TMPDIR);
    for (let depth = 0; depth < 30; depth += 1) {
      mkdirSync('d'.repeat(200));
      process.chdir('d'.repeat(200));
    }
  });
`;

const feature = (name: string, ...scenarios: readonly (readonly [title: string, ...lines: string[]])[]): string =>
  [
    `Feature: ${name}`,
    ...scenarios.flatMap(([title, ...lines]) => [
      '',
      ...title.split('\n').map((line) => `  ${line}`),
      ...lines.map((line) => `    ${line}`),
    ]),
  ].join('\n');

const kindsOf = (messages: readonly Record<string, unknown>[]): readonly string[] => messages.flatMap(Object.keys);

describe('a container', () => {
  it.runIf(isEveryRow)('keeps what a run came to though the suite leaves folders that cannot be removed', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/a.feature': feature('a', ['Scenario: dig', 'Given I dig in TMPDIR']),
    });
    const TMPDIR = mkdtempSync(join(tmpdir(), 'coldframe-deep-'));
    try {
      const { ended } = await world.start({ suite, runId, env: { TMPDIR } });
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(readdirSync(TMPDIR)).toHaveLength(1);
      expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0 });
      expect(judge(world.of(runId).messages()).counts.passed).toBe(1);
    } finally {
      // Node cannot remove a path of 6,000 characters.
      execFileSync('rm', ['-rf', TMPDIR]);
    }
  });

  it('writes the very messages of cucumber, the counts they come to, and its result last of all', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'cucumber.json': JSON.stringify({ default: { format: ['message:own.ndjson'] } }),
      'features/steps.js': steps,
      'features/a.feature': feature(
        'a',
        ['Scenario: good', 'Given all is well'],
        ['Scenario: bad', 'Given all is well', 'And it fails'],
        ['@flaky\nScenario: shaky', 'Given it fails once'],
        ['Scenario: unheard of', 'Given nobody knows this step'],
      ),
    });
    const { code } = await (await world.start({ suite, runId, plan: { retry: 1 } })).ended;
    const shard = world.of(runId);

    expect(shard.lines().join('\n')).toBe(readFileSync(join(suite, 'own.ndjson'), 'utf8').trimEnd());
    expect(shard.progress()).toMatchObject({ version: 1, runId, shard: 1, step: 'finishing', now: [] });
    expect(shard.progress().counts).toEqual(judge(shard.messages()).counts);
    expect(shard.progress().counts).toMatchObject({ total: 4, passed: 2, failed: 1, undefined: 1, flaky: 1, unknown: 0 });
    expect(shard.result()).toMatchObject({
      version: 1,
      how: 'ended',
      exitCode: 1,
      versions: { cucumber: '13.3.0', node: process.version },
    });
    expect(shard.result().error).toBeUndefined();
    const mine = world.writes.filter((key) => key.includes(runId));
    expect(mine.at(0)).toBe(shard.keys.progress);
    expect(mine.at(-1)).toBe(shard.keys.result);
    expect(code).toBe(0);
  });

  it.runIf(isEveryRow)('killed outright, has left what the suite had done, and no process', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/a.feature': feature(
        'a',
        ['Scenario: first', 'Given all is well'],
        ['Scenario: second', 'Given I visit "/killed"', 'And I wait for ever'],
      ),
    });
    const container = await world.start({ suite, runId });
    const shard = world.of(runId);
    await world.visited('/killed');
    await world.written(shard.keys.chunk(1));
    container.process.kill('SIGKILL');
    await container.ended;
    await noProcessWith(runId);

    const { counts, lastSeen } = judge(shard.messages());
    expect(counts).toMatchObject({ total: 2, passed: 1, unknown: 1 });
    expect(lastSeen).toMatch(/^second/);
    expect(existsSync(world.path(shard.keys.result))).toBe(false);
  });

  it('asked to stop, ends the suite at once with all it started, and says when it was asked', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/a.feature': feature(
        'a',
        ['Scenario: first', 'Given all is well', 'And I leave a process behind'],
        ['Scenario: second', 'Given I visit "/stopped"', 'And I wait for ever'],
        ['Scenario: third', 'Given all is well'],
      ),
    });
    const container = await world.start({ suite, runId });
    await world.visited('/stopped');
    container.process.kill('SIGTERM');
    const { code } = await container.ended;

    const shard = world.of(runId);
    const { how, stopAskedAt = '', endedAt, chunks, signal, error } = shard.result();
    expect({ how, signal, error, code }).toEqual({ how: 'stopped', signal: 'SIGKILL', error: undefined, code: 143 });
    expect(Date.parse(endedAt) - Date.parse(stopAskedAt)).toBeLessThan(10_000);
    expect(chunks).toBeGreaterThan(0);
    expect(judge(shard.messages())).toMatchObject({ counts: { total: 3, passed: 1, unknown: 2 }, failures: [] });
    expect(shard.progress()).toMatchObject({ step: 'finishing', now: ['second'] });
    expect(processesWith(runId)).toEqual([]);
  });

  it.runIf(isEveryRow)('ends a suite that never gives the processor back when the time is over, and has its last step', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/a.feature': feature('a', ['Scenario: endless', 'Given all is well', 'And I think for ever']),
    });
    const { code } = await (await world.start({ suite, runId, plan: { limitMs: 4_000 } })).ended;

    const shard = world.of(runId);
    expect(shard.result()).toMatchObject({ how: 'timed-out', stopAskedAt: expect.any(String) });
    expect(judge(shard.messages()).lastSeen).toBe('endless › And I think for ever');
    expect(code).toBe(4);
    expect(processesWith(runId)).toEqual([]);
  });

  it.runIf(isEveryRow)(
    'has every message up to a step that calls process.exit(0), and does not say that the run was finished',
    async () => {
      const runId = newRunId();
      const suite = await world.suite({
        'features/steps.js': steps,
        'features/a.feature': feature('a', ['Scenario: first', 'Given all is well'], ['Scenario: second', 'Given I exit']),
      });
      await (await world.start({ suite, runId })).ended;

      const shard = world.of(runId);
      expect(shard.result()).toMatchObject({ how: 'ended', exitCode: 0 });
      expect(kindsOf(shard.messages())).not.toContain('testRunFinished');
      expect(judge(shard.messages())).toMatchObject({ counts: { total: 2, passed: 1, unknown: 1 }, lastSeen: 'second › Given I exit' });
    },
  );

  it.runIf(isEveryRow)('says what support code that does not load has thrown', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': `throw new Error('the database of steps is missing');`,
      'features/a.feature': feature('a', ['Scenario: first', 'Given all is well']),
    });
    const { code } = await (await world.start({ suite, runId })).ended;

    const { how, exitCode, error } = world.of(runId).result();
    expect({ how, exitCode, code }).toEqual({ how: 'ended', exitCode: 1, code: 0 });
    expect(error).toContain('the database of steps is missing');
  });

  it.runIf(isEveryRow)('is not kept by what a suite leaves behind', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/a.feature': feature('a', ['Scenario: first', 'Given I leave a timer behind', 'And I leave a process behind']),
    });
    await (await world.start({ suite, runId })).ended;

    expect(world.of(runId).result()).toMatchObject({ how: 'ended', exitCode: 0 });
    expect(processesWith(runId)).toEqual([]);
  });

  it('gives the suite its own profile, plugins and hooks, and narrows them by the plan', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'cucumber.json': JSON.stringify({
        default: {
          paths: ['features/**/*.feature'],
          tags: '(@a) or (@b)',
          plugin: ['./own-plugin.js'],
          publish: true,
          format: ['message:own.ndjson'],
        },
      }),
      'own-plugin.js': `
        import { writeFileSync } from 'node:fs';
        export default { type: 'plugin', coordinator: ({ on }) => on('message', (message) => {
          if (message.testRunFinished) writeFileSync('own-plugin-was-here', '');
        }) };`,
      'features/support/steps.js': steps,
      'features/one/a.feature': feature(
        'a',
        ['@a @wip\nScenario: a1', 'Given all is well'],
        ['@b\nScenario: a2', 'Given all is well'],
        ['@c\nScenario: a3', 'Given all is well'],
      ),
      'features/two/b.feature': feature('b', ['@a\nScenario: b1', 'Given all is well']),
      'features/three/broken.feature': 'Feature: broken\n  Scenario: x\n    this is no step',
    });
    await (await world.start({ suite, runId, plan: { tags: '(@a) or (@b) and not (@wip)', features: ['./features/one/a.feature'] } }))
      .ended;

    const shard = world.of(runId);
    const { counts, failures } = judge(shard.messages());
    expect({ passed: counts.passed, total: counts.total, failures }).toEqual({ passed: 2, total: 2, failures: [] });
    expect(shard.messages().flatMap((message) => ('source' in message ? [message] : []))).toHaveLength(1);
    expect(existsSync(join(suite, 'own-plugin-was-here'))).toBe(true);
    expect(shard.result()).toMatchObject({ how: 'ended', exitCode: 0 });
  });

  it.runIf(isEveryRow)('runs what both the profile and the plan want, whatever their brackets', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'cucumber.json': JSON.stringify({ default: { tags: '(@a) or (@b)' } }),
      'features/steps.js': steps,
      'features/a.feature': feature(
        'a',
        ['@a\nScenario: a1', 'Given all is well'],
        ['@b @c\nScenario: a2', 'Given all is well'],
        ['@c\nScenario: a3', 'Given all is well'],
      ),
    });
    await (await world.start({ suite, runId, plan: { tags: '@c' } })).ended;
    expect(judge(world.of(runId).messages()).counts).toMatchObject({ total: 1, passed: 1 });
  });

  it('gives the workers of a parallel run what it gives a suite', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'cucumber.json': JSON.stringify({ default: { parallel: 2 } }),
      'features/steps.js': `
        import { Given } from '@cucumber/cucumber';
        Given('I know the address', async () => { if (!(await fetch(process.env.BASE_URL)).ok) throw new Error('no'); });`,
      'features/a.feature': feature('a', ['Scenario: a1', 'Given I know the address'], ['Scenario: a2', 'Given I know the address']),
    });
    await (await world.start({ suite, runId, plan: { features: ['features/a.feature'] } })).ended;
    expect(judge(world.of(runId).messages())).toMatchObject({ counts: { total: 2, passed: 2 }, end: { isSuccess: true } });
  });

  it('runs nothing for a feature the suite does not have, and says what it has', async () => {
    const runId = newRunId();
    const suite = await world.suite({
      'features/steps.js': steps,
      'features/login.feature': feature('a', ['Scenario: a1', 'Given all is well']),
    });
    const { code } = await (await world.start({ suite, runId, plan: { features: ['features/logn.feature', '../../etc/passwd'] } })).ended;

    const { how, error } = world.of(runId).result();
    expect({ how, code }).toEqual({ how: 'not-run', code: 3 });
    expect(error).toBe(
      'The suite has no feature file features/logn.feature, ../../etc/passwd. It has features/login.feature.\nCheck the spelling of `feature=` in the command.',
    );
  });

  it.each(someOf(['@ok or @`id>pwned`;id>pwned|$IFS&', '--help', '--require=/etc/passwd', '@ok"; touch pwned #'], 4))(
    'takes the tags %j for tags and nothing else',
    async (tags) => {
      const runId = newRunId();
      const suite = await world.suite({
        'features/steps.js': steps,
        'features/a.feature': feature('a', ['@ok\nScenario: a1', 'Given all is well']),
      });
      await (await world.start({ suite, runId, plan: { tags } })).ended;

      expect(existsSync(join(suite, 'pwned'))).toBe(false);
      expect(world.of(runId).result().how).toBe('ended');
      expect(judge(world.of(runId).messages()).counts.passed).toBe(tags.startsWith('@ok or') ? 1 : 0);
    },
  );
});
