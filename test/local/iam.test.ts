import { describe, expect, it } from 'vitest';
import { iamCall } from '../../src/local/iam/iam-call.ts';
import { newPermissions } from '../../src/local/iam/permissions.ts';
import { decide, parseStatement } from '../../src/local/iam/policy.ts';

const bucket = 'arn:aws:s3:::ours';
const statement = (more: Record<string, unknown> = {}) =>
  parseStatement({ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: `${bucket}/state/*`, ...more });
const asked = (context: Record<string, string[]> = {}, resource = `${bucket}/state/a`) => iamCall('s3:PutObject', resource, context);
const says = (statements: ReturnType<typeof statement>[], call = asked()) => {
  const decision = decide(statements, call);
  return decision.kind === 'denied' ? decision.how : decision.kind;
};

describe('a policy', () => {
  it('allows what it names, and nothing else', () => {
    expect(says([statement()])).toBe('allowed');
    expect(says([])).toBe('implicit');
    expect(says([statement()], asked({}, `${bucket}/stat/a`))).toBe('implicit');
    expect(says([statement()], asked({}, `${bucket}/other/state/a`))).toBe('implicit');
    expect(says([statement()], iamCall('s3:DeleteObject', `${bucket}/state/a`))).toBe('implicit');
  });

  it('that denies wins over all that allow', () => {
    const denies = statement({ Effect: 'Deny', Principal: '*', Action: 's3:*', Condition: { Null: { 's3:if-none-match': 'true' } } });
    expect(says([statement(), denies])).toBe('explicit');
    expect(says([statement(), denies], asked({ 's3:if-none-match': ['*'] }))).toBe('allowed');
  });

  const cluster = 'arn:aws:ecs:eu-central-1:000000000000:cluster/ours';
  const sources = { 'ForAllValues:StringEquals': { 'a:source': ['door', 'clock'] } };
  it.each<[string, Record<string, Record<string, string | string[]>>, Record<string, string[]>, boolean]>([
    ['StringEquals', { StringEquals: { 'a:b': ['x', 'y'] } }, { 'a:b': ['y'] }, true],
    ['StringEquals of another', { StringEquals: { 'a:b': 'x*' } }, { 'a:b': ['xy'] }, false],
    ['StringEquals of a key that is not there', { StringEquals: { 'a:b': 'x' } }, {}, false],
    ['StringLike', { StringLike: { 'a:b': 'state/*' } }, { 'a:b': ['state/x'] }, true],
    ['StringLikeIfExists of a key that is not there', { StringLikeIfExists: { 'a:b': 'state/*' } }, {}, true],
    ['StringLikeIfExists of another', { StringLikeIfExists: { 'a:b': 'state/*' } }, { 'a:b': ['claims/x'] }, false],
    ['StringNotEqualsIfExists of another', { StringNotEqualsIfExists: { 'a:b': 'true' } }, { 'a:b': ['false'] }, true],
    ['StringNotEqualsIfExists of the same', { StringNotEqualsIfExists: { 'a:b': 'true' } }, { 'a:b': ['true'] }, false],
    ['StringNotEqualsIfExists of a key that is not there', { StringNotEqualsIfExists: { 'a:b': 'true' } }, {}, true],
    ['ArnEquals', { ArnEquals: { 'ecs:cluster': cluster } }, { 'ecs:cluster': [cluster] }, true],
    ['ArnEquals of another', { ArnEquals: { 'ecs:cluster': cluster } }, { 'ecs:cluster': [`${cluster}s`] }, false],
    ['NumericLessThanEquals', { NumericLessThanEquals: { 'a:b': '2048' } }, { 'a:b': ['2048'] }, true],
    ['NumericLessThanEquals of more', { NumericLessThanEquals: { 'a:b': '2048' } }, { 'a:b': ['16384'] }, false],
    ['ForAllValues', sources, { 'a:source': ['door', 'clock'] }, true],
    ['ForAllValues with one too many', sources, { 'a:source': ['door', 'nobody'] }, false],
    ['ForAllValues of none', sources, {}, true],
    ['ForAllValues of none, with a Null', { ...sources, Null: { 'a:source': 'false' } }, {}, false],
    ['two keys, of which one fits', { StringEquals: { 'a:b': 'x', 'a:c': 'y' } }, { 'a:b': ['x'], 'a:c': ['z'] }, false],
  ])('%s', (_, Condition, context, holds) => {
    expect(says([statement({ Condition })], asked(context))).toBe(holds ? 'allowed' : 'implicit');
  });

  it.each<[string, Record<string, unknown>]>([
    ['a NotAction', { Action: undefined, NotAction: 's3:GetObject' }],
    ['a NotResource', { Resource: undefined, NotResource: bucket }],
    ['a policy variable', { Resource: `${bucket}/\${aws:userid}/*` }],
    ['another effect', { Effect: 'Perhaps' }],
  ])('with %s is refused loudly', (_, more) => {
    expect(() => statement(more)).toThrow(/the statement/);
  });

  it('with a condition that we do not know is refused loudly', () => {
    expect(() => says([statement({ Condition: { DateLessThan: { 'aws:CurrentTime': '2027-01-01' } } })])).toThrow(
      'DateLessThan is a condition',
    );
    expect(() =>
      says(
        [statement({ Condition: sources['ForAllValues:StringEquals'] && { StringEquals: { 'a:source': 'door' } } })],
        asked({ 'a:source': ['door', 'x'] }),
      ),
    ).toThrow('ForAllValues');
  });
});

describe('the permissions of the local world', () => {
  const roles = [{ id: 'WorkerRole', statements: [statement()] }];
  const call = iamCall('s3:DeleteObject', `${bucket}/state/a`);

  it('refuse in the words of AWS what a role may not do, and remember each call once', () => {
    const { permit, uses } = newPermissions({ roles, account: '000000000000', isEnforced: true });
    expect(permit('WorkerRole', [asked()])).toBeUndefined();
    expect([permit('WorkerRole', [asked(), call]), permit('WorkerRole', [call])]).toEqual(
      Array.from(
        { length: 2 },
        () =>
          'User: arn:aws:sts::000000000000:assumed-role/WorkerRole/local is not authorized to perform: s3:DeleteObject on resource: arn:aws:s3:::ours/state/a because no identity-based policy allows the s3:DeleteObject action',
      ),
    );
    expect(uses()).toEqual([
      { role: 'WorkerRole', ...asked() },
      { role: 'WorkerRole', ...call },
    ]);
  });

  it('let pass who looks on from outside, and everything when they only watch', () => {
    const { permit } = newPermissions({ roles, account: '000000000000', isEnforced: true });
    expect(permit('local', [call])).toBeUndefined();
    expect(newPermissions({ roles, account: '000000000000', isEnforced: false }).permit('WorkerRole', [call])).toBeUndefined();
  });

  it('give a key to the roles of the stack only', () => {
    const { credentialsOf, credentials } = newPermissions({ roles, account: '000000000000', isEnforced: true });
    expect(credentials).toEqual([credentialsOf('WorkerRole')]);
    expect(() => credentialsOf('Nobody')).toThrow('serverless.yml has no role Nobody; there are: WorkerRole');
  });
});
