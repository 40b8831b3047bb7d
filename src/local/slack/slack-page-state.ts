import { blocksAsView, messageAsView } from './block-view.ts';
import type { ViewReader } from './element-view.ts';
import { parseMrkdwn } from './mrkdwn.ts';
import { type SlackMessage, slackbotId } from './slack-message.ts';
import type { Refusal, Refusals } from './slack-refusals.ts';
import type { OfferedShortcut } from './slack-shortcut.ts';
import type { SlackState } from './slack-state.ts';
import type { OpenView, Views } from './slack-views.ts';
import { isDirect, isMember, nameIn, type Person } from './slack-workspace.ts';
import { spansAsText } from './span-text.ts';
import { isMarked, type ViewNode } from './view-node.ts';

/** A slash command as Slack's composer offers it. */
export interface OfferedCommand {
  /** `/run-tests` */
  readonly command: string;
  readonly description: string;
  /** `<environment> [tag expression]` */
  readonly usageHint: string;
}

/** Something to type, and what it shows. */
export interface Suggestion {
  /** `/run-tests local` */
  readonly text: string;
  readonly shows: string;
}

/** A message as one person's page shows it. */
export interface PageMessage {
  readonly channelId: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly author: { readonly id: string; readonly name: string; readonly kind: 'app' | 'person' | 'slack' };
  readonly isEdited: boolean;
  /** Only this person sees it. */
  readonly isPrivate: boolean;
  /** Whether the person who looks is mentioned in it. */
  readonly mentionsMe: boolean;
  /** What a notification or a screen reader says. */
  readonly summary: string;
  readonly content: readonly ViewNode[];
}

/** A modal in front of a person, or that person's Home tab. */
export interface PageView {
  readonly id: string;
  readonly title: string;
  readonly submit?: string;
  readonly close: string;
  readonly content: readonly ViewNode[];
}

/** Everything one person's page shows. */
export interface PageState {
  readonly me: string;
  readonly team: string;
  readonly app: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly commands: readonly OfferedCommand[];
  readonly suggestions: readonly Suggestion[];
  readonly shortcuts: readonly OfferedShortcut[];
  readonly channels: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: 'open' | 'private' | 'direct';
    readonly isArchived: boolean;
    readonly messages: readonly PageMessage[];
  }[];
  readonly refusals: readonly Refusal[];
  readonly modal?: PageView;
  readonly home?: PageView;
}

/** Shows the state as one person sees it. */
export interface PageOf {
  state(): PageState;
  /** Undefined when the person may not see it. */
  message(message: SlackMessage): PageMessage | undefined;
  modal(): PageView | undefined;
  home(): PageView | undefined;
  /** Whether the person should hear of it. */
  isConcerned(refusal: Refusal): boolean;
}

export interface PageStateOptions {
  readonly state: SlackState;
  readonly views: Views;
  readonly refusals: Refusals;
  readonly commands: readonly OfferedCommand[];
  readonly suggestions: readonly Suggestion[];
  readonly shortcuts: readonly OfferedShortcut[];
}

export function pageOf(person: Person, { state, views, refusals, commands, suggestions, shortcuts }: PageStateOptions): PageOf {
  const { workspace } = state;
  const channels = workspace.channels.filter((channel) => isMember(channel, person.id));
  const people = workspace.people.map(({ id, realName }) => ({ id, name: realName }));
  const mine = new Set([person.id, ...workspace.userGroups.filter(({ users }) => users.includes(person.id)).map(({ id }) => id)]);
  const reader = (): ViewReader => ({
    nowMs: Date.now(),
    people,
    nameOf: (id) => nameIn(workspace, id),
    isMe: (id) => mine.has(id),
  });

  function message(given: SlackMessage): PageMessage | undefined {
    const isVisible = channels.some(({ id }) => id === given.channel) && (given.onlyFor ?? person.id) === person.id;
    if (!isVisible) return undefined;
    const content = messageAsView(given, reader());
    return {
      channelId: given.channel,
      ts: given.ts,
      ...(given.threadTs === undefined ? {} : { threadTs: given.threadTs }),
      author: authorOf(given.userId),
      isEdited: given.edited !== undefined,
      isPrivate: given.onlyFor !== undefined,
      mentionsMe: given.userId !== person.id && content.some((node) => isMarked(node, 'me')),
      summary: spansAsText(parseMrkdwn(given.text), reader()),
      content,
    };
  }

  function authorOf(userId: string): PageMessage['author'] {
    if (userId === slackbotId) return { id: userId, name: 'Slackbot', kind: 'slack' };
    return { id: userId, name: nameIn(workspace, userId) ?? userId, kind: userId === workspace.bot.userId ? 'app' : 'person' };
  }

  function modal(): PageView | undefined {
    const top = views.stack(person.id).at(-1);
    return top === undefined ? undefined : shown(top);
  }

  function home(): PageView | undefined {
    const published = views.home(person.id);
    return published === undefined ? undefined : shown(published);
  }

  function shown({ id, view }: OpenView): PageView {
    const named = view.type === 'modal' ? view : undefined;
    return {
      id,
      title: named?.title.text ?? '',
      ...(named?.submit === undefined ? {} : { submit: named.submit.text }),
      close: named?.close?.text ?? 'Cancel',
      content: blocksAsView(view.blocks, reader()),
    };
  }

  function isConcerned({ channelId, userId }: Refusal): boolean {
    return (channelId === undefined || channels.some(({ id }) => id === channelId)) && (userId ?? person.id) === person.id;
  }

  return {
    message,
    modal,
    home,
    isConcerned,
    state: () => {
      const [openModal, openedHome] = [modal(), home()];
      return {
        me: person.id,
        team: workspace.team.name,
        app: workspace.app.name,
        people,
        commands,
        suggestions,
        shortcuts,
        channels: channels.map((channel) => ({
          id: channel.id,
          name: isDirect(channel) ? workspace.app.name : channel.name,
          kind: isDirect(channel) ? 'direct' : channel.isPrivate ? 'private' : 'open',
          isArchived: channel.isArchived,
          messages: state.messages(channel.id).flatMap((one) => message(one) ?? []),
        })),
        refusals: refusals.all().filter(isConcerned),
        ...(openModal === undefined ? {} : { modal: openModal }),
        ...(openedHome === undefined ? {} : { home: openedHome }),
      };
    },
  };
}
