import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { AcceptedRun, ToldRun } from '../../src/app/ask-over-http.ts';
import { readAudit } from '../../src/local/remote/audit-command.ts';
import { signatureHeaders } from '../../src/run/signature.ts';
import { isEveryRow } from '../every-row.ts';
import { ciOf, type Sent } from './a-ci.ts';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, endOf, parents, runOf, until } from './a-world.ts';

const timeout = 120_000;

let world: AWorld;
let secret: string;
let send: Awaited<ReturnType<typeof ciOf>>;
beforeAll(async () => {
  world = await aPlainWorld();
  send = await ciOf(world);
  secret = JSON.parse(await readFile(join(world.dir, 'secrets.json'), 'utf8')).ciKey;
}, timeout);
afterAll(async () => await world.end(), timeout);

const wanted = (fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ environment: 'local', tags: '@smoke', idempotencyKey: 'build-1', ...fields });

const handedOver = () => world.journal().filter(({ source, name }) => source === 'events' && name === 'Run Requested').length;

describe('a CI with a key', { timeout }, () => {
  it('asks for a run, follows it to its end, and the channel of the environment hears of it', async () => {
    const asked = await send({ body: wanted({ idempotencyKey: 'build-7' }) });
    expect(asked.status).toBe(202);
    const { id, address, report }: AcceptedRun = asked.body;
    expect(address).toBe(`${world.publicUrl}/runs/${id}`);

    const tell = async (): Promise<ToldRun> => {
      const told = await send({ method: 'GET', path: `/runs/${id}` });
      expect(told.status).toBe(200);
      return told.body;
    };
    expect((await tell()).id).toBe(id);
    await endOf(world, id);
    const end = await tell();
    expect(end).toMatchObject({ id, environment: 'local', outcome: 'passed', summary: expect.stringContaining('local passed'), report });
    expect(end.counts?.total).toBeGreaterThan(0);
    expect((await fetch(report)).status).toBe(200);
    const [message] = parents(world, world.catalogue.get('local')?.channel).filter((one) => runOf(one) === id);
    expect(JSON.stringify(message?.blocks)).toContain('CI (key `merges`)');
  });

  it.runIf(isEveryRow)('gets the same run for the same key, and nothing is started twice', async () => {
    const body = wanted({ idempotencyKey: 'build-8', tags: '@nothing' });
    const [first, second, spaced] = await Promise.all([send({ body }), send({ body }), send({ body: ` ${body}` })]);
    expect([first.status, second.status, spaced.status]).toEqual([202, 202, 202]);
    expect(new Set([first.body.id, second.body.id, spaced.body.id]).size).toBe(1);
    await endOf(world, first.body.id);
    const tasks = world.tasksStarted();
    const before = handedOver();
    expect(await send({ body })).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect([world.tasksStarted(), handedOver()]).toEqual([tasks, before]);
    expect(parents(world).filter((one) => runOf(one) === first.body.id)).toHaveLength(1);
  });

  it.runIf(isEveryRow)('is refused when the same key asks for something else', async () => {
    const first = await send({ body: wanted({ idempotencyKey: 'build-9', tags: '@nothing' }) });
    const other = await send({ body: wanted({ idempotencyKey: 'build-9', tags: '@smoke' }) });
    expect(other).toEqual({ status: 409, body: { error: expect.stringContaining(first.body.id) } });
    await endOf(world, first.body.id);
  });
});

