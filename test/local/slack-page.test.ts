import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blocksAsView } from '../../src/local/slack/block-view.ts';
import type { Slack } from '../../src/local/slack/slack.ts';
import type { ViewNode } from '../../src/local/slack/view-node.ts';
import { anApp, aSlack, clientOf, errorOf } from './a-slack.ts';

const channelId = 'C0UITESTS';
const reader = { nowMs: 0, nameOf: () => undefined, people: [] };
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });

const post = (slack: Slack, deed: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${slack.pageUrl}page/${deed}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** The page's stream of events as one person gets it, one at a time. */
async function eventsOf(slack: Slack, userId: string): Promise<() => Promise<{ readonly event: string; readonly data: unknown }>> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const answer = await fetch(`${slack.pageUrl}page/events?as=${userId}`, { signal: leave.signal });
  const reading = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let unread = '';
  return async () => {
    while (!unread.includes('\n\n')) unread += (await reading?.read())?.value ?? '';
    const [first = '', ...rest] = unread.split('\n\n');
    unread = rest.join('\n\n');
    const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(first) ?? [];
    return { event, data: JSON.parse(data) };
  };
}

/** The status of a request whose `host` a browser could be made to send. */
const statusFor = (slack: Slack, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(slack.pageUrl, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('the page', () => {
  it('comes with scripts and styles of its own only, and nothing else from the folder', async () => {
    const slack = await aSlack();
    const page = await fetch(slack.pageUrl);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/);
    const html = await page.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(2);
    for (const address of addresses) expect((await fetch(new URL(address, slack.pageUrl))).status).toBe(200);
    for (const none of ['page/../slack.ts', 'page/index.ts', 'favicon.ico']) expect((await fetch(slack.pageUrl + none)).status).toBe(404);
  });

  it('obeys no other site and answers to no other name', async () => {
    const { slack, requests } = await anApp();
    const command = { userId: 'U0ADA', channelId, text: '/run-tests' };
    expect((await post(slack, 'command', command, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post(slack, 'command', command, { 'content-type': 'text/plain' })).status).toBe(403);
    expect(await statusFor(slack, { host: 'evil.example' })).toBe(403);
    expect(requests).toEqual([]);
    expect((await post(slack, 'command', command, { origin: new URL(slack.pageUrl).origin })).status).toBe(200);
    expect(requests).toHaveLength(1);
  });

  it('says what somebody cannot do, in words', async () => {
    const slack = await aSlack();
    const answer = await post(slack, 'say', { userId: 'U0NOBODY', channelId, text: 'a' });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: 'there is no person U0NOBODY; there are U0ADA, U0GRACE, U0LINUS' },
    ]);
    expect((await post(slack, 'say', { userId: 'U0ADA' })).status).toBe(400);
    expect((await post(slack, 'fly', {})).status).toBe(404);
  });

  it('shows each person what they may see, and every change of it', async () => {
    const { slack } = await anApp(() => ({ status: 200, body: 'for Ada alone' }));
    const ada = await eventsOf(slack, 'U0ADA');
    const linus = await eventsOf(slack, 'U0LINUS');
    expect(await ada()).toMatchObject({
      event: 'state',
      data: { me: 'U0ADA', channels: [{ id: channelId }, {}, { id: 'C0SECRET' }, {}, { id: 'D0ADA' }] },
    });
    expect(await linus()).toMatchObject({
      event: 'state',
      data: { me: 'U0LINUS', channels: [{ id: channelId }, {}, { id: 'C0OLD' }, { id: 'D0LINUS' }] },
    });

    await slack.command({ userId: 'U0ADA', channelId, text: '/run-tests' });
    slack.say({ userId: 'U0GRACE', channelId: 'C0SECRET', text: 'for the crew' });
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel: channelId, text: 'for all' });
    await clientOf(slack).chat.delete({ channel: channelId, ts });

    expect(await ada()).toMatchObject({ event: 'message', data: { isPrivate: true, author: { kind: 'app' } } });
    expect(await ada()).toMatchObject({
      event: 'message',
      data: { channelId: 'C0SECRET', author: { name: 'Grace Hopper', kind: 'person' } },
    });
    for (const next of [ada, linus]) {
      expect(await next()).toMatchObject({ event: 'message', data: { channelId, ts, isPrivate: false } });
      expect(await next()).toMatchObject({ event: 'deleted', data: { channelId, ts } });
    }
  });
});

