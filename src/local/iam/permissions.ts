import { createHmac } from 'node:crypto';
import type { Credentials } from '../wire/sigv4.ts';
import type { IamCall, IamUse } from './iam-call.ts';
import { decide, type Role } from './policy.ts';

/** Lets a call pass, or says in AWS's words why its caller may not make it. The caller goes by the id of its access key. */
export type Permit = (caller: string, calls: readonly IamCall[]) => string | undefined;

export interface Permissions {
  /** Of every role, for the services to know. */
  readonly credentials: readonly Credentials[];
  /** What a process gets that acts for the role (its logical id). @throws for a role that is not in the stack */
  credentialsOf(role: string): Credentials;
  readonly permit: Permit;
  /** Every call the roles made, each once, in the order of the first. */
  uses(): readonly IamUse[];
}

export interface PermissionsOptions {
  readonly roles: readonly Role[];
  readonly account: string;
  /** False lets all calls pass and only remembers them: for whoever wants to see all that is missing at once. */
  readonly isEnforced: boolean;
}

/** IAM on this machine: who signs with a role's key may do what the role's policies in serverless.yml allow. Any other key may do all. */
export function newPermissions({ roles, account, isEnforced }: PermissionsOptions): Permissions {
  const uses = new Map<string, IamUse>();
  const known = new Map(roles.map((role) => [role.id, { role, credentials: keyOf(role.id) }]));

  function permit(caller: string, calls: readonly IamCall[]): string | undefined {
    const role = known.get(caller)?.role;
    if (role === undefined) return undefined;
    for (const call of calls) {
      const use = { role: role.id, ...call };
      uses.set(JSON.stringify(use), use);
      const decision = isEnforced ? decide(role.statements, call) : undefined;
      if (decision?.kind === 'denied') return denial(call, decision.how, `arn:aws:sts::${account}:assumed-role/${role.id}/local`);
    }
    return undefined;
  }

  function credentialsOf(role: string): Credentials {
    const found = known.get(role);
    if (found === undefined) throw new Error(`serverless.yml has no role ${role}; there are: ${[...known.keys()].join(', ')}`);
    return found.credentials;
  }

  return { credentials: [...known.values()].map(({ credentials }) => credentials), credentialsOf, permit, uses: () => [...uses.values()] };
}

/** The id of a role's key is the role's own: a log or a journal then says who it was. */
const keyOf = (role: string): Credentials => ({
  accessKeyId: role,
  secretAccessKey: createHmac('sha256', 'local').update(role).digest('hex'),
});

function denial({ action, resource }: IamCall, how: 'implicit' | 'explicit', who: string): string {
  const because = how === 'explicit' ? 'with an explicit deny in' : 'because no';
  const what = how === 'explicit' ? 'an identity-based policy' : `identity-based policy allows the ${action} action`;
  return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${because} ${what}`;
}
