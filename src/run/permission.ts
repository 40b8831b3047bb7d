import type { Environment } from './catalogue.ts';

/** Whether somebody may run against an environment. */
export type Permission =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly because: string }
  /** Only if the person is in one of these Slack user groups: that takes a call to Slack. */
  | { readonly kind: 'members-only'; readonly userGroups: readonly string[]; readonly because: string };

/** Whether a person may see how the environment does: whoever may run there, wherever they ask, and all in the channel that hears of its runs. */
export function mayLook(environment: Environment, userId: string, channelId: string): Permission {
  if (channelId === environment.channel) return { kind: 'allowed' };
  return mayRun({ ...environment, allow: { ...environment.allow, channels: [] } }, userId, channelId);
}

/** Whether a person may run against the environment from this channel. An empty list forbids nobody. */
export function mayRun({ name, allow }: Environment, userId: string, channelId: string): Permission {
  if (allow.channels.length > 0 && !allow.channels.includes(channelId)) {
    return {
      kind: 'refused',
      because: `Runs on *${name}* are started in ${allow.channels.map((id) => `<#${id}>`).join(' or ')}, not here.`,
    };
  }
  const isOpen = allow.users.length === 0 && allow.userGroups.length === 0;
  if (isOpen || allow.users.includes(userId)) return { kind: 'allowed' };
  const who = [...allow.userGroups.map((id) => `<!subteam^${id}>`), ...allow.users.map((id) => `<@${id}>`)];
  const because = `You may not run tests on *${name}*. ${who.join(', ')} may: ask one of them, or have yourself added in coldframe.yml.`;
  return allow.userGroups.length > 0 ? { kind: 'members-only', userGroups: allow.userGroups, because } : { kind: 'refused', because };
}
