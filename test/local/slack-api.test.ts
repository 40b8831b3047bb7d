import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { Disturbance } from '../../src/local/slack/slack-api.ts';
import { readSlackApp } from '../../src/local/slack/slack-app.ts';
import { aFolder, anApp, aSlack, botToken, clientOf, errorOf } from './a-slack.ts';

const channel = 'C0UITESTS';
const header = (text: string): KnownBlock => ({ type: 'header', text: { type: 'plain_text', text } });
const button = (actionId: string): KnownBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: actionId, text: { type: 'plain_text', text: 'Go' } }],
});

describe('who may call', () => {
  it('a call without the app’s token is not authenticated', async () => {
    const slack = await aSlack();
    const bare = await fetch(`${slack.url}auth.test`, { method: 'POST' });
    expect(await bare.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(await errorOf(clientOf(slack, {}, 'xoxb-other').auth.test())).toMatchObject({ error: 'invalid_auth' });
    expect(await clientOf(slack).auth.test()).toMatchObject({
      ok: true,
      user_id: 'U0COLDFRAME',
      bot_id: 'B0COLDFRAME',
      team_id: 'T0COLDFRAME',
    });
  });

  it('a method needs its scope, and the refusal names it', async () => {
    const slack = await aSlack();
    expect(await errorOf(clientOf(slack).users.info({ user: 'U0ADA' }))).toMatchObject({
      error: 'missing_scope',
      needed: 'users:read',
      provided: (await readSlackApp()).scopes.join(','),
    });
    const granted = await aSlack({ scopes: ['users:read'] });
    expect(await clientOf(granted).users.info({ user: 'U0ADA' })).toMatchObject({ user: { id: 'U0ADA', real_name: 'Ada Lovelace' } });
    expect(await errorOf(clientOf(granted).conversations.history({ channel }))).toMatchObject({ error: 'missing_scope' });
  });

  it('the app’s manifest grants what the app needs and nothing more', async () => {
    const { scopes, commands } = await readSlackApp();
    expect(scopes.toSorted()).toEqual([
      'app_mentions:read',
      'channels:history',
      'chat:write',
      'chat:write.public',
      'commands',
      'files:write',
      'groups:history',
      'usergroups:read',
    ]);
    expect(commands).toMatchObject([{ command: '/run-tests' }, { command: '/coldstarts' }]);
  });

  it('reading a public channel is another scope than reading a private one', async () => {
    const slack = await aSlack({ scopes: ['groups:history'] });
    expect(await errorOf(clientOf(slack).conversations.history({ channel }))).toMatchObject({
      error: 'missing_scope',
      needed: 'channels:history',
    });
  });

  it('what the local Slack does not offer is refused by name', async () => {
    const client = clientOf(await aSlack());
    expect(await errorOf(client.pins.add({ channel, timestamp: '1.0' }))).toMatchObject({
      error: 'unknown_method',
      req_method: 'pins.add',
    });
    expect(await errorOf(client.chat.postMessage({ channel, text: 'a', username: 'somebody' }))).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] the local Slack does not offer the argument `username` [json-pointer:/username]'] },
    });
  });
});

