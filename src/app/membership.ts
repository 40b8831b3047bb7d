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
      for (const group of permission.userGroups) if ((await say.membersOf(group)).includes(userId)) return undefined;
      return permission.because;
    }
  }
}
