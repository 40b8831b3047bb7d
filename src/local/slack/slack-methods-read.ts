import { tiers } from './slack-limits.ts';
import { type SlackMessage, wireMessage } from './slack-message.ts';
import {
  type Args,
  isTrue,
  type Methods,
  missingScope,
  page,
  type Reply,
  refused,
  refusedFor,
  type SlackWorld,
  text,
  visibleChannel,
} from './slack-method.ts';
import { type Channel, isDirect } from './slack-workspace.ts';

const readsHistory = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];
const readsChannels = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const paged = ['limit', 'cursor'];
const between = ['latest', 'oldest', 'inclusive', 'include_all_metadata'];

/** Reading channels and what was said there. */
export const readMethods: Methods = {
  'conversations.info': {
    scopes: readsChannels,
    limit: tiers.tier3,
    required: ['channel'],
    optional: ['include_num_members', 'include_locale'],
    run: (args, world) => {
      const channel = visibleChannel(text(args, 'channel'), world);
      return channel === undefined ? refused('channel_not_found') : { ok: true, channel: wireChannel(channel) };
    },
  },

  'conversations.list': {
    scopes: readsChannels,
    limit: tiers.tier2,
    required: [],
    optional: [...paged, 'types', 'exclude_archived'],
    run: (args, world) => {
      const types = (text(args, 'types') || 'public_channel').split(',').map((type) => type.trim());
      const listed = world.state.workspace.channels
        .filter(({ id }) => visibleChannel(id, world) !== undefined)
        .filter((channel) => types.includes(typeOf(channel)))
        .filter((channel) => !(channel.isArchived && isTrue(args, 'exclude_archived')));
      const part = page(listed, args, { usual: 100, most: 1000 });
      if (part.kind === 'refused') return refused(part.error);
      return { ok: true, channels: part.items.map(wireChannel), response_metadata: { next_cursor: part.nextCursor } };
    },
  },

  'conversations.history': {
    scopes: readsHistory,
    limit: tiers.tier3,
    required: ['channel'],
    optional: [...paged, ...between],
    run: (args, world) => {
      const channel = readableChannel(args, world);
      if (channel.kind === 'refused') return channel.reply;
      const said = world.state
        .messages(channel.channel.id)
        .filter(({ threadTs, onlyFor }) => threadTs === undefined && onlyFor === undefined);
      return messagePage(said.toReversed(), args, world);
    },
  },

  'conversations.replies': {
    scopes: readsHistory,
    limit: tiers.tier3,
    required: ['channel', 'ts'],
    optional: [...paged, ...between],
    run: (args, world) => {
      const channel = readableChannel(args, world);
      if (channel.kind === 'refused') return channel.reply;
      const said = world.state.messages(channel.channel.id).filter(({ onlyFor }) => onlyFor === undefined);
      const askedTs = text(args, 'ts');
      const asked = said.find(({ ts }) => ts === askedTs);
      // A deleted message leaves its thread, if it has one.
      if (asked === undefined && !said.some(({ threadTs }) => threadTs === askedTs)) return refused('thread_not_found');
      const parentTs = asked?.threadTs ?? askedTs;
      return messagePage(
        said.filter(({ ts, threadTs }) => ts === parentTs || threadTs === parentTs),
        args,
        world,
      );
    },
  },
};

type Readable = { readonly kind: 'channel'; readonly channel: Channel } | { readonly kind: 'refused'; readonly reply: Reply };

/** A bot reads only where it was invited, and only with the scope for that kind of channel. */
function readableChannel(args: Args, world: SlackWorld): Readable {
  const channel = visibleChannel(text(args, 'channel'), world);
  if (channel === undefined) return { kind: 'refused', reply: refused('channel_not_found') };
  const scope = `${scopePrefix[typeOf(channel)]}:history`;
  if (!world.scopes.includes(scope)) return { kind: 'refused', reply: missingScope([scope], world.scopes) };
  return channel.hasBot ? { kind: 'channel', channel } : { kind: 'refused', reply: refused('not_in_channel') };
}

const scopePrefix = { public_channel: 'channels', private_channel: 'groups', im: 'im' } as const;

function messagePage(messages: readonly SlackMessage[], args: Args, world: SlackWorld): Reply {
  const oldest = text(args, 'oldest') || '0';
  const latest = text(args, 'latest') || String(Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(Number(oldest))) return refused('invalid_ts_oldest');
  if (Number.isNaN(Number(latest))) return refused('invalid_ts_latest');
  const isInclusive = isTrue(args, 'inclusive');
  const within = messages.filter(({ ts }) => {
    if (ts === oldest || ts === latest) return isInclusive;
    return Number(ts) > Number(oldest) && Number(ts) < Number(latest);
  });
  const part = page(within, args, { usual: 100, most: 999 });
  if (part.kind === 'refused') {
    return part.error === 'invalid_cursor'
      ? refused(part.error)
      : refusedFor('invalid_arguments', [{ pointer: '/limit', because: 'must be 1 to 999' }]);
  }
  const withMetadata = isTrue(args, 'include_all_metadata');
  return {
    ok: true,
    messages: part.items.map((message) => ({
      ...wireMessage(message, world.state.workspace, { withMetadata }),
      ...replyCount(message, world),
    })),
    has_more: part.hasMore,
    response_metadata: { next_cursor: part.nextCursor },
  };
}

function replyCount(message: SlackMessage, { state }: SlackWorld): object {
  if (message.threadTs !== undefined) return { parent_user_id: state.find(message.channel, message.threadTs)?.userId };
  const replies = state.messages(message.channel).filter(({ threadTs, onlyFor }) => threadTs === message.ts && onlyFor === undefined);
  const last = replies.at(-1);
  if (last === undefined) return {};
  const users = [...new Set(replies.map(({ userId }) => userId))];
  return { thread_ts: message.ts, reply_count: replies.length, reply_users_count: users.length, reply_users: users, latest_reply: last.ts };
}

function typeOf(channel: Channel): 'im' | 'private_channel' | 'public_channel' {
  if (isDirect(channel)) return 'im';
  return channel.isPrivate ? 'private_channel' : 'public_channel';
}

function wireChannel(channel: Channel): object {
  if (typeOf(channel) === 'im') return { id: channel.id, is_im: true, user: channel.members?.[0], is_archived: false };
  return {
    id: channel.id,
    name: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_member: channel.hasBot,
    is_general: false,
  };
}
