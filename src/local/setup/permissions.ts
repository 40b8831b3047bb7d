import * as v from 'valibot';

const statement = v.looseObject({ Effect: v.string(), Action: v.unknown(), Resource: v.unknown(), Condition: v.optional(v.unknown()) });
const role = v.looseObject({
  Type: v.literal('AWS::IAM::Role'),
  Properties: v.looseObject({
    Policies: v.optional(v.array(v.looseObject({ PolicyDocument: v.looseObject({ Statement: v.array(statement) }) })), []),
  }),
});
const template = v.looseObject({ Resources: v.record(v.string(), v.unknown()) });

/** Every permission of a CloudFormation template: one line for each role, action and resource, with its conditions. */
function permissionsOf(json: unknown): readonly string[] {
  const lines = Object.entries(v.parse(template, json).Resources).flatMap(([id, resource]) => {
    const parsed = v.safeParse(role, resource);
    if (!parsed.success) return [];
    const statements = parsed.output.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return statements.flatMap(({ Effect, Action, Resource, Condition }) =>
      list(Action).flatMap((action) =>
        list(Resource).map((on) => {
          const when = Condition === undefined ? '' : ` when ${text(Condition)}`;
          return `${id}: ${Effect === 'Allow' ? '' : 'not '}${text(action)} on ${text(on)}${when}`;
        }),
      ),
    );
  });
  return [...new Set(lines)].toSorted();
}

/** What the second template permits that the first did not, `+`, and the other way round, `-`; empty when nothing changes. */
export function permissionChanges(before: unknown, after: unknown): readonly string[] {
  const [had, has] = [before === undefined ? [] : permissionsOf(before), permissionsOf(after)];
  return [
    ...has.filter((line) => !had.includes(line)).map((line) => `+ ${line}`),
    ...had.filter((line) => !has.includes(line)).map((line) => `- ${line}`),
  ];
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Short where CloudFormation's forms are long; the stage's name stays out, so that two stages can be compared. */
function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value)
    .replaceAll(/\{"Fn::GetAtt":\["(\w+)","(\w+)"\]\}/g, '$1.$2')
    .replaceAll(/\{"(?:Fn::Sub|Ref)":"([^"]*)"\}/g, '$1');
}
