/**
 * Whether EventBridge would say that `event` matches `pattern`.
 *
 * @throws for a pattern that EventBridge would refuse, or that we do not understand
 */
export const matches = (pattern: unknown, event: unknown): boolean => checkPattern(pattern)(event);

/** What a pattern is once it was understood: a question about an event. */
export type EventTest = (event: unknown) => boolean;

/**
 * Turns an EventBridge pattern into the question it asks. Call it when the pattern is loaded: a mistake is told then,
 * with its place, not by events that never arrive.
 *
 * @throws for a pattern that EventBridge would refuse, or that we do not understand (`cidr`, names with a dot)
 */
export function checkPattern(pattern: unknown): EventTest {
  if (!isObject(pattern)) throw invalid('', 'it must be an object');
  return objectTest(pattern, '');
}

/** Asks about one value of the event that is no object; `undefined` stands for a field that is not there. */
type LeafTest = (value: unknown) => boolean;

function objectTest(pattern: Readonly<Record<string, unknown>>, path: string): EventTest {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw invalid(path, 'empty objects are not allowed');
  const tests = fields.map(([name, value]) => (name === '$or' ? orTest(value, path) : fieldTest(name, value, path)));
  // In an array, one element must satisfy all fields: two that share the work are no match.
  return (value) => objectsIn(value).some((object) => tests.every((test) => test(object)));
}

function fieldTest(name: string, value: unknown, path: string): EventTest {
  const at = path === '' ? name : `${path}.${name}`;
  // EventBridge joins names by dots, so that `a.b` and `a: { b }` mean the same to it. We need neither.
  if (name.includes('.')) throw invalid(at, 'names with a dot are not supported here: nest the objects');
  if (isObject(value)) {
    const test = objectTest(value, at);
    return (event) => test(fieldOf(event, name));
  }
  if (!Array.isArray(value)) throw invalid(at, 'it must be an object or an array');
  if (value.length === 0) throw invalid(at, 'empty arrays are not allowed');
  const tests = value.map((item) => leafTest(item, at));
  return (event) => leavesIn(fieldOf(event, name)).some((leaf) => tests.some((test) => test(leaf)));
}

function orTest(value: unknown, path: string): EventTest {
  const at = path === '' ? '$or' : `${path}.$or`;
  if (!Array.isArray(value) || value.length < 2 || !value.every(isObject)) throw invalid(at, 'it must be an array of at least two objects');
  const tests = value.map((item) => objectTest(item, at));
  return (event) => tests.some((test) => test(event));
}

function leafTest(item: unknown, at: string): LeafTest {
  if (!isObject(item)) return equals(scalar(item, at));
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(item);
  if (more.length > 0) throw invalid(at, 'only one operator is allowed in an object');
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return affixTest(operand, at, operator);
    case 'equals-ignore-case':
      return text(foldedEquals(string(operand, at, operator)));
    case 'wildcard':
      return text(wildcardTest(string(operand, at, operator), at));
    case 'numeric':
      return numericTest(operand, at);
    case 'exists':
      if (typeof operand !== 'boolean') throw invalid(at, '`exists` must be true or false');
      return (value) => (value !== undefined) === operand;
    case 'anything-but':
      return present(not(anythingButTest(operand, at)));
    default:
      throw invalid(at, `unrecognized match type \`${operator}\``);
  }
}

function affixTest(operand: unknown, at: string, operator: 'prefix' | 'suffix'): LeafTest {
  const isAt = (value: string, affix: string) => (operator === 'prefix' ? value.startsWith(affix) : value.endsWith(affix));
  if (!isObject(operand)) {
    const affix = string(operand, at, operator);
    return text((value) => isAt(value, affix));
  }
  const affix = string(only(operand, 'equals-ignore-case', at), at, operator).toLowerCase();
  return text((value) => isAt(value.toLowerCase(), affix));
}