describe('the door', { timeout }, () => {
  it.each<[string, () => Sent]>([
    ['signed with another secret', () => ({ body: wanted(), key: 'another' })],
    ['six minutes old', () => ({ body: wanted(), laterS: -360 })],
    ['six minutes early', () => ({ body: wanted(), laterS: 360 })],
    ['with another body than was signed', () => ({ body: wanted({ tags: '@nothing' }), instead: { body: wanted() } })],
    ['signed for another path', () => ({ body: wanted(), path: '/runs/x', instead: { path: '/runs' } })],
    ['signed for another query', () => ({ body: wanted(), instead: { path: '/runs?retry=5' } })],
    ['signed for another method', () => ({ method: 'GET', path: '/runs/x', instead: { path: '/runs/y' } })],
    ['of a key that nobody knows', () => ({ body: wanted(), headers: { [signatureHeaders.key]: 'others' } })],
    ['of a key with the name of a property', () => ({ body: wanted(), headers: { [signatureHeaders.key]: '__proto__' } })],
    ['without a time', () => ({ body: wanted(), headers: { [signatureHeaders.timestamp]: '' } })],
    ['without a signature', () => ({ body: wanted(), headers: { [signatureHeaders.signature]: '' } })],
    ['with a signature of the right length', () => ({ body: wanted(), headers: { [signatureHeaders.signature]: `v1=${'0'.repeat(64)}` } })],
  ])('answers 401 to a request %s, and starts nothing', async (_, sent) => {
    const before = handedOver();
    expect(await send(sent())).toEqual({ status: 401, body: { error: expect.any(String) } });
    expect(handedOver()).toBe(before);
  });

  it('says each 401 in a line that a metric counts', async () => {
    await send({ body: wanted(), key: 'another' });
    const lines = () => world.logs.tail({ group: '/aws/lambda/coldframe-local-http' }, 1_000).map(({ message }) => message);
    const rejected = await vi.waitFor(
      () => lines().find((line) => line.includes('not signed with a key')) ?? expect.fail('not yet'),
      30_000,
    );
    const { event } = JSON.parse(rejected.slice(rejected.indexOf('{')));
    expect(await readFile('serverless.yml', 'utf8')).toContain(`FilterPattern: '{ $.event = "${event}" }'`);
  });

  it.each<[number, string, string]>([
    [403, wanted({ environment: 'guarded' }), 'does not allow this caller to run on guarded, only on local, staging'],
    [400, wanted({ environment: 'lokal' }), 'did you mean `local`?'],
    [400, wanted({ idempotencyKey: undefined }), 'idempotencyKey is missing'],
    [400, wanted({ idempotencyKey: '' }), 'idempotencyKey must be 1 to 200 visible ASCII characters'],
    [400, wanted({ retry: 9 }), '`retry=` takes a whole number from 0 to 5'],
    [400, wanted({ tags: '@a and' }), ''],
    [400, wanted({ ref: 'main' }), 'runs the suite that is baked into its image'],
    [400, wanted({ features: ['../secrets.feature'] }), 'is not a feature file of the suite'],
    [400, wanted({ url: 'https://elsewhere.example.com' }), 'url is no field of a request'],
    [400, '{', 'must be a JSON object'],
    [400, '[]', 'must be a JSON object'],
  ])('answers %i to %s', async (status, body, because) => {
    const before = handedOver();
    const answer = await send({ body });
    expect([answer.status, answer.body.error]).toEqual([status, expect.stringContaining(because)]);
    expect(handedOver()).toBe(before);
  });

  it('is kept in the audit log when it is refused, with who asked and why', async () => {
    await send({ body: wanted({ environment: 'guarded', idempotencyKey: 'build-99' }) });
    const entry = await until(world, async () =>
      (await readAudit(world.store, '')).find(({ text, came }) => text.includes('build-99') && came.kind === 'refused'),
    );
    expect(entry).toMatchObject({ by: { kind: 'http', keyId: 'merges' }, environment: 'guarded', deed: 'run' });
  });

  it('tells of no run that is not there, of none elsewhere, and of nothing that is no run', async () => {
    expect(await send({ method: 'GET', path: '/runs/local-20260101-0000-abcdef' })).toMatchObject({ status: 404 });
    expect(await send({ method: 'GET', path: '/runs/guarded-20260101-0000-abcdef' })).toMatchObject({ status: 403 });
    expect(await send({ method: 'GET', path: '/runs/x' })).toMatchObject({ status: 404 });
  });
});

