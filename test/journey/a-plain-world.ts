import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AWorld, aWorld } from './a-world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const screenshot = join(root, 'test/stand-in/screenshot.png');
const browser = join(root, 'test/stand-in/chrome.mjs');

/**
 * A suite without a browser, with a scenario of each kind: what is looked at is what becomes of a run, not what a page does.
 * The environment `local` leaves out @broken unless it is named, and tries a scenario twice.
 */
const suite: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module"}',
  'features/steps.js': `
    import { readFileSync } from 'node:fs';
    import { After, Given } from '@cucumber/cucumber';
    let attempts = 0;
    Given('all is well', () => {});
    Given('it is well the second time', () => { attempts += 1; if (attempts < 2) throw new Error('not yet'); });
    Given('it fails', () => { throw new Error('this is wrong'); });
    Given('it waits for ever', { timeout: -1 }, () => new Promise(() => setInterval(() => {}, 1000)));
    After(function ({ result }) {
      if (result?.status === 'FAILED') this.attach(readFileSync(${JSON.stringify(screenshot)}), 'image/png');
    });`,
  'features/plain.feature': `Feature: plain
  @smoke
  Scenario: well
    Given all is well
  @flaky
  Scenario: well in the end
    Given it is well the second time
  @broken @fails
  Scenario: fails
    Given it fails
  @broken @waits
  Scenario: waits
    Given all is well
    And it waits for ever`,
  'features/other.feature': `Feature: other
  Scenario: well, too
    Given all is well`,
};

type Options = Omit<Parameters<typeof aWorld>[0] & {}, 'suite' | 'browser'> & {
  /** Files beside those of the plain suite. */
  readonly more?: Readonly<Record<string, string>>;
};

/** A world whose tasks run the plain suite, and start no browser. */
export async function aPlainWorld({ more = {}, ...options }: Options = {}): Promise<AWorld> {
  // Inside the repository: its steps find cucumber-js there, as in the image.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'coldframe-plain-'));
  for (const [file, text] of Object.entries({ ...suite, ...more })) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const world = await aWorld({ ...options, suite: folder, browser });
  return {
    ...world,
    end: async () => {
      await world.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
