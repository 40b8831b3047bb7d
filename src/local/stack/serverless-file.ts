import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { attributeOf, type Place, pseudoParameter } from './cloudformation-names.ts';

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

/**
 * serverless.yml, to be read a place at a time: only what is asked for is resolved, so that only that must be understood.
 * Known are `${sls:stage}`, `${opt:stage, …}`, `${opt:region, …}`, `${self:…}` and !Ref, !GetAtt, !Sub, !Join.
 */
export function serverlessFile(text: string, place: Place): Entry {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw new Error(`serverless.yml:${lineCounter.linePos(broken.pos[0]).line}: ${broken.message}`);
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
      default:
        return fail(node, path, `${tag} is a function we do not resolve (we know !Ref, !GetAtt, !Sub and !Join)`);
    }
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
export function resourcesOf(root: Entry): readonly (readonly [id: string, resource: Entry])[] {
  const sections =
    root
      .entries()
      .find(([key]) => key === 'resources')?.[1]
      .items() ?? [];
  return sections
    .filter((section) => !isFileVariable(section))
    .flatMap((section) => section.entries())
    .filter(([key]) => key === 'Resources')
    .flatMap(([, all]) => all.entries());
}

/** Task definitions and their roles come from coldframe.yml by another way, here as in a deployment. */
const isFileVariable = (section: Entry): boolean => section.text()?.startsWith('${file(') ?? false;
