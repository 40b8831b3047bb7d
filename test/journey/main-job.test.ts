import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sayAndFollow } from '../../src/local/say-and-follow.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { readMessages } from '../../src/outcome/messages.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import { type AWorld, aWorld, endOf, onlyMessageOf, replies, runTests } from './a-world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const timeout = 120_000;

let world: AWorld;
beforeAll(async () => {
  world = await aWorld();
}, timeout);
afterAll(async () => await world.end(), timeout);

const messageOf = (runId: string) => onlyMessageOf(world, runId);

describe('/run-tests', { timeout }, () => {
  it('ends as passed with the counts that cucumber-js itself reports, and a report that opens from the message', async () => {
    const runId = await runTests(world, '/run-tests local');
    const outcome = await endOf(world, runId);
    const { stdout } = await run(
      process.execPath,
      ['node_modules/@cucumber/cucumber/bin/cucumber.js', '--tags', 'not @broken', '--retry', '1', '--format', 'message'],
      {
        cwd: root,
        // Vitest has a BASE_URL of its own.
        env: { ...process.env, BASE_URL: '' },
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    const plain = judge(await Array.fromAsync(readMessages([stdout])));
    expect(outcome).toMatchObject({ kind: 'passed', counts: plain.counts });
    expect(plain.counts.flaky).toBe(1);

    const [link = ''] = /http\S+report\.html\?s=[\w-]+/.exec(messageOf(runId)) ?? [];
    const page = await fetch(link);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain(runId);
    expect((await fetch(link.replace('report.html', 'other.html'))).status).toBe(404);
  });

  it('shows a failure with its step, its error and a screenshot, and tells the asker in the thread', async () => {
    const runId = await runTests(world, '/run-tests local @broken retry=0');
    const outcome = await endOf(world, runId);
    expect(outcome).toMatchObject({ kind: 'failed', counts: { failed: 1, total: 1 } });
    expect(messageOf(runId)).toContain('There is no section "Terraform Stacks"');
    const reply = replies(world).at(-1);
    const told = reply === undefined ? '' : messageAsText(reply);
    expect(told).toContain('And the section "Terraform Stacks" is populated');
    expect(told).toContain('There is no section "Terraform Stacks"');
    const [image = ''] = /http\S+\.png\?s=[\w-]+/.exec(told) ?? [];
    const picture = await fetch(image);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(
      Buffer.from(await picture.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(reply?.text).toContain('local failed: 1 of 1 scenario failed');
  });

  it.each(['/run-tests', '/run-tests settings'])('in a terminal, %s shows the dialog that it opens, and ends', async (command) => {
    const printed = vi.spyOn(console, 'log').mockReturnValue();
    try {
      expect(await sayAndFollow(world, command, { keepsReport: false, signal: new AbortController().signal })).toBe(2);
      expect(printed.mock.calls.join('\n')).toMatch(/a dialog, only you see this.*Environment: \[local.*npm start.*outcome: refused/s);
    } finally {
      printed.mockRestore();
      world.slack.views.close('U0ADA', 'all');
    }
  });
});
