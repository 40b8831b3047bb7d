import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Incoming, type Outgoing, serve } from '../../src/local/wire/http-server.ts';
import { anApp, aSlack, botToken, clientOf, signingSecret } from './a-slack.ts';

const channelId = 'C0UITESTS';
const ada = { userId: 'U0ADA', channelId };
const text = (words: string) => ({ type: 'plain_text' as const, text: words });

const buttons: KnownBlock[] = [
  {
    type: 'actions',
    block_id: 'run',
    elements: [
      { type: 'button', action_id: 're-run', text: text('Re-run'), value: 'r-1', style: 'primary' },
      { type: 'overflow', action_id: 'more', options: [{ text: text('Copy'), value: 'copy' }] },
      { type: 'static_select', action_id: 'where', options: [{ text: text('staging'), value: 's' }] },
      { type: 'users_select', action_id: 'who', initial_user: 'U0GRACE' },
    ],
  },
];

const json = (value: unknown, status = 200): Outgoing => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const form = (request: Incoming | undefined) => Object.fromEntries(new URLSearchParams(request?.body.toString()));
const payload = (request: Incoming | undefined): Record<string, unknown> => JSON.parse(form(request).payload ?? '{}');
const answer = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

describe('a command', () => {
  it('reaches the app signed, with every field that Slack sends', async () => {
    const { slack, requests } = await anApp();
    expect(await slack.command({ ...ada, text: '/run-tests staging  @smoke ' })).toMatchObject({ kind: 'taken' });
    const [request] = requests;
    const timestamp = String(request?.headers['x-slack-request-timestamp']);
    const signature = createHmac('sha256', signingSecret)
      .update(`v0:${timestamp}:`)
      .update(request?.body ?? '')
      .digest('hex');
    expect(request?.headers['x-slack-signature']).toBe(`v0=${signature}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(form(request)).toEqual({
      token: expect.any(String),
      team_id: 'T0COLDFRAME',
      team_domain: 'coldframe-local',
      channel_id: channelId,
      channel_name: 'ui-tests',
      user_id: 'U0ADA',
      user_name: 'ada',
      command: '/run-tests',
      text: 'staging  @smoke',
      api_app_id: 'A0COLDFRAME',
      is_enterprise_install: 'false',
      response_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/commands\/T0COLDFRAME\/\d+\/[\w-]{24}$/),
      trigger_id: expect.stringMatching(/^\d+\.T0COLDFRAME\.[0-9a-f]{32}$/),
    });
  });

  it('can be delivered again, byte for byte', async () => {
    const { slack, requests } = await anApp();
    const { delivery } = await slack.command({ ...ada, text: '/run-tests staging' });
    await slack.deliverAgain(delivery);
    expect(requests).toHaveLength(2);
    expect(requests[1]?.body).toEqual(requests[0]?.body);
    expect(requests[1]?.headers['x-slack-signature']).toBe(requests[0]?.headers['x-slack-signature']);
  });

  it('arrives as a client types it, when asked for', async () => {
    const { slack, requests } = await anApp();
    await slack.command({ ...ada, text: `/run-tests staging --tags "@a and '@b'"`, isRetyped: true });
    expect(form(requests[0]).text).toBe('staging —tags “@a and ‘@b’”');
  });

  it.each<[string, Outgoing, string]>([
    ['JSON', json({ text: 'no `stagin`' }), 'no `stagin`'],
    ['plain text', { status: 200, headers: { 'content-type': 'text/plain' }, body: 'no `stagin`' }, 'no `stagin`'],
  ])('an answer in %s is shown to the person alone', async (_form, out, said) => {
    const { slack } = await anApp(() => out);
    await slack.command({ ...ada, text: '/run-tests stagin' });
    expect(slack.messages(channelId)).toMatchObject([{ text: said, onlyFor: 'U0ADA', userId: 'U0COLDFRAME' }]);
  });

  it('an answer for all shows the command, too', async () => {
    const { slack } = await anApp(() => json({ response_type: 'in_channel', text: 'here we go' }));
    await slack.command({ ...ada, text: '/run-tests staging' });
    expect(slack.messages(channelId)).toMatchObject([{ text: '/run-tests staging', userId: 'U0ADA' }, { text: 'here we go' }]);
    expect(slack.messages(channelId)[1]?.onlyFor).toBeUndefined();
  });

  it('an empty acknowledgement shows nothing', async () => {
    const { slack } = await anApp(() => ({ status: 200, body: '' }));
    await slack.command({ ...ada, text: '/run-tests staging' });
    expect(slack.messages(channelId)).toEqual([]);
  });

  it.each<[string, Outgoing, string]>([
    ['an error of the app', { status: 500, body: 'oops' }, 'dispatch_failed'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'dispatch_failed'],
    ['broken JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: '{"text"' }, 'invalid_command_response'],
    ['blocks that Slack refuses', json({ blocks: [{ type: 'header' }] }), 'invalid_command_response'],
  ])('%s is told to the person', async (_what, out, error) => {
    const { slack } = await anApp(() => out);
    expect(await slack.command({ ...ada, text: '/run-tests' })).toMatchObject({ kind: 'failed', error });
    expect(slack.messages(channelId)).toMatchObject([
      { text: `/run-tests failed with the error "${error}"`, onlyFor: 'U0ADA', userId: 'USLACKBOT' },
    ]);
  });

  it('an app that is not there has failed, too', async () => {
    const gone = await serve(() => ({ status: 200 }));
    await gone.stop();
    const slack = await aSlack({ appUrl: () => gone.url });
    expect(await slack.command({ ...ada, text: '/run-tests' })).toMatchObject({
      kind: 'failed',
      error: 'dispatch_failed',
      because: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('after three seconds without an answer Slack has given up', async () => {
    const { slack, entries } = await anApp(() => new Promise(() => {}));
    expect(await slack.command({ ...ada, text: '/run-tests' })).toMatchObject({ kind: 'failed', error: 'operation_timeout' });
    expect(slack.messages(channelId)).toMatchObject([{ text: '/run-tests failed with the error "operation_timeout"' }]);
    expect(entries).toMatchObject([{ source: 'slack', name: 'command /run-tests', response: { kind: 'timed-out' } }]);
  });

  it('nobody can type where they are not', async () => {
    const slack = await aSlack();
    await expect(slack.command({ userId: 'U0LINUS', channelId: 'C0SECRET', text: '/run-tests' })).rejects.toThrow(
      'U0LINUS is not in C0SECRET',
    );
    await expect(slack.command({ ...ada, text: 'run-tests' })).rejects.toThrow('commands begin with a slash');
  });
});

describe('a response_url', () => {
  async function ofACommand(options = {}) {
    const { slack, requests } = await anApp(undefined, options);
    await slack.command({ ...ada, text: '/run-tests' });
    return { slack, url: form(requests[0]).response_url ?? '' };
  }

  it('is good for five answers', async () => {
    const { slack, url } = await ofACommand();
    for (const count of [1, 2, 3, 4, 5]) expect((await answer(url, { text: `${count}` })).status).toBe(200);
    const sixth = await answer(url, { text: '6' });
    expect([sixth.status, await sixth.json()]).toEqual([404, { ok: false, error: 'used_url' }]);
    expect(slack.messages(channelId)).toHaveLength(5);
  });

  it('is good for thirty minutes', async () => {
    let now = Date.now();
    const { url } = await ofACommand({ nowMs: () => now });
    now += 30 * 60_000;
    expect((await answer(url, { text: 'in time' })).status).toBe(200);
    now += 1;
    const late = await answer(url, { text: 'late' });
    expect([late.status, await late.json()]).toEqual([404, { ok: false, error: 'expired_url' }]);
    expect((await answer(url.replace(/.$/, ''), { text: 'made up' })).status).toBe(404);
  });

  it('speaks to the person, or to all, or changes what it said before', async () => {
    const { slack, url } = await ofACommand();
    await answer(url, { text: 'wait' });
    await answer(url, { text: 'done', replace_original: true });
    await answer(url, { text: 'all', response_type: 'in_channel' });
    const said = slack.messages(channelId);
    expect(said).toMatchObject([{ text: 'done', onlyFor: 'U0ADA' }, { text: 'all' }]);
    expect(said[1]?.onlyFor).toBeUndefined();
  });

  it('of a button replaces and deletes the message that has the button', async () => {
    const { slack, requests } = await anApp();
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel: channelId, text: 'a', blocks: buttons });
    await slack.press({ ...ada, messageTs: ts, actionId: 're-run' });
    const url = String(payload(requests[0]).response_url);
    await answer(url, { text: 'b', replace_original: true });
    expect(slack.messages(channelId)).toMatchObject([{ ts, text: 'b' }]);
    await answer(url, { delete_original: true });
    expect(slack.messages(channelId)).toEqual([]);
  });

  it.each([
    ['no JSON', 'a'],
    ['blocks that Slack refuses', JSON.stringify({ text: 'a', blocks: [{ type: 'header' }] })],
    ['"true" for true', JSON.stringify({ text: 'a', replace_original: 'true' })],
    ['a field that is not offered', JSON.stringify({ text: 'a', username: 'b' })],
  ])('refuses %s', async (_what, body) => {
    const { slack, url } = await ofACommand();
    expect((await fetch(url, { method: 'POST', body })).status).toBe(400);
    expect(slack.messages(channelId)).toEqual([]);
  });
});

describe('pressing', () => {
  async function posted(answers?: Parameters<typeof anApp>[0]) {
    const { slack, requests } = await anApp(answers);
    const { ts = '' } = await clientOf(slack).chat.postMessage({ channel: channelId, text: 'a run', blocks: buttons });
    return { slack, requests, at: { ...ada, messageTs: ts } };
  }

  it('a button sends the whole payload of Slack’s', async () => {
    const { slack, requests, at } = await posted();
    expect(await slack.press({ ...at, actionId: 're-run' })).toMatchObject({ kind: 'taken' });
    expect(payload(requests[0])).toEqual({
      type: 'block_actions',
      user: { id: 'U0ADA', username: 'ada', name: 'ada', team_id: 'T0COLDFRAME' },
      api_app_id: 'A0COLDFRAME',
      token: expect.any(String),
      container: { type: 'message', message_ts: at.messageTs, channel_id: channelId, is_ephemeral: false },
      trigger_id: expect.any(String),
      team: { id: 'T0COLDFRAME', domain: 'coldframe-local' },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: channelId, name: 'ui-tests' },
      message: {
        type: 'message',
        user: 'U0COLDFRAME',
        ts: at.messageTs,
        bot_id: 'B0COLDFRAME',
        app_id: 'A0COLDFRAME',
        text: 'a run',
        team: 'T0COLDFRAME',
        blocks: buttons,
      },
      state: {
        values: {
          run: { where: { type: 'static_select', selected_option: null }, who: { type: 'users_select', selected_user: 'U0GRACE' } },
        },
      },
      response_url: expect.stringMatching(/\/actions\/T0COLDFRAME\//),
      actions: [
        {
          type: 'button',
          action_id: 're-run',
          block_id: 'run',
          text: text('Re-run'),
          value: 'r-1',
          style: 'primary',
          action_ts: expect.any(String),
        },
      ],
    });
  });

  it.each([
    ['more', 'copy', { type: 'overflow', selected_option: { text: text('Copy'), value: 'copy' } }],
    ['where', 's', { type: 'static_select', selected_option: { text: text('staging'), value: 's' } }],
    ['who', 'U0LINUS', { type: 'users_select', selected_user: 'U0LINUS' }],
  ])('a choice in %s is sent with what was chosen', async (actionId, value, action) => {
    const { slack, requests, at } = await posted();
    await slack.press({ ...at, actionId, value });
    expect(payload(requests[0]).actions).toMatchObject([action]);
  });

  it('what is not there cannot be pressed or chosen', async () => {
    const { slack, requests, at } = await posted();
    await expect(slack.press({ ...at, actionId: 'cancel' })).rejects.toThrow(
      'there is no `cancel` to press here; there is re-run, more, where, who',
    );
    await expect(slack.press({ ...at, actionId: 'where', value: 'x' })).rejects.toThrow('has no option with the value "x"');
    await expect(slack.press({ ...at, messageTs: '1.000000', actionId: 're-run' })).rejects.toThrow('sees no message');
    expect(requests).toEqual([]);
  });

  it('an app that fails is told to the person', async () => {
    const { slack, at } = await posted(() => ({ status: 404 }));
    expect(await slack.press({ ...at, actionId: 're-run' })).toMatchObject({ kind: 'failed', error: 'dispatch_failed' });
    expect(slack.messages(channelId)[1]).toMatchObject({
      onlyFor: 'U0ADA',
      userId: 'USLACKBOT',
      text: expect.stringContaining('dispatch_failed'),
    });
  });

  it('a button of an answer that only one person sees comes without the message', async () => {
    const { slack, requests } = await anApp((request) =>
      form(request).command === undefined ? { status: 200 } : json({ text: 'sure?', blocks: buttons }),
    );
    const { message } = { message: undefined, ...(await slack.command({ ...ada, text: '/run-tests' })) };
    const messageTs = message?.ts ?? '';
    await expect(slack.press({ userId: 'U0LINUS', channelId, messageTs, actionId: 're-run' })).rejects.toThrow('sees no message');
    await slack.press({ ...ada, messageTs, actionId: 're-run' });
    expect(payload(requests[1])).toMatchObject({ container: { is_ephemeral: true, message_ts: messageTs } });
    expect(payload(requests[1]).message).toBeUndefined();
  });
});

describe('Bolt, as it comes from npm,', () => {
  async function bolt() {
    const receiver = new HTTPReceiver({ signingSecret, endpoints: '/slack/events', processBeforeResponse: true, logLevel: LogLevel.ERROR });
    const server = createServer(receiver.requestListener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const slack = await aSlack({ appUrl: () => `http://127.0.0.1:${port}/slack/events` });
    const app = new App({
      receiver,
      token: botToken,
      botId: 'B0COLDFRAME',
      botUserId: 'U0COLDFRAME',
      clientOptions: { slackApiUrl: slack.url },
    });
    return { slack, app };
  }

  it('takes the command, answers later, and changes the message whose button is pressed', async () => {
    const { slack, app } = await bolt();
    app.command('/run-tests', async ({ ack, respond, command, client }) => {
      await ack({ text: 'got it' });
      await respond({ text: `running ${command.text}`, replace_original: true });
      await client.chat.postMessage({ channel: command.channel_id, text: 'a run', blocks: buttons });
    });
    app.action('re-run', async ({ ack, action, body, client }) => {
      await ack();
      const value = action.type === 'button' ? action.value : '';
      await client.chat.update({
        channel: body.channel?.id ?? '',
        ts: 'message' in body ? (body.message?.ts ?? '') : '',
        text: `again ${value}`,
      });
    });
    expect(await slack.command({ ...ada, text: '/run-tests staging' })).toMatchObject({ kind: 'taken' });
    const run = slack.messages(channelId).find(({ blocks }) => blocks !== undefined);
    await slack.press({ ...ada, messageTs: run?.ts ?? '', actionId: 're-run' });
    // On Lambda the acknowledgement leaves when the listener is done, so what it says comes last.
    expect(slack.messages(channelId).map((message) => message.text)).toEqual(['running staging', 'again r-1', 'got it']);
  });

  it('opens a modal, refuses what was filled in, and closes it', async () => {
    const { slack, app } = await bolt();
    app.command('/run-tests', async ({ ack, body, client }) => {
      await ack();
      const tags = { type: 'plain_text_input' as const, action_id: 'typed' };
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'run',
          title: text('Run'),
          submit: text('Run'),
          blocks: [{ type: 'input', block_id: 'tags', label: text('Tags'), element: tags }],
        },
      });
    });
    app.view('run', async ({ ack, view }) => {
      const tags = view.state.values.tags?.typed?.value;
      await (tags === '@smoke' ? ack() : ack({ response_action: 'errors', errors: { tags: `no such tag: ${tags}` } }));
    });
    await slack.command({ ...ada, text: '/run-tests' });
    const viewId = slack.views.stack('U0ADA')[0]?.id ?? '';
    expect(await slack.submitView({ userId: 'U0ADA', viewId, choices: { typed: '@nope' } })).toMatchObject({
      errors: { tags: 'no such tag: @nope' },
    });
    expect(slack.views.stack('U0ADA')).toHaveLength(1);
    expect(await slack.submitView({ userId: 'U0ADA', viewId, choices: { typed: '@smoke' } })).toMatchObject({ kind: 'taken' });
    expect(slack.views.stack('U0ADA')).toEqual([]);
  });
});
