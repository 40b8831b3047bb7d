import * as v from 'valibot';
import { conditionHolds } from './condition.ts';
import type { IamCall } from './iam-call.ts';
import { matches } from './wildcard.ts';

/** A statement of a policy, everything in it resolved and in lists. */
export interface Statement {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What a role may do. */
export interface Role {
  /** Its logical id: `WorkerRole`. */
  readonly id: string;
  readonly statements: readonly Statement[];
}

export type Decision =
  | { readonly kind: 'allowed' }
  /** `implicit`: nothing allows it. `explicit`: a statement denies it. */
  | { readonly kind: 'denied'; readonly how: 'implicit' | 'explicit' };

const texts = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => [text]),
  ),
  v.array(v.string()),
]);

const schema = v.strictObject({
  Sid: v.optional(v.string(), ''),
  Effect: v.picklist(['Allow', 'Deny']),
  // A bucket's or a queue's policy names whom it is about; of a role's policy, the role is.
  Principal: v.optional(v.unknown()),
  Action: texts,
  Resource: texts,
  Condition: v.optional(v.record(v.string(), v.record(v.string(), texts)), {}),
});

/** A statement of a policy's JSON. @throws for anything we do not know how to decide by: NotAction, policy variables, … */
export function parseStatement(json: unknown): Statement {
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`).join('; ');
    throw new Error(`the statement ${JSON.stringify(json)} is not one we can decide by: ${problems}`);
  }
  const { Sid, Effect, Action, Resource, Condition } = parsed.output;
  const variable = [...Action, ...Resource].find((text) => text.includes('${'));
  if (variable !== undefined) throw new Error(`the statement ${Sid} has a policy variable, which we do not resolve: ${variable}`);
  return { sid: Sid, effect: Effect, actions: Action, resources: Resource, conditions: Condition };
}

/** What IAM says of a call: an explicit denial wins, then any statement that allows it; otherwise it is denied. @throws for a condition we do not know */
export function decide(statements: readonly Statement[], call: IamCall): Decision {
  const applying = statements.filter((statement) => applies(statement, call));
  if (applying.some(({ effect }) => effect === 'Deny')) return { kind: 'denied', how: 'explicit' };
  return applying.some(({ effect }) => effect === 'Allow') ? { kind: 'allowed' } : { kind: 'denied', how: 'implicit' };
}

const applies = ({ actions, resources, conditions }: Statement, call: IamCall): boolean =>
  actions.some((action) => matches(action.toLowerCase(), call.action.toLowerCase())) &&
  resources.some((resource) => matches(resource, call.resource)) &&
  conditionHolds(conditions, call.context);
