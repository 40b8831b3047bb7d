import { tiers } from './slack-limits.ts';
import { isTrue, type Methods, refused, text } from './slack-method.ts';

/** People and user groups, and who the app is. */
export const peopleMethods: Methods = {
  'auth.test': {
    scopes: [],
    limit: tiers.special,
    required: [],
    optional: [],
    run: (_args, { state, url }) => {
      const { team, bot } = state.workspace;
      return {
        ok: true,
        url: `${url()}/`,
        team: team.name,
        user: bot.name,
        team_id: team.id,
        user_id: bot.userId,
        bot_id: bot.botId,
        is_enterprise_install: false,
      };
    },
  },

  'users.info': {
    scopes: ['users:read'],
    limit: tiers.tier4,
    required: ['user'],
    optional: ['include_locale'],
    run: (args, { state }) => {
      const person = state.workspace.people.find(({ id }) => id === text(args, 'user'));
      if (person === undefined) return refused('user_not_found');
      const { id, name, realName, timeZone } = person;
      return {
        ok: true,
        user: {
          id,
          team_id: state.workspace.team.id,
          name,
          deleted: false,
          real_name: realName,
          tz: timeZone,
          profile: { real_name: realName, display_name: name },
          is_bot: false,
          is_app_user: false,
        },
      };
    },
  },

  'usergroups.list': {
    scopes: ['usergroups:read'],
    limit: tiers.tier2,
    required: [],
    optional: ['include_count', 'include_disabled', 'include_users'],
    run: (args, { state }) => ({
      ok: true,
      usergroups: state.workspace.userGroups.map(({ id, handle, name, users }) => ({
        id,
        team_id: state.workspace.team.id,
        is_usergroup: true,
        name,
        handle,
        date_delete: 0,
        ...(isTrue(args, 'include_users') ? { users } : {}),
        ...(isTrue(args, 'include_count') ? { user_count: users.length } : {}),
      })),
    }),
  },

  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    limit: tiers.tier2,
    required: ['usergroup'],
    optional: ['include_disabled'],
    run: (args, { state }) => {
      const group = state.workspace.userGroups.find(({ id }) => id === text(args, 'usergroup'));
      return group === undefined ? refused('no_such_subteam') : { ok: true, users: group.users };
    },
  },
};
