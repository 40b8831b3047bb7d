import type { Page } from 'playwright-core';
import { app } from './app.ts';

export const stacksPage = (page: Page) => ({
  /** Waits until the section has at least one stack. */
  hasStacksIn: async (section: string): Promise<void> => {
    await app(page).isOn('Stacks');
    const titles = await page.locator('[data-section]').getByRole('heading').allTextContents();
    if (!titles.includes(section)) throw new Error(`There is no section "${section}" on the page, only "${titles.join('", "')}".`);
    await page.getByRole('region', { name: section }).getByRole('listitem').first().waitFor();
  },

  select: async (stack: string): Promise<void> => {
    await page.getByRole('listitem').getByRole('button', { name: stack }).click();
  },

  refresh: async (): Promise<void> => {
    await details(page).getByRole('button', { name: 'Refresh' }).click();
  },

  /** What the selected stack's details say under this term. */
  detail: async (term: string): Promise<string | null> => details(page).getByText(term, { exact: true }).locator('+ dd').textContent(),
});

const details = (page: Page) => page.getByRole('region', { name: 'Details' });
