// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how CloudFormation writes its variables
import type { IamCall, IamUse } from '../../../src/local/iam/iam-call.ts';
import { decide, type Role, type Statement } from '../../../src/local/iam/policy.ts';
import type { Waiver } from './waivers.ts';

/** One action on one resource that a statement of a role allows. */
export interface Grant {
  readonly role: string;
  readonly statement: Statement;
  readonly action: string;
  readonly resource: string;
}

export interface JudgePermissions {
  readonly roles: readonly Role[];
  readonly uses: readonly IamUse[];
  readonly waivers: readonly Waiver[];
}

/** Everything that is wrong between what the roles may do and what they do, each with what to write. None when they are the same. */
export function judgePermissions({ roles, uses, waivers }: JudgePermissions): readonly string[] {
  const lacking = uses.filter((use) => !mayDo(roles, use));
  const unused = grantsOf(roles).filter((grant) => usesOf(grant, uses).length === 0);
  const isWaived = (grant: Grant) => waivers.some((waiver) => waiver.role === grant.role && waiver.action === grant.action);
  const idle = waivers.filter((waiver) => !unused.some((grant) => waiver.role === grant.role && waiver.action === grant.action));
  return [
    ...new Set(lacking.map(lackingText)),
    ...new Set(unused.filter((grant) => !isWaived(grant)).map(unusedText)),
    ...idle.map(
      ({ role, action }) => `${role}: ${action} is waived in waivers.ts, but it is used, or not allowed at all: take the waiver out`,
    ),
  ];
}

/** Every single permission that the roles have. */
export const grantsOf = (roles: readonly Role[]): readonly Grant[] =>
  roles.flatMap(({ id: role, statements }) =>
    statements
      .filter(({ effect }) => effect === 'Allow')
      .flatMap((statement) =>
        statement.actions.flatMap((action) => statement.resources.map((resource) => ({ role, statement, action, resource }))),
      ),
  );

/** The calls that this very permission allows. */
export const usesOf = <Use extends IamUse>({ role, statement, action, resource }: Grant, uses: readonly Use[]): readonly Use[] => {
  const alone = [{ ...statement, actions: [action], resources: [resource] }];
  return uses.filter((use) => use.role === role && decide(alone, use).kind === 'allowed');
};

const mayDo = (roles: readonly Role[], use: IamUse): boolean =>
  decide(roles.find(({ id }) => id === use.role)?.statements ?? [], use).kind === 'allowed';

const lackingText = (use: IamUse): string =>
  `${use.role} lacks ${use.action} on ${use.resource}, which its code calls. In serverless.yml that is:\n${written(use)}`;

const unusedText = ({ role, statement, action, resource }: Grant): string =>
  `${role} may ${action} on ${resource}, which nothing calls: take it out of the statement ${statement.sid}, make a flow that needs it (flows.ts) and run npm run iam -- --write, or waive it with a reason (waivers.ts)`;

/** The statement that would allow a call. */
function written({ action, resource, context }: IamCall): string {
  const conditions = Object.entries(context).filter(([key]) => !optional.includes(key));
  return [
    '  - Effect: Allow',
    `    Action: [${action}]`,
    `    Resource: [${resource === '*' ? '"*"' : `!Sub "${asSub(resource)}"`}]`,
    ...(conditions.length === 0 ? [] : ['    Condition:']),
    ...conditions.flatMap(([key, values]) => [
      `      ${operatorFor(key, values)}:`,
      `        ${key}: [${values.map((value) => (value.startsWith('arn:') ? `!Sub "${asSub(value)}"` : value)).join(', ')}]`,
    ]),
  ].join('\n');
}

/** Keys that say more of a call than a policy should ask. */
const optional = ['s3:if-none-match', 's3:prefix', 'ecs:enable-execute-command', 'ecs:task-cpu', 'ecs:task-memory'];

function operatorFor(key: string, values: readonly string[]): string {
  if (key.startsWith('events:')) return 'ForAllValues:StringEquals';
  return values.every((value) => value.startsWith('arn:')) ? 'ArnEquals' : 'StringEquals';
}

/** An ARN of the local world as serverless.yml would have it. */
const asSub = (arn: string): string =>
  arn
    // A task's id is known only when it runs.
    .replace(/(:task\/[\w-]+\/)[0-9a-f]{32}$/, '$1*')
    .replace('arn:aws:s3:::coldframe-local-000000000000', '${Bucket.Arn}')
    .replace(/^arn:aws:(\w+):[\w-]+:\d{12}:/, 'arn:${AWS::Partition}:$1:${AWS::Region}:${AWS::AccountId}:')
    .replaceAll('coldframe-local', 'coldframe-${sls:stage}')
    .replaceAll('/coldframe/local/', '/coldframe/${sls:stage}/');
