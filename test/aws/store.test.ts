import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Store, s3Store } from '../../src/aws/store.ts';
import { type LocalS3, startS3 } from '../../src/local/s3/s3.ts';
import { type Incoming, type LocalServer, type Outgoing, serve } from '../../src/local/wire/http-server.ts';

const bucket = 'coldframe-test';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const client = (endpoint: string) => new S3Client({ endpoint, region: 'eu-central-1', credentials });
interface Counter {
  readonly version: 1;
  readonly count: number;
}
const parse = (json: unknown) => json as Counter;

let dir: string;
let s3: LocalS3;
let store: Store;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coldframe-store-'));
  s3 = await startS3({ dir, buckets: [bucket], journal: () => {}, onObjectCreated: () => {}, credentials: [credentials] });
  store = s3Store(client(s3.url), bucket);
});
afterAll(async () => {
  await s3.stop();
  await rm(dir, { recursive: true });
});

describe('the store', () => {
  it('lets exactly one of fifty create an object', async () => {
    const won = await Promise.all(Array.from({ length: 50 }, (_, count) => store.create('claims/one.json', { version: 1, count })));
    expect(won.filter((isOurs) => isOurs)).toHaveLength(1);
    expect((await store.get('claims/one.json', parse))?.value.count).toBe(won.indexOf(true));
  });

  it('loses no change of twelve that are made at once', async () => {
    await Promise.all(
      Array.from({ length: 12 }, () =>
        store.update('state/count.json', parse, (now) => ({ version: 1 as const, count: (now?.count ?? 0) + 1 })),
      ),
    );
    expect((await store.get('state/count.json', parse))?.value.count).toBe(12);
  });

  it('writes nothing when nothing changes', async () => {
    await store.create('state/still.json', { version: 1, count: 1 });
    const before = await store.get('state/still.json', parse);
    expect(await store.update('state/still.json', parse, (now) => now)).toEqual({ version: 1, count: 1 });
    expect((await store.get('state/still.json', parse))?.etag).toBe(before?.etag);
    expect(await store.update('state/none.json', parse, (now) => now)).toBeUndefined();
  });

  it('says what is wrong with an object that is not what it should be', async () => {
    await store.put('state/broken.json', '{', 'application/json');
    await expect(store.get('state/broken.json', parse)).rejects.toThrow(`s3://${bucket}/state/broken.json is not what it should be`);
  });

  it('lists what there is, and the folders that it is in', async () => {
    await store.put('messages/a/1.gz', 'one', 'application/gzip');
    await store.put('messages/a/2.gz', 'two', 'application/gzip');
    await store.put('messages/b/x/1.gz', 'three', 'application/gzip');
    expect(await Array.fromAsync(store.list('messages/a'))).toEqual(['messages/a/1.gz', 'messages/a/2.gz']);
    expect(await Array.fromAsync(store.folders('messages/'))).toEqual(['a', 'b']);
  });

  it('does not read an object that is larger than a function holds', async () => {
    await store.put('state/large.json', ' '.repeat(1_001), 'application/json');
    expect((await store.getBytes('state/large.json', 1_001))?.length).toBe(1_001);
    await expect(store.getBytes('state/large.json', 1_000)).rejects.toThrow('state/large.json has 1001 bytes, more than 1000');
  });

  it('makes addresses that work without credentials', async () => {
    await store.put('reports/x.html', '<p>hello</p>', 'text/html');
    const response = await fetch(await store.presign('reports/x.html', 60));
    expect([response.status, await response.text()]).toEqual([200, '<p>hello</p>']);
  });
});

/** The very same request, also to the Host header, which is signed. */
function passOn({ method, target, headers, body }: Pick<Incoming, 'method' | 'target' | 'headers' | 'body'>): Promise<Outgoing> {
  return new Promise((resolve, reject) => {
    const passed = request(`${s3.url}${target}`, { method, headers }, async (response) => {
      const bytes = await buffer(response);
      resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, body: bytes });
    });
    passed.on('error', reject).end(body);
  });
}

/** S3 behind a proxy that does to answers what networks and S3 do. */
async function disturbed(
  disturb: (method: string, path: string, nth: number) => 'lose-answer' | 409 | 500 | undefined,
): Promise<{ store: Store; proxy: LocalServer; calls: string[] }> {
  const calls: string[] = [];
  const proxy = await serve(async ({ method, target, headers, body }) => {
    const path = target.split('?')[0] ?? '';
    calls.push(`${method} ${path}`);
    const what = disturb(method, path, calls.filter((call) => call === `${method} ${path}`).length);
    const xml = (status: number, code: string) => ({
      status,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>disturbed</Message></Error>`,
    });
    if (what === 409) return xml(409, 'ConditionalRequestConflict');
    if (what === 500) return xml(500, 'InternalError');
    const answer = await passOn({ method, target, headers, body });
    // It has happened, and we say that it has not.
    if (what === 'lose-answer') return xml(500, 'InternalError');
    return answer;
  });
  return { store: s3Store(client(proxy.url), bucket), proxy, calls };
}

describe('the store in bad weather', () => {
  it('knows its own object again when the answer to its success was lost', async () => {
    const { store: shaky, proxy } = await disturbed((method, _, nth) => (method === 'PUT' && nth === 1 ? 'lose-answer' : undefined));
    expect(await shaky.create('claims/lost-answer.json', { version: 1, count: 1 })).toBe(true);
    expect(await shaky.update('claims/lost-update.json', parse, () => ({ version: 1, count: 1 }))).toEqual({ version: 1, count: 1 });
    await proxy.stop();
  });

  it('does not take a conflict for a loss', async () => {
    const { store: shaky, proxy, calls } = await disturbed((method, _, nth) => (method === 'PUT' && nth <= 2 ? 409 : undefined));
    expect(await shaky.create('claims/conflict.json', { version: 1, count: 1 })).toBe(true);
    expect(calls.filter((call) => call.startsWith('PUT'))).toHaveLength(3);
    await proxy.stop();
  });

  it("does not take somebody else's object for its own", async () => {
    await store.create('claims/taken.json', { version: 1, count: 1 });
    const { store: shaky, proxy } = await disturbed((method, _, nth) => (method === 'PUT' && nth === 1 ? 500 : undefined));
    expect(await shaky.create('claims/taken.json', { version: 1, count: 2 })).toBe(false);
    expect((await store.get('claims/taken.json', parse))?.value.count).toBe(1);
    await proxy.stop();
  });
});
