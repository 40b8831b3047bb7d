import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { shortcuts } from '../../src/app/form-door.ts';
import { coldStartsCommand, command } from '../../src/slack/command.ts';
import { ourStack } from '../our-stack.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const manifest = parse(read('slack-app.yml'));

/** https://docs.slack.dev/reference/app-manifest: what is not in it, Slack refuses. */
const upTo = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const address = v.pipe(v.string(), v.url(), v.startsWith('https://'));
const documented = v.strictObject({
  _metadata: v.strictObject({ major_version: v.picklist([1, 2]), minor_version: v.number() }),
  display_information: v.strictObject({
    name: upTo(35),
    description: upTo(140),
    long_description: v.optional(v.pipe(v.string(), v.minLength(174), v.maxLength(4_000))),
    background_color: v.pipe(v.string(), v.regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i)),
  }),
  features: v.strictObject({
    app_home: v.optional(
      v.strictObject({
        home_tab_enabled: v.boolean(),
        messages_tab_enabled: v.boolean(),
        messages_tab_read_only_enabled: v.boolean(),
      }),
    ),
    bot_user: v.strictObject({ display_name: v.pipe(upTo(80), v.regex(/^[\w .-]+$/)), always_online: v.boolean() }),
    slash_commands: v.pipe(
      v.array(
        v.strictObject({
          command: v.pipe(upTo(32), v.regex(/^\/[a-z0-9_-]+$/)),
          url: address,
          description: upTo(2_000),
          usage_hint: upTo(1_000),
          should_escape: v.boolean(),
        }),
      ),
      v.maxLength(50),
    ),
    shortcuts: v.pipe(
      v.array(
        v.strictObject({
          name: upTo(24),
          type: v.picklist(['global', 'message']),
          callback_id: upTo(255),
          description: upTo(150),
        }),
      ),
      v.maxLength(10),
    ),
  }),
  oauth_config: v.strictObject({ scopes: v.strictObject({ bot: v.pipe(v.array(v.string()), v.maxLength(255)) }) }),
  settings: v.strictObject({
    event_subscriptions: v.optional(v.strictObject({ request_url: address, bot_events: v.pipe(v.array(v.string()), v.maxLength(100)) })),
    interactivity: v.strictObject({
      is_enabled: v.boolean(),
      request_url: address,
      message_menu_options_url: v.optional(address),
    }),
    org_deploy_enabled: v.boolean(),
    socket_mode_enabled: v.boolean(),
    token_rotation_enabled: v.boolean(),
  }),
});

it('the manifest is one that Slack takes, and says nothing that Slack does not know', () => {
  const { issues = [] } = v.safeParse(documented, manifest);
  expect(issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`)).toEqual([]);
});

it('the manifest has the commands that the app listens to, and no others', () => {
  expect(manifest.features.slash_commands.map((one: { command: string }) => one.command)).toEqual([command, coldStartsCommand]);
});

it('the manifest has the shortcuts that the app listens to, and no others', () => {
  expect(manifest.features.shortcuts.map((one: { callback_id: string }) => one.callback_id)).toEqual(Object.values(shortcuts));
});

it('the manifest sends everything to the one address where the door listens', () => {
  const urls = [
    ...manifest.features.slash_commands.map((one: { url: string }) => one.url),
    manifest.settings.interactivity.request_url,
    manifest.settings.event_subscriptions.request_url,
  ];
  const [door] = ourStack().functions;
  expect(new Set(urls.map((url) => `POST ${new URL(url).pathname}`))).toEqual(
    new Set(door?.routes.filter((route) => route.startsWith('POST /slack/'))),
  );
});

it('the manifest asks for what our calls need and nothing else', () => {
  const needs: Readonly<Record<string, readonly string[]>> = {
    'chat.postMessage': ['chat:write', 'chat:write.public'],
    'chat.update': ['chat:write'],
    'chat.delete': ['chat:write'],
    'conversations.history': ['channels:history', 'groups:history'],
    'conversations.replies': ['channels:history', 'groups:history'],
    'files.getUploadURLExternal': ['files:write'],
    'files.completeUploadExternal': ['files:write'],
    'usergroups.users.list': ['usergroups:read'],
    'chat.postEphemeral': ['chat:write'],
    'chat.getPermalink': [],
    'views.update': [],
    'views.publish': [],
    // What the manifest wants to hear of.
    app_mention: ['app_mentions:read'],
    app_home_opened: [],
  };
  const calls = [...read('src/slack/say.ts').matchAll(/client\.((?:\w+\.)+\w+)\(/g)].map(([, method = '']) => method);
  calls.push(...manifest.settings.event_subscriptions.bot_events);
  expect(calls.filter((method) => needs[method] === undefined)).toEqual([]);
  expect(new Set(manifest.oauth_config.scopes.bot)).toEqual(new Set(['commands', ...calls.flatMap((method) => needs[method] ?? [])]));
});