describe("a CI with its provider's token", { timeout }, () => {
  async function show(token: string | undefined, body?: string, path = '/oidc/runs') {
    const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${world.publicUrl}${path}`, { headers, ...(body !== undefined && { method: 'POST', body }) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  it('runs where coldframe.yml trusts it, and the channel hears whose it is', async () => {
    const token = await world.issuer.token();
    const asked = await show(token, wanted({ idempotencyKey: 'build-20', tags: '@nothing' }));
    expect(asked.status).toBe(202);
    await endOf(world, asked.body.id);
    expect(await show(token, undefined, `/oidc/runs/${asked.body.id}`)).toMatchObject({ status: 200, body: { outcome: 'empty' } });
    const message = parents(world).find((one) => runOf(one) === asked.body.id);
    expect(JSON.stringify(message?.blocks)).toContain('CI (`example/shop@main`)');
  });

  it.runIf(isEveryRow)('does not share its idempotency keys with others', async () => {
    const body = wanted({ idempotencyKey: 'build-21', tags: '@nothing' });
    const [mine, other] = [await show(await world.issuer.token(), body), await send({ body })];
    expect([mine.status, other.status]).toEqual([202, 202]);
    expect(mine.body.id).not.toBe(other.body.id);
    await Promise.all([mine, other].map(({ body: { id } }) => endOf(world, id)));
  });

  const nowS = () => Math.floor(Date.now() / 1_000);
  it.each<[string, number, () => Promise<string | undefined>]>([
    ['no token', 401, async () => undefined],
    ['what is none', 401, async () => 'x.y.z'],
    ['a token for somebody else', 401, async () => await world.issuer.token({ aud: 'other' })],
    ['one of another provider', 401, async () => await world.issuer.token({ iss: 'https://gitlab.example.com' })],
    ['one that is over', 401, async () => await world.issuer.token({ exp: nowS() - 1 })],
    ['one that is not yet', 401, async () => await world.issuer.token({ nbf: nowS() + 60 })],
    ['one that somebody has changed', 401, async () => changed(await world.issuer.token({ repository: 'other/shop' }))],
    ['one without a signature', 401, async () => (await world.issuer.token()).replace(/[^.]+$/, '')],
    ['one of another branch', 403, async () => await world.issuer.token({ ref: 'refs/heads/next' })],
    ['one of a pull request', 403, async () => await world.issuer.token({ ref: 'refs/pull/7/merge' })],
    ['one of another repository', 403, async () => await world.issuer.token({ repository: 'other/shop' })],
    ['one without the claim', 403, async () => await world.issuer.token({ ref: undefined })],
  ])('that shows %s is answered %i, and starts nothing', async (_, status, token) => {
    const before = handedOver();
    expect((await show(await token(), wanted())).status).toBe(status);
    expect(handedOver()).toBe(before);
  });

  it("cannot come by the other's way", async () => {
    expect((await show(await world.issuer.token(), wanted(), '/runs')).status).toBe(401);
    expect((await send({ body: wanted(), path: '/oidc/runs' })).status).toBe(401);
  });
});

/** The token with claims of our own under the old signature. */
function changed(token: string): string {
  const [head, body = '', signature] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(body, 'base64url').toString()), repository: 'example/shop' };
  return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}

describe('`npm run coldframe -- run`', { timeout }, () => {
  let folder: string;
  beforeAll(async () => {
    // A CI that checks Coldframe out has installed nothing.
    folder = await mkdtemp(join(tmpdir(), 'coldframe-run-'));
    await cp('src', join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  /** What a build would see: the exit code, and all that is printed. */
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    start(process.execPath, [join(folder, 'src/local/main.ts'), 'run', ...args], env);

  async function start(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(file, [...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, COLDFRAME_URL: `${world.publicUrl}/runs`, COLDFRAME_KEY: secret, COLDFRAME_KEY_ID: 'merges', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [[code], printed, complained] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    return { code, printed, complained };
  }

  it.runIf(isEveryRow)('follows a run to its end in lines, and passes with it', async () => {
    const { code, printed } = await run(['local', '--tags', '@smoke', '--retry', '0', '--wait']);
    expect(printed).toMatch(
      /^(local-\d{8}-\d{4}-\w{6}) was accepted\n[\s\S]*local passed[\s\S]*\noutcome: passed, run: \1, report: http\S+\n$/,
    );
    expect(code).toBe(0);
  });

  it('fails with a run that fails, and says what and where', async () => {
    const { code, printed } = await run(['local', '--tags', '@fails', '--retry', '0', '--wait']);
    expect(printed).toMatch(/\n {2}features\/\S+\.feature:\d+\n {2}│ \S+/);
    expect([code, printed]).toEqual([1, expect.stringContaining('\noutcome: failed, run: local-')]);
  });

  it.runIf(isEveryRow)('ends with 2 when nothing was checked, and when it is refused', async () => {
    expect(await run(['local', '--tags', '@nothing', '--wait'])).toMatchObject({
      code: 2,
      printed: expect.stringContaining('outcome: empty'),
    });
    expect(await run(['guarded', '--wait'])).toMatchObject({
      code: 2,
      complained: expect.stringContaining('not allow this caller to run on guarded'),
    });
    expect(await run(['local'], { COLDFRAME_KEY: 'x' })).toMatchObject({
      code: 2,
      complained: expect.stringContaining('answered with 401'),
    });
  });

  it.runIf(isEveryRow)("gets a token from GitHub when it is one of GitHub's jobs", async () => {
    const { code, printed } = await run(['local', '--tags', '@nothing', '--wait'], { COLDFRAME_KEY: '', ...world.issuer.environment });
    expect([code, printed]).toEqual([2, expect.stringContaining('outcome: empty')]);
  });

  it.runIf(isEveryRow)('does what the example workflow for GitHub Actions says', async () => {
    const workflow = parse(await readFile('docs/ui-tests.github.yml', 'utf8'));
    expect(workflow.permissions['id-token']).toBe('write');
    const step = workflow.jobs.staging.steps.at(-1);
    const node = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    const env = { ...node, ...world.issuer.environment, COLDFRAME_KEY: '', BUILD: '4711-1' };
    const { code, printed } = await start('bash', ['-ec', step.run.replace('staging', 'local')], env);
    expect(Object.keys(step.env)).toEqual(['COLDFRAME_URL', 'BUILD']);
    expect([code, printed]).toEqual([0, expect.stringContaining('outcome: passed')]);
  });

  it('does not wait when nobody asks it to, and the same idempotency key is the same run', async () => {
    const args = ['local', '--tags', '@nothing', '--idempotency-key', 'build-70'];
    const [first, second] = [await run(args), await run(args)];
    expect(first).toEqual({ code: 0, printed: expect.stringMatching(/^local-\S+ was accepted\n$/), complained: '' });
    expect(second).toEqual(first);
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['where', ['local'], { COLDFRAME_URL: '' }, 'Where is it deployed?'],
    ['who', ['local'], { COLDFRAME_KEY: '' }, 'Nothing here says who asks'],
    ['which key', ['local'], { COLDFRAME_KEY_ID: '' }, 'name it with --key-id'],
    ['which environment', [], {}, 'One environment is needed'],
    ['a number', ['local', '--retry', 'often'], {}, '--retry takes a number'],
    ['an option that is there', ['local', '--key', 'secret'], {}, "Unknown option '--key'"],
  ])('asks for %s', async (_, args, env, sentence) => {
    expect(await run(args, env)).toEqual({ code: 2, printed: '', complained: expect.stringContaining(sentence) });
  });
});
