import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChrome } from '../../container/chrome.ts';
import { type ContainerWorld, openContainerWorld } from '../container/container-world.ts';
import { all, sharesOf } from '../container/shares.ts';
import { installed } from './installed.ts';
import { expectedCounts, formatted, inParallel, playwrightSuite, seleniumSuite, suiteKinds, tsNode } from './kinds.ts';
import { runSuiteKind } from './run-suite.ts';
import { type SeleniumBrowser, seleniumBrowser } from './selenium-browser.ts';

// `npm run suites`: every kind of suite with every cucumber we promise, each installed as its users have it.

const cucumbers = ['10.9.0', '11.3.0', '12.9.0', '13.3.0'] as const;

/** What is installed beside cucumber for the suites that ask for it. */
const versions: Readonly<Record<string, string>> = {
  tsx: '4.23.15',
  'ts-node': '10.9.2',
  typescript: '5.9.3',
  '@types/node': '24.19.2',
  playwright: '1.65.1',
  'playwright-core': '1.65.1',
  'selenium-webdriver': '4.49.0',
};

const installTimeout = 600_000;
/** Three runs, on a machine that may be busy with others. */
const runTimeout = 300_000;

let world: ContainerWorld;
let selenium: SeleniumBrowser;
const installs = new Map<string, string>();
beforeAll(async () => {
  world = await openContainerWorld();
  selenium = await seleniumBrowser(process.env.PATH ?? '');
  for (const cucumber of cucumbers) {
    const others = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
    installs.set(cucumber, await installed([`@cucumber/cucumber@${cucumber}`, ...others]));
  }
}, installTimeout);
afterAll(() => world.stop());

const packagesOf = (cucumber: string, names: readonly string[]) =>
  Object.fromEntries(['@cucumber/cucumber', ...names].map((name) => [name, join(installs.get(cucumber) ?? '', name)]));

const majorOf = (version: string): number => Number.parseInt(version, 10);

describe.each(cucumbers)('with cucumber %s', { timeout: runTimeout }, (cucumber) => {
  const kinds = [...suiteKinds, tsNode].filter(({ since = 0 }) => since <= majorOf(cucumber));

  it.each(kinds.map((kind) => [kind.name, kind] as const))('%s', async (_, kind) => {
    for (const each of [kind, inParallel(kind)]) {
      const run = await runSuiteKind(world, each, packagesOf(cucumber, kind.packages));
      expect(run.result, run.output).toMatchObject({ how: 'ended', exitCode: 1, versions: { cucumber } });
      expect(run.counts, run.output).toMatchObject(expectedCounts);
      expect(run.failures).toMatchObject([{ scenario: 'fails', attempts: 2 }]);
      expect(await run.file('counted.txt')).toBe(formatted);
    }
    if (kind.needsLoader === true) return;
    // The same by cucumber's own command line.
    const suite = await world.suite(kind.files, packagesOf(cucumber, kind.packages));
    const program = join(suite, 'node_modules/@cucumber/cucumber/bin/cucumber.js');
    const plain = promisify(execFile)(process.execPath, [program, '--profile', 'ci', '--retry', '1'], { cwd: suite });
    await expect(plain).rejects.toMatchObject({ code: 1 });
    expect(await readFile(join(suite, 'counted.txt'), 'utf8')).toBe(formatted);
    rmSync(suite, { recursive: true });
  });

  it('a suite that is dealt to two shards', async () => {
    const shares = await sharesOf(world, packagesOf(cucumber, [])['@cucumber/cucumber'] ?? '', 2);
    expect(shares.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)).toSorted()).toEqual(all.toSorted());
    expect(shares[1]?.dealt).toEqual(shares[0]?.dealt);
  });

  it.each(['playwright', 'playwright-core'])('a suite with %s that names no browser', async (name) => {
    const chrome = await findChrome();
    if (chrome.kind === 'none') throw new Error(chrome.because);
    const kind = playwrightSuite(name);
    const run = await runSuiteKind(world, kind, packagesOf(cucumber, kind.packages), { CHROME_PATH: chrome.path });
    expect(run.failures, run.output).toEqual([]);
    expect(run.counts).toMatchObject({ passed: 1, total: 1 });
  });

  it('a suite with Selenium and no options', async ({ skip }) => {
    if (selenium.kind === 'missing') return skip(selenium.because);
    const run = await runSuiteKind(world, seleniumSuite, packagesOf(cucumber, seleniumSuite.packages), { CHROME_PATH: selenium.chrome });
    expect(run.failures, run.output).toEqual([]);
    expect(run.counts).toMatchObject({ passed: 1, total: 1 });
  });
});
