import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Envelope } from '@cucumber/messages';
import { describe, expect, it } from 'vitest';
import { type Report, renderReport } from '../../src/app/report.ts';
import { readReportAssets, reportAssetFiles } from '../../src/app/report-assets.ts';
import { cspHash } from '../../src/report/content-policy.ts';
import { readStream, recorded } from '../outcome/streams.ts';

const assets = await readReportAssets();
const nothingStored = { fetchAttachment: async () => undefined, linkTo: (name: string) => `https://bot.example/${name}` };

const render = async (envelopes: readonly Envelope[], more: Partial<Report> = {}): Promise<string> => {
  const report = { title: 'local-20261123-0412-k3f9qa on local', assets, ...nothingStored, ...more };
  return (await Array.fromAsync(renderReport(envelopes, report))).join('');
};

/** The messages as the page's script will read them. */
const messagesIn = (html: string): Envelope[] => JSON.parse(/id="messages">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? 'null');
const stream = (name: string): Envelope[] => readStream([recorded.get(name) ?? '']);

const stored = (name: string, mediaType = 'image/png') =>
  ({ attachment: { body: '', contentEncoding: 'BASE64', mediaType, url: name, testStepId: 's' } }) as unknown as Envelope;
const attachmentsIn = (html: string) => messagesIn(html).map(({ attachment }) => attachment);

describe('the report', () => {
  it.each([...recorded.keys()])('holds every message of %s, unchanged', async (name) => {
    expect(messagesIn(await render(stream(name)))).toEqual(stream(name));
  });

  it('says in its title which run it is of, and in its notice what it cannot show itself', async () => {
    const html = await render([], { title: 'r on a<b', notice: 'It is <unfinished>.' });
    expect(html).toContain('<title>r on a&lt;b: Cucumber report</title>');
    expect(html).toContain('It is &lt;unfinished&gt;.');
  });

  it('lets nothing run but its own two scripts', async () => {
    const evil = `</script><script>alert(1)</script><!--<script>`;
    const html = await render([
      { pickle: { name: evil, id: evil, uri: evil } },
      { attachment: { body: evil, mediaType: 'text/html' } },
    ] as unknown as Envelope[]);
    expect(html.replace(assets.script, '').match(/<script/g)).toHaveLength(3);
    expect(html).not.toContain('<!--');
    expect(html.match(/<\/script/gi)).toHaveLength(3);
    expect(messagesIn(html)[0]).toMatchObject({ pickle: { name: evil } });
    const allowed = /script-src ([^;]*);/.exec(html.replaceAll('&#39;', "'"))?.[1]?.split(' ');
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => cspHash(script));
    expect(scripts).toEqual(allowed);
  });

  it("is what Cucumber's own template is, but for how the messages come in", async () => {
    const [from = ''] = (await reportAssetFiles()).find(({ name }) => name === 'script')?.inputs ?? [];
    const template = readFileSync(join(from, '../src/index.mustache'), 'utf8');
    expect(template).toMatch(
      /<div id="content">\s*<\/div>\s*<script>\s*window\.CUCUMBER_MESSAGES = \[\{\{messages\}\}\];\s*<\/script>\s*<script>\s*\{\{script\}\}/,
    );
  });
});

describe('an attachment that was stored apart', () => {
  const bytes = new Uint8Array(1000).fill(7);
  const fetched: string[] = [];
  const fetchAttachment = async (name: string) => {
    fetched.push(name);
    return name.startsWith('missing') ? undefined : bytes;
  };

  it('becomes part of the page while there is room, and a link afterwards', async () => {
    fetched.length = 0;
    const images = ['attachments/1.png', 'attachments/2.png', 'attachments/3.png', 'attachments/4.png'].map((name) => stored(name));
    const [first, second, third, fourth] = attachmentsIn(await render(images, { fetchAttachment, mostInlineBytes: 2500 }));
    const inline = { body: Buffer.from(bytes).toString('base64'), contentEncoding: 'BASE64', mediaType: 'image/png' };
    expect(first).toEqual({ ...inline, testStepId: 's' });
    expect(second).toEqual({ ...inline, testStepId: 's' });
    expect(third).toMatchObject({ body: 'https://bot.example/3.png', mediaType: 'text/uri-list', contentEncoding: 'IDENTITY' });
    expect(fourth).toMatchObject({ body: 'https://bot.example/4.png', mediaType: 'text/uri-list' });
    expect(fetched).toEqual(['1.png', '2.png', '3.png']);
  });

  it('is a link when the page cannot show it, and is not fetched for that', async () => {
    fetched.length = 0;
    const [film] = attachmentsIn(await render([stored('attachments/a.webm', 'video/webm')], { fetchAttachment }));
    expect(film).toMatchObject({ body: 'https://bot.example/a.webm', mediaType: 'text/uri-list' });
    expect(fetched).toEqual([]);
  });

  it('is missed aloud', async () => {
    const [missing] = attachmentsIn(await render([stored('attachments/missing.png')], { fetchAttachment }));
    expect(missing).toMatchObject({ mediaType: 'text/plain', body: expect.stringContaining('missing.png') });
  });

  it.each([
    ['https://example.org/a.png', 'text/uri-list'],
    ['javascript:alert(1)', 'text/plain'],
    ['../../other/run.png', 'text/plain'],
  ])('is never loaded from elsewhere: %s', async (url, mediaType) => {
    fetched.length = 0;
    const [elsewhere] = attachmentsIn(await render([stored(url)], { fetchAttachment }));
    expect(elsewhere).toMatchObject({ body: url, mediaType });
    expect(elsewhere).not.toHaveProperty('url');
    expect(fetched).toEqual([]);
  });
});
