import { defineParameterType, Given, When } from '@cucumber/cucumber';
import { app } from '../pages/app.ts';
import { type Account, loginPage } from '../pages/login-page.ts';
import type { SuiteWorld } from '../support/world.ts';

Given('a user with a provider set up', function (this: SuiteWorld) {
  this.user = this.account;
});

When('the user logs in with username and password', async function (this: SuiteWorld) {
  await loginPage(this.page).logIn(this.user);
});

Given('the user has logged in with username and password', async function (this: SuiteWorld) {
  await loginPage(this.page).logIn(this.user);
  await app(this.page).isOn('Stacks');
});

type Mistake = (user: Account) => Account;

const mistakes: ReadonlyMap<string, Mistake> = new Map<string, Mistake>([
  ['a wrong password', ({ username }) => ({ username, password: 'not the password' })],
  ['an unknown username', ({ password }) => ({ username: 'nobody', password })],
]);

defineParameterType({
  name: 'mistake',
  regexp: new RegExp([...mistakes.keys()].join('|')),
  transformer: (words) => mistakes.get(words),
});

When('the user logs in with {mistake}', async function (this: SuiteWorld, mistake: Mistake) {
  await loginPage(this.page).logIn(mistake(this.user));
});
