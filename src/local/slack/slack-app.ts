import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { parse } from 'yaml';
import type { OfferedCommand } from './slack-page-state.ts';
import type { OfferedShortcut } from './slack-shortcut.ts';

/** What the app's manifest asks Slack for. */
export interface SlackApp {
  readonly scopes: readonly string[];
  readonly commands: readonly OfferedCommand[];
  readonly shortcuts: readonly OfferedShortcut[];
  /** The events it wants to hear of: `app_home_opened`. */
  readonly events: readonly string[];
}

const upTo = (max: number) => v.pipe(v.string(), v.maxLength(max));

const manifest = v.object({
  features: v.object({
    slash_commands: v.pipe(
      v.array(
        v.object({
          command: v.pipe(upTo(32), v.startsWith('/')),
          description: upTo(2000),
          usage_hint: v.optional(upTo(1000), ''),
        }),
      ),
      v.maxLength(50),
    ),
    shortcuts: v.optional(
      v.pipe(
        v.array(
          v.object({
            name: upTo(24),
            type: v.picklist(['global', 'message']),
            callback_id: upTo(255),
            description: upTo(150),
          }),
        ),
        v.maxLength(10),
      ),
      [],
    ),
  }),
  oauth_config: v.object({ scopes: v.object({ bot: v.array(v.string()) }) }),
  settings: v.optional(v.object({ event_subscriptions: v.optional(v.object({ bot_events: v.optional(v.array(v.string()), []) })) })),
});

/**
 * The app as its manifest describes it: a scope that is missing there is missing in the local Slack, too.
 *
 * @throws when the manifest is not one that Slack would take, with the field that is wrong
 */
export async function readSlackApp(file: URL = new URL('../../../slack-app.yml', import.meta.url)): Promise<SlackApp> {
  const read = v.safeParse(manifest, parse(await readFile(file, 'utf8')));
  if (!read.success) {
    const [issue] = read.issues;
    throw new Error(`${fileURLToPath(file)}: ${v.getDotPath(issue)}: ${issue.message}`);
  }
  const { features, oauth_config, settings } = read.output;
  return {
    scopes: oauth_config.scopes.bot,
    commands: features.slash_commands.map(({ command, description, usage_hint }) => ({ command, description, usageHint: usage_hint })),
    shortcuts: features.shortcuts.map(({ name, type, callback_id, description }) => ({ name, type, callbackId: callback_id, description })),
    events: settings?.event_subscriptions?.bot_events ?? [],
  };
}
