import { World } from '@cucumber/cucumber';
import type { BrowserContext, Page } from 'playwright-core';
import type { Account } from '../pages/login-page.ts';
import type { Evidence } from './evidence.ts';

/** What a scenario has to itself: a browser context of its own, and what is watched of it. */
export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly evidence: Evidence;
  /** The account of the configuration. */
  readonly account: Account;
}

/** `this` of the steps. */
export class SuiteWorld extends World {
  /** Set by Before, which may also have failed. */
  opened: Opened | undefined;
  #user: Account | undefined;

  get page(): Page {
    return this.#open.page;
  }

  get account(): Account {
    return this.#open.account;
  }

  /** Who the scenario is about. */
  get user(): Account {
    if (this.#user === undefined)
      throw new Error('The scenario does not say who the user is: begin it with "Given a user with a provider set up".');
    return this.#user;
  }

  set user(user: Account) {
    this.#user = user;
  }

  get #open(): Opened {
    if (this.opened === undefined) throw new Error('there is no page: the hook that opens one did not run');
    return this.opened;
  }
}
