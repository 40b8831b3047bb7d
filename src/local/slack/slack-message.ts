import { randomBytes } from 'node:crypto';
import type { OfferedBlock } from './block-kit.ts';
import { elementsOf } from './block-kit-ids.ts';
import { isRecord } from './json-shape.ts';
import type { Workspace } from './slack-workspace.ts';

/** A coloured bar with blocks beside it: what is left of Slack's attachments. */
export interface Attachment {
  readonly color?: string;
  readonly fallback?: string;
  readonly blocks: readonly OfferedBlock[];
}

/** A message as the local Slack keeps it. */
export interface SlackMessage {
  /** The channel's id. */
  readonly channel: string;
  /** `1763871234.000100`: the message's identity in its channel. */
  readonly ts: string;
  /** The `ts` of the message it answers. */
  readonly threadTs?: string;
  /** Who wrote it: a person, the app's bot, or Slack itself (`USLACKBOT`). */
  readonly userId: string;
  readonly text: string;
  readonly blocks?: readonly OfferedBlock[];
  readonly attachments?: readonly Attachment[];
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> };
  /** The text was changed, by whom and when. A change of blocks leaves no mark, as in Slack. */
  readonly edited?: { readonly userId: string; readonly ts: string };
  /** Only this person sees it. */
  readonly onlyFor?: string;
}

/** Slack itself, when it tells a person that something went wrong. */
export const slackbotId = 'USLACKBOT';

const randomId = (): string => randomBytes(3).toString('base64url');

/** The blocks as Slack keeps them: every block and every interactive element has an id. */
export function withIds(blocks: readonly OfferedBlock[]): readonly OfferedBlock[] {
  const kept = structuredClone(blocks);
  for (const block of kept) {
    block.block_id ??= randomId();
    for (const { element } of elementsOf(block)) {
      if (isRecord(element) && element.type !== 'image') Object.assign(element, { action_id: element.action_id ?? randomId() });
    }
  }
  return kept;
}

/** The message as the Web API and interaction payloads show it. */
export function wireMessage(
  message: SlackMessage,
  workspace: Workspace,
  { withMetadata = false }: { readonly withMetadata?: boolean } = {},
): object {
  const isBots = message.userId === workspace.bot.userId;
  return {
    type: 'message',
    user: message.userId,
    ts: message.ts,
    ...(isBots ? { bot_id: workspace.bot.botId, app_id: workspace.app.id } : {}),
    text: message.text,
    team: workspace.team.id,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.edited === undefined ? {} : { edited: { user: message.edited.userId, ts: message.edited.ts } }),
    ...(message.blocks === undefined ? {} : { blocks: message.blocks }),
    ...(message.attachments === undefined ? {} : { attachments: message.attachments.map((one, index) => ({ id: index + 1, ...one })) }),
    ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
  };
}
