import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { unlessAborted } from './abort.ts';
import { chromeArguments, findChrome } from './chrome.ts';
import { devtoolsPipe, openBlankPage } from './devtools-pipe.ts';
import { endProcesses, markVariable } from './processes.ts';
import { removeFolder } from './remove-folder.ts';

/** A browser starts within a second; on a quarter of a busy vCPU, within some more. */
const limitMs = 20_000;

/** What it says of interest is at the beginning, or at the end: where it gave up. */
const maxOutputLength = 64 * 1024;

/**
 * Starts the browser at `path` as suites do, lets it open a blank page, and ends it: that it can tell its version does not
 * mean that it has all it needs. Gives its version, and leaves no process and no file.
 *
 * @param mark words for the mark on its processes
 * @throws what is the matter, and in the next line what to do
 */
export async function checkBrowser(path: string, mark: string, signal: AbortSignal): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'coldframe-browser-'));
  const args = [...chromeArguments, `--user-data-dir=${profile}`, devtoolsPipe];
  // A group of its own, as it starts processes that start processes.
  const browser = spawn(path, args, {
    detached: true,
    env: environmentFor(mark, profile),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  try {
    const output = [text(browser.stdout), text(browser.stderr)];
    const ended = new Promise<never>((_, reject) => {
      browser.once('error', reject);
      browser.once('exit', (code, by) => reject(new Error(code === null ? `was ended by ${by}` : `ended with exit code ${code}`)));
    });
    const shown = Promise.race([openBlankPage(browser).then((page) => page ?? ended), ended]);
    const page = await unlessAborted(shown, AbortSignal.any([signal, AbortSignal.timeout(limitMs)])).catch(faultOf);
    signal.throwIfAborted();
    if (typeof page !== 'string' && page.html.includes('<html')) return page.version;
    const fault = typeof page === 'string' ? page : 'shows an empty page';
    throw new Error(await unlessAborted(whyNot(path, fault, output.map((read) => read()).join('\n')), signal));
  } finally {
    if (browser.pid !== undefined) await endProcesses(browser.pid, mark);
    await removeFolder(profile);
  }
}

/** It is asked for its version only now: whatever cannot even tell that is no browser. */
async function whyNot(path: string, fault: string, output: string): Promise<string> {
  const chrome = await findChrome({ env: { CHROME_PATH: path } });
  if (chrome.kind === 'none') return `${chrome.because}\nThe image sets it (container/Dockerfile), or the task definition.`;
  return `The browser does not start: ${path} ${fault}${reasonIn(output)}.\n${wayOut(path)}`;
}

const faultOf = (error: unknown): string =>
  error instanceof DOMException && error.name === 'TimeoutError'
    ? `shows no page within ${limitMs / 1_000} seconds`
    : error instanceof Error
      ? error.message
      : String(error);

/** Neither our credentials nor a home that is not there: whatever it writes, it writes into its profile. */
function environmentFor(mark: string, folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:AWS_|COLDFRAME_)/.test(name));
  return { ...Object.fromEntries(kept), HOME: folder, TMPDIR: folder, [markVariable]: mark };
}

/** What the stream has given so far. */
function text(stream: Readable | null): () => string {
  let all = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    if (all.length < maxOutputLength) all += part;
  });
  return () => all;
}

/** A browser complains of much that is missing in a container, and goes on; what ended it sounds different. */
function reasonIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/\bdbus\b/.test(line));
  const line = lines.find((one) => /FATAL|shared librar|cannot|no such file|denied|no space|not permitted/i.test(one)) ?? lines.at(-1);
  return line === undefined ? '' : ` (${line.trim().slice(0, 300)})`;
}

const wayOut = (path: string): string =>
  `Start it in the image by hand (${path} ${chromeArguments.slice(0, 4).join(' ')} --remote-debugging-port=0): it should say "DevTools listening"; a library, memory, or space in ${tmpdir()} may be missing.`;
