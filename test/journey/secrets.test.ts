import { lstatSync, readFileSync } from 'node:fs';
import { glob, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canaries, toldIn } from '../canaries.ts';
import { type AWorld, aWorld, endOf, parents, replies, runTests } from './a-world.ts';

const timeout = 120_000;
const secret = canaries.APP_PASSWORD;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A suite that tells its password in every way it can think of. */
const steps = `
  import { After, AfterAll, Before, BeforeAll, Given } from '@cucumber/cucumber';
  import { setTimeout as pause } from 'node:timers/promises';
  import { chromium } from 'playwright-core';
  import { watch } from '${root}features/support/evidence.ts';
  const secret = process.env.LOGIN_PASSWORD;
  const inHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const forms = [
    secret, JSON.stringify(secret), JSON.stringify(JSON.stringify({ secret })), inHtml(secret), encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString(), Buffer.from('maria:' + secret).toString('base64'), Buffer.from('x' + secret).toString('base64url'),
  ];
  let browser;
  BeforeAll(async () => { browser = await chromium.launch({ chromiumSandbox: false }); });
  AfterAll(() => browser.close());
  Given('all is told', { timeout: 60_000 }, async function () {
    for (const form of forms) {
      this.log(form);
      this.attach(form, 'text/plain');
      this.attach(Buffer.from('p'.repeat(5_000) + form), 'text/html');
      this.link('https://example.com/?' + encodeURIComponent(form));
      // In halves, so that no write and no read has the whole of it.
      for (const stream of [process.stdout, process.stderr]) {
        stream.write(form.slice(0, 9));
        await pause(20);
        stream.write(form.slice(9) + (form === secret ? '' : '\\\\n'));
      }
      // Where a chunk of messages ends: each line is a message of 64 KB.
      for (let length = 0; length < 4; length += 1) this.log('x'.repeat(65_536) + form);
    }
  });
  Given('a page shows it', { timeout: 60_000 }, async function () {
    const context = await browser.newContext();
    const evidence = watch(context, []);
    const page = await context.newPage();
    await page.setContent('<p>' + inHtml(secret) + '</p><input type="password"><script>console.log(' + JSON.stringify(secret) + ')</script>');
    await page.fill('input', secret);
    await evidence.attach((content, how) => this.attach(content, how));
    await context.close();
  });
  Given('it fails telling', () => { throw new Error('wrong: ' + forms.join(' '), { cause: new Error(secret) }); });
`;
const feature = 'Feature: telling\n  Scenario: all\n    Given all is told\n    And a page shows it\n    And it fails telling\n';

let suite: string;
let world: AWorld;
beforeAll(async () => {
  suite = await mkdtemp(join(tmpdir(), 'coldframe-telling-'));
  await symlink(join(root, 'node_modules'), join(suite, 'node_modules'));
  await mkdir(join(suite, 'features'));
  await writeFile(join(suite, 'package.json'), '{"type":"module"}');
  await writeFile(join(suite, 'features/steps.js'), steps);
  await writeFile(join(suite, 'features/telling.feature'), feature);
  world = await aWorld({ suite, prepare: (dir) => writeFile(join(dir, 'secrets.json'), JSON.stringify({ loginPassword: secret })) });
}, timeout);
afterAll(async () => {
  await world.end();
  await rm(suite, { recursive: true, force: true });
}, timeout);

/** Every file the world has, by its name, unpacked. */
async function everythingWritten(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const file of glob(join(world.dir, '**/*'))) {
    if (!lstatSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    found.set(relative(world.dir, file), (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  return found;
}

it('a secret that a suite tells in every way is in nothing that a run leaves anywhere', { timeout }, async () => {
  const runId = await runTests(world, '/run-tests local retry=0');
  const outcome = await endOf(world, runId);
  expect(outcome).toMatchObject({ kind: 'failed', failures: [{ error: expect.stringContaining('***') }] });

  const files = await everythingWritten();
  const names = [...files.keys()];
  // What must have been searched: objects, the report, logs of the task and of the functions, ECS's records, Slack's state.
  for (const part of ['/messages/', '/attachments/', 'report.html', 'result.json', 'progress.json', 'tasks', 'lambda', 'ecs/', 'slack/'])
    expect(
      names.filter((name) => name.includes(part)),
      part,
    ).not.toEqual([]);
  expect(names.filter((name) => name.endsWith('.html') && name.includes('/attachments/')).length).toBeGreaterThan(0);
  // Where it came from.
  const known = new Set(['secrets.json', 'ssm.json']);
  for (const [name, content] of files) if (!known.has(name)) expect(toldIn(content), name).toEqual([]);
  expect([...files.values()].some((content) => content.includes('***'))).toBe(true);

  const heard = JSON.stringify([world.journal(), parents(world), replies(world)]);
  expect(heard).toContain(runId);
  expect(toldIn(heard)).toEqual([]);
});
