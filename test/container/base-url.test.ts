import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForAnswer } from '../../container/base-url.ts';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';

const patience = { tryMs: 200, pausesMs: [1, 1, 1, 1], allMs: 10_000 };

let unwell: LocalServer;
const mute = createServer();
beforeAll(async () => {
  unwell = await serve(() => ({ status: 503 }));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await unwell.stop();
  mute.close();
});

/** What is said of an address that gives no answer. */
const saidOf = (url: string): Promise<string> =>
  waitForAnswer(url, new AbortController().signal, patience).then(
    () => 'it answers',
    (error: unknown) => String(error),
  );

describe('an environment that does not answer is told by what it does instead', () => {
  it('an error of its own', async () => {
    expect(await saidOf(unwell.url)).toMatch(/ answers 503 \(5 tries\)\. Nothing was run\.\n.*its deployment/);
  });

  it('silence', async () => {
    const { port } = mute.address() as AddressInfo;
    expect(await saidOf(`http://127.0.0.1:${port}/`)).toMatch(/ says nothing within 0\.2 seconds \(5 tries\).*\n.*security group/);
  });

  it('a name that nobody knows', async () => {
    expect(await saidOf('https://staging.invalid')).toMatch(/https:\/\/staging\.invalid\/ has no address: .*\n.*subnets/);
  });

  it('no TLS under an https address', async () => {
    expect(await saidOf(unwell.url.replace('http:', 'https:'))).toMatch(
      / does not speak TLS as it should: wrong version number.*\n.*http:\/\//,
    );
  });
});
