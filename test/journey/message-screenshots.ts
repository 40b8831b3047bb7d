import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LogLevel, WebClient } from '@slack/web-api';
import { type Browser, chromium } from 'playwright-core';
import { chromeArguments, findChrome } from '../../container/chrome.ts';
import { startSlack } from '../../src/local/slack/slack.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import { runMessage } from '../../src/message/run-message.ts';
import type { EndView } from '../../src/message/run-view.ts';
import { badCount } from '../../src/message/words.ts';
import type { Comparison } from '../../src/outcome/comparison.ts';
import type { Outcome } from '../../src/outcome/outcome.ts';
import { parseRunId } from '../../src/run/run-id.ts';
import { ended, viewOf } from '../message/views.ts';
import { outcomeKinds } from '../report/report-kinds.ts';
import { shopPicture } from './a-shop-page.ts';

// Makes the pictures of a run's last message in docs/images anew, in the local channel, of the runs whose reports are shown: npm run screenshots.

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const secrets = { signingSecret: 'a signing secret', botToken: 'xoxb-local' };

/** The run on the day after the one that it is compared with. */
function viewAt(outcome: Outcome, comparison: Comparison | undefined, screenshot: string): EndView {
  const view = ended(viewOf({ text: '/run-tests staging' }), outcome, comparison && { comparison });
  const runId = parseRunId('staging-20261127-0912-k3f9qa') ?? view.run.id;
  const counts = 'counts' in outcome ? outcome.counts : undefined;
  const again = counts === undefined ? 0 : badCount(counts) + counts.unknown;
  const phase = { ...view.run.phase, startedAt: '2026-11-27T09:12:03.000Z', at: '2026-11-27T09:15:15.000Z', again };
  return { ...view, plan: { ...view.plan, runId }, run: { ...view.run, id: runId, phase }, screenshotUrl: () => screenshot };
}

async function takeAll(browser: Browser, dir: string): Promise<void> {
  await using ending = new AsyncDisposableStack();
  const picture = await shopPicture(browser);
  const pictures = await serve(async () => ({ status: 200, headers: { 'content-type': 'image/png' }, body: picture }));
  ending.defer(() => pictures.stop());
  const appUrl = () => `${pictures.url}/slack/events`;
  const slack = await startSlack({ ...secrets, dir, journal: () => {}, appUrl, limits: 'off' });
  ending.defer(() => slack.stop());
  const api = new WebClient(secrets.botToken, { slackApiUrl: slack.url, logLevel: LogLevel.ERROR });
  const page = await browser.newPage({ viewport: { width: 900, height: 1_400 }, colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(slack.pageUrl);
  for (const [kind, { outcome, comparison }] of outcomeKinds) {
    const { text, blocks } = runMessage(viewAt(outcome, comparison, `${pictures.url}/shot.png`));
    await api.chat.postMessage({ channel: 'C0UITESTS', text, blocks: [...blocks] });
    const message = page.locator('#messages > .message').nth([...outcomeKinds.keys()].indexOf(kind));
    await message.waitFor();
    await message.scrollIntoViewIfNeeded();
    await message.locator('img').evaluateAll('(all) => Promise.all(all.map((one) => one.decode()))');
    await page.mouse.move(0, 0);
    await message.screenshot({ path: join(images, `message-${kind}.png`), animations: 'disabled', caret: 'hide' });
    console.log(`docs/images/message-${kind}.png`);
  }
}

const chrome = await findChrome();
if (chrome.kind === 'none') throw new Error(chrome.because);
await mkdir(images, { recursive: true });
const dir = await mkdtemp(join(tmpdir(), 'coldframe-pictures-'));
const browser = await chromium.launch({ executablePath: chrome.path, args: [...chromeArguments] });
try {
  await takeAll(browser, dir);
} finally {
  await browser.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
