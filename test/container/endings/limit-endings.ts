import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

/** What takes too long. */
export const limitEndings: readonly Ending[] = [
  {
    name: 'endless-loop',
    mostlyWaits: true,
    title: 'a step never gives the processor back; the limit is 10 s',
    files: aSuite(
      { first: ['all is well'], second: ['I think for ever'] },
      `Given('I think for ever', async () => { await event(); block(); });`,
    ),
    isLimitAfterEvent: true,
    environment: { limitMs: 10_000 },
    kind: 'timed-out',
    says: ['timed out', 'second › Given I think for ever'],
  },
  {
    name: 'endless-wait',
    like: 'run-limit-evidence',
    mostlyWaits: true,
    title: 'a step waits for ever; the limit is 10 s',
    files: aSuite({ first: ['all is well'], second: ['I wait for ever'] }),
    isLimitAfterEvent: true,
    environment: { limitMs: 10_000 },
    kind: 'timed-out',
    says: ['timed out', 'second › Given I wait for ever'],
  },
  {
    name: 'run-limit-evidence',
    mostlyWaits: true,
    title: "the run's time is over while a step waits; an After hook takes a screenshot",
    files: aSuite(
      { first: ['all is well'], second: ['I wait for ever'], third: ['all is well'] },
      `import { After } from '@cucumber/cucumber';
      After(async function ({ result }) { if (result.status !== 'PASSED') { await fetch(process.env.BASE_URL + '/screenshot'); this.attach(Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png'); } });`,
    ),
    isLimitAfterEvent: true,
    environment: { limitMs: 10_000, retry: 1 },
    act: async (run) => await run.visited('/screenshot'),
    kind: 'timed-out',
    says: ['1 passed, 2 not run', 'second › Given I wait for ever'],
  },
  {
    name: 'load-hangs',
    mostlyWaits: true,
    title: 'support code never ends to load; the limit is 5 s',
    files: aSuite({ first: ['all is well'] }, 'await forEver();'),
    environment: { limitMs: 5_000 },
    kind: 'timed-out',
    says: ['nothing had run', 'code that waits while it is loaded'],
  },
  {
    name: 'before-all-hangs',
    like: 'after-all-hangs',
    mostlyWaits: true,
    title: 'a BeforeAll hook never ends; the limit is 5 s',
    files: aSuite(
      { first: ['all is well'] },
      `import { BeforeAll } from '@cucumber/cucumber'; BeforeAll({ timeout: -1 }, () => event().then(forEver));`,
    ),
    isLimitAfterEvent: true,
    environment: { limitMs: 5_000 },
    kind: 'timed-out',
    says: ['before the first scenario', 'BeforeAll'],
  },
  {
    name: 'after-all-hangs',
    mostlyWaits: true,
    title: 'an AfterAll hook never ends',
    files: aSuite(
      { first: ['all is well'] },
      `import { AfterAll } from '@cucumber/cucumber'; AfterAll({ timeout: -1 }, () => event().then(forEver));`,
    ),
    isLimitAfterEvent: true,
    environment: { limitMs: 10_000 },
    kind: 'timed-out',
    says: ['when its scenarios were over', 'AfterAll'],
  },
  {
    name: 'scenario-limit',
    title: 'a scenario takes longer than `scenarioLimit`, here 2 s; the others go on',
    files: aSuite(
      { first: ['I wait for ever'], second: ['all is well'] },
      `import { After } from '@cucumber/cucumber';
      After(function ({ result }) { if (result.status !== 'PASSED') this.attach(Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png'); });`,
    ),
    environment: { scenarioLimitMs: 2_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'longer than 2 s, its limit', 'I wait for ever', '[image: Screenshot'],
  },
  {
    name: 'scenario-limit-parallel',
    title: 'a scenario takes longer than `scenarioLimit` under `--parallel 2`',
    files: aSuite({ first: ['I wait for ever'], second: ['all is well'] }, '', {
      'cucumber.json': JSON.stringify({ default: { parallel: 2 } }),
    }),
    environment: { scenarioLimitMs: 2_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'longer than 2 s, its limit'],
  },
  {
    name: 'scenario-limit-processes',
    like: 'scenario-limit-parallel',
    title: 'a scenario takes longer than `scenarioLimit` with cucumber 12, whose workers are processes',
    cucumber: 'cucumber-12',
    files: aSuite({ first: ['I wait for ever'], second: ['all is well'] }, '', {
      'cucumber.json': JSON.stringify({ default: { parallel: 2 } }),
    }),
    environment: { scenarioLimitMs: 2_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'longer than 2 s, its limit'],
  },
  {
    name: 'scenario-limit-hooks',
    mostlyWaits: true,
    title: 'a scenario takes longer than `scenarioLimit`, and its After hook never ends either',
    files: aSuite(
      { first: ['I wait for ever'], second: ['all is well'] },
      `import { After } from '@cucumber/cucumber'; After({ timeout: -1 }, ({ result }) => result.status === 'PASSED' ? undefined : forEver());`,
    ),
    environment: { scenarioLimitMs: 2_000 },
    kind: 'failed',
    says: ['1 of 2 scenarios failed', 'longer than 2 s, its limit'],
  },
  {
    name: 'scenario-limit-loop',
    title: 'a scenario never gives the processor back; `scenarioLimit` is 2 s',
    files: aSuite({ first: ['all is well'], second: ['I think for ever'] }, `Given('I think for ever', () => block());`),
    environment: { scenarioLimitMs: 2_000 },
    kind: 'timed-out',
    says: ['A scenario took longer than its limit of 2 s', 'second › Given I think for ever'],
  },
  {
    name: 'load-never-settles',
    title: 'support code awaits a promise that nobody resolves while it is loaded, and nothing else is left to do',
    files: aSuite({ first: ['all is well'] }, 'await new Promise(() => {});'),
    kind: 'broken',
    says: ['Before the first scenario, the suite waits for something that can never come', /loaded.*BeforeAll/],
  },
  {
    name: 'never-settles',
    title: 'a step without a timeout awaits a promise that nobody resolves, and nothing else is left to do',
    files: aSuite(
      { first: ['all is well'], second: ['I wait for Godot'] },
      `Given('I wait for Godot', { timeout: -1 }, async () => { await (await event()).text(); await new Promise(() => {}); });`,
    ),
    environment: { limitMs: 60_000 },
    kind: 'unfinished',
    says: ['something that can never come', 'second › Given I wait for Godot'],
  },
];
