import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import { attributeOf, type Place, pseudoParameter, type Resource } from './cloudformation-names.ts';

/** What the values of serverless.yml become: text, numbers, truths, lists and mappings, everything resolved. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A place in serverless.yml that has not been resolved yet. */
export interface Entry {
  readonly path: string;
  /** The value with every variable and intrinsic function resolved. @throws naming the place of what it does not understand */
  value(): Value;
  /** The entries of a mapping, unresolved. @throws when it is none */
  entries(): readonly (readonly [key: string, entry: Entry])[];
  /** The items of a list, unresolved. @throws when it is none */
  items(): readonly Entry[];
  /** A text as it is written, variables and all; undefined for anything else. */
  text(): string | undefined;
  /** Says what is wrong with this place. */
  fail(because: string): never;
}

/** What `${file(./…):name}` stands for, by its name: CloudFormation in JSON. */
export type GeneratedParts = Readonly<Record<string, unknown>>;

/**
 * serverless.yml, to be read a place at a time: only what is asked for is resolved, so that only that must be understood.
 * Known are `${sls:stage}`, `${opt:stage, …}`, `${opt:region, …}`, `${self:…}`, `${file(…):name}`
 * and !Ref, !GetAtt, !Sub, !Join, !If, !Equals.
 */
export function serverlessFile(text: string, place: Place, generated: GeneratedParts = {}): Entry {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw new Error(`serverless.yml:${lineCounter.linePos(broken.pos[0]).line}: ${broken.message}`);
  visit(document, {
    Scalar: (_, { value, range }) => {
      const [, name] = /^\$\{file\([^)]+\):(\w+)\}$/.exec(String(value)) ?? [];
      return name !== undefined && name in generated ? writtenNode(generated[name], range) : undefined;
    },
  });
  const resources = new Map<string, ResourceNode>();

  const fail = (node: ParsedNode | null, path: string, because: string): never => {
    const line = node === null ? '' : `:${lineCounter.linePos(node.range[0]).line}`;
    throw new Error(`serverless.yml${line}: ${path}: ${because}`);
  };

  const entry = (node: ParsedNode | null, path: string): Entry => ({
    path,
    value: () => resolve(node, path),
    entries: () => {
      if (!isMap(node) || node.tag !== undefined) return fail(node, path, 'must be a mapping');
      return node.items.map(({ key, value }) => {
        const name = isScalar(key) ? String(key.value) : fail(key, path, 'has a key that is not a word');
        return [name, entry(value, path === '' ? name : `${path}.${name}`)] as const;
      });
    },
    items: () =>
      isSeq(node) && node.tag === undefined
        ? node.items.map((item, index) => entry(asNode(item, path), `${path}[${index}]`))
        : fail(node, path, 'must be a list'),
    text: () => (isScalar(node) && node.tag === undefined && typeof node.value === 'string' ? node.value : undefined),
    fail: (because) => fail(node, path, because),
  });

  const asNode = (node: unknown, path: string): ParsedNode =>
    isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node as ParsedNode) : fail(null, path, 'is of no kind we know');

  function resolve(node: ParsedNode | null, path: string): Value {
    if (node === null) return null;
    if (isAlias(node)) return fail(node, path, 'is an alias, which we do not resolve');
    const { tag } = node;
    if (tag?.startsWith('!') && !tag.startsWith('!!')) return resolveFunction(tag, node, path);
    if (isMap(node)) return resolveMapping(node, path);
    if (isSeq(node)) {
      const items = entry(node, path).items();
      return items.map((item) => item.value());
    }
    const { value } = node;
    if (typeof value === 'string') return resolveText(value, node, path);
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    return fail(node, path, `is of no kind we know: ${String(value)}`);
  }

  function resolveMapping(node: ParsedNode, path: string): Value {
    const entries = entry(node, path).entries();
    const long = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::'));
    if (long !== undefined) return long[1].fail('is a function in its long form: write it with `!`');
    return Object.fromEntries(entries.map(([key, item]) => [key, item.value()]));
  }

  /** `!Ref Bucket` and the like. */
  function resolveFunction(tag: string, node: ParsedNode, path: string): Value {
    switch (tag) {
      case '!Ref':
        return attribute(textOf(node, path), 'Ref', node, path);
      case '!GetAtt': {
        const [id = '', ...rest] = textOf(node, path).split('.');
        return attribute(id, rest.join('.'), node, path);
      }
      case '!Sub':
        return substitute(String(resolveText(textOf(node, path), node, path)), node, path);
      case '!Join': {
        const [separator, parts] = isSeq(node) ? node.items.map((item, index) => resolve(asNode(item, path), `${path}[${index}]`)) : [];
        if (typeof separator !== 'string' || !Array.isArray(parts)) return fail(node, path, '!Join takes a separator and a list');
        return parts.map((part) => (typeof part === 'string' ? part : fail(node, path, '!Join takes a list of texts'))).join(separator);
      }
      case '!Equals': {
        const [one, other] = itemsOf(node, path);
        return one?.value() === other?.value();
      }
      case '!If': {
        const [condition, then, otherwise] = itemsOf(node, path);
        if (condition === undefined || then === undefined || otherwise === undefined) return fail(node, path, '!If takes three values');
        return conditionOf(condition).value() === true ? then.value() : otherwise.value();
      }
      default:
        return fail(node, path, `${tag} is a function we do not resolve (we know !Ref, !GetAtt, !Sub, !Join, !If and !Equals)`);
    }
  }

  const itemsOf = (node: ParsedNode, path: string): readonly Entry[] =>
    isSeq(node)
      ? node.items.map((item, index) => entry(asNode(item, path), `${path}[${index}]`))
      : fail(node, path, `${node.tag} takes a list`);

  function conditionOf(name: Entry): Entry {
    const found = sectionsOf(root, 'Conditions').find(([id]) => id === name.text());
    return found?.[1] ?? name.fail(`there is no condition \`${name.text()}\``);
  }

  const textOf = (node: ParsedNode, path: string): string =>
    isScalar(node) && typeof node.value === 'string' ? node.value : fail(node, path, `${node.tag} takes a text here`);

  /** osls's own variables. CloudFormation's `${AWS::…}` and `${Resource}` are left for !Sub. */
  function resolveText(text: string, node: ParsedNode, path: string): Value {
    const whole = /^\$\{([^${}]+)\}$/.exec(text)?.[1];
    if (whole !== undefined && isOurVariable(whole)) return variable(whole, node, path);
    const resolved = text.replace(/\$\{([^${}]+)\}/g, (written, name: string) => {
      if (!isOurVariable(name)) return written;
      const value = variable(name, node, path);
      return typeof value === 'string' ? value : fail(node, path, `${written} is not a text`);
    });
    return /\$\{[^}]*\$\{/.test(text) ? fail(node, path, `variables within variables are not resolved: ${text}`) : resolved;
  }

  /** `sls:stage`, but not `AWS::Region`. */
  const isOurVariable = (name: string): boolean => /^[A-Za-z]+(?:\([^)]*\))?:(?!:)/.test(name);

  function variable(name: string, node: ParsedNode, path: string): Value {
    if (name === 'sls:stage' || /^opt:stage\b/.test(name)) return place.stage;
    if (/^opt:region\b/.test(name)) return place.region;
    const [, address] = /^self:([\w.-]+)$/.exec(name) ?? [];
    if (address === undefined) return fail(node, path, `\${${name}} is a variable we do not resolve`);
    const target = document.getIn(address.split('.'), true);
    return target === undefined ? fail(node, path, `\${${name}} leads nowhere`) : resolve(asNode(target, path), address);
  }

  const substitute = (text: string, node: ParsedNode, path: string): string =>
    text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      const [id = '', ...rest] = name.split('.');
      return attribute(id, rest.length === 0 ? 'Ref' : rest.join('.'), node, path);
    });

  /** What CloudFormation would give for an attribute of a resource; `Ref` for the resource itself. */
  function attribute(id: string, name: string, node: ParsedNode, path: string): string {
    const pseudo = pseudoParameter(id, place);
    if (pseudo !== undefined && name === 'Ref') return pseudo;
    // osls makes the HTTP API itself; here the local gateway is in its place.
    if (id === 'HttpApi' && name === 'ApiEndpoint') return place.publicUrl;
    const logGroup = functionLogGroup(id);
    if (logGroup !== undefined) return attributeOf(logGroup, name, place) ?? fail(node, path, `we do not know the ${name} of a log group`);
    const parameter = name === 'Ref' ? defaultOf(id) : undefined;
    if (parameter !== undefined) return parameter;
    const resource = resources.get(id);
    if (resource === undefined) return fail(node, path, `there is no resource \`${id}\``);
    const property = (key: string): string => {
      const value = resource.properties.get(key)?.value();
      return typeof value === 'string'
        ? value
        : fail(node, path, `\`${id}\` has no ${key}: we cannot know the name CloudFormation gives it`);
    };
    const value = attributeOf({ id, type: resource.type, property }, name, place);
    return value ?? fail(node, path, `\`${id}\` is a ${resource.type}, whose ${name} we do not know`);
  }

  /** Nobody gives a parameter of the stack another value here. */
  function defaultOf(id: string): string | undefined {
    const parameter = sectionsOf(root, 'Parameters').find(([name]) => name === id)?.[1];
    const value = new Map(parameter?.entries()).get('Default')?.value();
    return typeof value === 'string' ? value : undefined;
  }

  /** osls makes one for each function: `HttpLogGroup` for `http`. */
  function functionLogGroup(id: string): Resource | undefined {
    const [, key = ''] = /^(\w+)LogGroup$/.exec(id) ?? [];
    const functionName = document.getIn(['functions', key.charAt(0).toLowerCase() + key.slice(1), 'name'], true);
    if (resources.has(id) || functionName === undefined) return undefined;
    const name = `/aws/lambda/${resolve(asNode(functionName, id), id)}`;
    return { id, type: 'AWS::Logs::LogGroup', property: () => name };
  }

  const root = entry(document.contents, '');
  for (const [id, resource] of resourcesOf(root)) {
    const fields = new Map(resource.entries());
    const type = fields.get('Type')?.value();
    if (typeof type !== 'string') resource.fail('has no Type');
    else resources.set(id, { type, properties: new Map(fields.get('Properties')?.entries()) });
  }
  return root;
}