describe('posting', () => {
  it('every message has a time stamp of its own, later than the one before', async () => {
    const slack = await aSlack({ nowMs: () => 1_763_871_234_000 });
    const client = clientOf(slack);
    const posted = await Promise.all(['a', 'b', 'c'].map((text) => client.chat.postMessage({ channel, text })));
    expect(posted.map(({ ts }) => ts)).toEqual(['1763871234.000000', '1763871234.000100', '1763871234.000200']);
  });

  it('a form and a JSON body say the same', async () => {
    const slack = await aSlack();
    const message = { channel, text: 'a', blocks: [header('a')], metadata: { event_type: 'run', event_payload: { id: 'r-1' } } };
    await clientOf(slack).chat.postMessage(message);
    const json = await fetch(`${slack.url}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
    });
    expect(json.headers.get('x-slack-req-id')).toMatch(/^[0-9a-f]{32}$/);
    const [form, second] = slack.messages(channel);
    expect({ ...second, ts: '', blocks: undefined }).toEqual({ ...form, ts: '', blocks: undefined });
    expect(second?.blocks).toMatchObject([header('a')]);
  });

  it('blocks and elements without an id get one', async () => {
    const slack = await aSlack();
    const block: KnownBlock = { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Go' } }] };
    await clientOf(slack).chat.postMessage({ channel, text: 'a', blocks: [block] });
    expect(slack.messages(channel)[0]?.blocks).toMatchObject([
      { block_id: expect.any(String), elements: [{ action_id: expect.any(String) }] },
    ]);
  });

  it.each([
    ['a channel that does not exist', { channel: 'C0NOWHERE', text: 'a' }, 'channel_not_found'],
    ['a private channel without the bot', { channel: 'C0SECRET', text: 'a' }, 'channel_not_found'],
    ['an archived channel', { channel: 'C0OLD', text: 'a' }, 'is_archived'],
    ['nothing to say', { channel, text: '' }, 'no_text'],
    ['too long a text', { channel, text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['a thread that is not there', { channel, text: 'a', thread_ts: '1.000000' }, 'thread_not_found'],
    ['metadata without a payload', { channel, text: 'a', metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
    ['no channel', { channel: '', text: 'a' }, 'invalid_arguments'],
  ])('%s is refused and posts nothing', async (_what, message, error) => {
    const slack = await aSlack();
    expect(await errorOf(clientOf(slack).apiCall('chat.postMessage', message))).toMatchObject({ error });
    expect(slack.workspace.channels.flatMap(({ id }) => slack.messages(id))).toEqual([]);
  });

  it('a public channel without the bot takes messages only with chat:write.public', async () => {
    const message = { channel: 'C0DEV', text: 'a' };
    expect(await clientOf(await aSlack()).chat.postMessage(message)).toMatchObject({ ok: true, channel: 'C0DEV' });
    expect(await errorOf(clientOf(await aSlack({ scopes: ['chat:write'] })).chat.postMessage(message))).toMatchObject({
      error: 'not_in_channel',
    });
  });

  it('a channel’s name and a person’s id lead to the channel', async () => {
    const client = clientOf(await aSlack());
    expect(await client.chat.postMessage({ channel: '#ui-tests', text: 'a' })).toMatchObject({ channel });
    expect(await client.chat.postMessage({ channel: 'U0ADA', text: 'a' })).toMatchObject({ channel: 'D0ADA' });
  });

  it('wrong blocks are refused with every place and sentence', async () => {
    const wrong = [header('x'.repeat(151)), { type: 'image', image_url: 'https://example.com/a.png' }];
    const sentences = [
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
      'missing required field: alt_text [json-pointer:/blocks/1]',
    ];
    expect(await errorOf(clientOf(await aSlack()).apiCall('chat.postMessage', { channel, text: 'a', blocks: wrong }))).toMatchObject({
      error: 'invalid_blocks',
      errors: sentences,
      response_metadata: { messages: sentences.map((sentence) => `[ERROR] ${sentence}`) },
    });
    expect(await errorOf(clientOf(await aSlack()).apiCall('chat.postMessage', { channel, text: 'a', blocks: '[{' }))).toMatchObject({
      error: 'invalid_blocks_format',
    });
  });

  it('an ephemeral message reaches one person who is in the channel, and no other', async () => {
    const slack = await aSlack();
    const client = clientOf(slack);
    const { message_ts } = await client.chat.postEphemeral({ channel, user: 'U0ADA', text: 'psst' });
    expect(slack.messages(channel)).toMatchObject([{ ts: message_ts, onlyFor: 'U0ADA', text: 'psst' }]);
    expect(await errorOf(client.chat.postEphemeral({ channel, user: 'U0NOBODY', text: 'a' }))).toMatchObject({ error: 'user_not_found' });
    expect(await errorOf(client.chat.update({ channel, ts: `${message_ts}`, text: 'b' }))).toMatchObject({ error: 'message_not_found' });
    expect((await client.conversations.history({ channel })).messages).toEqual([]);
  });
});

describe('changing', () => {
  it('blocks are replaced without a mark; a text alone takes the blocks away and is marked as edited', async () => {
    const slack = await aSlack();
    const client = clientOf(slack);
    const { ts = '' } = await client.chat.postMessage({
      channel,
      text: 'a',
      blocks: [header('a')],
      metadata: { event_type: 'run', event_payload: { id: 'r' } },
    });
    await client.chat.update({ channel, ts, text: 'b', blocks: [header('b')] });
    expect(slack.messages(channel)).toMatchObject([{ ts, text: 'b', blocks: [header('b')], metadata: { event_type: 'run' } }]);
    expect(slack.messages(channel)[0]?.edited).toBeUndefined();
    await client.chat.update({ channel, ts, text: 'c' });
    expect(slack.messages(channel)).toMatchObject([{ ts, text: 'c', edited: { userId: 'U0COLDFRAME' } }]);
    expect(slack.messages(channel)[0]?.blocks).toBeUndefined();
  });

  it('only the app’s own messages can be changed or deleted', async () => {
    const slack = await aSlack();
    const client = clientOf(slack);
    const { ts } = slack.say({ userId: 'U0ADA', channelId: channel, text: 'mine' });
    expect(await errorOf(client.chat.update({ channel, ts, text: 'yours' }))).toMatchObject({ error: 'cant_update_message' });
    expect(await errorOf(client.chat.delete({ channel, ts }))).toMatchObject({ error: 'cant_delete_message' });
    expect(await errorOf(client.chat.update({ channel, ts: '1.000000', text: 'a' }))).toMatchObject({ error: 'message_not_found' });
    expect(await errorOf(client.chat.update({ channel: 'C0NOWHERE', ts, text: 'a' }))).toMatchObject({ error: 'channel_not_found' });
    const own = await client.chat.postMessage({ channel, text: 'a' });
    await client.chat.delete({ channel, ts: `${own.ts}` });
    expect(slack.messages(channel)).toMatchObject([{ text: 'mine' }]);
  });

  it('an update takes 4,000 characters of text, not one more', async () => {
    const client = clientOf(await aSlack());
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'a' });
    expect(await client.chat.update({ channel, ts, text: 'x'.repeat(4_000) })).toMatchObject({ ok: true });
    expect(await errorOf(client.chat.update({ channel, ts, text: 'x'.repeat(4_001) }))).toMatchObject({ error: 'msg_too_long' });
  });
});

describe('reading', () => {
  it('history has what was said, newest first, without replies; metadata only when asked for', async () => {
    const client = clientOf(await aSlack());
    const first = await client.chat.postMessage({ channel, text: 'first', metadata: { event_type: 'run', event_payload: { id: 'r-1' } } });
    await client.chat.postMessage({ channel, text: 'reply', thread_ts: `${first.ts}` });
    await client.chat.postMessage({ channel, text: 'second' });
    const plain = await client.conversations.history({ channel });
    expect(plain.messages).toMatchObject([
      { text: 'second' },
      { text: 'first', reply_count: 1, thread_ts: first.ts, bot_id: 'B0COLDFRAME' },
    ]);
    expect(plain.messages?.[1]?.metadata).toBeUndefined();
    const full = await client.conversations.history({ channel, include_all_metadata: true });
    expect(full.messages?.[1]?.metadata).toEqual({ event_type: 'run', event_payload: { id: 'r-1' } });
    const replies = await client.conversations.replies({ channel, ts: `${first.ts}` });
    expect(replies.messages).toMatchObject([{ text: 'first' }, { text: 'reply', parent_user_id: 'U0COLDFRAME' }]);
    expect(await errorOf(client.conversations.replies({ channel, ts: '1.000000' }))).toMatchObject({ error: 'thread_not_found' });
  });

  it('oldest and latest are left out unless inclusive, and the cursor reaches everything once', async () => {
    const client = clientOf(await aSlack());
    const stamps: string[] = [];
    for (const text of ['1', '2', '3', '4', '5']) stamps.push(`${(await client.chat.postMessage({ channel, text })).ts}`);
    const [, second = '', , fourth = ''] = stamps;
    const texts = async (more: object) => (await client.conversations.history({ channel, ...more })).messages?.map(({ text }) => text);
    expect(await texts({ oldest: second, latest: fourth })).toEqual(['3']);
    expect(await texts({ oldest: second, latest: fourth, inclusive: true })).toEqual(['4', '3', '2']);
    const pages: unknown[] = [];
    for await (const page of client.paginate('conversations.history', { channel, limit: 2 })) pages.push(page);
    expect(pages).toMatchObject([
      { messages: [{ text: '5' }, { text: '4' }], has_more: true },
      { messages: [{ text: '3' }, { text: '2' }], has_more: true },
      { messages: [{ text: '1' }], has_more: false },
    ]);
    expect(await errorOf(client.conversations.history({ channel, cursor: 'nonsense' }))).toMatchObject({ error: 'invalid_cursor' });
    expect(await errorOf(client.conversations.history({ channel, limit: 1000 }))).toMatchObject({ error: 'invalid_arguments' });
  });

  it('a bot reads only where it was invited, even where it may post', async () => {
    const client = clientOf(await aSlack());
    expect(await errorOf(client.conversations.history({ channel: 'C0DEV' }))).toMatchObject({ error: 'not_in_channel' });
    expect(await errorOf(client.conversations.history({ channel: 'C0SECRET' }))).toMatchObject({ error: 'channel_not_found' });
  });

  it('channels are listed without private ones that the bot cannot see', async () => {
    const client = clientOf(await aSlack({ scopes: ['channels:read', 'groups:read'] }));
    const list = await client.conversations.list({ types: 'public_channel,private_channel', exclude_archived: true });
    expect(list.channels?.map(({ name }) => name)).toEqual(['ui-tests', 'dev']);
    expect(await client.conversations.info({ channel: 'C0DEV' })).toMatchObject({ channel: { is_member: false, is_private: false } });
  });

  it('user groups have members', async () => {
    const client = clientOf(await aSlack());
    expect(await client.usergroups.users.list({ usergroup: 'S0QA' })).toMatchObject({ users: ['U0ADA'] });
    expect(await errorOf(client.usergroups.users.list({ usergroup: 'S0NONE' }))).toMatchObject({ error: 'no_such_subteam' });
    expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
      { id: 'S0QA', handle: 'qa', users: ['U0ADA'] },
    ]);
  });

  it('a permalink leads to the message on the page', async () => {
    const slack = await aSlack();
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel, text: 'a' });
    const { permalink = '' } = await clientOf(slack).chat.getPermalink({ channel, message_ts: ts });
    const answer = await fetch(permalink, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`/#${channel}/${ts}`);
  });
});

describe('rate limits', () => {
  it('50 updates a minute for all messages together, then 429 until the first is a minute old', async () => {
    let now = 1_763_871_234_000;
    const slack = await aSlack({ limits: 'slack', nowMs: () => now });
    const client = clientOf(slack);
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'a' });
    for (let count = 0; count < 50; count += 1) await client.chat.update({ channel, ts, text: `${count}` });
    now += 20_500;
    await expect(client.chat.update({ channel, ts, text: 'too much' })).rejects.toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: 40,
    });
    expect(slack.messages(channel)).toMatchObject([{ text: '49' }]);
    now += 40_000;
    expect(await client.chat.update({ channel, ts, text: 'again' })).toMatchObject({ ok: true });
  });

  it('posting is limited for each channel by itself', async () => {
    const client = clientOf(await aSlack({ limits: { 'chat.postMessage': { calls: 1, windowMs: 60_000 } } }));
    await client.chat.postMessage({ channel, text: 'a' });
    await expect(client.chat.postMessage({ channel, text: 'b' })).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error' });
    expect(await client.chat.postMessage({ channel: 'C0DEV', text: 'b' })).toMatchObject({ ok: true });
  });
});

