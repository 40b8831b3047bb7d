import type { SuitePlan } from '../../src/run/plan.ts';
import type { Files } from '../container/container-world.ts';

/** A suite as somebody might bring it, written without a thought of Coldframe. */
export interface SuiteKind {
  readonly name: string;
  readonly files: Files;
  /** The first cucumber that has what the suite uses. */
  readonly since?: number;
  /** Packages of its own, beside cucumber. */
  readonly packages: readonly string[];
  /** cucumber-js by itself cannot run it: its npm script brings a loader by other means. */
  readonly needsLoader?: boolean;
  /** What its environment says in coldframe.yml. */
  readonly plan: Partial<SuitePlan>;
}

/** What every suite here comes to: one scenario fails, one passes at its second attempt. */
export const expectedCounts = { total: 6, passed: 5, failed: 1, flaky: 1 };

/** What the formatter of every suite here writes into its file. */
export const formatted = 'attempts: 8, the setting: from the profile\n';

const feature = `
Feature: a suite of somebody's
  Background:
    Given a clean table

  Scenario: a step and a World of its own
    When I put "bread" on it
    Then there is 1 thing on it

  Scenario Outline: <count> things
    When I put "<first>" on it
    And I put "<second>" on it
    Then there are <count> things on it
    Examples:
      | first | second | count |
      | bread | butter | 2     |
      | bread | bread  | 1     |

  Rule: hooks see tags and parameter types
    @laid
    Scenario: laid before it began
      Then there is 1 thing on it
      And the mood is cheerful

  @flaky
  Scenario: passes at last
    Then it works at the second attempt

  Scenario: fails
    Then there are 99 things on it
`;

const names = 'After, AfterAll, Before, BeforeAll, defineParameterType, setDefaultTimeout, setWorldConstructor, Given, Then, When, World';
const required = `const { ${names} } = require('@cucumber/cucumber');\nconst assert = require('node:assert/strict');\nconst { existsSync, writeFileSync } = require('node:fs');`;
const imported = `import { ${names} } from '@cucumber/cucumber';\nimport assert from 'node:assert/strict';\nimport { existsSync, writeFileSync } from 'node:fs';`;

const supportJs = `
class Table extends World {
  things = new Set();
  constructor(options) {
    super(options);
    this.setting = options.parameters.setting;
  }
}
setWorldConstructor(Table);
setDefaultTimeout(30_000);
let isOpen = false;
BeforeAll(async () => { isOpen = true; });
AfterAll(() => { isOpen = false; });
Before({ tags: '@laid', name: 'lay the table' }, function () { this.things.add('cloth'); });
After(function ({ result }) { if (result.status === 'FAILED') this.attach(JSON.stringify([...this.things]), 'application/json'); });
defineParameterType({ name: 'mood', regexp: /cheerful|sad/, transformer: (word) => ({ word }) });
`;

const stepsJs = `
Given('a clean table', function () { assert.equal(this.setting, 'from the profile'); });
When('I put {string} on it', function (thing) { this.things.add(thing); });
Then(/^there (?:is|are) (\\d+) things? on it$/, function (count) { assert.equal(this.things.size, Number(count)); });
Then('the mood is {mood}', (mood) => { assert.equal(mood.word, 'cheerful'); });
Then('it works at the second attempt', () => {
  // A file: with several workers, the second attempt may be another one's.
  const isSecond = existsSync('tried.txt');
  writeFileSync('tried.txt', '');
  assert.ok(isSecond);
});
`;

const formatterBody = `class Counting extends Formatter {
  constructor(options) {
    super(options);
    let scenarios = 0;
    options.eventBroadcaster.on('envelope', (envelope) => {
      if (envelope.testCaseFinished) scenarios += 1;
      if (envelope.testRunFinished) this.log('attempts: ' + scenarios + ', the setting: ' + options.parsedArgvOptions.setting + '\\n');
    });
  }
}`;

const configuration = (parts: object) => ({
  default: { worldParameters: { setting: 'not this one' } },
  ci: {
    worldParameters: { setting: 'from the profile' },
    format: ['summary', './formatters/counting.cjs:counted.txt'],
    formatOptions: { setting: 'from the profile' },
    tags: 'not @never',
    ...parts,
  },
});

const common: Files = {
  'features/table.feature': feature,
  'formatters/counting.cjs': `const { Formatter } = require('@cucumber/cucumber');\nmodule.exports = ${formatterBody}\n`,
};

const plan: Partial<SuitePlan> = { profiles: ['ci'], retry: 1 };

