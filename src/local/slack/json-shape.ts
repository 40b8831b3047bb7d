/** What Slack would refuse, and where: a JSON pointer and a sentence in Slack's own words. */
export interface Problem {
  /** `/blocks/0/text/text` */
  readonly pointer: string;
  /** `must be less than 3001 characters` */
  readonly because: string;
}

/** Says what is wrong with a value found at a pointer; nothing when it is right. */
export type Check = (value: unknown, at: string) => readonly Problem[];

/** A field that may be missing. */
export interface Optional {
  readonly optional: Check;
}

export const optional = (check: Check): Optional => ({ optional: check });

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const problem = (pointer: string, because: string): readonly Problem[] => [{ pointer, because }];

/** A string of `min` (default 1) to `max` characters. */
export const string =
  ({ min = 1, max }: { readonly min?: number; readonly max?: number }): Check =>
  (value, at) => {
    if (typeof value !== 'string') return problem(at, 'must provide a string');
    if (value.length < min) return problem(at, `must be more than ${min - 1} characters`);
    if (max !== undefined && value.length > max) return problem(at, `must be less than ${max + 1} characters`);
    return [];
  };

/** An absolute http or https address of at most `max` characters. */
export const webUrl =
  (max = 3000): Check =>
  (value, at) => {
    const problems = string({ max })(value, at);
    if (problems.length > 0 || typeof value !== 'string') return problems;
    const url = URL.parse(value);
    return url !== null && /^https?:$/.test(url.protocol) ? [] : problem(at, 'must be an http or https URL');
  };

export const anything: Check = () => [];

export const boolean: Check = (value, at) => (typeof value === 'boolean' ? [] : problem(at, 'must provide a boolean'));

export const number: Check = (value, at) =>
  typeof value === 'number' && Number.isFinite(value) ? [] : problem(at, 'must provide a number');

/** A whole number from `min` to `max`. */
export const integer =
  (min: number, max: number): Check =>
  (value, at) => {
    if (!Number.isInteger(value)) return problem(at, 'must provide an integer');
    if (Number(value) < min) return problem(at, `must be greater than or equal to ${min}`);
    if (Number(value) > max) return problem(at, `must be less than or equal to ${max}`);
    return [];
  };

export const oneOf =
  (values: readonly unknown[]): Check =>
  (value, at) =>
    values.includes(value) ? [] : problem(at, 'must be a valid enum value');

/** An array of `min` (default 1) to `max` items that each pass `check`. */
export const list =
  (check: Check, { min = 1, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number } = {}): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return problem(at, 'must provide an array');
    if (value.length < min) return problem(at, `must provide at least ${min} items`);
    if (value.length > max) return problem(at, `no more than ${max} items allowed`);
    return value.flatMap((item, index) => check(item, `${at}/${index}`));
  };

export type Fields = Readonly<Record<string, Check | Optional>>;

/** An object with exactly these fields. */
export const object =
  (fields: Fields): Check =>
  (value, at) => {
    if (!isRecord(value)) return problem(at, 'must provide an object');
    const unknown = Object.keys(value)
      .filter((key) => !Object.hasOwn(fields, key))
      .flatMap((key) => problem(at, `invalid additional property: ${key}`));
    const known = Object.entries(fields).flatMap(([key, field]) => {
      const isRequired = typeof field === 'function';
      if (value[key] === undefined) return isRequired ? problem(at, `missing required field: ${key}`) : [];
      return (isRequired ? field : field.optional)(value[key], `${at}/${key}`);
    });
    return [...known, ...unknown];
  };

/** Chooses the check by the value's `type`; `otherwise` is the sentence for any other type. */
export const byType =
  (checks: Readonly<Record<string, Check>>, otherwise: (type: string) => string): Check =>
  (value, at) => {
    if (!isRecord(value)) return problem(at, 'must provide an object');
    if (typeof value.type !== 'string') return problem(at, 'missing required field: type');
    const check = Object.hasOwn(checks, value.type) ? checks[value.type] : undefined;
    return check === undefined ? problem(`${at}/type`, otherwise(value.type)) : check(value, at);
  };

/** A rule over an object whose fields are right by themselves: `because` says what is wrong, if anything is. */
export const rule =
  (because: (value: Readonly<Record<string, unknown>>) => string | undefined): Check =>
  (value, at) => {
    const sentence = isRecord(value) ? because(value) : undefined;
    return sentence === undefined ? [] : problem(at, sentence);
  };

export const all =
  (...checks: readonly Check[]): Check =>
  (value, at) =>
    checks.flatMap((check) => check(value, at));
