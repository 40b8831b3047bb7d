import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { findChrome } from '../../container/chrome.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { type LocalWorld, startWorld, type WorldFaults } from '../../src/local/world.ts';
import type { Environment } from '../../src/run/catalogue.ts';
import type { RunId } from '../../src/run/run-id.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Of the container's look at the browser before it starts a suite: most of these suites need none. */
const standIn = join(root, 'test/stand-in/chrome.mjs');

/** So often the sweeper comes. */
const sweepEveryMs = 20_000;

/** What the scenarios of a run have told the site under test: the truth that its message is held against. */
export interface Truth {
  /** Names of scenarios that began. */
  readonly begun: ReadonlySet<string>;
  /** Names of scenarios that came to their last step. */
  readonly done: ReadonlySet<string>;
}

/** The environments of the soak: one task at once, two, and one whose runs end by their time limit. */
export const environments = { narrow: ['soak-1', 'soak-2', 'soak-3'], wide: ['soak-4', 'soak-5'], short: 'soak-short' } as const;

export interface SoakWorld {
  readonly world: LocalWorld;
  truthOf(runId: RunId): Truth;
  /** What happened to a run, a line for each call and event that names it. */
  timelineOf(runId: string): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** The local world with these faults, on a folder of its own below `folder`. */
export async function openSoakWorld(folder: string, faults: WorldFaults): Promise<SoakWorld> {
  const begun = new Map<string, Set<string>>();
  const done = new Map<string, Set<string>>();
  const site = await serve(({ url }) => {
    const [, what = '', run = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
    const of = { begun, done }[what];
    if (of !== undefined) of.set(run, (of.get(run) ?? new Set()).add(name));
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>The site</title><h1>Here we are</h1>' };
  });
  const suite = await writeSuite();
  const journalFile = join(folder, 'journal.ndjson');
  const journal = createWriteStream(journalFile);
  const world = await startWorld({
    ...{ dir: join(folder, 'world'), port: 0, isHurried: true, suite, browser: standIn, faults, sweepEveryMs },
    environments: [
      ...environments.narrow.map((name) => environmentOf(name, site.url, { tasksAtOnce: 1 })),
      ...environments.wide.map((name) => environmentOf(name, site.url, { tasksAtOnce: 4, shards: 2 })),
      environmentOf(environments.short, site.url, { tasksAtOnce: 2, limitMs: 60_000 }),
    ],
    onJournal: (entry) => void journal.write(`${JSON.stringify(entry)}\n`),
  });
  return {
    world,
    truthOf: (runId) => ({ begun: begun.get(runId) ?? new Set(), done: done.get(runId) ?? new Set() }),
    timelineOf: async (runId) => {
      const lines = (await readFile(journalFile, 'utf8')).split('\n').filter((line) => line.includes(runId));
      return lines.map((line) => asLine(JSON.parse(line)));
    },
    end: async () => {
      await world.stop();
      journal.end();
      await finished(journal);
      await site.stop();
      await rm(suite, { recursive: true, force: true });
    },
  };
}

const mostOfLine = 300;

const asLine = ({ at, source, name, status, request, response }: JournalEntry): string =>
  `${new Date(at).toISOString().slice(11, 23)} ${source} ${name} ${status ?? ''} ${JSON.stringify({ request, response }).slice(0, mostOfLine)}`;

const environmentOf = (name: string, url: string, more: Partial<Environment>): Environment => ({
  ...{ name, url, channel: 'C0UITESTS', confirm: false, tags: '', retry: 1, shards: 1, tasksAtOnce: 1, limitMs: 15 * 60_000 },
  ...{ allow: { users: [], userGroups: [], channels: [] }, refs: [], mentionOnFailure: [] },
  ...more,
});

/** A suite whose scenarios tell the site how far they came. Two need a real browser. */
async function writeSuite(): Promise<string> {
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  // Inside the repository: its steps find cucumber-js there, as in the image.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'coldframe-soak-'));
  for (const [file, text] of Object.entries(filesOf(chrome.path))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  return folder;
}

const filesOf = (chromePath: string): Readonly<Record<string, string>> => ({
  'package.json': '{"type":"module"}',
  'features/steps.js': `
    import { readFileSync } from 'node:fs';
    import { AfterAll, Before, Given } from '@cucumber/cucumber';

    // A suite is not told which run it is part of; the runner that started it was.
    function runOf(pid) {
      const found = /(?:^|\\0)COLDFRAME_RUN=([^\\0]+)/.exec(readFileSync('/proc/' + pid + '/environ', 'latin1'));
      if (found) return found[1];
      return runOf(/^PPid:\\s+(\\d+)/m.exec(readFileSync('/proc/' + pid + '/status', 'utf8'))[1]);
    }
    const run = runOf('self');
    const tell = async (what, name) => await fetch(process.env.BASE_URL + '/' + what + '/' + run + '/' + encodeURIComponent(name));
    const attempts = new Map();
    let browser;
    Before(async function ({ pickle }) {
      this.name = pickle.name;
      attempts.set(pickle.name, (attempts.get(pickle.name) ?? 0) + 1);
      await tell('begun', pickle.name);
    });
    Given('some time passes', () => new Promise((resolve) => setTimeout(resolve, 250)));
    Given('it is well the second time', function () { if (attempts.get(this.name) < 2) throw new Error('not yet'); });
    Given('it fails', () => { throw new Error('this is wrong'); });
    Given('it waits for ever', { timeout: -1 }, () => new Promise(() => setInterval(() => {}, 1000)));
    Given('a browser shows the site', { timeout: 120_000 }, async () => {
      const { chromium } = await import('playwright-core');
      browser ??= await chromium.launch({ executablePath: ${JSON.stringify(chromePath)}, chromiumSandbox: false, timeout: 100_000 });
      const page = await browser.newPage();
      await page.goto(process.env.BASE_URL, { timeout: 100_000 });
      if (await page.title() !== 'The site') throw new Error('this is another site');
      await page.close();
    });
    Given('it is done', async function () { await tell('done', this.name); });
    AfterAll({ timeout: 60_000 }, async () => { await browser?.close(); });`,
  'features/well.feature': `@well
Feature: well
${[1, 2, 3, 4].map((number) => `  Scenario: well ${number}\n    Given some time passes\n    And it is done`).join('\n')}`,
  'features/other.feature': `Feature: other
  @flaky
  Scenario: well in the end
    Given it is well the second time
    And it is done
  @fails
  Scenario: fails
    Given it fails
    And it is done
  @waits
  Scenario: waits
    Given it waits for ever
    And it is done
  @browser
  Scenario: seen once
    Given a browser shows the site
    And it is done
  @browser
  Scenario: seen twice
    Given a browser shows the site
    And it is done`,
});
