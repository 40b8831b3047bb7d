import { parseStatement, type Role } from '../../src/local/iam/policy.ts';

/** A packaged CloudFormation template, as much of it as the tests look at. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default: string }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

const place: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000',
  'AWS::Region': 'eu-central-1',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

const nameProperty: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::ECS::Cluster': 'ClusterName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::ECR::Repository': 'RepositoryName',
};

/** The template with its conditions decided and its intrinsic functions resolved the way CloudFormation would. */
export function resolveTemplate(template: Template): Template {
  // A resource may have no properties at all.
  const Resources: Template['Resources'] = Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => [id, { ...resource, Properties: resource.Properties ?? {} }]),
  );

  /** Where CloudFormation would choose the name, it is called as the local world calls it. */
  const nameOf = (id: string): string => {
    const { Type, Properties } = Resources[id] ?? missing(id);
    if (Type === 'AWS::EC2::Subnet') return `subnet-${id.toLowerCase()}`;
    const name = Properties[nameProperty[Type] ?? 'Name'];
    return name === undefined ? `<${id}>` : String(resolve(name));
  };

  const attribute = (id: string, name: string): string => {
    const { Type } = Resources[id] ?? missing(id);
    const arn = (service: string, rest: string) => `arn:aws:${service}:${place['AWS::Region']}:${place['AWS::AccountId']}:${rest}`;
    switch (`${Type} ${name}`) {
      case 'AWS::S3::Bucket Arn':
        return `arn:aws:s3:::${nameOf(id)}`;
      case 'AWS::SQS::Queue Arn':
        return arn('sqs', nameOf(id));
      case 'AWS::ECS::Cluster Arn':
        return arn('ecs', `cluster/${nameOf(id)}`);
      case 'AWS::Events::EventBus Arn':
        return arn('events', `event-bus/${nameOf(id)}`);
      case 'AWS::Logs::LogGroup Arn':
        return arn('logs', `log-group:${nameOf(id)}:*`);
      case 'AWS::ECR::Repository Arn':
        return arn('ecr', `repository/${nameOf(id)}`);
      case 'AWS::Lambda::Function Arn':
        return arn('lambda', `function:${nameOf(id)}`);
      case 'AWS::IAM::Role Arn':
        return `arn:aws:iam::${place['AWS::AccountId']}:role/${id}`;
      case 'AWS::EC2::SecurityGroup GroupId':
        return `sg-${id.toLowerCase()}`;
      default:
        return `<${id}.${name}>`;
    }
  };

  const holds = (condition: unknown): boolean => {
    if (typeof condition === 'string') return holds(template.Conditions?.[condition] ?? missing(condition));
    const [[key, values] = ['', undefined]] = Object.entries(Object(condition));
    if (!Array.isArray(values)) throw new Error(`${JSON.stringify(condition)} is not a condition we can decide`);
    if (key === 'Fn::Equals') return resolve(values[0]) === resolve(values[1]);
    if (key === 'Fn::Not') return !holds(values[0]);
    throw new Error(`${key} is not a condition we can decide`);
  };

  const reference = (name: string): string => {
    const [id = '', ...rest] = name.split('.');
    return place[name] ?? template.Parameters?.[name]?.Default ?? (rest.length === 0 ? nameOf(id) : attribute(id, rest.join('.')));
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const [[key, inner] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && key === 'Ref' && inner === 'AWS::NoValue') return undefined;
    if (others.length === 0 && key === 'Fn::If' && Array.isArray(inner)) return resolve(holds(inner[0]) ? inner[1] : inner[2]);
    if (others.length === 0 && key === 'Ref') return reference(String(inner));
    if (others.length === 0 && key === 'Fn::GetAtt') return reference((Array.isArray(inner) ? inner : [inner]).join('.'));
    if (others.length === 0 && key === 'Fn::Sub') return String(inner).replace(/\$\{([^}]+)\}/g, (_, name: string) => reference(name));
    if (others.length === 0 && key === 'Fn::Join' && Array.isArray(inner)) return [...(resolve(inner[1]) as string[])].join(inner[0]);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item)]));
  }

  const made = Object.fromEntries(Object.entries(Resources).filter(([, { Condition }]) => Condition === undefined || holds(Condition)));
  return { Resources: resolve(made) as Template['Resources'] };
}

/** The resources of one type, by id. */
export const ofType = (template: Template, type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** The properties of one resource. @throws when there is no such resource */
export const propertiesOf = (template: Template, id: string) => (template.Resources[id] ?? missing(id)).Properties;

/** Every statement of every policy in the template (roles, buckets, queues), and where it stands. */
export function statementsOf(template: Template): readonly (Statement & { readonly where: string })[] {
  return Object.entries(template.Resources).flatMap(([where, { Properties }]) => {
    const inline = (Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[] | undefined) ?? [];
    const own = Properties.PolicyDocument as { Statement: Statement[] } | undefined;
    const statements = [...inline.map(({ PolicyDocument }) => PolicyDocument), ...(own === undefined ? [] : [own])].flatMap(
      ({ Statement }) => Statement,
    );
    return statements.map((statement) => ({ ...statement, where }));
  });
}

/** What each role may do. */
export const rolesOf = (template: Template): readonly Role[] =>
  ofType(template, 'AWS::IAM::Role').map(([id, { Properties }]) => ({
    id,
    statements: (Properties.Policies as readonly { readonly PolicyDocument: { readonly Statement: readonly unknown[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement.map(parseStatement),
    ),
  }));

export const listOf = (value: unknown): readonly string[] => [value].flat() as string[];

function missing(id: string): never {
  throw new Error(`the template has no resource ${id}`);
}