const commonJs: SuiteKind = {
  name: 'CommonJS, found by default',
  packages: [],
  plan,
  files: {
    ...common,
    'package.json': JSON.stringify({ name: 'suite' }),
    'cucumber.js': `module.exports = ${JSON.stringify(configuration({}))};`,
    'features/support/world.js': required + supportJs,
    'features/step_definitions/table.js': required + stepsJs,
  },
};

const esModules: SuiteKind = {
  name: 'ES modules, named in cucumber.mjs',
  packages: [],
  plan,
  files: {
    ...common,
    'package.json': JSON.stringify({ name: 'suite', type: 'module' }),
    'cucumber.mjs': `const all = ${JSON.stringify(configuration({ import: ['code/**/*.js'] }))};\nexport default all.default;\nexport const ci = all.ci;`,
    'code/world.js': imported + supportJs,
    'code/table.js': imported + stepsJs,
  },
};

/** Types of every kind that Node can erase. */
const erasable: SuiteKind = {
  name: 'TypeScript whose types Node erases',
  packages: [],
  plan,
  files: {
    ...common,
    'package.json': JSON.stringify({ name: 'suite', type: 'module' }),
    'cucumber.json': JSON.stringify(configuration({ import: ['features/**/*.ts'] })),
    'features/support/world.ts': imported + typed(supportJs),
    'features/support/thing.ts': 'export type Thing = string;\nexport const same = (thing: Thing): Thing => thing;\n',
    'features/steps/table.ts': `${imported}\nimport { same, type Thing } from '../support/thing.ts';\nimport type { Table } from '../support/world';\n${typed(stepsJs, 'same(thing)')}\nexport type X = Thing | Table;`,
  },
};

/** What Node cannot erase, in the style that ts-node taught: CommonJS, no extensions, a name for a folder, and no loader named. */
const enums: SuiteKind = {
  name: 'TypeScript with enums, decorators and parameter properties, without a loader',
  packages: [],
  needsLoader: true,
  plan,
  files: {
    ...common,
    'package.json': JSON.stringify({ name: 'suite' }),
    'tsconfig.json': `{
  // comments are usual here
  "compilerOptions": { "experimentalDecorators": true, "baseUrl": ".", "paths": { "@code/*": ["features/support/*"] } }
}`,
    'cucumber.json': JSON.stringify(configuration({ require: ['features/**/*.ts'] })),
    'features/support/mood.ts': `
export enum Mood { cheerful = 'cheerful', sad = 'sad' }
export const counted = (_: unknown, name: string): void => { names.push(name); };
export const names: string[] = [];
export class Thing {
  constructor(public readonly name: string, private readonly mood: Mood = Mood.cheerful) {}
  @counted
  same(): string { return this.mood === Mood.cheerful ? this.name : ''; }
}`,
    'features/support/world.ts': imported + typed(supportJs),
    'features/steps/table.ts': `${imported}\nimport { names, Thing } from '@code/mood';\nimport { Mood } from '../support/mood';\n${typed(stepsJs, 'new Thing(thing, Mood.cheerful).same()')}\nif (names.join() !== 'same') throw new Error('no decorator was called');`,
  },
};

const enumsEsm: SuiteKind = {
  ...enums,
  name: 'TypeScript with enums, decorators and parameter properties in ES modules, without a loader',
  files: {
    ...enums.files,
    'package.json': JSON.stringify({ name: 'suite', type: 'module' }),
    'cucumber.json': JSON.stringify(configuration({ import: ['features/**/*.ts'] })),
  },
};

/** A loader of its own, named where cucumber's own documentation says. */
const ownLoader: SuiteKind = {
  name: 'TypeScript with enums and tsx of its own',
  packages: ['tsx'],
  plan,
  files: {
    ...enums.files,
    'cucumber.json': JSON.stringify(configuration({ requireModule: ['tsx/cjs'], require: ['features/**/*.ts'] })),
  },
};

const ownLoaderEsm: SuiteKind = {
  name: 'TypeScript with enums in ES modules, tsx registered by a file of its own',
  packages: ['tsx'],
  plan,
  files: {
    ...enums.files,
    'package.json': JSON.stringify({ name: 'suite', type: 'module' }),
    'register.js': `import { register } from 'tsx/esm/api';\nregister();\n`,
    'cucumber.json': JSON.stringify(configuration({ import: ['./register.js', 'features/**/*.ts'] })),
  },
};

