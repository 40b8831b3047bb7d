import * as v from 'valibot';
import { type IamCall, iamCall } from '../iam/iam-call.ts';

const Asked = v.looseObject({
  Name: v.optional(v.string()),
  Names: v.optional(v.array(v.string()), []),
  Path: v.optional(v.string()),
});

/** What SSM checks: every parameter that is named, or the very path that is asked for. */
export function ssmNeeds(place: { readonly region: string; readonly account: string }, operation: string, input: unknown): IamCall[] {
  const asked = v.safeParse(Asked, input);
  if (!asked.success) return [];
  const { Name, Names, Path } = asked.output;
  const arn = (name: string) => `arn:aws:ssm:${place.region}:${place.account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
  return [Name, ...Names, Path].flatMap((name) => (name === undefined ? [] : [iamCall(`ssm:${operation}`, arn(name))]));
}