describe('disturbed', () => {
  const post = async (disturbance: Disturbance) => {
    let isOver = false;
    const slack = await aSlack({
      disturb: (method) => {
        if (method !== 'chat.postMessage' || isOver) return undefined;
        isOver = true;
        return disturbance;
      },
    });
    const client = clientOf(slack);
    const outcome = await client.chat.postMessage({ channel, text: 'a' }).then(
      () => 'taken',
      (error: unknown) => error,
    );
    return { outcome, texts: slack.messages(channel).map(({ text }) => text), client, slack };
  };

  it('an error and an HTTP status do nothing', async () => {
    expect(await post({ kind: 'error', error: 'fatal_error' })).toMatchObject({ outcome: { data: { error: 'fatal_error' } }, texts: [] });
    expect(await post({ kind: 'http', status: 503 })).toMatchObject({ outcome: { statusCode: 503 }, texts: [] });
    expect(await post({ kind: 'http', status: 429, retryAfterS: 7 })).toMatchObject({ outcome: { retryAfter: 7 }, texts: [] });
  });

  it('a lost answer has acted: the client cannot know, a second try posts twice', async () => {
    const { outcome, texts, client, slack } = await post({ kind: 'lost' });
    expect(outcome).toMatchObject({ code: 'slack_webapi_request_error' });
    expect(texts).toEqual(['a']);
    await client.chat.postMessage({ channel, text: 'a' });
    expect(slack.messages(channel)).toHaveLength(2);
  });

  it('what lands late is not there when the client gives up, and comes all the same', async () => {
    const { outcome, texts, slack } = await post({ kind: 'lands-late', delayMs: 1_000 });
    expect(outcome).toMatchObject({ code: 'slack_webapi_request_error' });
    expect(texts).toEqual([]);
    await new Promise<void>((resolve) => slack.onChange(() => resolve()));
    expect(slack.messages(channel)).toMatchObject([{ text: 'a' }]);
  });

  it('a late answer has acted before the client gives up', async () => {
    const slack = await aSlack({ disturb: () => ({ kind: 'late', delayMs: 600_000 }) });
    const patience = new AbortController();
    slack.onChange(() => patience.abort());
    const client = clientOf(slack, { fetch: (url, init) => fetch(url, { ...init, signal: patience.signal }) });
    await expect(client.chat.postMessage({ channel, text: 'a' })).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(slack.messages(channel)).toMatchObject([{ text: 'a' }]);
  });
});

