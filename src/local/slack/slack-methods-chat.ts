import type { MessageProblem } from './block-kit.ts';
import { parseContent, post, revised } from './slack-content.ts';
import { perChannel, tiers } from './slack-limits.ts';
import { type SlackMessage, wireMessage } from './slack-message.ts';
import {
  type Args,
  type Methods,
  type Reply,
  refused,
  refusedFor,
  type SlackWorld,
  structured,
  text,
  visibleChannel,
} from './slack-method.ts';
import { type Channel, isMember } from './slack-workspace.ts';

const content = ['text', 'blocks', 'attachments'];
const quiet = ['unfurl_links', 'unfurl_media', 'mrkdwn', 'link_names', 'parse'];

/** Saying, changing and taking back messages. */
export const chatMethods: Methods = {
  'chat.postMessage': {
    scopes: ['chat:write'],
    limit: perChannel,
    limitedBy: 'channel',
    required: ['channel'],
    optional: [...content, ...quiet, 'metadata', 'thread_ts'],
    run: (args, world) => {
      const place = placeFor(text(args, 'channel'), world);
      if (place.kind === 'refused') return refused(place.error);
      const parsed = parse(args, world);
      if (parsed.kind === 'refused') return parsed.reply;
      const thread = threadFor(place.channel, args, world);
      if (thread.kind === 'refused') return refused(thread.error);
      const message = post(world.state, {
        channel: place.channel.id,
        userId: world.state.workspace.bot.userId,
        ...thread.of,
        ...parsed.content,
      });
      return said(message, world);
    },
  },

  'chat.update': {
    scopes: ['chat:write'],
    limit: tiers.tier3,
    required: ['channel', 'ts'],
    optional: [...content, ...quiet, 'metadata'],
    run: (args, world) => {
      const own = ownMessage(args, world, 'cant_update_message');
      if (own.kind === 'refused') return refused(own.error);
      const given = givenContent(args);
      if (given.kind === 'refused') return given.reply;
      const result = revised(own.message, given.content, {
        userId: world.state.workspace.bot.userId,
        ts: world.state.nextTs(),
        files: world.files,
      });
      if (result.kind === 'refused') return contentRefused(result.problems);
      world.state.put(result.message);
      return { ...said(result.message, world), text: result.message.text };
    },
  },

  'chat.delete': {
    scopes: ['chat:write'],
    limit: tiers.tier3,
    required: ['channel', 'ts'],
    optional: [],
    run: (args, world) => {
      const own = ownMessage(args, world, 'cant_delete_message');
      if (own.kind === 'refused') return refused(own.error);
      world.state.remove(own.message);
      return { ok: true, channel: own.message.channel, ts: own.message.ts };
    },
  },

  'chat.postEphemeral': {
    scopes: ['chat:write'],
    limit: tiers.tier4,
    required: ['channel', 'user'],
    optional: [...content, ...quiet, 'thread_ts'],
    run: (args, world) => {
      const channel = visibleChannel(text(args, 'channel'), world);
      if (channel === undefined) return refused('channel_not_found');
      if (channel.isArchived) return refused('is_archived');
      if (!channel.hasBot) return refused('not_in_channel');
      const userId = text(args, 'user');
      if (!world.state.workspace.people.some(({ id }) => id === userId)) return refused('user_not_found');
      if (!isMember(channel, userId)) return refused('user_not_in_channel');
      const parsed = parse(args, world);
      if (parsed.kind === 'refused') return parsed.reply;
      const thread = threadFor(channel, args, world);
      if (thread.kind === 'refused') return refused(thread.error);
      const bot = world.state.workspace.bot.userId;
      const message = post(world.state, { channel: channel.id, userId: bot, onlyFor: userId, ...thread.of, ...parsed.content });
      return { ok: true, message_ts: message.ts };
    },
  },

  'chat.getPermalink': {
    scopes: [],
    limit: tiers.special,
    required: ['channel', 'message_ts'],
    optional: [],
    run: (args, world) => {
      const channel = visibleChannel(text(args, 'channel'), world);
      if (channel === undefined) return refused('channel_not_found');
      const message = world.state.find(channel.id, text(args, 'message_ts'));
      if (message === undefined || message.onlyFor !== undefined) return refused('message_not_found');
      return { ok: true, channel: channel.id, permalink: `${world.url()}/archives/${channel.id}/p${message.ts.replace('.', '')}` };
    },
  },
};

