import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { coldStartsCommand, command } from '../../src/slack/app.ts';
import { ourStack } from '../our-stack.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const manifest = parse(read('slack-app.yml'));

it('the manifest has the commands that the app listens to, and no others', () => {
  expect(manifest.features.slash_commands.map((one: { command: string }) => one.command)).toEqual([command, coldStartsCommand]);
});

it('the manifest sends everything to the one address where the door listens', () => {
  const urls = [...manifest.features.slash_commands.map((one: { url: string }) => one.url), manifest.settings.interactivity.request_url];
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
  };
  const calls = [...read('src/slack/say.ts').matchAll(/client\.((?:\w+\.)+\w+)\(/g)].map(([, method = '']) => method);
  expect(calls.filter((method) => needs[method] === undefined)).toEqual([]);
  expect(new Set(manifest.oauth_config.scopes.bot)).toEqual(new Set(['commands', ...calls.flatMap((method) => needs[method] ?? [])]));
});

it.each([
  ['name', manifest.display_information.name, 35],
  ['description', manifest.display_information.description, 140],
  ['bot name', manifest.features.bot_user.display_name, 80],
  ['command', manifest.features.slash_commands[0].command, 32],
  ['usage hint', manifest.features.slash_commands[0].usage_hint, 1_000],
])('the %s is no longer than Slack allows', (_, text: string, most) => expect(text.length).toBeLessThanOrEqual(most));