/** What most suites in TypeScript have used for years. */
export const tsNode: SuiteKind = {
  name: 'TypeScript with enums and ts-node',
  packages: ['ts-node', 'typescript', '@types/node'],
  plan,
  files: {
    ...enums.files,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        experimentalDecorators: true,
        module: 'commonjs',
        moduleResolution: 'node',
        target: 'es2022',
        esModuleInterop: true,
      },
      'ts-node': { transpileOnly: true },
    }),
    'features/steps/table.ts': (enums.files['features/steps/table.ts'] ?? '').replace('@code/mood', '../support/mood'),
    'cucumber.json': JSON.stringify(configuration({ requireModule: ['ts-node/register'], require: ['features/**/*.ts'] })),
  },
};

const plugins: SuiteKind = {
  name: 'a plugin of its own',
  since: 12,
  packages: [],
  plan,
  files: {
    ...commonJs.files,
    'cucumber.js': `module.exports = ${JSON.stringify(configuration({ plugin: ['./plugins/order.mjs'], format: ['summary', './formatters/counting.cjs:counted.txt', 'json:run.json'] }))};`,
    'plugins/order.mjs': `
      import { writeFileSync } from 'node:fs';
      export default {
        type: 'plugin',
        coordinator: ({ on, transform }) => {
          let scenarios = 0;
          on('message', (envelope) => { if (envelope.testCaseFinished) scenarios += 1; });
          transform('pickles:order', (pickles) => [...pickles].reverse());
          return () => writeFileSync('plugin.txt', String(scenarios));
        },
      };`,
  },
};

/** Every suite above runs with several workers too, each with a process or a thread of its own. */
export const inParallel = (kind: SuiteKind): SuiteKind => ({
  ...kind,
  name: `${kind.name}, with two workers`,
  plan: { ...kind.plan, parallel: 2 },
});

export const suiteKinds: readonly SuiteKind[] = [commonJs, esModules, erasable, enums, enumsEsm, ownLoader, ownLoaderEsm, plugins];

/** JavaScript with types in the usual places. */
function typed(source: string, thing = 'thing'): string {
  return source
    .replace('class Table', 'export class Table')
    .replace('new Set();\n  constructor(options)', 'new Set<string>();\n  setting: string;\n  constructor(options: any)')
    .replace(/function \(thing\) \{ this\.things\.add\(thing\)/, `function (this: any, thing: string) { this.things.add(${thing})`)
    .replace(/function \(count\)/, 'function (this: any, count: string)')
    .replace('(mood) =>', '(mood: { word: string }): void =>');
}

const browserFeature = `
Feature: a page
  Scenario: is read in a browser
    Given I open the page
    Then it says "the page"
`;

/** What everybody writes first: no path, no flags. */
export const playwrightSuite = (name: string): SuiteKind => ({
  name: `${name} without executablePath`,
  packages: name === 'playwright' ? ['playwright', 'playwright-core'] : [name],
  plan: {},
  files: {
    'package.json': JSON.stringify({ name: 'suite', type: 'module' }),
    'features/page.feature': browserFeature,
    'features/page.js': `
      import { After, Before, Given, Then, setDefaultTimeout } from '@cucumber/cucumber';
      import { chromium } from '${name}';
      setDefaultTimeout(30_000);
      let browser;
      let page;
      Before(async () => { browser = await chromium.launch(); page = await browser.newPage(); });
      After(async () => { await browser.close(); });
      Given('I open the page', () => page.goto(process.env.BASE_URL));
      Then('it says {string}', async (text) => {
        const said = await page.textContent('body');
        if (said !== text) throw new Error('it says ' + said);
      });`,
  },
});

export const seleniumSuite: SuiteKind = {
  name: 'Selenium without options',
  packages: ['selenium-webdriver'],
  plan: {},
  files: {
    'package.json': JSON.stringify({ name: 'suite' }),
    'features/page.feature': browserFeature,
    'features/page.js': `
      const { After, Before, Given, Then, setDefaultTimeout } = require('@cucumber/cucumber');
      const { Builder, By } = require('selenium-webdriver');
      setDefaultTimeout(60_000);
      Before(async function () { this.driver = await new Builder().forBrowser('chrome').build(); });
      After(async function () { await this.driver?.quit(); });
      Given('I open the page', async function () { await this.driver.get(process.env.BASE_URL); });
      Then('it says {string}', async function (text) {
        const said = await this.driver.findElement(By.css('body')).getText();
        if (said !== text) throw new Error('it says ' + said);
      });`,
  },
};