type Place = { readonly kind: 'channel'; readonly channel: Channel } | { readonly kind: 'refused'; readonly error: string };

/** Where a new message goes: by a channel's id or name, or by the id of a person, for that person's conversation with the app. */
function placeFor(named: string, world: SlackWorld): Place {
  const { channels, people } = world.state.workspace;
  const person = people.find(({ id }) => id === named);
  const byName = channels.find(({ name, id }) => name === named.replace(/^#/, '') && !id.startsWith('D'));
  const channel = visibleChannel(person === undefined ? (byName?.id ?? named) : `D${named.slice(1)}`, world);
  if (channel === undefined) return { kind: 'refused', error: 'channel_not_found' };
  if (channel.isArchived) return { kind: 'refused', error: 'is_archived' };
  if (!channel.hasBot && !world.scopes.includes('chat:write.public')) return { kind: 'refused', error: 'not_in_channel' };
  return { kind: 'channel', channel };
}

type Thread =
  | { readonly kind: 'place'; readonly of: Pick<SlackMessage, 'threadTs'> }
  | { readonly kind: 'refused'; readonly error: string };

function threadFor(channel: Channel, args: Args, { state }: SlackWorld): Thread {
  const threadTs = text(args, 'thread_ts');
  if (threadTs === '') return { kind: 'place', of: {} };
  const parent = state.find(channel.id, threadTs);
  // A deleted message leaves its thread, if it has one.
  if (parent === undefined && state.messages(channel.id).some((message) => message.threadTs === threadTs))
    return { kind: 'place', of: { threadTs } };
  if (parent === undefined || parent.onlyFor !== undefined) return { kind: 'refused', error: 'thread_not_found' };
  return parent.threadTs === undefined ? { kind: 'place', of: { threadTs } } : { kind: 'refused', error: 'cannot_reply_to_message' };
}

type Own = { readonly kind: 'own'; readonly message: SlackMessage } | { readonly kind: 'refused'; readonly error: string };

function ownMessage(args: Args, world: SlackWorld, notOwn: string): Own {
  const channel = visibleChannel(text(args, 'channel'), world);
  if (channel === undefined) return { kind: 'refused', error: 'channel_not_found' };
  const message = world.state.find(channel.id, text(args, 'ts'));
  // An answer that only one person sees can only be changed through its response_url.
  if (message === undefined || message.onlyFor !== undefined) return { kind: 'refused', error: 'message_not_found' };
  if (channel.isArchived) return { kind: 'refused', error: 'is_archived' };
  return message.userId === world.state.workspace.bot.userId ? { kind: 'own', message } : { kind: 'refused', error: notOwn };
}

type Given = { readonly kind: 'given'; readonly content: Args } | { readonly kind: 'refused'; readonly reply: Reply };

const notJson = { blocks: 'invalid_blocks_format', attachments: 'invalid_attachments', metadata: 'invalid_metadata_format' } as const;

function givenContent(args: Args): Given {
  const structuredNames = ['blocks', 'attachments', 'metadata'] as const;
  const values = structuredNames.filter((name) => args[name] !== undefined).map((name) => ({ name, value: structured(args, name) }));
  const broken = values.find(({ value }) => value === undefined);
  if (broken !== undefined)
    return { kind: 'refused', reply: refusedFor(notJson[broken.name], [{ pointer: `/${broken.name}`, because: 'must be JSON' }]) };
  const given = Object.fromEntries(values.map(({ name, value }) => [name, value]));
  return { kind: 'given', content: args.text === undefined ? given : { ...given, text: args.text } };
}

type Parsed = Extract<ReturnType<typeof parseContent>, { kind: 'content' }> | { readonly kind: 'refused'; readonly reply: Reply };

function parse(args: Args, { files }: SlackWorld): Parsed {
  const given = givenContent(args);
  if (given.kind === 'refused') return given;
  const parsed = parseContent(given.content, { files });
  return parsed.kind === 'refused' ? { kind: 'refused', reply: contentRefused(parsed.problems) } : parsed;
}

/** Slack answers with one error: the first, with all that is wrong of its kind. */
function contentRefused(problems: readonly MessageProblem[]): Reply {
  const error = problems[0]?.error ?? 'fatal_error';
  return refusedFor(
    error,
    problems.filter((problem) => problem.error === error),
  );
}

const said = (message: SlackMessage, { state }: SlackWorld): Reply => ({
  ok: true,
  channel: message.channel,
  ts: message.ts,
  message: wireMessage(message, state.workspace, { withMetadata: true }),
});