interface ResourceNode {
  readonly type: string;
  readonly properties: ReadonlyMap<string, Entry>;
}

/** Every CloudFormation resource that is written in serverless.yml itself, by its id. */
export const resourcesOf = (root: Entry): readonly (readonly [id: string, resource: Entry])[] => sectionsOf(root, 'Resources');

function sectionsOf(root: Entry, kind: 'Resources' | 'Conditions' | 'Parameters'): readonly (readonly [id: string, entry: Entry])[] {
  const sections =
    root
      .entries()
      .find(([key]) => key === 'resources')?.[1]
      .items() ?? [];
  return sections
    .filter((section) => !isFileVariable(section))
    .flatMap((section) => section.entries())
    .filter(([key]) => key === kind)
    .flatMap(([, all]) => all.entries());
}

/** A part that nobody generated for us is not ours to read. */
const isFileVariable = (section: Entry): boolean => section.text()?.startsWith('${file(') ?? false;

/** CloudFormation's JSON as it would be written here, its functions with `!`. */
function writtenNode(json: unknown, range: Scalar['range']): Scalar | YAMLMap | YAMLSeq {
  const at = <T extends Scalar | YAMLMap | YAMLSeq>(node: T): T => Object.assign(node, { range });
  if (Array.isArray(json)) {
    const list = new YAMLSeq();
    list.items = json.map((item) => writtenNode(item, range));
    return at(list);
  }
  if (typeof json !== 'object' || json === null) return at(new Scalar(json));
  const [[key, inner] = ['', undefined], ...others] = Object.entries(json);
  const tag = { Ref: '!Ref', 'Fn::Sub': '!Sub', 'Fn::GetAtt': '!GetAtt' }[key];
  if (tag !== undefined && others.length === 0) {
    const name = new Scalar(Array.isArray(inner) ? inner.join('.') : inner);
    name.tag = tag;
    return at(name);
  }
  const map = new YAMLMap();
  for (const [name, value] of Object.entries(json)) map.add({ key: at(new Scalar(name)), value: writtenNode(value, range) });
  return at(map);
}
