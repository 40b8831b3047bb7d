import type { Environment } from '../run/catalogue.ts';
import { mayRun } from '../run/permission.ts';
import type { World } from './world.ts';

/** Why a person may not run, or cancel, tests on the environment, user groups included; undefined when they may. */
export async function refusalFor(environment: Environment, userId: string, channelId: string, { say }: World): Promise<string | undefined> {
  const permission = mayRun(environment, userId, channelId);
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
