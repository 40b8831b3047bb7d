import type { Browser } from 'playwright-core';

/** A page of a made-up shop, for a picture of it. */
export const examplePage = `<!doctype html><title>Shop</title><style>
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #223; background: #fafafa; }
header { padding: 14px 24px; background: #214; color: #fff; font-weight: 600; }
main { padding: 20px 24px; } li { display: flex; justify-content: space-between; padding: 8px 0; border-bottom: 1px solid #dde; }
ul { margin: 0 0 20px; padding: 0; list-style: none; } button { padding: 9px 26px; border: 0; border-radius: 6px; background: #bbc; color: #fff; font: inherit; }
p { color: #a22; }
</style><header>Shop</header><main><h1>Your basket</h1><ul><li>Apples, 4 <span>3.20 €</span></li><li>A basket to put them in <span>12.00 €</span></li></ul>
<p>Delivery is not known yet.</p><button disabled>Pay</button></main>`;

/** What a browser shows of a made-up shop, as a suite's screenshot. */
export async function shopPicture(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 640, height: 420 } });
  await page.setContent(examplePage);
  const bytes = await page.screenshot({ type: 'png' });
  await page.close();
  return bytes;
}
