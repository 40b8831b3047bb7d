import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** One browser for the run and a fresh context for each scenario, as our documentation advises. */
const steps = `
import { After, AfterAll, Before, BeforeAll, Given, Then, When, setDefaultTimeout } from '@cucumber/cucumber';
import { chromium } from 'playwright-core';

setDefaultTimeout(30_000);
let browser;
let firstStepAtMs;
BeforeAll(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROME_PATH, chromiumSandbox: false, handleSIGTERM: false });
});
AfterAll(async () => {
  await browser.close();
  console.log('first step at ' + firstStepAtMs);
});
Before(async function () {
  firstStepAtMs ??= Date.now();
  this.context = await browser.newContext({ baseURL: process.env.BASE_URL });
  this.page = await this.context.newPage();
});
After(async function () {
  this.log('was on ' + this.page.url());
  await this.context.close();
});
Given('a user has opened the app', async function () { await this.page.goto('/'); });
When('they log in', async function () {
  await this.page.getByRole('radio', { name: 'Username and password' }).check();
  await this.page.getByRole('textbox', { name: 'Username' }).fill(process.env.LOGIN_USERNAME);
  await this.page.getByRole('textbox', { name: 'Password' }).fill(process.env.LOGIN_PASSWORD);
  await this.page.getByRole('button', { name: 'Log in' }).click();
});
Then('they are on the page {string}', async function (name) {
  await this.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
});
`;

/** Writes a suite that logs in to the example app in a real browser, so many scenarios long, over the one that is there. */
export async function writeBrowserSuite(folder: string, scenarios: number): Promise<void> {
  const rows = Array.from({ length: scenarios }, (_, index) => `      | ${index + 1} |`);
  const feature = [
    'Feature: logging in',
    '  Scenario Outline: time <number>',
    '    Given a user has opened the app',
    '    When they log in',
    '    Then they are on the page "Stacks"',
    '    Examples:',
    '      | number |',
    ...rows,
    '',
  ];
  await mkdir(join(folder, 'features'), { recursive: true });
  const packages = join(folder, 'node_modules');
  if (!existsSync(packages)) await symlink(join(root, 'node_modules'), packages);
  await writeFile(join(folder, 'package.json'), '{"name":"bench","type":"module"}');
  await writeFile(join(folder, 'features/log-in.feature'), feature.join('\n'));
  await writeFile(join(folder, 'features/steps.js'), steps);
}
