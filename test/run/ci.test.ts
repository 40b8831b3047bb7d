import { describe, expect, it } from 'vitest';
import { type CiSettings, callerOfKey, callerOfToken } from '../../src/run/ci.ts';

const ci: CiSettings = {
  keys: { merges: ['staging'] },
  oidc: {
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'coldframe',
    trust: [
      { claims: { repository: 'example/shop', ref: 'refs/heads/main' }, environments: ['staging', 'production'] },
      { claims: { repository: 'example/*', ref: 'refs/heads/*' }, environments: ['staging'] },
      { claims: { project_path: 'group/shop' }, environments: ['staging'] },
    ],
  },
};

describe('a key', () => {
  it.each(['other', '', '__proto__', 'constructor'])('%j is nobody', (id) => {
    expect(callerOfKey(id, ci)).toBeUndefined();
  });

  it('may run where coldframe.yml says', () => {
    expect(callerOfKey('merges', ci)).toEqual({ asker: { kind: 'http', keyId: 'merges' }, environments: ['staging'] });
  });
});

describe('a token', () => {
  const github = { sub: 'repo:example/shop:ref:refs/heads/main', repository: 'example/shop', ref: 'refs/heads/main' };
  it.each<[string, Readonly<Record<string, string>>, readonly string[], string]>([
    ['of the branch that is trusted', github, ['staging', 'production'], 'example/shop@main'],
    ['of another branch', { ...github, ref: 'refs/heads/next' }, ['staging'], 'example/shop@next'],
    ['of a pull request', { ...github, ref: 'refs/pull/7/merge' }, [], 'example/shop@refs/pull/7/merge'],
    ['of a branch in a folder, which no star reaches', { ...github, ref: 'refs/heads/a/b' }, [], 'example/shop@a/b'],
    ['of somebody else', { ...github, repository: 'other/shop' }, [], 'other/shop@main'],
    ['whose owner only begins alike', { ...github, repository: 'example-two/shop' }, [], 'example-two/shop@main'],
    ['without the claim', { sub: 'x', ref: 'refs/heads/main' }, [], 'x'],
    ['of GitLab', { sub: 'y', project_path: 'group/shop', ref: 'main' }, ['staging'], 'group/shop@main'],
  ])('%s', (_, claims, environments, subject) => {
    expect(callerOfToken(claims, ci)).toEqual({ asker: { kind: 'oidc', subject }, environments });
  });

  it('of a provider that coldframe.yml does not name may run nowhere', () => {
    expect(callerOfToken(github, { keys: {} }).environments).toEqual([]);
  });
});
