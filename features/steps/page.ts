import { Given, Then, When } from '@cucumber/cucumber';
import { app } from '../pages/app.ts';
import type { SuiteWorld } from '../support/world.ts';

Given('the app has loaded', async function (this: SuiteWorld) {
  await app(this.page).open('/');
});

When('someone opens {string} without having logged in', async function (this: SuiteWorld, path: string) {
  await app(this.page).open(path);
});

Then(/^they are (?:taken to|still on) the "([^"]*)" page$/, async function (this: SuiteWorld, heading: string) {
  await app(this.page).isOn(heading);
});

Then('they see {string}', async function (this: SuiteWorld, text: string) {
  await app(this.page).sees(text);
});

Then('they are told {string}', async function (this: SuiteWorld, text: string) {
  await app(this.page).isTold(text);
});
