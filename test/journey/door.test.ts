import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, parents } from './a-world.ts';

const timeout = 120_000;
const form = 'application/x-www-form-urlencoded';

let world: AWorld;
let secret: string;
beforeAll(async () => {
  world = await aPlainWorld();
  secret = JSON.parse(await readFile(join(world.dir, 'secrets.json'), 'utf8')).signingSecret;
}, timeout);
afterAll(async () => await world.end(), timeout);

interface Sent {
  readonly body: string | Buffer;
  readonly type?: string;
  readonly laterS?: number;
  readonly secret?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly path?: string;
}

/** A request to the door as Slack signs it, with whatever a test wants to be wrong about it. */
async function send({ body, type = form, laterS = 0, secret: key = secret, headers = {}, path = '/slack/events' }: Sent) {
  const bytes = Buffer.from(body);
  const timestamp = String(Math.floor(Date.now() / 1_000) + laterS);
  const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:`).update(bytes).digest('hex')}`;
  const all = { 'content-type': type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature, ...headers };
  const given = Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const response = await fetch(`${world.publicUrl}${path}`, { method: 'POST', headers: given, body: bytes });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const command = (fields: Record<string, string> = {}) =>
  new URLSearchParams({
    command: '/run-tests',
    text: 'nowhere',
    user_id: 'U0ADA',
    channel_id: 'C0UITESTS',
    team_id: 'T0COLDFRAME',
    trigger_id: '1.2.3',
    response_url: 'http://127.0.0.1:9/',
    ...fields,
  }).toString();

/** Functions that failed, and requests that went on: nothing bad may lead to either. */
const errors = () => world.journal().filter(({ source, status = 200 }) => source === 'lambda' && status >= 500);
const handedOver = () => world.journal().filter(({ source, name }) => source === 'events' && name === 'Run Requested');

describe('the door', { timeout }, () => {
  it('answers what Slack signed, as JSON', async () => {
    expect(await send({ body: command() })).toMatchObject({
      status: 200,
      type: 'application/json',
      text: expect.stringContaining('There is no environment'),
    });
  });

  it('takes a form with a charset and a body that is not ASCII', async () => {
    const answer = await send({ body: command({ text: 'nöwhere “@smoke”' }), type: `${form}; charset=utf-8` });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('nöwhere')]);
  });

  it.each<[string, number, () => Sent]>([
    ['not signed', 401, () => ({ body: command({ text: 'local' }), headers: { 'x-slack-signature': undefined } })],
    ['without a timestamp', 401, () => ({ body: command({ text: 'local' }), headers: { 'x-slack-request-timestamp': undefined } })],
    ['signed by somebody else', 401, () => ({ body: command({ text: 'local' }), secret: 'not the secret' })],
    ['six minutes old', 401, () => ({ body: command({ text: 'local' }), laterS: -360 })],
    ['six minutes early', 401, () => ({ body: command({ text: 'local' }), laterS: 360 })],
    [
      'unsigned junk that calls itself JSON',
      401,
      () => ({ body: '{', type: 'application/json', headers: { 'x-slack-signature': undefined } }),
    ],
    ['an unsigned ssl_check', 401, () => ({ body: 'ssl_check=1', headers: { 'x-slack-signature': undefined } })],
    ['empty', 400, () => ({ body: '' })],
    ['a form that is no command', 400, () => ({ body: 'a=b' })],
    ['JSON that is none', 400, () => ({ body: '{', type: 'application/json' })],
    ['JSON in a form', 400, () => ({ body: '{"type":"event_callback"}' })],
    ['a form in JSON', 400, () => ({ body: command({ text: 'local' }), type: 'application/json' })],
    ['a payload that is no JSON', 400, () => ({ body: 'payload=%7B' })],
    ['of no type', 400, () => ({ body: command({ text: 'local' }), type: 'application/octet-stream' })],
    ['bytes that are no text', 400, () => ({ body: Buffer.from([0xff, 0xfe, 0x00, 0x80]) })],
  ])('refuses a request that is %s', async (_, status, sent) => {
    const before = [errors().length, handedOver().length, parents(world).length];
    expect((await send(sent())).status).toBe(status);
    expect([errors().length, handedOver().length, parents(world).length]).toEqual(before);
  });

  it.each<[string, string]>([
    ['a command that is not ours', command({ command: '/deploy' })],
    [
      'a shortcut',
      `payload=${encodeURIComponent(JSON.stringify({ type: 'shortcut', callback_id: 'x', trigger_id: '1', user: { id: 'U0ADA' }, team: { id: 'T' } }))}`,
    ],
    [
      'a button that is not ours',
      `payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U0ADA' }, team: { id: 'T' }, container: {}, channel: { id: 'C0UITESTS' }, response_url: 'http://127.0.0.1:9/', actions: [{ type: 'button', action_id: 'other', block_id: 'b', value: 'x', action_ts: '1' }] }))}`,
    ],
    [
      'a button with a forged value',
      `payload=${encodeURIComponent(JSON.stringify({ type: 'block_actions', user: { id: 'U0ADA' }, team: { id: 'T' }, container: {}, channel: { id: 'C0UITESTS' }, response_url: 'http://127.0.0.1:9/', actions: [{ type: 'button', action_id: 'cancel_run', block_id: 'b', value: '../../x', action_ts: '1' }] }))}`,
    ],
  ])('acknowledges %s at once, and does nothing', async (_, body) => {
    const before = [errors().length, handedOver().length];
    const answer = await send({ body });
    expect(answer.status).toBe(200);
    expect([errors().length, handedOver().length]).toEqual(before);
  });

  it('answers Slack when it asks whether the address is ours', async () => {
    const answer = await send({
      body: JSON.stringify({ type: 'url_verification', challenge: 'abc', token: 't' }),
      type: 'application/json',
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('abc')]);
  });

  it('knows no other address', async () => {
    expect((await send({ body: command(), path: '/slack/other' })).status).toBe(404);
    expect((await fetch(`${world.publicUrl}/reports/local/x/report.html?s=guess`)).status).toBe(404);
    expect((await fetch(`${world.publicUrl}/reports/local/../../state/x?s=guess`)).status).toBe(404);
  });

  it('makes no call of its own to Slack', () => {
    expect(world.journal().filter(({ source, name }) => source === 'slack' && name === 'auth.test')).toEqual([]);
  });

  it('throws at an event that is not its own, so that it is retried and kept, not lost as a 404', async () => {
    const event = { version: '0', source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: {} };
    expect(await world.lambda.invoke('http', event)).toMatchObject({ kind: 'failed' });
    expect(await world.lambda.invoke('runStopped', { source: 'aws.s3', 'detail-type': 'Object Created' })).toMatchObject({
      kind: 'failed',
    });
    expect(await world.lambda.invoke('worker', { source: 'aws.ecs' })).toMatchObject({ kind: 'failed' });
  });
});
