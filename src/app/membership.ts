import type { Environment } from '../run/catalogue.ts';
import { mayLook, mayRun, type Permission } from '../run/permission.ts';
import type { World } from './world.ts';

/** Why a person may not run, or cancel, tests on the environment, user groups included; undefined when they may. */
export const refusalFor = (environment: Environment, userId: string, channelId: string, world: World): Promise<string | undefined> =>
  refusalIn(mayRun(environment, userId, channelId), userId, world);

/** Why a person may not see how the environment does; undefined when they may. */
export const lookRefusalFor = (environment: Environment, userId: string, channelId: string, world: World): Promise<string | undefined> =>
  refusalIn(mayLook(environment, userId, channelId), userId, world);

/** The environments on which a person may run tests, and why they may not on the others. */
export async function openTo(
  userId: string,
  channelId: string,
  world: World,
): Promise<{ readonly open: readonly Environment[]; readonly closed: readonly { readonly name: string; readonly because: string }[] }> {
  const refusals = await Promise.all(
    [...world.catalogue.values()].map(async (environment) => ({
      environment,
      because: await refusalFor(environment, userId, channelId, world),
    })),
  );
  return {
    open: refusals.filter(({ because }) => because === undefined).map(({ environment }) => environment),
    closed: refusals.flatMap(({ environment: { name }, because }) => (because === undefined ? [] : [{ name, because }])),
  };
}

/** Why a person may not, user groups looked at; undefined when they may. */
export async function refusalIn(permission: Permission, userId: string, { say }: World): Promise<string | undefined> {
  switch (permission.kind) {
    case 'allowed':
      return undefined;
    case 'refused':
      return permission.because;
    case 'members-only': {
      const unknown: string[] = [];
      for (const group of permission.userGroups) {
        const members = await say.membersOf(group);
        if (members?.includes(userId)) return undefined;
        if (members === undefined) unknown.push(`<!subteam^${group}>`);
      }
      return unknown.length === 0 ? permission.because : `${permission.because} ${cannotSee(unknown)}`;
    }
  }
}

const cannotSee = (groups: readonly string[]): string =>
  `Slack did not tell me who is in ${groups.join(', ')}: if you are, have the app's scope usergroups:read and the group's id in coldframe.yml looked at.`;
