import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveredForm } from '../../src/local/bench/delivered-form.ts';
import type { Built } from '../../src/local/build.ts';
import { type LocalSsm, startSsm } from '../../src/local/ssm/ssm.ts';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';
import { oneBuild } from '../one-build.ts';
import { ourStack } from '../our-stack.ts';
import { runNode } from './run-node.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const place = { stage: 'local', account: '000000000000', region: 'eu-central-1', publicUrl: 'http://127.0.0.1:1' };
const { folder: outDir, built } = (await oneBuild()) ?? expect.fail('nothing has been built');

const bundleOf = (name: string): Built => built.find(({ file }) => file === join(outDir, name)) ?? expect.fail(`there is no ${name}`);
const sizeKb = (name: string): number => bundleOf(name).sizeBytes / 1_024;

describe('the build', () => {
  it('makes the catalogue, a bundle for each function of serverless.yml, the container, and what a report is made of', () => {
    const functions = ourStack().functions.map(({ handler }) => `${basename(handler, '.handler')}.mjs`);
    const files = built.map(({ file }) => file.slice(outDir.length + 1)).toSorted();
    expect(files).toEqual(
      [
        'coldframe.json',
        ...functions,
        'http-later/bolt.mjs',
        'http-later/bucket-door.mjs',
        'http-later/forms.mjs',
        'container/cucumber-child.mjs',
        'container/deal-plugin.mjs',
        'container/main.mjs',
        'container/playwright-chrome.mjs',
        'container/worker-limits.mjs',
        ...['history-script', 'history-styles', 'icon', 'page-script', 'page-styles', 'script', 'styles'].map(
          (name) => `report-assets/${name}`,
        ),
      ].toSorted(),
    );
    expect(files.filter((file) => !existsSync(join(outDir, file)))).toEqual([]);
  });

  // A tenth above what they are: who needs more says what for, and moves the limit.
  it.each([
    // Modals, shortcuts and mentions are told apart here, and a form is opened.
    ['http.mjs', 88],
    ['http-later/bolt.mjs', 550],
    ['http-later/bucket-door.mjs', 350],
    // What somebody fills in is checked here, so that an error stands below its field: a command's parts, and the settings.
    ['http-later/forms.mjs', 49],
    ['worker.mjs', 850],
    // They show Homes and the page of the last runs, and read what somebody has changed in Slack.
    ['run-stopped.mjs', 660],
    ['sweep.mjs', 660],
  ])('keeps %s below %i KB: what is read at a cold start, somebody waits for', (name, limitKb) => {
    expect(sizeKb(name)).toBeLessThan(limitKb);
  });

  it('loads nothing at the cold start of the door but our own code, and what parses', () => {
    const packages = new Set(bundleOf('http.mjs').holds?.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []));
    expect([...packages].toSorted()).toEqual(['@cucumber/tag-expressions', 'valibot']);
  });

  it.each(['http.mjs', 'http-later/bolt.mjs', 'http-later/bucket-door.mjs', 'http-later/forms.mjs'])(
    'lets none of the heaviest into %s',
    (name) => {
      const heaviest =
        /node_modules\/(?:undici|iconv-lite|jsonwebtoken|@slack\/(?:socket-mode|oauth)|@aws-sdk\/client-(?:ecs|eventbridge|ssm))\//;
      expect(bundleOf(name).holds?.filter((source) => heaviest.test(source))).toEqual([]);
    },
  );

  it("has no file or folder that Lambda's runtime would take for a function's own: it looks for the name without its ending first", () => {
    for (const { handler } of ourStack().functions)
      expect(existsSync(join(outDir, handler.replace('dist/', '').replace('.handler', '')))).toBe(false);
  });

  it('keeps charts out of the door, which draws none', () => {
    const has = (name: string) => readFileSync(join(outDir, name), 'utf8').includes('IHDR');
    expect([has('http.mjs'), has('worker.mjs')]).toEqual([false, true]);
  });

  it.each([
    ['a YAML parser', 'TAB_AS_INDENT'],
    ['undici, for Socket Mode', 'UND_ERR_CONNECT_TIMEOUT'],
    ['jsonwebtoken, for OAuth', 'jwt malformed'],
    ['the tables of iconv-lite', 'gb18030'],
  ])('brings no function %s', (_, mark) => {
    for (const { file } of built.filter(({ file }) => file.endsWith('.mjs') && !file.includes('/container/'))) {
      expect(readFileSync(file, 'utf8')).not.toContain(mark);
    }
  });

  it.each(ourStack().functions)(
    'makes $name loadable as Lambda loads it, and no clock meanwhile: the first takes a third of a start',
    async ({ handler, environment }) => {
      const [file, name] = handler.replace('dist/', '').split('.');
      const noClock = "Intl.DateTimeFormat = class { constructor() { throw new RangeError('a clock'); } };";
      const bundle = `const bundle = await import(${JSON.stringify(join(outDir, `${file}.mjs`))}); console.log(typeof bundle.${name});`;
      const program = `${noClock} ${bundle}`;
      const env = { ...environment, AWS_REGION: place.region, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
      expect(await runNode(['--input-type=module', '--eval', program], env)).toBe('function\n');
    },
  );

  it('holds no path of the machine it was made on', () => {
    const root = new URL('../../', import.meta.url).pathname;
    for (const { file } of built) expect(readFileSync(file, 'utf8')).not.toContain(root);
  });
});

