import { describe, expect, it } from 'vitest';
import { mayRun } from '../../src/run/permission.ts';
import { environmentOf } from '../catalogue.ts';

const environment = (allow: { users?: string[]; userGroups?: string[]; channels?: string[] }) =>
  environmentOf({ name: 'production', allow: { users: [], userGroups: [], channels: [], ...allow } });

describe('permission', () => {
  it.each([
    ['open to all', {}, 'allowed'],
    ['for this user', { users: ['U0ADA'] }, 'allowed'],
    ['for another user', { users: ['U0GRACE'] }, 'refused'],
    ['for a group', { userGroups: ['S0QA'] }, 'members-only'],
    ['for this user or a group', { users: ['U0ADA'], userGroups: ['S0QA'] }, 'allowed'],
    ['in this channel', { channels: ['C0HERE'] }, 'allowed'],
    ['in another channel', { channels: ['C0THERE'] }, 'refused'],
    ['for this user, in another channel', { users: ['U0ADA'], channels: ['C0THERE'] }, 'refused'],
  ])('%s', (_, allow, kind) => expect(mayRun(environment(allow), 'U0ADA', 'C0HERE').kind).toBe(kind));

  it('a refusal says who may', () => {
    expect(mayRun(environment({ users: ['U0GRACE'] }), 'U0ADA', 'C0HERE')).toMatchObject({
      because: expect.stringContaining('<@U0GRACE>'),
    });
    expect(mayRun(environment({ channels: ['C0THERE'] }), 'U0ADA', 'C0HERE')).toMatchObject({
      because: expect.stringContaining('<#C0THERE>'),
    });
  });
});
