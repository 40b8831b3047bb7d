import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AcceptedRun, ToldRun } from '../../src/app/ask-over-http.ts';
import { signatureHeaders } from '../../src/run/signature.ts';
import { ciOf, type Sent } from './a-ci.ts';
import { type AWorld, aWorld, endOf, parents, runOf, until } from './a-world.ts';

const timeout = 120_000;

let world: AWorld;
let send: Awaited<ReturnType<typeof ciOf>>;
beforeAll(async () => {
  world = await aWorld();
  send = await ciOf(world);
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

    const states: ToldRun[] = [];
    const end = await until(world, async () => {
      const told = await send({ method: 'GET', path: `/runs/${id}` });
      expect(told.status).toBe(200);
      states.push(told.body);
      return told.body.state === 'finished' ? (told.body as ToldRun) : undefined;
    });
    expect(end).toMatchObject({ id, environment: 'local', outcome: 'passed', summary: expect.stringContaining('local passed'), report });
    expect(end.counts?.total).toBeGreaterThan(0);
    expect((await fetch(report)).status).toBe(200);

    await endOf(world, id);
    const [message] = parents(world, world.catalogue.get('local')?.channel).filter((one) => runOf(one) === id);
    expect(JSON.stringify(message?.blocks)).toContain('CI (key `merges`)');
  });

  it('gets the same run for the same key, and nothing is started twice', async () => {
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

  it('is refused when the same key asks for something else', async () => {
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

  it('tells of no run that is not there, of none elsewhere, and of nothing that is no run', async () => {
    expect(await send({ method: 'GET', path: '/runs/local-20260101-0000-abcdef' })).toMatchObject({ status: 404 });
    expect(await send({ method: 'GET', path: '/runs/guarded-20260101-0000-abcdef' })).toMatchObject({ status: 403 });
    expect(await send({ method: 'GET', path: '/runs/x' })).toMatchObject({ status: 404 });
  });
});