describe('modals', () => {
  const modal = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Run' }, blocks: [header('a')] };

  async function withTrigger(options = {}) {
    const { slack, requests } = await anApp(undefined, options);
    await slack.command({ userId: 'U0ADA', channelId: channel, text: '/run-tests' });
    const trigger_id = new URLSearchParams(requests[0]?.body.toString()).get('trigger_id') ?? '';
    return { slack, client: clientOf(slack), trigger_id };
  }

  it('a trigger id opens one modal, for the person who gave it', async () => {
    const { slack, client, trigger_id } = await withTrigger();
    const { view } = await client.views.open({ trigger_id, view: modal });
    expect(slack.views.stack('U0ADA')).toMatchObject([{ id: view?.id, view: { title: { text: 'Run' } } }]);
    expect(await errorOf(client.views.open({ trigger_id, view: modal }))).toMatchObject({ error: 'exchanged_trigger_id' });
    expect(await errorOf(client.views.open({ trigger_id: 'made.up', view: modal }))).toMatchObject({ error: 'invalid_trigger_id' });
    const next = { ...modal, title: { type: 'plain_text' as const, text: 'Next' } };
    await client.views.update({ view_id: `${view?.id}`, hash: `${view?.hash}`, view: next });
    expect(slack.views.stack('U0ADA')).toMatchObject([{ view: { title: { text: 'Next' } } }]);
    expect(await errorOf(client.views.update({ view_id: `${view?.id}`, hash: `${view?.hash}`, view: next }))).toMatchObject({
      error: 'hash_conflict',
    });
  });

  it('a trigger id is good for three seconds', async () => {
    let now = Date.now();
    const { client, trigger_id } = await withTrigger({ nowMs: () => now });
    now += 3_001;
    expect(await errorOf(client.views.open({ trigger_id, view: modal }))).toMatchObject({ error: 'expired_trigger_id' });
  });

  it('a wrong view is refused with its place, and the trigger id stays good', async () => {
    const { client, trigger_id } = await withTrigger();
    const wrong = { ...modal, blocks: [{ type: 'header', text: { type: 'plain_text', text: '' } }] };
    expect(await errorOf(client.apiCall('views.open', { trigger_id, view: wrong }))).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] must be more than 0 characters [json-pointer:/view/blocks/0/text/text]'] },
    });
    expect(await client.views.open({ trigger_id, view: modal })).toMatchObject({ ok: true });
  });

  it('a Home tab is published for a person', async () => {
    const slack = await aSlack();
    await clientOf(slack).views.publish({ user_id: 'U0GRACE', view: { type: 'home', blocks: [button('go')] } });
    expect(slack.views.home('U0GRACE')).toMatchObject({ view: { type: 'home' } });
  });
});

