import type { BrowserContext, Frame, Page } from 'playwright-core';
import { within } from './within.ts';

/** Takes what a scenario wants to keep: the world's `attach`. */
type Attach = (content: Buffer | string, how: { readonly mediaType: string; readonly fileName: string }) => void;

/** What is kept of a browser context, for the case that its scenario fails. */
export interface Evidence {
  /** Attaches each page as a screenshot and as HTML, with password fields blanked, and what the browser said meanwhile. */
  attach(attach: Attach): Promise<void>;
}

const linesKept = 200;
const lineLength = 1_000;
const screenshotLimitMs = 5_000;
const htmlLength = 256 * 1024;

/**
 * Starts to watch a context: console, exceptions, requests that failed or were answered with an error.
 * Knows nothing of this suite, so it can be copied into another, with within.ts.
 *
 * @param secrets texts that must not be seen in what is attached
 */
export function watch(context: BrowserContext, secrets: readonly string[]): Evidence {
  const lines: string[] = [];
  const clean = (line: string): string => withoutQueries(withhold(line, secrets).slice(0, lineLength));
  const note = (line: string): void => {
    if (lines.length === linesKept) lines.push('… and more');
    if (lines.length < linesKept) lines.push(clean(line));
  };
  context.on('console', (message) => note(`console ${message.type()}: ${message.text()} (${message.location().url})`));
  context.on('weberror', (error) => note(`exception: ${error.error().stack ?? error.error().message}`));
  context.on('requestfailed', (request) => note(`${request.method()} ${request.url()}: ${request.failure()?.errorText ?? 'failed'}`));
  context.on('response', (response) => {
    if (response.status() >= 400) note(`${response.request().method()} ${response.url()}: ${response.status()} ${response.statusText()}`);
  });
  return {
    attach: async (attach) => {
      const pages: string[] = [];
      for (const [index, page] of context.pages().entries()) {
        pages.push(clean(`page: ${page.url()}`));
        const number = index === 0 ? '' : `-${index + 1}`;
        try {
          attach(await screenshot(page, secrets), { mediaType: 'image/png', fileName: `screenshot${number}.png` });
          attach(await pageHtml(page, secrets), { mediaType: 'text/html', fileName: `page${number}.html` });
        } catch (error) {
          // The scenario has failed already, for another reason, which must stay the one that is shown.
          pages.push(clean(`no picture of it: ${error instanceof Error ? error.message : String(error)}`));
        }
      }
      const said = lines.length === 0 ? ['The console is empty and no request failed.'] : lines;
      attach([...pages, ...said].join('\n'), { mediaType: 'text/plain', fileName: 'browser.txt' });
    },
  };
}

interface Field {
  readonly type: string;
  value: string;
}

/** @throws {Error} also when the fields could not be blanked: then it is better to have no picture */
async function screenshot(page: Page, secrets: readonly string[]): Promise<Buffer> {
  // A page that is busy for good answers nothing at all.
  const taken = await within(
    screenshotLimitMs,
    Promise.all(page.frames().map((frame) => blank(frame, secrets))).then(() => page.screenshot({ timeout: screenshotLimitMs })),
  );
  if (taken.kind === 'done') return taken.value;
  throw new Error(`the page did not answer within ${screenshotLimitMs / 1000} s`);
}

/** What of a page's elements is used here: the compiler knows no browser. */
interface Element {
  readonly outerHTML: string;
  textContent: string;
  cloneNode(isDeep: true): Element;
  querySelectorAll(selector: string): Iterable<Element>;
  removeAttribute(name: string): void;
}

/** The page as it stands, without its scripts and what fields were filled with from the start: both may hold tokens. */
async function pageHtml(page: Page, secrets: readonly string[]): Promise<string> {
  const reading = page.locator('html').evaluate((root: Element) => {
    const copy = root.cloneNode(true);
    for (const script of copy.querySelectorAll('script, template')) script.textContent = '';
    for (const field of copy.querySelectorAll('input[type=password], input[type=hidden]')) field.removeAttribute('value');
    return `<!doctype html>${copy.outerHTML}`;
  });
  const read = await within(screenshotLimitMs, reading);
  if (read.kind === 'late') throw new Error(`the page did not answer within ${screenshotLimitMs / 1000} s`);
  const html = withhold(read.value, secrets);
  return html.length > htmlLength ? `${html.slice(0, htmlLength)}\n<!-- the rest is left out -->` : html;
}

/** Empties password fields, and those that show a secret, as a password field does when it is told to reveal it. */
async function blank(frame: Frame, secrets: readonly string[]): Promise<void> {
  try {
    await frame.locator('input, textarea').evaluateAll((fields: Field[], hidden) => {
      for (const field of fields) if (field.type === 'password' || hidden.some((text) => field.value.includes(text))) field.value = '';
    }, secrets);
  } catch (error) {
    // A frame that has gone meanwhile is in no picture.
    if (!frame.isDetached()) throw error;
  }
}

/** Hides secrets as they are, and as HTML and addresses write them. */
const withhold = (text: string, secrets: readonly string[]): string =>
  secrets
    .flatMap((secret) => [secret, inHtml(secret), encodeURIComponent(secret)])
    .reduce((rest, form) => rest.replaceAll(form, '***'), text);

const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Query strings carry tokens, and so do fragments; a line number after them stays. */
const withoutQueries = (text: string): string =>
  text.replace(
    /(https?:\/\/[^\s?#]+)(?:\?|#(?=\S*=))\S*?((?::\d+:\d+)?[:)]*)(?=\s|$)/g,
    (_, address: string, line: string) => `${address}?…${line}`,
  );
