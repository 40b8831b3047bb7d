import type { Page } from 'playwright-core';

/** What all pages of the app have in common. Paths are resolved against the base URL. */
export const app = (page: Page) => ({
  open: async (path: string): Promise<void> => {
    await page.goto(path);
  },

  /** Waits for the page with this heading. */
  isOn: async (heading: string): Promise<void> => {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  },

  sees: async (text: string): Promise<void> => {
    await page.getByText(text, { exact: true }).first().waitFor();
  },

  /** Waits until the app says something (an alert, or the status of what it was asked to do), and holds it to be this. */
  isTold: async (text: string): Promise<void> => {
    // What ends with … is still being done.
    const said = page.getByRole('alert').or(page.getByRole('status')).filter({ hasText: /[^…]$/ });
    const words = await said.textContent();
    if (words !== text) throw new Error(`The app says "${words}" instead of "${text}".`);
  },
});