/** What `anything-but` excludes. */
function anythingButTest(operand: unknown, at: string): LeafTest {
  if (!isObject(operand)) {
    const values = list(operand);
    const kinds = new Set(values.map((value) => typeof value));
    if (values.length === 0 || kinds.size !== 1 || !(kinds.has('string') || kinds.has('number')))
      throw invalid(at, '`anything-but` takes a string, a number, or a list of only strings or only numbers');
    return (value) => values.includes(value);
  }
  const [[operator, inner] = ['', undefined], ...more] = Object.entries(operand);
  if (more.length > 0 || !['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].includes(operator))
    throw invalid(at, `\`anything-but\` does not take \`${Object.keys(operand).join('`, `')}\``);
  const tests = list(inner).map((item) => {
    if (string(item, at, operator) === '' && operator !== 'wildcard') throw invalid(at, `\`anything-but\` takes no empty ${operator}`);
    return leafTest({ [operator]: item }, at);
  });
  if (tests.length === 0) throw invalid(at, 'empty arrays are not allowed');
  return (value) => tests.some((test) => test(value));
}

function wildcardTest(pattern: string, at: string): (value: string) => boolean {
  const parts = [...pattern.matchAll(/\\[*\\]|[\s\S]/gu)].map(([part]) => part);
  if (parts.includes('\\')) throw invalid(at, 'in a wildcard, a backslash stands only before `*` or another backslash');
  if (parts.some((part, index) => part === '*' && parts[index + 1] === '*'))
    throw invalid(at, 'consecutive wildcard characters are not allowed');
  const literal = (part: string) => (/^\\./u.test(part) ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  const expression = new RegExp(`^${parts.map((part) => (part === '*' ? '[\\s\\S]*' : literal(part))).join('')}$`, 'u');
  return (value) => expression.test(value);
}

const comparisons = new Map<unknown, (value: number, limit: number) => boolean>([
  ['=', (value, limit) => value === limit],
  ['>', (value, limit) => value > limit],
  ['>=', (value, limit) => value >= limit],
  ['<', (value, limit) => value < limit],
  ['<=', (value, limit) => value <= limit],
]);

function numericTest(operand: unknown, at: string): LeafTest {
  const parts = list(operand);
  const pairs = parts.flatMap((_, index) => (index % 2 === 0 ? [{ operator: parts[index], limit: parts[index + 1] }] : []));
  const tests = pairs.map(({ operator, limit }) => {
    const compare = comparisons.get(operator);
    if (compare === undefined) throw invalid(at, `unrecognized numeric range operator: ${String(operator)}`);
    if (typeof limit !== 'number') throw invalid(at, `value of ${String(operator)} must be numeric`);
    return (value: number) => compare(value, limit);
  });
  const shape = pairs.map(({ operator }) => String(operator).slice(0, 1)).join('');
  if (!['=', '>', '<', '><'].includes(shape))
    throw invalid(at, 'a numeric range is one comparison, or a lower bound followed by an upper one');
  if (shape === '><' && Number(pairs[0]?.limit) >= Number(pairs[1]?.limit)) throw invalid(at, 'the bottom must be less than the top');
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function scalar(value: unknown, at: string): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw invalid(at, 'a value to match is a string, a number, true, false, null or an object with one operator');
}

function string(value: unknown, at: string, operator: string): string {
  if (typeof value !== 'string') throw invalid(at, `${operator} match pattern must be a string`);
  return value;
}

function only(object: Readonly<Record<string, unknown>>, name: string, at: string): unknown {
  if (Object.keys(object).join() !== name) throw invalid(at, `only \`${name}\` is allowed here`);
  return object[name];
}

const equals =
  (expected: unknown): LeafTest =>
  (value) =>
    value === expected;

const foldedEquals = (expected: string) => (value: string) => value.toLowerCase() === expected.toLowerCase();

const text =
  (test: (value: string) => boolean): LeafTest =>
  (value) =>
    typeof value === 'string' && test(value);

const present =
  (test: LeafTest): LeafTest =>
  (value) =>
    value !== undefined && test(value);

const not =
  (test: LeafTest): LeafTest =>
  (value) =>
    !test(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const fieldOf = (value: unknown, name: string): unknown => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/** The objects a pattern's object is held against; at least `undefined`, so that `exists: false` can be true of what is missing. */
const objectsIn = (value: unknown): readonly unknown[] => orMissing(flat(value).filter(isObject));

/** Objects are no leaves: to EventBridge, a field that holds one "does not exist". */
const leavesIn = (value: unknown): readonly unknown[] => orMissing(flat(value).filter((item) => !isObject(item)));

const orMissing = (values: readonly unknown[]): readonly unknown[] => (values.length === 0 ? [undefined] : values);

const flat = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.flatMap(flat) : [value]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (at: string, why: string): Error => new Error(`this event pattern is not valid${at === '' ? '' : ` at \`${at}\``}: ${why}`);
