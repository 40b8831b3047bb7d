import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { Slack } from '../../src/local/slack/slack.ts';
import { aFolder, anApp, aSlack, clientOf, errorOf } from './a-slack.ts';

const channel = 'C0UITESTS';
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const image = (source: { id: string } | { url: string }): KnownBlock => ({ type: 'image', slack_file: source, alt_text: 'a chart' });

/** Uploads the bytes in three steps, and gives the file as Slack tells of it. */
async function upload(slack: Slack, content: Uint8Array<ArrayBuffer> = png, name = 'chart.png') {
  const { files } = clientOf(slack);
  const { upload_url = '', file_id: id = '' } = await files.getUploadURLExternal({ filename: name, length: content.length });
  const took = await fetch(upload_url, { method: 'POST', body: content });
  expect([took.status, await took.text()]).toEqual([200, `OK - ${content.length}`]);
  const completed = await files.completeUploadExternal({ files: [{ id, title: 'Cold starts' }] });
  return { id, url: completed.files?.[0]?.url_private ?? '', file: completed.files?.[0] };
}

describe('uploading a file', () => {
  it('takes an address, the bytes and a completion, and shares it with nobody', async () => {
    const slack = await aSlack();
    const { file } = await upload(slack);
    expect(file).toMatchObject({ name: 'chart.png', title: 'Cold starts', size: png.length, mimetype: '', channels: [], is_public: false });
    expect(slack.messages(channel)).toEqual([]);
  });

  it('needs the scope files:write', async () => {
    const { files } = clientOf(await aSlack({ scopes: ['chat:write'] }));
    const refusal = { error: 'missing_scope', needed: 'files:write' };
    expect(await errorOf(files.getUploadURLExternal({ filename: 'a.png', length: 1 }))).toMatchObject(refusal);
    expect(await errorOf(files.completeUploadExternal({ files: [{ id: 'F0' }] }))).toMatchObject(refusal);
  });

  it.each([
    ['nothing', { length: 0 }, 'missing_argument'],
    ['part of a byte', { length: 1.5 }, 'invalid_arguments'],
    ['more than a gigabyte', { length: 2 ** 30 + 1 }, 'file_upload_size_restricted'],
    ['too long a description', { length: 1, alt_txt: 'x'.repeat(1_001) }, 'alt_txt_too_large'],
    ['a snippet, which is not offered', { length: 1, snippet_type: 'text' }, 'invalid_arguments'],
  ])('refuses %s', async (_, args, error) => {
    const { files } = clientOf(await aSlack());
    expect(await errorOf(files.getUploadURLExternal({ filename: 'a.png', ...args }))).toMatchObject({ error });
  });

  it('fails for another length than was announced, for a second upload, and where nothing is expected', async () => {
    const slack = await aSlack();
    const { upload_url = '' } = await clientOf(slack).files.getUploadURLExternal({ filename: 'a.png', length: png.length });
    const post = async (url: string, body: Uint8Array<ArrayBuffer>) => (await fetch(url, { method: 'POST', body })).status;
    expect(await post(upload_url, png.subarray(1))).toBe(400);
    expect(await post(upload_url, png)).toBe(200);
    expect(await post(upload_url, png)).toBe(400);
    expect(await post(`${upload_url}x`, png)).toBe(404);
  });

  it('takes the one file of a form as well', async () => {
    const slack = await aSlack();
    const { upload_url = '' } = await clientOf(slack).files.getUploadURLExternal({ filename: 'a.png', length: png.length });
    const form = new FormData();
    form.set('filename', new Blob([png]), 'a.png');
    expect((await fetch(upload_url, { method: 'POST', body: form })).status).toBe(200);
  });

  it.each([
    [
      'whose bytes have not come',
      async (slack: Slack) => (await clientOf(slack).files.getUploadURLExternal({ filename: 'a', length: 1 })).file_id,
    ],
    ['that nobody asked for', async () => 'F0NOBODY'],
  ])('completes no file %s', async (_, idOf) => {
    const slack = await aSlack();
    const id = (await idOf(slack)) ?? '';
    expect(await errorOf(clientOf(slack).files.completeUploadExternal({ files: [{ id }] }))).toMatchObject({ error: 'file_not_found' });
  });

  it('does not offer to share a file, and says so', async () => {
    const { files } = clientOf(await aSlack());
    const shared = files.completeUploadExternal({ files: [{ id: 'F0' }], channel_id: channel });
    expect(await errorOf(shared)).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: [expect.stringContaining('`channel_id`')] },
    });
  });
});

describe('showing a file in a message', () => {
  it('is refused while Slack still processes it, which is nobody’s mistake, and then done, by its id or its address', async () => {
    const slack = await aSlack();
    const { id, url } = await upload(slack);
    const client = clientOf(slack);
    const post = (block: KnownBlock) => client.chat.postMessage({ channel, text: 'a', blocks: [block] });
    expect(await errorOf(post(image({ id })))).toMatchObject({
      error: 'invalid_blocks',
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    });
    const { ts = '' } = await post(image({ id }));
    await client.chat.update({ channel, ts, text: 'a', blocks: [image({ url })] });
    expect(slack.messages(channel)[0]?.blocks).toMatchObject([{ type: 'image', slack_file: { url } }]);
    const shown = await fetch(url);
    expect([shown.headers.get('content-type'), Buffer.from(await shown.arrayBuffer())]).toEqual(['image/png', png]);
  });

  it.each([
    ['a file that is not there', async () => ({ id: 'F0NOWHERE' }), 'invalid slack file: the local Slack has no complete file F0NOWHERE'],
    [
      'what is no picture',
      async (slack: Slack) => ({ id: (await upload(slack, Buffer.from('text'), 'a.png')).id }),
      'invalid slack file: a.png is no png',
    ],
    ['an id and an address at once', async () => ({ id: 'F0', url: 'https://files.slack.com/x' }), 'must define either `id` or `url`'],
  ])('refuses %s', async (_, source, because) => {
    const slack = await aSlack();
    const refusal = await errorOf(clientOf(slack).chat.postMessage({ channel, text: 'a', blocks: [image(await source(slack))] }));
    expect(refusal).toMatchObject({ error: 'invalid_blocks', errors: [expect.stringContaining(because)] });
  });

  it('is not offered in answers to an interaction', async () => {
    const { slack } = await anApp(() => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'a', blocks: [image({ id: 'F0' })] }),
    }));
    const said = await slack.command({ userId: 'U0ADA', channelId: channel, text: '/run-tests' });
    expect(JSON.stringify(said)).toContain('does not offer `slack_file` here');
  });

  it('outlives the process', async () => {
    const dir = await aFolder();
    const first = await aSlack({ dir });
    const { id, url } = await upload(first);
    await first.stop();
    const second = await aSlack({ dir });
    await clientOf(second).chat.postMessage({ channel, text: 'a', blocks: [image({ id })] });
    expect((await fetch(url.replace(/^http:..[^/]+/, second.pageUrl.slice(0, -1)))).status).toBe(200);
  });
});