describe('the bundled door', () => {
  const secret = '0123456789abcdef0123456789abcdef';
  let ssm: LocalSsm;
  let bus: LocalServer;
  const put: unknown[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'coldframe-door-'));

  beforeAll(async () => {
    ssm = await startSsm({
      file: join(dir, 'ssm.json'),
      account: place.account,
      region: place.region,
      journal: () => {},
      credentials: [credentials],
    });
    ssm.putSecret('/coldframe/local/slack-signing-secret', secret);
    ssm.putSecret('/coldframe/local/link-secret', 'link-secret');
    ssm.putSecret('/coldframe/local/slack-bot-token', 'xoxb-local');
    bus = await serve(({ body }) => {
      const { Entries } = JSON.parse(body.toString());
      put.push(...Entries);
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({ FailedEntryCount: 0, Entries: Entries.map((_: unknown, index: number) => ({ EventId: String(index) })) }),
      };
    });
  });
  afterAll(async () => {
    await Promise.all([ssm.stop(), bus.stop()]);
    rmSync(dir, { recursive: true });
  });

  /** Calls the bundle's handler in a process of its own, as Lambda would, and gives what it answers. */
  const invoke = async (event: unknown): Promise<{ statusCode: number; body: string }> => {
    const [door] = ourStack().functions;
    const program = `const { handler } = await import(${JSON.stringify(join(outDir, 'http.mjs'))});
      console.log('ANSWER ' + JSON.stringify(await handler(${JSON.stringify(event)})));
      process.exit(0);`;
    const output = await runNode(['--input-type=module', '--eval', program], {
      ...door?.environment,
      AWS_REGION: place.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
    });
    return JSON.parse(output.split('ANSWER ')[1] ?? 'null');
  };

  const slashCommand = (text: string, signedWith = secret) =>
    deliveredForm(signedWith, {
      ...{ command: '/run-tests', text, user_id: 'U0TESTER1', channel_id: 'C0UITESTS', team_id: 'T0LOCAL11' },
      ...{ trigger_id: '1.2.abc', response_url: 'http://127.0.0.1:1/response' },
    });

  it('takes a signed command and hands it over', async () => {
    expect((await invoke(slashCommand('staging'))).statusCode).toBe(200);
    expect(put).toMatchObject([{ EventBusName: 'coldframe-local', Source: 'coldframe.door', DetailType: 'Run Requested' }]);
  });

  it('takes a button through Bolt and hands it over, without what was left out of it', async () => {
    put.length = 0;
    const payload = {
      ...{
        type: 'block_actions',
        user: { id: 'U0TESTER1' },
        team: { id: 'T0LOCAL11' },
        channel: { id: 'C0UITESTS' },
        message: { ts: '1.2' },
      },
      ...{ container: {}, actions: [{ type: 'button', action_id: 'run_again', block_id: 'b', value: 'staging', action_ts: '1' }] },
    };
    expect((await invoke(deliveredForm(secret, { payload: JSON.stringify(payload) }))).statusCode).toBe(200);
    expect(put).toMatchObject([{ Source: 'coldframe.door', DetailType: 'Run Requested' }]);
  });

  it('follows no link that is not ours, and asks nobody for that', async () => {
    const { body: _, ...link } = {
      ...slashCommand(''),
      rawPath: '/reports/staging/x/report.html',
      queryStringParameters: { s: 'guessed' },
    };
    expect((await invoke(link)).statusCode).toBe(404);
  });

  it('answers help to the asker only', async () => {
    expect(JSON.parse((await invoke(slashCommand('help'))).body)).toMatchObject({ response_type: 'ephemeral' });
  });

  it('refuses a command that somebody else signed', async () => {
    expect((await invoke(slashCommand('local', 'another secret'))).statusCode).toBe(401);
  });
});

describe('npm run build', () => {
  it('says everything that is wrong with coldframe.yml, and fails', () => {
    const { status, stderr } = spawnSync(process.execPath, ['src/local/build.ts', 'test/fixtures/coldframe-wrong.yml'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'coldframe-wrong.yml:3: environments.staging.url: `staging` is not a URL: write it like `https://staging.example.com`\n' +
        'coldframe-wrong.yml:5: environments.staging.retrys: is not a field we know: did you mean `retry`?\n',
    );
    expect(status).toBe(1);
  });
});
