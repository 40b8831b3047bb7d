import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { aBrowser, aChannelPage, type ChannelPage } from './a-page.ts';
import { aPlainWorld } from './a-plain-world.ts';
import type { AWorld } from './a-world.ts';

const timeout = 180_000;

/** Where somebody is: the world of all tests of a file, and a page of their own for each. */
export interface Here {
  readonly world: AWorld;
  readonly browser: Browser;
  readonly channel: ChannelPage;
  /** Chooses who sits in front of the page. */
  readonly become: (name: string) => Promise<unknown>;
}

/** A plain world and somebody in front of its channels, for the tests of a file. Whatever goes wrong on their page fails the test. */
export function aChannel(): Here {
  let world: AWorld;
  let browser: Browser;
  let channel: ChannelPage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([aPlainWorld(), aBrowser()]);
  }, timeout);
  afterAll(async () => {
    await browser.close();
    await world.end();
  }, timeout);
  beforeEach(async () => {
    channel = await aChannelPage(browser, world.slack.pageUrl);
  });
  afterEach(async () => {
    await channel.close();
    expect(channel.trouble).toEqual([]);
    await world.lambda.settled();
  });
  return {
    get world() {
      return world;
    },
    get browser() {
      return browser;
    },
    get channel() {
      return channel;
    },
    become: (name) => channel.page.getByLabel('You are').selectOption({ label: name }),
  };
}
