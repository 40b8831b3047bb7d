/**
 * Reading JSON that somebody else wrote. Every reader takes anything and answers with the type it names or with
 * `undefined`: a message of an older schema, or one that is damaged, is read as far as it goes and never throws.
 */
export type Fields = { readonly [name: string]: unknown };

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object's fields; none when it is not an object. */
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});

/** The object's fields, or undefined when it is not an object. */
export const someFields = (value: unknown): Fields | undefined => (isFields(value) ? value : undefined);

/** The string, or undefined for anything else and for an empty one. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The elements, none when it is not a list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The number; messages of the protobuf days wrote 64-bit ones as strings. */
export const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

/** A message's timestamp or duration, in milliseconds. */
export const milliseconds = (value: unknown): number | undefined => {
  const { seconds, nanos } = fields(value);
  const wholeSeconds = number(seconds);
  const rest = number(nanos);
  if (wholeSeconds === undefined && rest === undefined) return undefined;
  return (wholeSeconds ?? 0) * 1000 + (rest ?? 0) / 1_000_000;
};
