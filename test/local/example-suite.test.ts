import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Envelope } from '@cucumber/messages';
import { expect, it, onTestFinished } from 'vitest';
import { startExampleApp } from '../../src/local/example-app/example-app.ts';
import { isEveryRow } from '../every-row.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cucumber = join(dirname(createRequire(import.meta.url).resolve('@cucumber/cucumber/package.json')), 'bin', 'cucumber.js');

interface SuiteRun {
  readonly exitCode: number;
  readonly output: string;
  readonly messages: readonly Envelope[];
}

/** Plain cucumber-js on the example suite. It resolves when the process has ended and nobody holds its output any more. */
async function runSuite(options: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<SuiteRun> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-suite-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'messages.ndjson');
  const { BASE_URL, LOGIN_USERNAME, LOGIN_PASSWORD, ...inherited } = process.env;
  const ran = await new Promise<Omit<SuiteRun, 'messages'>>((resolve) => {
    const env = { ...inherited, ...environment };
    execFile(process.execPath, [cucumber, '--format', `message:${file}`, ...options], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return { ...ran, messages: lines.map((line) => JSON.parse(line) as Envelope) };
}

const finished = (run: SuiteRun) => run.messages.flatMap(({ testCaseFinished }) => testCaseFinished ?? []);
const attachments = (run: SuiteRun) => run.messages.flatMap(({ attachment }) => attachment ?? []);

// The main job's journey does this, too.
it.runIf(isEveryRow).each([
  ['serial', []],
  ['parallel', ['--parallel', '2']],
])('passes %s with one scenario that needed a second attempt, on an app it starts itself', async (_, options) => {
  const run = await runSuite(['--tags', 'not @broken', '--retry', '1', ...options]);
  expect(run.exitCode, run.output).toBe(0);
  expect(finished(run).map((end) => end.willBeRetried)).toEqual(expect.arrayContaining([true]));
  expect(finished(run).filter((end) => end.willBeRetried)).toHaveLength(1);
  expect(finished(run).filter((end) => !end.willBeRetried)).toHaveLength(6);
});

it.runIf(isEveryRow)('fails @flaky without a second attempt, on an app that has served other runs', async () => {
  const account = { username: 'someone else', password: 'a password' };
  const app = await startExampleApp(account);
  onTestFinished(() => app.stop());
  const environment = { BASE_URL: app.url, LOGIN_USERNAME: account.username, LOGIN_PASSWORD: account.password };
  for (const time of ['first', 'second']) {
    const run = await runSuite(['--tags', '@flaky'], environment);
    expect([time, run.exitCode]).toEqual([time, 1]);
    expect(run.output).toContain('The app says "The stack could not be refreshed: the refresh worker is starting, try again (503)"');
  }
});

it.runIf(isEveryRow)('fails @broken with a screenshot, the page and what the browser said', async () => {
  const run = await runSuite(['--tags', '@broken']);
  expect(run.exitCode).toBe(1);
  expect(run.output).toContain('There is no section "Terraform Stacks" on the page, only "Stackery Stacks", "CloudFormation Stacks".');
  expect(attachments(run).map(({ mediaType, fileName }) => [mediaType, fileName])).toEqual([
    ['image/png', 'screenshot.png'],
    ['text/html', 'page.html'],
    ['text/plain', 'browser.txt'],
  ]);
  expect(
    Buffer.from(attachments(run)[0]?.body ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
});

it('names all that is missing when it is given an app without an account', async () => {
  const run = await runSuite([], { BASE_URL: 'http://127.0.0.1:1' });
  expect(run.exitCode).toBe(1);
  expect(run.output).toContain('BASE_URL is set, so the suite also needs an account there: set LOGIN_USERNAME and LOGIN_PASSWORD.');
});