describe('what was said', () => {
  it('survives a restart: messages, changes, deletions, and time stamps go on', async () => {
    const dir = await aFolder();
    const before = await aSlack({ dir, nowMs: () => 2_000_000 });
    const client = clientOf(before);
    const kept = await client.chat.postMessage({
      channel,
      text: 'kept',
      blocks: [button('go')],
      metadata: { event_type: 'run', event_payload: { id: 'r' } },
    });
    const gone = await client.chat.postMessage({ channel, text: 'gone' });
    await client.chat.postMessage({ channel, thread_ts: `${kept.ts}`, text: 'reply' });
    await client.chat.update({ channel, ts: `${kept.ts}`, text: 'changed', blocks: [button('go')] });
    await client.chat.delete({ channel, ts: `${gone.ts}` });
    const said = before.messages(channel);
    await before.stop();
    await appendFile(join(dir, 'messages.ndjson'), '{"kind":"said","message":{"cut of');

    const after = await aSlack({ dir, nowMs: () => 1_000_000 });
    expect(after.messages(channel)).toEqual(said);
    expect(said).toMatchObject([{ text: 'changed' }, { text: 'reply' }]);
    const next = await clientOf(after).chat.postMessage({ channel, text: 'next' });
    expect(Number(next.ts)).toBeGreaterThan(Number(said.at(-1)?.ts));
  });

  it('a log with a line that is not ours stops the start and names the line', async () => {
    const dir = await aFolder();
    await (await aSlack({ dir })).stop();
    await appendFile(join(dir, 'messages.ndjson'), '{"kind":"nonsense"}\n');
    await expect(aSlack({ dir })).rejects.toThrow(/messages\.ndjson, line 2/);
  });

  it('listeners hear of every change, with what it is', async () => {
    const slack = await aSlack();
    const heard: string[] = [];
    const end = slack.onChange(({ kind, message }) => heard.push(`${kind} ${message.text}`));
    const client = clientOf(slack);
    const { ts = '' } = await client.chat.postMessage({ channel, text: 'a' });
    await client.chat.update({ channel, ts, text: 'b' });
    await client.chat.delete({ channel, ts });
    end();
    await client.chat.postMessage({ channel, text: 'c' });
    expect(heard).toEqual(['posted a', 'updated b', 'deleted b']);
  });
});
