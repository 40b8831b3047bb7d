import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ContainerWorld, openContainerWorld } from './container-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.stop());

interface Attached {
  readonly body: string;
  readonly contentEncoding: string;
  readonly mediaType: string;
  readonly url?: string;
}

it('keeps pictures and long texts beside the messages, each once, and short texts in them', async () => {
  const runId = 'local-20261123-0414-evidnc';
  const picture = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256));
  const suite = await world.suite({
    'features/steps.js': `
      import { Given } from '@cucumber/cucumber';
      Given('much is attached', function () {
        const picture = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7) % 256));
        this.attach(picture, 'image/png');
        this.attach(picture.toString('base64'), { mediaType: 'base64:image/png', fileName: 'again.png' });
        this.attach('a short text with ä', 'text/plain');
        this.attach('a long text '.repeat(1_000), 'text/html');
        this.attach('no header:\\r\\nSet-Cookie: a=b', 'text/evil\\r\\nx: y');
        this.attach(Buffer.alloc(10), 'application/x-small');
      });`,
    'features/a.feature': 'Feature: a\n  Scenario: attaching\n    Given much is attached\n',
  });
  await (await world.start({ suite, runId })).ended;

  const shard = world.of(runId);
  const attached = shard.messages().flatMap((message) => ('attachment' in message ? [message.attachment as Attached] : []));
  const [png, again, short, long, evil, small] = attached;
  const name = (attachment: Attached | undefined) => attachment?.url?.replace(/^attachments\//, '') ?? '';
  expect(png).toMatchObject({
    body: '',
    contentEncoding: 'BASE64',
    mediaType: 'image/png',
    url: expect.stringMatching(/^attachments\/[0-9a-f]{32}\.png$/),
  });
  expect(again?.url).toBe(png?.url);
  expect(shard.attachment(name(png)).equals(picture)).toBe(true);
  expect(short).toMatchObject({ body: 'a short text with ä', contentEncoding: 'IDENTITY' });
  expect(long).toMatchObject({ body: '', contentEncoding: 'IDENTITY', url: expect.stringMatching(/\.html$/) });
  expect(shard.attachment(name(long)).toString()).toBe('a long text '.repeat(1_000));
  expect(evil?.body).toContain('Set-Cookie');
  expect(small).toMatchObject({ body: Buffer.alloc(10).toString('base64'), contentEncoding: 'BASE64' });
  const written = world.writes.filter((key) => key.includes('/attachments/'));
  expect(written).toHaveLength(2);
  expect(Math.max(...written.map((key) => world.writes.indexOf(key)))).toBeLessThan(world.writes.indexOf(shard.keys.chunk(1)));
});
