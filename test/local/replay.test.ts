import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskedEvent } from '../../src/app/received.ts';
import { functionFor, recordedEvent } from '../../src/local/replay/recorded-event.ts';
import { isEveryRow } from '../every-row.ts';
import { useOneBuild } from '../one-build.ts';

const root = new URL('../../', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'coldframe-replay-test-'));
beforeAll(() => useOneBuild(dir));
afterAll(() => rmSync(dir, { recursive: true }));

/** A world that is not kept builds the functions first: `npm test` has them. */
const place = isEveryRow ? [] : ['--state', dir];

const line = (name: string, event: unknown): string =>
  JSON.stringify({ level: 'info', event: 'event received', function: name, stage: 'prod', received: maskedEvent(event) });

const replay = (recorded: string, ...args: readonly string[]) => {
  const file = join(dir, 'event.json');
  writeFileSync(file, recorded);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/local/main.ts', 'replay', file, ...place, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

const responseUrl = 'https://hooks.slack.com/commands/T0TEAM/1/secret';

/** A command as an HTTP API hands it over. */
const command = {
  version: '2.0',
  rawPath: '/slack/events',
  rawQueryString: '',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': '1700000000',
    'x-slack-signature': 'v0=0123456789abcdef0123456789abcdef',
  },
  requestContext: { http: { method: 'POST', path: '/slack/events', sourceIp: '127.0.0.1' } },
  body: Buffer.from(
    new URLSearchParams({
      command: '/run-tests',
      text: 'nowhere',
      user_id: 'U0ADA',
      channel_id: 'C0UITESTS',
      trigger_id: '1.2.3',
      response_url: responseUrl,
    }).toString(),
  ).toString('base64'),
  isBase64Encoded: true,
};

const cancel = {
  source: 'coldframe.door',
  'detail-type': 'Cancel Requested',
  detail: {
    version: 1,
    runId: 'staging-20261123-0604-aaaaaa',
    environment: 'staging',
    askedAt: '2026-11-23T06:04:00.000Z',
    asker: { kind: 'slack', userId: 'U0ADA' },
    responseUrl,
  },
};

describe('an event is found', () => {
  const event = { source: 'aws.ecs', detail: { a: 1 } };
  const ours = line('runStopped', event);
  const found = { functionName: 'runStopped', stage: 'prod', event };
  it.each([
    ['as the event itself', JSON.stringify(event, undefined, 2), { event }],
    ['as our log line', ours, found],
    ['as the log line with what Lambda writes before it', `2026-11-23T06:04:00.000Z\t4d1c\tINFO\t${ours}\n`, found],
    ["within Lambda's own JSON", JSON.stringify({ timestamp: '2026', level: 'INFO', message: JSON.parse(ours) }), found],
    ['as FilterLogEvents answers', JSON.stringify({ events: [{ timestamp: 1, message: `${ours}\n` }] }), found],
    ['as Logs Insights exports it', JSON.stringify([{ '@timestamp': '2026', '@message': ours }]), found],
  ])('%s', (_, text, expected) => expect(recordedEvent(text)).toEqual(expected));

  it.each([
    ['no JSON', 'START RequestId: 1', 'it holds no JSON'],
    ['two events', JSON.stringify([event, event]), 'one at a time'],
    ['a number', '[3]', 'an event is a JSON object'],
  ])('not in %s, and it says why', (_, text, because) => expect(() => recordedEvent(text)).toThrow(because));

  it.each([
    [command, 'http'],
    [{ Records: [] }, 'worker'],
    [{ source: 'aws.s3' }, 'worker'],
    [{ source: 'aws.ecs' }, 'runStopped'],
    [{ 'detail-type': 'Scheduled Event', source: 'aws.events' }, 'sweep'],
    [{ source: 'somebody' }, undefined],
  ])('for its function', (one, name) => expect(functionFor(one)).toBe(name));
});

describe('npm run coldframe -- replay', () => {
  it("runs a masked command through the door, signed anew, and shows the asker's answer", () => {
    const { status, stdout } = replay(line('http', command));
    expect(stdout).toMatch(/http returned \{[\s\S]*"statusCode": 200[\s\S]*There is no environment `nowhere`/);
    expect(stdout).toMatch(/^REPORT RequestId: /m);
    expect(status).toBe(0);
  });

  it.runIf(isEveryRow)("runs a CI's request that is long over, signed anew with its key", () => {
    const asked = {
      ...command,
      rawPath: '/runs',
      headers: {
        'content-type': 'application/json',
        'coldframe-key': 'merges',
        'coldframe-timestamp': '1700000000',
        'coldframe-signature': `v1=${'0'.repeat(64)}`,
      },
      requestContext: { http: { method: 'POST', path: '/runs', sourceIp: '127.0.0.1' } },
      body: JSON.stringify({ environment: 'nowhere', idempotencyKey: 'build-1' }),
      isBase64Encoded: false,
    };
    const { status, stdout } = replay(line('http', asked));
    // The door looks at what is asked for only when it knows who asks.
    expect(stdout).toMatch(/http returned \{[\s\S]*"statusCode": 400[\s\S]*no environment `nowhere`/);
    expect(status).toBe(0);
  });

  it.runIf(isEveryRow)('runs what came from the queue through the worker, and what only the asker would see never leads to Slack', () => {
    const { status, stdout } = replay(JSON.stringify({ Records: [{ messageId: 'm1', body: JSON.stringify(cancel) }] }));
    expect(stdout).toMatch(/to the asker alone: .*I know no run `staging-20261123-0604-aaaaaa`/);
    expect(stdout).toMatch(/worker returned \{\s+"batchItemFailures": \[\]/);
    expect(status).toBe(0);
  });

  it.each([
    [['--function', 'wrker'], 'there is no function `wrker`'],
    [['--live'], '--live needs --stage'],
  ])('refuses %s and says why', (args, because) => {
    expect(replay(line('sweep', {}), ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(because) });
  });
});

it('a replayed function reaches nothing but this machine', async () => {
  const server = createServer((_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const guard = new URL('../../src/local/replay/loopback-only.mjs', import.meta.url).href;
  const { spawn } = await import('node:child_process');
  const program = `import { get } from 'node:https';
    const asked = await fetch('http://127.0.0.1:${port}/').then((answer) => answer.text());
    const fetched = await fetch('https://192.0.2.1/').catch((error) => error.cause.message);
    const got = await new Promise((resolve) => get('https://hooks.slack.com/').on('error', (error) => resolve(error.message)));
    console.log(JSON.stringify([asked, fetched, got]));`;
  const child = spawn(process.execPath, [`--import=${guard}`, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = '';
  for await (const part of child.stdout) written += part;
  server.close();
  const refusal = (host: string) => `replay connects to this machine only, not to ${host}: say --live to touch the real world`;
  expect(JSON.parse(written)).toEqual(['here', refusal('192.0.2.1'), refusal('hooks.slack.com')]);
});