describe('what a message says', () => {
  const textsAndLinks = (nodes: readonly ViewNode[]): readonly string[] =>
    nodes.flatMap((node) =>
      typeof node === 'string'
        ? [node]
        : [
            ...((node.attributes?.href ?? node.attributes?.src) ? [`→${node.attributes?.href ?? node.attributes?.src}`] : []),
            ...textsAndLinks(node.children ?? []),
          ],
    );

  it('is never read as HTML', () => {
    const [section] = blocksAsView([{ type: 'section', text: mrkdwn('<img src=x onerror=alert(1)> &lt;script&gt;') }], reader);
    expect(textsAndLinks([section ?? ''])).toEqual(['<img src=x onerror=alert(1)>', ' <script>']);
  });

  it('links only to the web and shows only images from this machine', () => {
    const texts = (blocks: Parameters<typeof blocksAsView>[0]) => textsAndLinks(blocksAsView(blocks, reader));
    expect(texts([{ type: 'section', text: mrkdwn('<https://example.com|a>') }])).toEqual(['→https://example.com', 'a']);
    expect(texts([{ type: 'image', image_url: 'http://127.0.0.1:1/a.png', alt_text: 'a' }])).toEqual(['→http://127.0.0.1:1/a.png']);
    const [figure] = blocksAsView([{ type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a' }], reader);
    expect(figure).toMatchObject({ tag: 'figure', children: [{ tag: 'a', children: ['Image: a'] }] });
    const preformatted = {
      type: 'rich_text_preformatted' as const,
      elements: [{ type: 'link' as const, url: 'javascript:alert(1)', text: 'a' }],
    };
    expect(texts([{ type: 'rich_text', elements: [preformatted] }])).toEqual(['a', ' (javascript:alert(1))']);
  });
});

describe('what Slack refuses', () => {
  const tooLong = [{ type: 'section' as const, text: mrkdwn('a'.repeat(3_001)) }];

  it('is told to those who are in the channel, also to those who come later', async () => {
    const slack = await aSlack();
    const ada = await eventsOf(slack, 'U0ADA');
    const linus = await eventsOf(slack, 'U0LINUS');
    for (const next of [ada, linus]) expect(await next()).toMatchObject({ event: 'state', data: { refusals: [] } });
    await errorOf(clientOf(slack).chat.postMessage({ channel: channelId, text: 'a', blocks: tooLong }));
    const because = ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'];
    const refusal = { what: 'chat.postMessage', error: 'invalid_blocks', because, channelId };
    for (const next of [ada, linus]) expect(await next()).toMatchObject({ event: 'refusal', data: refusal });
    expect(await (await eventsOf(slack, 'U0GRACE'))()).toMatchObject({ data: { refusals: [refusal] } });
  });

  it('is silent about what is no mistake of the app: a channel it is not in, too many calls', async () => {
    const slack = await aSlack({ limits: { 'chat.postMessage': { calls: 0, windowMs: 60_000 } } });
    await errorOf(clientOf(slack).chat.update({ channel: channelId, ts: '1.000000', text: 'a' }));
    await clientOf(slack)
      .chat.postMessage({ channel: channelId, text: 'a' })
      .catch(() => {});
    expect(await (await eventsOf(slack, 'U0ADA'))()).toMatchObject({ data: { refusals: [] } });
  });
});

describe('a message as JSON', () => {
  it('is shown to who sees the message, without the signatures of its links', async () => {
    const slack = await aSlack();
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel: channelId, text: '<http://127.0.0.1:1/r.html?s=abc|report>' });
    const shown = await fetch(`${slack.pageUrl}page/message?as=U0ADA&channel=${channelId}&ts=${ts}`);
    expect(await shown.json()).toMatchObject({ ts, text: '<http://127.0.0.1:1/r.html?s=•••|report>' });
    slack.say({ userId: 'U0GRACE', channelId: 'C0SECRET', text: 'for the crew' });
    const [secret] = slack.messages('C0SECRET');
    expect((await fetch(`${slack.pageUrl}page/message?as=U0LINUS&channel=C0SECRET&ts=${secret?.ts}`)).status).toBe(404);
  });
});

it('an answer for one person is dismissed by that person alone', async () => {
  const { slack } = await anApp(() => ({ status: 200, body: 'for Ada alone' }));
  const { message } = await slack.command({ userId: 'U0ADA', channelId, text: '/run-tests' });
  const ts = message?.ts ?? '';
  expect((await post(slack, 'dismiss', { userId: 'U0LINUS', channelId, ts })).status).toBe(400);
  expect((await post(slack, 'dismiss', { userId: 'U0ADA', channelId, ts })).status).toBe(200);
  expect(slack.messages(channelId)).toEqual([]);
});
