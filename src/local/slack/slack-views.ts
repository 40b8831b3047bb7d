import { randomBytes } from 'node:crypto';
import type { HomeView, ModalView } from '@slack/types';
import type { OfferedBlock } from './block-kit.ts';
import { checkView } from './block-kit-view.ts';
import { withIds } from './slack-message.ts';
import type { Workspace } from './slack-workspace.ts';

/** A modal or Home tab that the local Slack can show. */
export type OfferedView = (Omit<ModalView, 'blocks'> | Omit<HomeView, 'blocks'>) & { readonly blocks: readonly OfferedBlock[] };

/** Whether Slack would take this view. */
export const isView = (value: unknown): value is OfferedView => checkView(value).length === 0;

/** A view that is open in front of a person, or that person's Home tab. */
export interface OpenView {
  readonly id: string;
  readonly userId: string;
  readonly view: OfferedView;
  /** Changes with every change of the view. */
  readonly hash: string;
}

/** What every person has open: a stack of up to three modals, and a Home tab. Lives as long as the process. */
export interface Views {
  /** The person's modals, the uppermost last. */
  stack(userId: string): readonly OpenView[];
  home(userId: string): OpenView | undefined;
  find(viewId: string): OpenView | undefined;
  /** The open view with this `external_id`. */
  findExternal(externalId: string): OpenView | undefined;
  /** Puts a modal on the person's stack; undefined when three are there. */
  push(userId: string, view: OfferedView): OpenView | undefined;
  replace(viewId: string, view: OfferedView): OpenView | undefined;
  publish(userId: string, view: OfferedView): OpenView;
  /** Closes the uppermost modal, or all. */
  close(userId: string, which: 'top' | 'all'): void;
  onChange(listener: (userId: string) => void): () => void;
}

const stackMax = 3;
const newId = (): string => `V${randomBytes(5).toString('hex').toUpperCase()}`;
const newHash = (): string => `${Date.now()}.${randomBytes(4).toString('hex')}`;

export function newViews(): Views {
  const stacks = new Map<string, readonly OpenView[]>();
  const homes = new Map<string, OpenView>();
  const listeners = new Set<(userId: string) => void>();

  const opened = (userId: string, view: OfferedView, id = newId()): OpenView => ({
    id,
    userId,
    view: { ...view, blocks: withIds(view.blocks) },
    hash: newHash(),
  });
  const tell = (userId: string) => {
    for (const listener of listeners) listener(userId);
  };
  const stack = (userId: string) => stacks.get(userId) ?? [];
  const everyView = () => [...[...stacks.values()].flat(), ...homes.values()];
  const find = (viewId: string) => everyView().find(({ id }) => id === viewId);

  return {
    stack,
    find,
    home: (userId) => homes.get(userId),
    findExternal: (externalId) => everyView().find(({ view }) => view.external_id === externalId),
    push: (userId, view) => {
      if (stack(userId).length >= stackMax) return undefined;
      const added = opened(userId, view);
      stacks.set(userId, [...stack(userId), added]);
      tell(userId);
      return added;
    },
    replace: (viewId, view) => {
      const old = find(viewId);
      if (old === undefined) return undefined;
      const changed = opened(old.userId, view, viewId);
      if (homes.get(old.userId)?.id === viewId) homes.set(old.userId, changed);
      stacks.set(
        old.userId,
        stack(old.userId).map((one) => (one.id === viewId ? changed : one)),
      );
      tell(old.userId);
      return changed;
    },
    publish: (userId, view) => {
      const home = opened(userId, view, homes.get(userId)?.id);
      homes.set(userId, home);
      tell(userId);
      return home;
    },
    close: (userId, which) => {
      stacks.set(userId, which === 'all' ? [] : stack(userId).slice(0, -1));
      tell(userId);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What a person filled in: block id → action id → the element's value, as Slack sends it. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The view as the Web API and interaction payloads show it; `stack` is what else its person has open. */
export function wireView(open: OpenView, stack: readonly OpenView[], workspace: Workspace, values: ViewValues = {}): object {
  const { view } = open;
  const modal = view.type === 'modal' ? view : undefined;
  const place = stack.findIndex(({ id }) => id === open.id);
  return {
    id: open.id,
    team_id: workspace.team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    external_id: view.external_id ?? '',
    state: { values },
    hash: open.hash,
    title: modal?.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    close: modal?.close ?? null,
    submit: modal?.submit ?? null,
    clear_on_close: modal?.clear_on_close ?? false,
    notify_on_close: modal?.notify_on_close ?? false,
    previous_view_id: stack[place - 1]?.id ?? null,
    root_view_id: (place < 0 ? open : (stack[0] ?? open)).id,
    app_id: workspace.app.id,
    app_installed_team_id: workspace.team.id,
    bot_id: workspace.bot.botId,
  };
}
