import { blocksAsView, messageAsView } from './block-view.ts';
import type { ViewReader } from './element-view.ts';
import { type SlackMessage, slackbotId } from './slack-message.ts';
import type { SlackState } from './slack-state.ts';
import type { OpenView, Views } from './slack-views.ts';
import { isDirect, isMember, nameIn, type Person } from './slack-workspace.ts';
import type { ViewNode } from './view-node.ts';

/** A slash command as Slack's composer offers it. */
export interface OfferedCommand {
  /** `/run-tests` */
  readonly command: string;
  readonly description: string;
  /** `<environment> [tag expression]` */
  readonly usageHint: string;
}

/** A message as one person's page shows it. */
export interface PageMessage {
  readonly channelId: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly author: { readonly name: string; readonly kind: 'app' | 'person' | 'slack' };
  readonly isEdited: boolean;
  /** Only this person sees it. */
  readonly isPrivate: boolean;
  readonly content: readonly ViewNode[];
}

/** A modal in front of a person. */
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
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly commands: readonly OfferedCommand[];
  readonly channels: readonly {
    readonly id: string;
    readonly name: string;
    readonly isPrivate: boolean;
    readonly isArchived: boolean;
    readonly messages: readonly PageMessage[];
  }[];
  readonly modal?: PageView;
}

/** Shows the state as one person sees it. */
export interface PageOf {
  state(): PageState;
  /** Undefined when the person may not see it. */
  message(message: SlackMessage): PageMessage | undefined;
  modal(): PageView | undefined;
}

export function pageOf(
  person: Person,
  { state, views, commands }: { readonly state: SlackState; readonly views: Views; readonly commands: readonly OfferedCommand[] },
): PageOf {
  const { workspace } = state;
  const channels = workspace.channels.filter((channel) => isMember(channel, person.id));
  const people = workspace.people.map(({ id, realName }) => ({ id, name: realName }));
  const reader = (): ViewReader => ({ nowMs: Date.now(), people, nameOf: (id) => nameIn(workspace, id) });

  function message(given: SlackMessage): PageMessage | undefined {
    const isVisible = channels.some(({ id }) => id === given.channel) && (given.onlyFor ?? person.id) === person.id;
    if (!isVisible) return undefined;
    return {
      channelId: given.channel,
      ts: given.ts,
      ...(given.threadTs === undefined ? {} : { threadTs: given.threadTs }),
      author: authorOf(given.userId),
      isEdited: given.edited !== undefined,
      isPrivate: given.onlyFor !== undefined,
      content: messageAsView(given, reader()),
    };
  }

  function authorOf(userId: string): PageMessage['author'] {
    if (userId === slackbotId) return { name: 'Slack', kind: 'slack' };
    return { name: nameIn(workspace, userId) ?? userId, kind: userId === workspace.bot.userId ? 'app' : 'person' };
  }

  function modal(): PageView | undefined {
    const top = views.stack(person.id).at(-1);
    return top === undefined ? undefined : shown(top);
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

  return {
    message,
    modal,
    state: () => {
      const open = modal();
      return {
        me: person.id,
        team: workspace.team.name,
        people,
        commands,
        channels: channels.map((channel) => ({
          id: channel.id,
          name: isDirect(channel) ? workspace.app.name : channel.name,
          isPrivate: channel.isPrivate,
          isArchived: channel.isArchived,
          messages: state.messages(channel.id).flatMap((one) => message(one) ?? []),
        })),
        ...(open === undefined ? {} : { modal: open }),
      };
    },
  };
}
