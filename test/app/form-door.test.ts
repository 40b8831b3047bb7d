import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atHome } from '../../src/app/at-home.ts';
import { interact } from '../../src/app/interact.ts';
import { typeCommand } from '../../src/app/slack-door.ts';
import type { DoorWorld } from '../../src/app/world.ts';
import { checkView } from '../../src/local/slack/block-kit-view.ts';
import { parseFormRequest } from '../../src/run/form-request.ts';
import { parseErrandRequest, parseRunRequest } from '../../src/run/stored.ts';
import { readRequest } from '../../src/slack/request.ts';
import { catalogueOf } from '../catalogue.ts';
import { cases } from '../every-row.ts';
import { aDoor } from './a-door.ts';

const secret = 'signing';
const atMs = Date.UTC(2026, 10, 27, 9);
const catalogue = catalogueOf(
  { name: 'staging', tasksAtOnce: 4 },
  { name: 'production', confirm: true, allow: { users: [], userGroups: [], channels: ['C0RELEASES'] } },
);

/** What Slack sends, signed, and what the door makes of it. */
async function sent(payload: object, world: DoorWorld, isEvent = false) {
  const body = isEvent ? JSON.stringify(payload) : new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(atMs / 1000);
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const type = isEvent ? 'application/json' : 'application/x-www-form-urlencoded';
  const headers = { 'content-type': type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` };
  const request = readRequest({ headers, body, isBase64Encoded: false } as unknown as APIGatewayProxyEventV2, secret, atMs);
  if (request.kind !== 'interaction') return request.kind;
  const { interaction: done } = request;
  return done.kind === 'home-opened' || done.kind === 'pressed-at-home' ? await atHome(done, world) : await interact(done, world);
}

const user = { id: 'U0ADA' };
const select = (value: string) => ({ type: 'static_select', selected_option: { text: { type: 'plain_text', text: value }, value } });
const values = (environment: string, of: Record<string, object> = {}) => ({
  environment: { environment: select(environment) },
  [`which:${environment}`]: { which: of.which ?? select('usual') },
  ...Object.fromEntries(Object.entries(of).map(([field, held]) => [`${field}:${environment}`, { [field]: held }])),
});
const form = (held: object, { channelId = 'C0UITESTS', id = 'V0FORM' } = {}) => ({
  type: 'view_submission',
  user,
  view: {
    id,
    type: 'modal',
    callback_id: 'run_form',
    root_view_id: id,
    private_metadata: JSON.stringify({ channelId, responseUrl: 'https://hooks.slack.com/commands/T0/1/x' }),
    state: { values: held },
  },
});
const typed = {
  command: '/run-tests',
  text: ' ',
  userId: 'U0ADA',
  channelId: 'C0UITESTS',
  triggerId: '1.2.3',
  responseUrl: 'https://hooks.slack.com/commands/T0/1/x',
  askedAt: new Date(atMs).toISOString(),
};

describe('the Home', () => {
  const opened = (tab: string) => ({ type: 'event_callback', event: { type: 'app_home_opened', user: user.id, channel: 'D0ADA', tab } });
  const press = (action_id: string, value: string) => ({
    type: 'block_actions',
    user,
    trigger_id: '1.2.3',
    view: { id: 'V0HOME', type: 'home', callback_id: '' },
    actions: [{ type: 'button', action_id, value }],
  });

  it('is shown by the worker when somebody opens it, and not when they look at the messages', async () => {
    const { world, handedOver } = aDoor(catalogue);
    await sent(opened('home'), world, true);
    expect(handedOver).toMatchObject([{ detailType: 'Errand Requested', detail: { userId: 'U0ADA', errand: { kind: 'home' } } }]);
    for (const { detail } of handedOver) expect(() => parseErrandRequest(JSON.parse(JSON.stringify(detail)))).not.toThrow();
    await sent(opened('messages'), world, true);
    expect(handedOver).toHaveLength(1);
  });

  it('has buttons that do what they say: the form, a run again, a schedule', async () => {
    const { world, said, handedOver } = aDoor(catalogue);
    await sent(press('open_run_form', 'home'), world);
    expect(said).toMatchObject([{ method: 'views.open', args: { trigger_id: '1.2.3' } }]);
    await sent(press('run_again:staging-1', 'staging @smoke'), world);
    await sent(press('pause_schedule:staging-a1', 'staging/staging-a1'), world);
    expect(handedOver.slice(1)).toMatchObject([
      { detailType: 'Run Requested', detail: { command: { environment: 'staging', tags: '@smoke' } } },
      { detailType: 'Errand Requested', detail: { errand: { kind: 'change-schedule', change: 'pause', id: 'staging-a1' } } },
    ]);
  });

  it('says there what a button comes to, since there is nobody to answer', async () => {
    const { world, handedOver } = aDoor(catalogue);
    await sent(press('run_again:x', 'nowhere'), world);
    expect(handedOver.at(-1)).toMatchObject({
      detail: { errand: { kind: 'home', notice: expect.stringContaining('There is no environment') } },
    });
  });
});

describe('the command alone', () => {
  it('opens a modal that Slack takes, at once, and has the worker fill it', async () => {
    const { world, said, handedOver } = aDoor(catalogue);
    expect(await typeCommand(typed, world)).toBeUndefined();
    expect(said).toMatchObject([{ method: 'views.open', args: { trigger_id: '1.2.3' } }]);
    expect(said.flatMap(({ args }) => checkView('view' in args && args.view))).toEqual([]);
    expect(handedOver).toMatchObject([{ detailType: 'Form Wanted', detail: { viewId: 'V0FORM', channel: 'C0UITESTS', userId: 'U0ADA' } }]);
    for (const { detail } of handedOver) expect(() => parseFormRequest(JSON.parse(JSON.stringify(detail)))).not.toThrow();
  });

  it('says what to do when Slack waits no longer', async () => {
    const { world, handedOver } = aDoor(catalogue, { kind: 'refused', error: 'expired_trigger_id' });
    expect((await typeCommand(typed, world))?.text).toContain('/run-tests help');
    expect(handedOver).toEqual([]);
  });
});

describe('a command where the environment asks first', () => {
  const wanted = { ...typed, text: 'production @smoke', channelId: 'C0RELEASES' };

  it('is asked about in a modal, which makes the request', async () => {
    const { world, said, handedOver } = aDoor(catalogue);
    expect(await typeCommand(wanted, world)).toBeUndefined();
    expect(handedOver).toEqual([]);
    const [view] = said.flatMap(({ args }) => ('view' in args && typeof args.view === 'object' ? [args.view ?? {}] : []));
    expect(checkView(view)).toEqual([]);
    expect(await sent({ type: 'view_submission', user, view: { ...view, id: 'V0SURE', state: { values: {} } } }, world)).toEqual({
      response_action: 'clear',
    });
    expect(handedOver).toMatchObject([{ detail: { key: 'form:V0SURE', channel: 'C0RELEASES', command: { tags: '@smoke' } } }]);
  });

  it('is asked about in a message when Slack opens no modal', async () => {
    const { world, handedOver } = aDoor(catalogue, { kind: 'refused', error: 'expired_trigger_id' });
    expect(JSON.stringify(await typeCommand(wanted, world))).toContain('confirm_run');
    expect(handedOver).toEqual([]);
  });
});

describe('the form', () => {
  it('makes the same request as the command, and sent twice the same one', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const held = values('staging', {
      which: select('tag:@smoke'),
      shards: select('2'),
      retry: select('0'),
      features: { type: 'multi_static_select', selected_options: [{ value: 'features/my login.feature' }] },
    });
    expect(await sent(form(held), world)).toEqual({ response_action: 'clear' });
    await sent(form(held), world);
    const requests = handedOver.map(({ detail }) => parseRunRequest(JSON.parse(JSON.stringify(detail))));
    expect(requests[0]).toMatchObject({
      key: 'form:V0FORM',
      channel: 'C0UITESTS',
      text: '/run-tests staging tags=@smoke feature="features/my login.feature" shards=2 retry=0',
      command: { environment: 'staging', tags: '@smoke', shards: 2, retry: 0, features: ['features/my login.feature'] },
    });
    expect(requests[1]).toEqual(requests[0]);
  });

  it.each([
    [
      'a tag expression that is none',
      { which: select('own'), expression: { value: '@a and' } },
      'expression:staging',
      'not a tag expression',
    ],
    ['no tag expression', { which: select('own') }, 'expression:staging', 'Write which scenarios'],
    ['a tag that has lost its @', { which: select('tag:smoke') }, 'which:staging', 'tags begin with @'],
    ['a ref where none is allowed', { ref: { value: 'main' } }, 'ref:staging', 'leave out ref='],
    ['more shards than there is room for', { shards: select('5') }, 'shards:staging', 'room for 4'],
    ['retries that nobody offers', { retry: select('99') }, 'retry:staging', 'a whole number from 0 to 5'],
    [
      'a feature that is none',
      { features: { selected_options: [{ value: '../../etc/passwd' }] } },
      'features:staging',
      'not a feature file',
    ],
  ])('with %s says so below the field, and hands nothing over', async (_, held, block, because) => {
    const { world, handedOver } = aDoor(catalogue);
    const answer = await sent(form(values('staging', held)), world);
    expect(answer).toEqual({ response_action: 'errors', errors: { [block]: expect.stringContaining(because) } });
    expect(JSON.stringify(answer)).not.toMatch(/[`*]|&(?:amp|lt|gt);/);
    expect(handedOver).toEqual([]);
  });

  it('made for another environment than is chosen is looked at again first', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const stale = { ...values('staging'), environment: { environment: select('production') } };
    expect(await sent(form(stale, { channelId: 'C0RELEASES' }), world)).toMatchObject({ response_action: 'errors' });
    expect(handedOver).toEqual([]);
  });

  it('asks once more where the environment asks, and runs when that is answered', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const asked = await sent(form(values('production'), { channelId: 'C0RELEASES' }), world);
    if (typeof asked !== 'object' || asked.response_action !== 'push') throw new Error(`it was not asked: ${JSON.stringify(asked)}`);
    expect(checkView(asked.view)).toEqual([]);
    expect(handedOver).toEqual([]);
    const view = { ...asked.view, id: 'V0SURE', root_view_id: 'V0FORM', state: { values: {} } };
    expect(await sent({ type: 'view_submission', user, view }, world)).toEqual({ response_action: 'clear' });
    expect(handedOver).toMatchObject([{ detail: { key: 'form:V0FORM', command: { environment: 'production' }, channel: 'C0RELEASES' } }]);
  });

  it.each(['C0UITESTS', ''])('from %j does not run where only another channel may', async (channelId) => {
    const { world, handedOver } = aDoor(catalogue);
    const answer = await sent(form(values('production'), { channelId }), world);
    expect(answer).toMatchObject({ response_action: 'update' });
    expect(JSON.stringify(answer)).toContain('<#C0RELEASES>');
    expect(handedOver).toEqual([]);
  });

  it('is counted anew when something in it changes', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const { view } = form(values('staging', { which: select('own') }));
    await sent({ type: 'block_actions', user, view, actions: [{ type: 'static_select', action_id: 'which' }] }, world);
    expect(handedOver).toMatchObject([
      { detailType: 'Form Wanted', detail: { filled: { isOwn: true, choice: { environment: 'staging' } } } },
    ]);
    for (const { detail } of handedOver) expect(() => parseFormRequest(JSON.parse(JSON.stringify(detail)))).not.toThrow();
  });

  it('for an environment that is none asks the worker for nothing: it would be asked again and again', async () => {
    const { world, handedOver } = aDoor(catalogue);
    for (const name of ['```', 'former']) {
      const { view } = form(values(name));
      await sent({ type: 'block_actions', user, view, actions: [{ type: 'static_select', action_id: 'which' }] }, world);
    }
    expect(handedOver).toEqual([]);
  });

  it('remembers no channel that none can be', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const view = { ...form(values('staging')).view, private_metadata: JSON.stringify({ channelId: 'C'.repeat(420) }) };
    await sent({ type: 'block_actions', user, view, actions: [{ type: 'static_select', action_id: 'which' }] }, world);
    expect(handedOver).toHaveLength(1);
    for (const { detail } of handedOver) expect(parseFormRequest(JSON.parse(JSON.stringify(detail)))).not.toHaveProperty('channel');
  });

  it('throws at nothing that a view may hold, and hands over only what the worker can read', async () => {
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(values('staging'), values('nowhere'), {}));
    await fc.assert(
      fc.asyncProperty(odd, fc.string(), async (held, metadata) => {
        const { world, handedOver } = aDoor(catalogue);
        const { view } = form(values('staging'));
        await sent({ type: 'view_submission', user, view: { ...view, private_metadata: metadata, state: { values: held } } }, world);
        for (const { detail } of handedOver) parseRunRequest(JSON.parse(JSON.stringify(detail)));
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('a shortcut', () => {
  const used = { user, trigger_id: '1.2.3' };
  const metadata = { event_type: 'coldframe_run', event_payload: { run_id: 'staging-20261127-0900-abcdef' } };
  const again = { environment: 'staging', runId: 'staging-20261127-0900-abcdef' };
  const message = (of: object) => ({
    ...{ ...used, type: 'message_action', callback_id: 'run_this_again', channel: { id: 'C0UITESTS' } },
    ...{ response_url: 'https://hooks.slack.com/actions/T0/1/x', message: of },
  });

  it('of the app opens the form nowhere in particular', async () => {
    const { world, handedOver } = aDoor(catalogue);
    await sent({ ...used, type: 'shortcut', callback_id: 'run_ui_tests' }, world);
    expect(handedOver).toMatchObject([{ detailType: 'Form Wanted' }]);
    expect(handedOver[0]?.detail).not.toHaveProperty('channel');
  });

  it.each([
    ['its metadata', { metadata }],
    ['its small line', { blocks: [{ type: 'context', elements: [{ text: '<@U0ADA>  ·  staging-20261127-0900-abcdef' }] }] }],
  ])('of a run’s message finds the run by %s', async (_, of) => {
    const { world, handedOver } = aDoor(catalogue);
    await sent(message(of), world);
    expect(handedOver).toMatchObject([{ detailType: 'Form Wanted', detail: { again, channel: 'C0UITESTS' } }]);
  });

  it('of any other message says what it is for', async () => {
    const { world, handedOver, said } = aDoor(catalogue);
    await sent(message({ text: 'lunch?' }), world);
    expect(handedOver).toEqual([]);
    expect(JSON.stringify(said)).toContain('about no run of mine');
    expect(said.flatMap(({ args }) => checkView('view' in args && args.view))).toEqual([]);
  });
});

describe('a mention', () => {
  const said = (text: string, more: object = {}) => ({
    type: 'event_callback',
    event: { type: 'app_mention', user: 'U0ADA', text, ts: '1795770000.000100', channel: 'C0UITESTS', ...more },
  });

  it.each(['<@U0BOT> run staging @smoke', '<@U0BOT> staging @smoke', 'please look, <@U0BOT> ', 'hey'])(
    '%j is read like the command',
    async (text) => {
      const { world, handedOver, said: whispered } = aDoor(catalogue);
      await sent(said(text, { thread_ts: '1795760000.000100' }), world, true);
      const isOrder = text.includes('staging');
      expect(handedOver.filter(({ detailType }) => detailType === 'Run Requested')).toHaveLength(isOrder ? 1 : 0);
      expect(whispered).toHaveLength(isOrder ? 0 : 1);
      if (isOrder)
        expect(handedOver[0]?.detail).toMatchObject({
          key: 'mention:C0UITESTS:1795770000.000100',
          threadTs: '1795760000.000100',
          command: { environment: 'staging', tags: '@smoke' },
        });
    },
  );

  it('of a bot is no order', async () => {
    const { world, handedOver } = aDoor(catalogue);
    expect(await sent(said('<@U0BOT> staging', { bot_id: 'B0OTHER' }), world, true)).toBe('for-bolt');
    expect(handedOver).toEqual([]);
  });
});
