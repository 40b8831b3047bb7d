import type { BrowserContext, Frame, Page } from 'playwright-core';
import { within } from './within.ts';

/** Takes what a scenario wants to keep: the world's `attach`. */
type Attach = (content: Buffer | string, how: { readonly mediaType: string; readonly fileName: string }) => void;

/** What is kept of a browser context, for the case that its scenario fails. */
export interface Evidence {
  /** Attaches a screenshot of each page, with password fields blanked, and what the browser said meanwhile. */
  attach(attach: Attach): Promise<void>;
}

const linesKept = 200;
const lineLength = 1_000;
const screenshotLimitMs = 5_000;

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
        try {
          const fileName = index === 0 ? 'screenshot.png' : `screenshot-${index + 1}.png`;
          attach(await screenshot(page, secrets), { mediaType: 'image/png', fileName });
        } catch (error) {
          // The scenario has failed already, for another reason, which must stay the one that is shown.
          pages.push(clean(`no screenshot of it: ${error instanceof Error ? error.message : String(error)}`));
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

const withhold = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);

/** Query strings carry tokens, and so do fragments; a line number after them stays. */
const withoutQueries = (text: string): string =>
  text.replace(
    /(https?:\/\/[^\s?#]+)(?:\?|#(?=\S*=))\S*?((?::\d+:\d+)?[:)]*)(?=\s|$)/g,
    (_, address: string, line: string) => `${address}?…${line}`,
  );
