import assert from 'node:assert/strict';
import { Then, When } from '@cucumber/cucumber';
import { stacksPage } from '../pages/stacks-page.ts';
import type { SuiteWorld } from '../support/world.ts';

When('the user selects the stack {string}', async function (this: SuiteWorld, stack: string) {
  await stacksPage(this.page).select(stack);
});

When('they refresh it', async function (this: SuiteWorld) {
  await stacksPage(this.page).refresh();
});

Then('the section {string} is populated', async function (this: SuiteWorld, section: string) {
  await stacksPage(this.page).hasStacksIn(section);
});

Then('they see {string} as its {string}', async function (this: SuiteWorld, value: string, term: string) {
  assert.equal(await stacksPage(this.page).detail(term), value);
});
