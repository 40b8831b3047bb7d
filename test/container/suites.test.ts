import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChrome } from '../../container/chrome.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { expectedCounts, formatted, inParallel, playwrightSuite, suiteKinds } from '../suites/kinds.ts';
import { runSuiteKind } from '../suites/run-suite.ts';
import { type ContainerWorld, openContainerWorld } from './container-world.ts';

// Cucumber 10 and 11, Selenium and the rest of what must be installed first: `npm run suites`.

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.stop());

const ours = (name: string) => fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));
const packagesOf = (cucumber: string, names: readonly string[]) => ({
  '@cucumber/cucumber': ours(cucumber),
  ...Object.fromEntries(names.map((name) => [name, ours(name)])),
});

/** A line for each kind, the two versions in turn: all of both is what `npm run suites` does. */
const rows = someOf(
  [...suiteKinds, ...suiteKinds.slice(0, 5).map(inParallel)].map(
    (kind, index) => [kind.name, index % 2 === 0 ? '12' : '13', kind] as const,
  ),
  6,
);

describe('a suite as it is', () => {
  it.each(rows)('%s, runs with cucumber %s', async (_, major, kind) => {
    const packages = packagesOf(major === '13' ? '@cucumber/cucumber' : `cucumber-${major}`, kind.packages);
    const run = await runSuiteKind(world, kind, packages);
    expect(run.result).toMatchObject({ how: 'ended', exitCode: 1 });
    expect(run.result.versions.cucumber?.split('.')[0]).toBe(major);
    expect(run.counts, run.output).toMatchObject(expectedCounts);
    expect(run.failures).toMatchObject([{ scenario: 'fails', attempts: 2 }]);
    expect(await run.file('counted.txt')).toBe(formatted);
  });

  it.runIf(isEveryRow)('starts the browser that CHROME_PATH names with a Playwright that is told nothing', async () => {
    const chrome = await findChrome();
    if (chrome.kind === 'none') throw new Error(chrome.because);
    const kind = playwrightSuite('playwright-core');
    const run = await runSuiteKind(world, kind, packagesOf('@cucumber/cucumber', kind.packages), { CHROME_PATH: chrome.path });
    expect(run.failures).toEqual([]);
    expect(run.counts).toMatchObject({ passed: 1, total: 1 });
  });

  it.runIf(isEveryRow)('starts no other browser than the one that a suite names', async () => {
    const kind = {
      name: 'with a browser of its own',
      packages: ['playwright-core'],
      plan: {},
      files: {
        'package.json': '{"type":"module"}',
        'features/a.feature': 'Feature: a\n  Scenario: one\n    Given I start what is not there\n',
        'features/steps.js': `
          import { Given } from '@cucumber/cucumber';
          import { chromium } from 'playwright-core';
          Given('I start what is not there', async function () {
            for (const how of [{ executablePath: '/nowhere/mine' }, { channel: 'msedge' }])
              await chromium.launch(how).then(() => this.log('started'), (error) => this.log(error.message));
          });`,
      },
    };
    const chrome = await findChrome();
    const env = { CHROME_PATH: chrome.kind === 'found' ? chrome.path : '' };
    const { logged } = await runSuiteKind(world, kind, packagesOf('@cucumber/cucumber', kind.packages), env);
    expect(logged).toEqual([expect.stringContaining('/nowhere/mine'), expect.stringContaining('msedge')]);
  });

  it.runIf(isEveryRow)('runs as many scenarios at once as the plan says', async () => {
    // Each of the two waits until the other has come as well.
    const suite = (parallel: number) => ({
      name: 'two that meet',
      packages: [],
      plan: { parallel },
      files: {
        'package.json': '{"type":"module"}',
        'cucumber.json': JSON.stringify({ default: { parallel: 3 } }),
        'features/a.feature':
          'Feature: a\n  Scenario: one\n    Given I am "one" and meet "two"\n  Scenario: two\n    Given I am "two" and meet "one"\n',
        'features/steps.js': `
          import { Given } from '@cucumber/cucumber';
          import { existsSync, writeFileSync } from 'node:fs';
          import { setTimeout } from 'node:timers/promises';
          Given('I am {string} and meet {string}', { timeout: 60_000 }, async function (me, other) {
            writeFileSync(me, '');
            this.log('worker ' + process.env.CUCUMBER_WORKER_ID + ' of ' + process.env.CUCUMBER_TOTAL_WORKERS);
            if (process.env.CUCUMBER_TOTAL_WORKERS) while (!existsSync(other)) await setTimeout(10);
          });`,
      },
    });
    const packages = packagesOf('@cucumber/cucumber', []);
    const both = await runSuiteKind(world, suite(2), packages);
    expect([both.counts.passed, both.logged]).toEqual([2, expect.arrayContaining([expect.stringMatching(/^worker [01] of 2$/)])]);
    const alone = await runSuiteKind(world, suite(1), packages);
    expect([alone.counts.passed, alone.logged]).toEqual([2, ['worker undefined of undefined', 'worker undefined of undefined']]);
  });

  const retries = [
    [2, 3, { failed: 1, flaky: 1 }],
    [0, 1, { failed: 2, flaky: 0 }],
  ] as const;
  it.each(someOf(retries, 2))(
    'tries again as often as the plan says (%i), whatever its own configuration, and only what that allows',
    async (retry, attempts, counts) => {
      const run = await runSuiteKind(
        world,
        {
          name: 'with retries of its own',
          packages: [],
          plan: { retry },
          files: {
            'package.json': '{"type":"module"}',
            'cucumber.json': JSON.stringify({ default: { retry: 1, retryTagFilter: '@flaky' } }),
            'features/a.feature': `Feature: a
            @flaky
            Scenario: passes at the third attempt
              Given it works at attempt 3
            Scenario: is not to be tried again
              Given it works at attempt 2
          `,
            'features/steps.js': `
            import { Before, Given } from '@cucumber/cucumber';
            const attempts = new Map();
            Before(({ pickle }) => { attempts.set(pickle.name, (attempts.get(pickle.name) ?? 0) + 1); });
            Given('it works at attempt {int}', (wanted) => { if (!([...attempts.values()].includes(wanted))) throw new Error('not yet'); });`,
          },
        },
        packagesOf('cucumber-12', []),
      );
      expect(run.counts).toMatchObject({ total: 2, ...counts });
      expect(run.failures.find(({ scenario }) => scenario === 'is not to be tried again')?.attempts).toBe(1);
      if (retry === 0) expect(run.failures[0]?.attempts).toBe(attempts);
    },
  );
});
