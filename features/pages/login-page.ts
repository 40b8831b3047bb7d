import type { Page } from 'playwright-core';

/** A username and the password that belongs to it, or not. */
export interface Account {
  readonly username: string;
  readonly password: string;
}

export const loginPage = (page: Page) => ({
  logIn: async ({ username, password }: Account): Promise<void> => {
    await page.getByRole('radio', { name: 'Username and password' }).check();
    await page.getByRole('textbox', { name: 'Username' }).fill(username);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  },
});
