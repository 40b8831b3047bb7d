import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { findChrome } from '../../container/chrome.ts';
import { watch } from '../../features/support/evidence.ts';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';
import { isEveryRow } from '../every-row.ts';

let browser: Browser;
let server: LocalServer;
let context: BrowserContext;
beforeAll(async () => {
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  browser = await chromium.launch({ executablePath: chrome.path });
  server = await serve(({ url }) => {
    if (url.pathname === '/page')
      return { status: 200, headers: { 'content-type': 'text/html' }, body: url.searchParams.get('html') ?? '' };
    // A whole Chrome asks for an icon, a headless shell does not: it is no evidence.
    return url.pathname === '/favicon.ico' ? { status: 204 } : { status: 503, body: 'not now' };
  });
});
beforeEach(async () => {
  context = await browser.newContext({ baseURL: server.url });
  return () => context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

interface Attached {
  readonly content: Buffer | string;
  readonly fileName: string;
}

/** What is attached of a context with these pages, after `meanwhile`. */
async function evidenceOf(
  pages: readonly string[],
  meanwhile = async (): Promise<unknown> => undefined,
  secrets: readonly string[] = ['hunter2'],
): Promise<readonly Attached[]> {
  const evidence = watch(context, secrets);
  for (const html of pages) await (await context.newPage()).goto(`/page?html=${encodeURIComponent(html)}`);
  await meanwhile();
  const attached: Attached[] = [];
  await evidence.attach((content, { fileName }) => attached.push({ content, fileName }));
  return attached;
}

const isPicture = ({ fileName }: Attached): boolean => fileName.endsWith('.png');

it('shows no password in a screenshot, neither in a password field nor in one that reveals it', async () => {
  const form = (password: string): string => `<input type="password" value="${password && 'other'}"><input value="${password}">`;
  const framed = (password: string): string => `${form(password)}<iframe srcdoc='${form(password)}'></iframe>`;
  const [filled, empty] = (await evidenceOf([framed('hunter2'), framed('')])).filter(isPicture);
  expect(filled?.content).toEqual(empty?.content);
});

it('keeps the HTML of each page as it stands, without scripts, passwords and hidden tokens', async () => {
  const context = (password: string) => `
    <h1 id="a">before</h1><script>document.querySelector('#a').textContent = 'after'; const token = 'abcdef';</script>
    <input type="password" value="x-${password}"><input type="hidden" name="csrf" value="abcdef"><input value="robin">
    <p title="a&quot;b">The password is hunter2, or hunter&amp;3</p>`;
  const attached = await evidenceOf([context('hunter2'), '<p>another</p>'], undefined, ['hunter2', 'hunter&3']);
  expect(attached.map(({ fileName }) => fileName)).toEqual([
    'screenshot.png',
    'page.html',
    'screenshot-2.png',
    'page-2.html',
    'browser.txt',
  ]);
  const html = String(attached[1]?.content);
  expect(html).toContain('<h1 id="a">after</h1>');
  expect(html).toContain('value="robin"');
  expect(html).toContain('The password is ***, or ***</p>');
  expect(html).not.toMatch(/hunter|abcdef/);
  expect(String(attached[3]?.content)).toContain('<p>another</p>');
});

it.runIf(isEveryRow)('keeps only the beginning of a page that is very long', async () => {
  const attached = await evidenceOf(['<body><script>document.body.append("x".repeat(1_000_000))</script>']);
  expect(String(attached[1]?.content).length).toBeLessThan(300_000);
  expect(String(attached[1]?.content)).toMatch(/<!-- the rest is left out -->$/);
});

it('keeps what else was typed', async () => {
  const [typed, empty] = (await evidenceOf(['<input value="robin">', '<input>'])).filter(isPicture);
  expect(typed?.content).not.toEqual(empty?.content);
});

it('tells what the browser said: console, exceptions, requests that failed, without secrets and query strings', async () => {
  const script = `
    console.warn('the password is hunter2');
    fetch('/answers-503?token=x').then(() => fetch('http://127.0.0.1:1/#access_token=x')).catch(() => { document.title = 'over'; throw new Error('hunter2 again'); });`;
  const attached = await evidenceOf([`<script>${script}</script>`], async () => {
    await context.pages()[0]?.waitForFunction('document.title === "over"');
  });
  const text = String(attached.find(({ fileName }) => fileName === 'browser.txt')?.content);
  expect(text).toContain(`page: ${server.url}/page?…`);
  expect(text).toContain('console warning: the password is ***');
  expect(text).toContain(`GET ${server.url}/answers-503?…: 503 Service Unavailable`);
  expect(text).toContain('Failed to load resource: net::ERR_UNSAFE_PORT (http://127.0.0.1:1/?…)');
  expect(text).toContain('exception: Error: *** again');
  expect(text).not.toMatch(/hunter2|token/);
});

it.runIf(isEveryRow)('keeps only so many lines', async () => {
  const attached = await evidenceOf(['<script>for (let i = 0; i < 1000; i += 1) console.log(i)</script>'], async () => {
    await context.pages()[0]?.evaluate('1');
  });
  const lines = String(attached.at(-1)?.content).split('\n');
  expect(lines).toHaveLength(202);
  expect(lines.at(-1)).toBe('… and more');
});

it('says why there is no screenshot of a page that is busy for good', async () => {
  const attached = await evidenceOf(['<p>quiet</p>'], async () => {
    await context.pages()[0]?.evaluate('setTimeout(() => { for (;;); })');
  });
  expect(String(attached.at(-1)?.content)).toContain('no picture of it: the page did not answer within 5 s');
});

it('says so when there was nothing to say', async () => {
  const attached = await evidenceOf(['<p>quiet</p>']);
  expect(String(attached.at(-1)?.content)).toBe(`page: ${server.url}/page?…\nThe console is empty and no request failed.`);
});
