import { checkView } from './block-kit-view.ts';
import { tiers } from './slack-limits.ts';
import { type Args, type Methods, type Reply, refused, refusedFor, type SlackWorld, structured, text } from './slack-method.ts';
import { isView, type OfferedView, type OpenView, wireView } from './slack-views.ts';

/** Modals and Home tabs. */
export const viewMethods: Methods = {
  'views.open': {
    scopes: [],
    limit: tiers.tier4,
    required: ['trigger_id', 'view'],
    optional: [],
    run: (args, world) => openOn(args, world, 'open'),
  },

  'views.push': {
    scopes: [],
    limit: tiers.tier4,
    required: ['trigger_id', 'view'],
    optional: [],
    run: (args, world) => openOn(args, world, 'push'),
  },

  'views.update': {
    scopes: [],
    limit: tiers.tier4,
    required: ['view'],
    optional: ['view_id', 'external_id', 'hash'],
    run: (args, world) => {
      const given = parseView(args, 'modal');
      if (given.kind === 'refused') return given.reply;
      const { views } = world;
      const open = args.view_id === undefined ? views.findExternal(text(args, 'external_id')) : views.find(text(args, 'view_id'));
      if (open === undefined) return refused('not_found');
      if (args.hash !== undefined && args.hash !== open.hash) return refused('hash_conflict');
      const other = views.findExternal(given.view.external_id ?? '');
      if (given.view.external_id && other !== undefined && other.id !== open.id) return refused('duplicate_external_id');
      return shown(views.replace(open.id, given.view), world);
    },
  },

  'views.publish': {
    scopes: [],
    limit: tiers.tier4,
    required: ['user_id', 'view'],
    optional: ['hash'],
    run: (args, world) => {
      const given = parseView(args, 'home');
      if (given.kind === 'refused') return given.reply;
      const userId = text(args, 'user_id');
      if (!world.state.workspace.people.some(({ id }) => id === userId)) return refused('user_not_found');
      const before = world.views.home(userId);
      if (args.hash !== undefined && args.hash !== before?.hash) return refused('hash_conflict');
      return shown(world.views.publish(userId, given.view), world);
    },
  },
};

function openOn(args: Args, world: SlackWorld, how: 'open' | 'push'): Reply {
  const given = parseView(args, 'modal');
  if (given.kind === 'refused') return given.reply;
  if (given.view.external_id && world.views.findExternal(given.view.external_id) !== undefined) return refused('duplicate_external_id');
  const trigger = world.triggers.redeem(text(args, 'trigger_id'));
  if (trigger.kind === 'refused') return refused(trigger.error);
  if (how === 'open') world.views.close(trigger.userId, 'all');
  const view = world.views.push(trigger.userId, given.view);
  return view === undefined ? refused('push_limit_reached') : shown(view, world);
}

type Given = { readonly kind: 'view'; readonly view: OfferedView } | { readonly kind: 'refused'; readonly reply: Reply };

function parseView(args: Args, type: OfferedView['type']): Given {
  const view = structured(args, 'view');
  if (!isView(view)) return { kind: 'refused', reply: refusedFor('invalid_arguments', checkView(view)) };
  if (view.type === type) return { kind: 'view', view };
  return { kind: 'refused', reply: refusedFor('invalid_arguments', [{ pointer: '/view/type', because: `must be \`${type}\` here` }]) };
}

function shown(view: OpenView | undefined, { views, state }: SlackWorld): Reply {
  if (view === undefined) return refused('not_found');
  return { ok: true, view: wireView(view, views.stack(view.userId), state.workspace) };
}
